"""The engine owns change: it runs passes, applies fixes in rounds, and lets nothing out that is not proven.

Each round reads the text afresh. Fixes that overlap one already taken wait for the next round. When no fix is left the
result is proven against the input; where the whole fails, the fewest fixes that must go are dropped and reported.
"""

from __future__ import annotations

import itertools
import traceback
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from remediator import edits, proof
from remediator.findings import Applicability, Edit, Finding, UpdateEffect
from remediator.neighbours import relies_on
from remediator.nodes import Path, show
from remediator.passes import Context, Selection
from remediator.repair import Mended, mend
from remediator.source import Source, TemplateError
from remediator.suppress import Suppressions
from remediator.template import Template

MAX_ROUNDS = 40
MAX_CULPRITS = 5
"""How many fixes are dropped when a proof fails, before the template is given back as it was."""

Identity = tuple[str, Path]


@dataclass(frozen=True, slots=True)
class Options:
    """What a run may do.

    ``deployed``: a stack of this template exists, so what replaces a resource is held back. ``kept``: the paths that other
    templates rely on, so what takes them away is held back.
    """

    selection: Selection = field(default_factory=Selection)
    unsafe: bool = False
    deployed: bool = False
    kept: frozenset[Path] = frozenset()

    @property
    def level(self) -> Applicability:
        return Applicability.UNSAFE if self.unsafe else Applicability.SAFE


@dataclass(frozen=True, slots=True)
class Failure:
    """A defect of ours that a run survived: what failed, and what it says."""

    culprit: str
    message: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Located:
    """A finding with its place in the text in which it was found: lines and columns, counted from 1."""

    finding: Finding
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one template.

    ``applied``: findings whose fix was made; those of the first round have their places in ``before``, later ones in
    a text in between. ``remaining``: findings of ``after`` that nothing was done about. ``failures``: fixes dropped and
    passes that broke.
    """

    before: Source
    after: Source
    applied: tuple[Located, ...] = ()
    remaining: tuple[Located, ...] = ()
    failures: tuple[Failure, ...] = ()

    @property
    def changed(self) -> bool:
        return self.before.text != self.after.text


@dataclass(frozen=True, slots=True)
class _Result:
    """One way through the rounds, not yet proven."""

    template: Template
    applied: tuple[Located, ...]
    remaining: tuple[Located, ...]
    failures: tuple[Failure, ...]
    fighting: tuple[str, ...] = ()
    fault: str = ""


def check(source: Source, options: Options) -> Outcome:
    """Looks, and changes nothing. Raises TemplateError where the source is no template, and none can be read in it."""
    mended = mend(source, options.selection.passes())
    outcome = _unchanged(mended.template, options)
    if not mended.readings:
        return outcome
    repairs, others = _repairs(source, mended), (_in_original(each, source, mended) for each in outcome.remaining)
    return replace(outcome, before=source, after=source, remaining=(*repairs, *others))


def fix(source: Source, options: Options) -> Outcome:
    """Fixes what the options allow. Raises TemplateError where the source is no template, and none can be read in it."""
    mended = mend(source, options.selection.passes())
    repairs = _repairs(source, mended)
    if any(each.finding.fix and each.finding.fix.applicability < options.level for each in repairs):
        return Outcome(source, source, (), repairs)
    outcome = _fixed(mended.template, options)
    return replace(outcome, before=source, applied=(*repairs, *outcome.applied)) if repairs else outcome


def _repairs(source: Source, mended: Mended) -> tuple[Located, ...]:
    """The defects of a text that could not be read, with their places in it, in its order."""
    found = sorted(mended.findings(), key=lambda place: place[1])
    return tuple(Located(each, *source.position(start), *source.position(end)) for each, start, end in found)


def _in_original(each: Located, source: Source, mended: Mended) -> Located:
    start, end = mended.origin(each.finding.start), mended.origin(each.finding.end)
    return Located(each.finding, *source.position(start), *source.position(end))


def _fixed(before: Template, options: Options) -> Outcome:
    source, result = before.source, _result(before, options, frozenset())
    if result.fighting:
        names = " and ".join(result.fighting)
        failure = Failure(names, f"{names} undo each other's work; the template is left as it was")
        return _unchanged(before, options, (failure,))
    faults = _faults(before, result)
    if not faults:
        return Outcome(source, result.template.source, result.applied, result.remaining, result.failures)
    return _without_culprits(before, result, options, faults)


def _findings(
    template: Template, options: Options, excluded: frozenset[Identity] | None = None
) -> tuple[tuple[Finding, ...], tuple[Failure, ...]]:
    """What the selected passes find and the author has not suppressed.

    Everything; or, with the fixes that may not be made, all up to the first stage that has a fix to make.
    """
    context, suppressions = Context(template), Suppressions(template)
    found: list[Finding] = []
    failures: list[Failure] = []
    by_stage = itertools.groupby(sorted(options.selection.passes(), key=lambda each: each.stage), lambda each: each.stage)
    for _, passes in by_stage:
        for each in passes:
            try:
                mine = [finding for finding in each.run(context) if not suppressions.cover(finding, each)]
            except Exception as error:  # a broken pass must not stop the others; it is reported as our defect
                failures.append(Failure(each.code, f"{type(error).__name__}: {error}", traceback.format_exc()))
                continue
            found += (_restricted(finding, template, options) for finding in mine)
        if excluded is not None and any(_may_be_made(finding, options, excluded) for finding in found):
            break
    return tuple(sorted(found, key=lambda f: (f.start, f.code))), tuple(failures)


def _may_be_made(finding: Finding, options: Options, excluded: frozenset[Identity]) -> bool:
    fix = finding.fix
    return fix is not None and fix.applicability >= options.level and finding.identity not in excluded


def _restricted(finding: Finding, template: Template, options: Options) -> Finding:
    """A finding without the fix that may not be made here, and with the reason."""
    if finding.fix is None:
        return finding
    if any(_touches(edit, span) for edit in finding.fix.edits for span in template.source.aliased):
        return replace(finding, fix=None, reason="the text to change is shared through a YAML anchor")
    if any(relies_on(options.kept, path, new=not _exists(template.meaning, path)) for path in finding.fix.paths):
        return replace(finding, fix=None, reason="held back: another template of this run relies on what would change")
    if options.deployed and finding.fix.effect >= UpdateEffect.REPLACEMENT:
        return replace(finding, fix=None, reason=f"held back under --deployed: {finding.fix.effect.phrase}")
    return finding


def _touches(edit: Edit, span: tuple[int, int]) -> bool:
    return edit.start < span[1] and span[0] < max(edit.end, edit.start + 1)


def _result(before: Template, options: Options, excluded: frozenset[Identity]) -> _Result:
    """The result of all rounds. A text without a final line break has one meanwhile, which edits at its end need."""
    source = before.source
    if source.is_json or source.text.endswith(("\n", "\r")):
        return _rounds(before, options, excluded)
    try:
        result = _rounds(Template(source.with_text(source.text + source.newline)), options, excluded)
        after = result.template.source
        template = Template(after.with_text(after.text.removesuffix(source.newline))) if result.applied else before
    except TemplateError as error:
        return _Result(before, (), (), (), fault=f"the output can't be read: {error.reason}")
    return replace(result, template=template)


def _rounds(template: Template, options: Options, excluded: frozenset[Identity]) -> _Result:
    applied: list[Located] = []
    failures: dict[Failure, None] = {}
    seen = {template.source.text}
    for _ in range(MAX_ROUNDS):
        findings, broken = _findings(template, options, excluded)
        failures.update(dict.fromkeys(broken))
        taken, text = _one_round(template, findings, options, excluded)
        if not taken:
            return _Result(template, tuple(applied), _located(template, findings), tuple(failures))
        applied += _located(template, taken)
        if text in seen:
            return _Result(template, (), (), tuple(failures), tuple(sorted({each.code for each in taken})))
        seen.add(text)
        try:
            template = Template(template.source.with_text(text))
        except TemplateError as error:
            return _Result(template, tuple(applied), (), tuple(failures), fault=f"the output can't be read: {error.reason}")
    return _Result(template, (), (), tuple(failures), tuple(sorted({each.finding.code for each in applied[-2:]})))


def _located(template: Template, findings: Iterable[Finding]) -> tuple[Located, ...]:
    place = template.source.position
    return tuple(Located(each, *place(each.start), *place(each.end)) for each in findings)


def _one_round(
    template: Template, findings: tuple[Finding, ...], options: Options, excluded: frozenset[Identity]
) -> tuple[list[Finding], str]:
    """The findings whose fixes are made together in one round, and the text that comes of it."""
    taken: list[Finding] = []
    made: list[Edit] = []
    new: dict[Path, Edit | None] = {}
    for finding in findings:
        fix = finding.fix
        if fix is None or not _may_be_made(finding, options, excluded):
            continue
        added = dict(fix.additions)
        mine = {path: added.get(path) for path in fix.paths if not _exists(template.meaning, path)}
        same = all(edit is not None and edit == new[path] for path, edit in mine.items() if path in new)
        if same and edits.merge(made, fix.edits):  # two fixes that write the same new key in different words must not meet
            taken.append(finding)
            new |= mine
    return taken, edits.apply(template.source.text, made)


def _exists(value: Any, path: Path) -> bool:
    """Whether there is something at a path of a template's meaning."""
    for step in path:
        known = range(len(value)) if isinstance(value, list) else value if isinstance(value, dict) else ()
        if step not in known:
            return False
        value = value[step]
    return True


def _faults(before: Template, result: _Result) -> list[str]:
    """What speaks against letting a result out; a text that was not changed needs no proof."""
    if result.fault:
        return [result.fault]
    if not result.applied:
        return []
    paths = [path for each in result.applied if each.finding.fix for path in each.finding.fix.paths]
    return proof.problems(before, result.template, paths)


def _without_culprits(before: Template, result: _Result, options: Options, faults: list[str]) -> Outcome:
    """The result without the fixes that have to go for the rest to be proven: one culprit after the other.

    A culprit is the last of the shortest run of fixes, in the order in which they were made, that fails its proof.
    """
    identities = list(dict.fromkeys(each.finding.identity for each in result.applied))
    dropped: list[Identity] = []
    for _ in range(MAX_CULPRITS):
        rest = [each for each in identities if each not in dropped]
        passing, failing = 0, len(rest)
        while failing - passing > 1:
            middle = (passing + failing) // 2
            trial = _result(before, options, frozenset([*rest[middle:], *dropped]))
            if trial.fighting or _faults(before, trial):
                failing = middle
            else:
                passing = middle
        dropped += rest[passing:failing]
        trial = _result(before, options, frozenset(dropped))
        if not trial.fighting and not _faults(before, trial):
            failures = (*trial.failures, *_dropped(dropped, faults))
            return Outcome(before.source, trial.template.source, trial.applied, trial.remaining, failures)
    return _unchanged(before, options, tuple(_dropped(identities, faults)))


def _dropped(identities: Iterable[Identity], faults: list[str]) -> list[Failure]:
    return [
        Failure(code, f"the fix at {show(path)} failed its proof and was not made: {'; '.join(faults)}")
        for code, path in identities
    ]


def _unchanged(before: Template, options: Options, failures: tuple[Failure, ...] = ()) -> Outcome:
    findings, broken = _findings(before, options)
    return Outcome(before.source, before.source, (), _located(before, findings), (*failures, *broken))
