"""The engine owns change: it runs passes, applies fixes in rounds, and lets nothing out that is not proven.

When no round has a fix left (see ``rounds``), fixes that nothing could complete are taken back, and the result is proven
against the input; where the whole fails, the fewest fixes that must go are dropped and reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from remediator import proof
from remediator.findings import Finding
from remediator.nodes import show
from remediator.repair import Mended, mend
from remediator.rounds import Failure, Identity, Located, Options, Result, go_round, located, look
from remediator.source import Source
from remediator.template import Template

__all__ = ["Failure", "Located", "Options", "Outcome", "check", "fix"]

MAX_CULPRITS = 5
"""How many fixes are dropped when a proof fails, before the template is given back as it was."""


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
    source, (result, half_done) = before.source, _complete(before, options)
    if result.fighting:
        names = " and ".join(result.fighting)
        failure = Failure(names, f"{names} undo each other's work; the template is left as it was")
        return _unchanged(before, options, (failure,))
    faults = _faults(before, result)
    if not faults:
        return Outcome(source, result.template.source, result.applied, result.remaining, result.failures)
    return _without_culprits(before, result, options, faults, half_done)


def _complete(before: Template, options: Options) -> tuple[Result, dict[Identity, str]]:
    """The result of all rounds without the fixes that nothing completes, and why each of those is not made."""
    excluded: dict[Identity, str] = {}
    while True:
        result = go_round(before, options, frozenset(excluded))
        new = {} if result.fighting or result.fault else dict(_half_done(before, result, options))
        if not new.keys() - excluded.keys():
            return replace(result, remaining=_with_reasons(result.remaining, excluded)), excluded
        excluded |= new


def _half_done(before: Template, result: Result, options: Options) -> Iterator[tuple[Identity, str]]:
    """The fixes made whose companions found something to do because of them, and could not do it."""
    rely = {each.code: each.companions for each in options.selection.passes()}
    companions = {code for each in result.applied for code in rely.get(each.finding.code, ())}
    open_ends = [each.finding for each in result.remaining if each.finding.code in companions]
    if not open_ends:
        return
    known = {(each.identity, path) for each in look(before, options)[0] for path in (each.path, *each.related)}
    for end in open_ends:
        touched = {path[1] for path in (end.path, *end.related) if (end.identity, path) not in known and len(path) > 1}
        for each in result.applied:
            if end.code in rely.get(each.finding.code, ()) and touched & _resources(each.finding):
                yield each.finding.identity, f"it would not be complete: {end.message}: {end.reason or 'see there'}"


def _resources(finding: Finding) -> set[int | str]:
    """The resources that were there and that a fix changes."""
    paths = finding.fix.paths if finding.fix else ()
    added = {path for path, _ in finding.fix.additions} if finding.fix else set()
    return {path[1] for path in paths if path[0] == "Resources" and len(path) > 1 and path[:2] not in added}


def _with_reasons(remaining: tuple[Located, ...], reasons: dict[Identity, str]) -> tuple[Located, ...]:
    """Findings as they are reported: those that are not mended for a reason, without their fix."""
    return tuple(
        replace(each, finding=replace(each.finding, fix=None, reason=reasons[each.finding.identity]))
        if each.finding.identity in reasons
        else each
        for each in remaining
    )


def _faults(before: Template, result: Result) -> list[str]:
    """What speaks against letting a result out; a text that was not changed needs no proof."""
    if result.fault:
        return [result.fault]
    if not result.applied:
        return []
    paths = [path for each in result.applied if each.finding.fix for path in each.finding.fix.paths]
    return proof.problems(before, result.template, paths)


def _without_culprits(
    before: Template, result: Result, options: Options, faults: list[str], half_done: dict[Identity, str]
) -> Outcome:
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
            trial = go_round(before, options, frozenset([*rest[middle:], *dropped, *half_done]))
            if trial.fighting or _faults(before, trial):
                failing = middle
            else:
                passing = middle
        dropped += rest[passing:failing]
        gone = frozenset([*dropped, *half_done])
        trial = go_round(before, options, gone)
        relying = {identity for identity, _ in _half_done(before, trial, options)} - gone
        if relying:
            dropped += relying
            trial = go_round(before, options, gone | relying)
        if not trial.fighting and not _faults(before, trial):
            failures = (*trial.failures, *_dropped(dropped, faults))
            remaining = _with_reasons(trial.remaining, half_done)
            return Outcome(before.source, trial.template.source, trial.applied, remaining, failures)
    return _unchanged(before, options, tuple(_dropped(identities, faults)))


def _dropped(identities: Iterable[Identity], faults: list[str]) -> list[Failure]:
    return [
        Failure(code, f"the fix at {show(path)} failed its proof and was not made: {'; '.join(faults)}")
        for code, path in identities
    ]


def _unchanged(before: Template, options: Options, failures: tuple[Failure, ...] = ()) -> Outcome:
    findings, broken = look(before, options)
    return Outcome(before.source, before.source, (), located(before, findings), (*failures, *broken))
