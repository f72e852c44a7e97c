"""Rounds: passes look, their fixes are made together as far as they go together, and again on the text that comes of it.

Each round reads the text afresh. Fixes that overlap one already taken wait for the next round.
"""

from __future__ import annotations

import itertools
import traceback
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from remediator import edits
from remediator.findings import Applicability, Edit, Finding, UpdateEffect
from remediator.neighbours import relies_on
from remediator.nodes import Path
from remediator.passes import SECURITY, Context, Selection
from remediator.source import TemplateError
from remediator.suppress import Suppressions
from remediator.template import MAX_RESOURCES, Template

MAX_ROUNDS = 40

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
class Result:
    """One way through the rounds, not yet proven."""

    template: Template
    applied: tuple[Located, ...]
    remaining: tuple[Located, ...]
    failures: tuple[Failure, ...]
    fighting: tuple[str, ...] = ()
    fault: str = ""


def go_round(before: Template, options: Options, excluded: frozenset[Identity]) -> Result:
    """The result of all rounds. A text without a final line break has one meanwhile, which edits at its end need."""
    source = before.source
    if source.is_json or source.text.endswith(("\n", "\r")):
        return _rounds(before, options, excluded)
    try:
        result = _rounds(Template(source.with_text(source.text + source.newline)), options, excluded)
        after = result.template.source
        template = Template(after.with_text(after.text.removesuffix(source.newline))) if result.applied else before
    except TemplateError as error:
        return Result(before, (), (), (), fault=f"the output can't be read: {error.reason}")
    return replace(result, template=template)


def _rounds(template: Template, options: Options, excluded: frozenset[Identity]) -> Result:
    applied: list[Located] = []
    failures: dict[Failure, None] = {}
    seen = {template.source.text}
    for _ in range(MAX_ROUNDS):
        findings, broken = look(template, options, excluded)
        failures.update(dict.fromkeys(broken))
        taken, text = _one_round(template, findings, options, excluded)
        if not taken:
            return Result(template, tuple(applied), located(template, findings), tuple(failures))
        applied += located(template, taken)
        if text in seen:
            return Result(template, (), (), tuple(failures), tuple(sorted({each.code for each in taken})))
        seen.add(text)
        try:
            template = template.rewritten(text)
        except TemplateError as error:
            return Result(template, tuple(applied), (), tuple(failures), fault=f"the output can't be read: {error.reason}")
    return Result(template, (), (), tuple(failures), tuple(sorted({each.finding.code for each in applied[-2:]})))


def located(template: Template, findings: Iterable[Finding]) -> tuple[Located, ...]:
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
        resources = {path for path in (*new, *mine) if path[0] == "Resources" and len(path) == 2}
        fits = len(resources) + len(template.resources) <= max(MAX_RESOURCES, len(template.resources))
        # two fixes that write the same new key in different words must not meet
        if same and fits and edits.merge(made, fix.edits):
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


def look(
    template: Template, options: Options, excluded: frozenset[Identity] | None = None
) -> tuple[tuple[Finding, ...], tuple[Failure, ...]]:
    """What the selected passes find and the author has not suppressed.

    Everything; or, with the fixes that may not be made, all up to the first stage that has a fix to make.
    """
    context, suppressions = Context(template), Suppressions(template)
    found: list[Finding] = []
    failures: list[Failure] = []
    selected = options.selection.passes()
    if template.has_custom_macro:  # what is missing there may be what the macro adds
        selected = tuple(each for each in selected if each.stage < SECURITY)
    by_code = {each.code: each for each in selected}
    by_stage = itertools.groupby(sorted(selected, key=lambda each: each.stage), lambda each: each.stage)
    for _, passes in by_stage:
        for each in passes:
            try:
                silencing = (each, *(by_code[code] for code in each.companions if code in by_code))  # half a fix is none
                counting = (f for f in each.run(context) if options.selection.counts(f))
                mine = [f for f in counting if not any(suppressions.cover(f, one) for one in silencing)]
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
    new = sum(path[0] == "Resources" for path, _ in finding.fix.additions)
    if new and len(template.resources) + new > MAX_RESOURCES:
        return replace(finding, fix=None, reason=f"the template would have more than {MAX_RESOURCES} resources")
    if options.deployed and finding.fix.effect >= UpdateEffect.REPLACEMENT:
        return replace(finding, fix=None, reason=f"held back under --deployed: {finding.fix.effect.phrase}")
    return finding


def _touches(edit: Edit, span: tuple[int, int]) -> bool:
    return edit.start < span[1] and span[0] < max(edit.end, edit.start + 1)
