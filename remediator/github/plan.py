"""Which fixes become suggestions, and where: each in one hunk, none over another, those of neighbouring lines as one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from remediator import edits
from remediator.engine import Located
from remediator.findings import Edit
from remediator.report.changes import LineChange, line_changes
from remediator.source import Source

MAX_LINES = 20
"""Lines that a suggestion may replace or write: longer ones are read in the patch."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A change of lines of one file, and the findings that it mends."""

    name: str
    change: LineChange
    found: tuple[Located, ...]

    @property
    def edits(self) -> list[Edit]:
        return together(self.found)


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A finding that no suggestion mends, and why."""

    name: str
    found: Located
    reason: str


def together(found: Iterable[Located]) -> list[Edit]:
    """The edits of several fixes that go together, equal ones once."""
    made: list[Edit] = []
    for each in found:
        if each.finding.fix:
            edits.merge(made, each.finding.fix.edits)
    return made


def why_none(source: Source, hunks: tuple[range, ...] | None) -> str:
    """Why nothing can be suggested in a file at all; nothing where it can."""
    if source.fault:
        return "the text can't be read before it is mended"
    if hunks is None:
        return "GitHub shows no diff of the file"
    if "\r" in source.text:
        # which line break a pressed suggestion writes is not documented, and mixed ones have been seen:
        # https://github.com/LexiFi/dead_code_analyzer/pull/71 (2026-04)
        return "the lines end with a carriage return"
    return ""


def place(
    name: str, source: Source, found: Sequence[Located], hunks: tuple[range, ...]
) -> tuple[list[Suggestion], list[Unplaced]]:
    """The suggestions for the fixes of a file's findings, from the first line to the last, and what is left out."""
    left: list[Unplaced] = []
    chosen: list[Located] = []
    taken: list[Edit] = []
    for each in found:
        fix = each.finding.fix
        if fix is None:
            continue
        changes = anchored(source, fix.edits)
        reason = _obstacle(source, changes[0], hunks) if len(changes) == 1 else f"it changes {len(changes)} places at once"
        if not reason and not edits.merge(taken, fix.edits):
            reason = "it waits for another fix of the same lines"
        if reason:
            left.append(Unplaced(name, each, reason))
        else:
            chosen.append(each)
    while True:
        groups = _groups(source, chosen)
        bad = next((group for group in groups if _obstacle(source, group[0], hunks)), None)
        if bad is None:
            return [Suggestion(name, change, tuple(members)) for change, members in groups], left
        longest = max(bad[1], key=lambda each: sum(len(edit.text) for edit in together([each])))
        chosen.remove(longest)
        left.append(Unplaced(name, longest, "with the fixes of the lines beside it, it would be too long"))


def _groups(source: Source, chosen: list[Located]) -> list[tuple[LineChange, list[Located]]]:
    """The changes of lines that come of all fixes, each with the findings that it mends."""
    groups: list[tuple[LineChange, list[Located]]] = [(change, []) for change in anchored(source, together(chosen))]
    for each in chosen:
        own = anchored(source, together([each]))[0]
        members = next(members for change, members in groups if change.first <= own.first and own.last <= change.last)
        members.append(each)
    return groups


def anchored(source: Source, made: Sequence[Edit]) -> list[LineChange]:
    """Changes of lines that are there: what is written behind the last line repeats that line."""
    changes = line_changes(source, made)
    lines = source.text.split("\n")
    count = len(lines) - (lines[-1] == "")
    if not changes or changes[-1].last <= count:
        return changes
    *others, end = changes
    if end.first > count:
        return [*others, LineChange(count, count, (lines[count - 1], *end.lines))]
    return [*others, LineChange(end.first, count, end.lines)]


def _obstacle(source: Source, change: LineChange, hunks: tuple[range, ...]) -> str:
    if not any(change.first in hunk and change.last in hunk for hunk in hunks):
        return "its lines are not in one hunk of the diff"
    if max(change.last - change.first + 1, len(change.lines)) > MAX_LINES:
        return f"it is longer than {MAX_LINES} lines"
    if sum(map(len, change.lines)) > 20_000:
        return "its lines are too long for a comment"
    if source.bom and change.first == 1:
        return "the first line holds the byte order mark"
    return ""


def pressed(text: str, changes: Iterable[LineChange]) -> str:
    """The text after the buttons of suggestions have been pressed."""
    lines = text.split("\n")
    for change in sorted(changes, key=lambda each: each.first, reverse=True):
        lines[change.first - 1 : change.last] = change.lines
    return "\n".join(lines)
