"""From what was found to what is suggested: the gravest first, each proven, and not too many at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from remediator.engine import Located
from remediator.github.hunks import Changed
from remediator.github.look import Looked, several
from remediator.github.marks import fingerprints
from remediator.github.plan import Suggestion, Unplaced, place, why_none
from remediator.github.proof import Proof
from remediator.report.severity import level
from remediator.source import Source

TRIES = 4
"""Proofs for each suggestion that may be posted. One costs about as much as fixing the template."""

_GRAVEST_FIRST = ("error", "warning", "note")
_TOO_MANY = "there are more suggestions than are posted at a time"


@dataclass
class Choice:
    """``suggestions``: each with the fingerprints of its findings. ``left``: what is not suggested. ``earlier``: how many
    findings were suggested before this run."""

    suggestions: list[tuple[Suggestion, list[str]]] = field(default_factory=list)
    left: list[Unplaced] = field(default_factory=list)
    earlier: int = 0

    def refused(self, reason: str) -> None:
        """Nothing of it was posted."""
        self.left += [Unplaced(one.name, each, reason) for one, _ in self.suggestions for each in one.found]
        self.suggestions = []


def choose(looked: Sequence[Looked], changed: Mapping[str, Changed], known: frozenset[str], most: int) -> Choice:
    """``known``: the fingerprints of what was suggested earlier. As long as that is open, it counts against ``most``."""
    choice = Choice()
    planned: list[Suggestion] = []
    proofs: dict[str, Proof] = {}
    prints: dict[tuple[str, int], str] = {}
    for each in looked:
        prints |= {(each.name, id(one)): said for one, said in zip(each.found.remaining, _prints(each), strict=True)}
        open_ones = [one for one in each.found.remaining if prints[each.name, id(one)] not in known]
        choice.earlier += len(each.found.remaining) - len(open_ones)
        fit, left = _fit(each, open_ones, changed.get(each.name))
        choice.left += left
        if fit:
            source = Source.from_text(each.found.before)
            known_here = frozenset(one.finding.identity for one in each.found.remaining)
            proofs[each.name] = Proof(source, each.options, each.fixed.after, known_here)
            made, left = place(each.name, source, fit, changed[each.name].hunks or ())
            planned += made
            choice.left += left
    kept = _proven(planned, proofs, max(0, most - choice.earlier), choice)
    with several(len(kept)) as at_once:
        surplus = at_once(_surplus_of, [(proofs[name], ones) for name, ones in kept.items()])
        for (name, ones), reasons in zip(kept.items(), surplus, strict=True):
            for reason in reasons:
                choice.left += _left(ones.pop(), reason)
            choice.suggestions += [(one, [prints[name, id(each)] for each in one.found]) for one in ones]
    return choice


def _prints(each: Looked) -> list[str]:
    return fingerprints(each.name, each.found.remaining)


def _fit(each: Looked, found: list[Located], entry: Changed | None) -> tuple[list[Located], list[Unplaced]]:
    """The findings whose fix could be suggested as far as the file goes, and the others with the reason."""
    made = {one.finding.identity for one in each.fixed.applied}
    fault = _fault(each, entry)
    fit: list[Located] = []
    left: list[Unplaced] = []
    for one in found:
        fix = one.finding.fix
        if fix is None:
            reason = one.finding.reason
        elif fix.applicability < each.options.level:
            reason = "it is unsafe; the input unsafe-fixes allows it"
        elif one.finding.identity not in made:
            reason = "it is not made together with the other fixes"
        else:
            reason = fault
        if reason:
            left.append(Unplaced(each.name, one, reason))
        else:
            fit.append(one)
    return fit, left


def _fault(each: Looked, entry: Changed | None) -> str:
    if entry is None:
        return "the pull request does not change the file"
    if entry.blob != each.blob:
        return "the file here is not the one at the head of the pull request"
    return why_none(Source.from_text(each.found.before), entry.hunks)


def _proven(planned: list[Suggestion], proofs: Mapping[str, Proof], most: int, choice: Choice) -> dict[str, list[Suggestion]]:
    """The suggestions that hold, each alone, by file; the others go to what is left."""
    kept: dict[str, list[Suggestion]] = {}
    waiting = sorted(planned, key=_rank)
    rest = waiting[TRIES * most :]
    waiting = waiting[: TRIES * most]
    count = 0
    with several(len(waiting)) as at_once:
        while waiting and count < most:
            now, waiting = waiting[: most - count], waiting[most - count :]
            faults = at_once(_fault_of, [(proofs[one.name], one) for one in now])
            for one, fault in zip(now, faults, strict=True):
                if fault:
                    choice.left += _left(one, fault)
                else:
                    kept.setdefault(one.name, []).append(one)
                    count += 1
    for one in (*waiting, *rest):
        choice.left += _left(one, _TOO_MANY)
    return kept


def _fault_of(work: tuple[Proof, Suggestion]) -> str:
    proof, one = work
    return proof.fault([one])


def _surplus_of(work: tuple[Proof, list[Suggestion]]) -> list[str]:
    proof, planned = work
    return proof.surplus(planned)


def _rank(one: Suggestion) -> tuple[int, str, int]:
    return min(_GRAVEST_FIRST.index(level(each.finding)) for each in one.found), one.name, one.change.first


def _left(one: Suggestion, reason: str) -> Iterator[Unplaced]:
    return (Unplaced(one.name, each, reason) for each in one.found)
