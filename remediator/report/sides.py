"""A change as rows of two sides, the old lines left and the new ones right."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

CONTEXT = 3
"""Unchanged lines that are shown around a change."""


@dataclass(frozen=True, slots=True)
class Side:
    """A line: its number, from 1, and its text without the line break."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """Two lines beside each other; None where one side has no line. ``skipped``: how many unchanged lines are left out here."""

    old: Side | None = None
    new: Side | None = None
    same: bool = False
    skipped: int = 0


def rows(before: str, after: str) -> Iterator[Row]:
    """The rows of a change, with some lines around it."""
    old, new = _lines(before), _lines(after)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    shown = 0
    for group in matcher.get_grouped_opcodes(CONTEXT):
        if group[0][1] > shown:
            yield Row(skipped=group[0][1] - shown)
        for tag, first, last, begin, end in group:
            yield from _beside(_sides(old, first, last), _sides(new, begin, end), tag == "equal")
        shown = group[-1][2]
    if shown < len(old):
        yield Row(skipped=len(old) - shown)


def _lines(text: str) -> list[str]:
    return text.removesuffix("\n").replace("\r\n", "\n").split("\n")


def _sides(lines: list[str], first: int, last: int) -> list[Side]:
    return [Side(number + 1, lines[number]) for number in range(first, last)]


def _beside(old: list[Side], new: list[Side], same: bool) -> Iterator[Row]:
    for left, right in zip_longest(old, new):
        yield Row(left, right, same)
