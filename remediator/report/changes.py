"""Fixes as changes of whole lines, which is how reviews show and take them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from remediator.edits import apply, one_a_place
from remediator.findings import Edit
from remediator.source import Source


@dataclass(frozen=True, slots=True)
class LineChange:
    """Lines ``first`` to ``last``, counted from 1, become ``lines``. There is always at least one old line: an insertion
    repeats its neighbour."""

    first: int
    last: int
    lines: tuple[str, ...]


def line_changes(source: Source, edits: Sequence[Edit]) -> list[LineChange]:
    """What edits of a text do to its lines, in order; edits of neighbouring lines come as one change."""
    groups: list[tuple[int, int, list[Edit]]] = []
    for edit in one_a_place(edits):
        first, last = _lines(source, edit)
        if groups and first <= groups[-1][1] + 1:
            begin, end, together = groups.pop()
            groups.append((begin, max(end, last), [*together, edit]))
        else:
            groups.append((first, last, [edit]))
    return [_change(source, *group) for group in groups]


def _lines(source: Source, edit: Edit) -> tuple[int, int]:
    """The lines that an edit touches. One that ends where a line begins does not touch that line, unless it says so."""
    first, begin = source.position(edit.start)
    last, column = source.position(edit.end)
    whole = edit.text.endswith("\n") or (begin == 1 and not edit.text)
    return first, last - 1 if column == 1 and edit.end > edit.start and whole else last


def _change(source: Source, first: int, last: int, edits: list[Edit]) -> LineChange:
    start, end = source.offset(first, 1), source.line_end(source.offset(last, 1))
    end = max(source.next_line(end), *(edit.end for edit in edits))
    text = apply(source.text[start:end], [Edit(edit.start - start, edit.end - start, edit.text) for edit in edits])
    lines = text.replace("\r\n", "\n").split("\n")
    return LineChange(first, last, tuple(lines[:-1] if lines[-1] == "" else lines))
