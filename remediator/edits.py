"""Lists of text edits: which go together, in which order, and what comes of them."""

from __future__ import annotations

from collections.abc import Sequence as List

from remediator.findings import Edit


def apply(text: str, edits: List[Edit]) -> str:
    """The text with all edits made. They must not overlap.

    Of lines inserted at one place, the further indented come first: they belong to what ends there, the others follow.
    """
    parts, position = [], 0
    for edit in sorted(edits, key=_order):
        if edit.start < position:
            raise ValueError(f"edits overlap at offset {edit.start}")
        parts += [text[position : edit.start], edit.text]
        position = edit.end
    return "".join([*parts, text[position:]])


def origin(offset: int, edits: List[Edit]) -> int:
    """Where an offset of the edited text was before the edits; inside what was inserted, the place of the insertion."""
    shift = 0
    for edit in sorted(edits, key=_order):
        start = edit.start + shift
        if offset < start:
            break
        if offset < start + len(edit.text):
            return edit.start
        shift += len(edit.text) - (edit.end - edit.start)
    return offset - shift


def merge(taken: list[Edit], new: List[Edit]) -> bool:
    """Adds the edits of one fix to those already taken, all or none. Equal edits are made once."""
    fresh = [edit for edit in new if edit not in taken]
    for edit in fresh:
        for other in taken:
            if _overlap(edit, other):
                return False
    taken += fresh
    return True


def _overlap(one: Edit, other: Edit) -> bool:
    """Whether two edits of different fixes are in each other's way; an insertion is already where it touches."""
    inserts = (one.start == one.end) + (other.start == other.end)
    if inserts == 2:
        return False  # even at the same place; the engine sees to it that no key is written twice
    if inserts == 1:
        return one.start <= other.end and other.start <= one.end
    return one.start < other.end and other.start < one.end


def in_order(edits: List[Edit]) -> tuple[Edit, ...]:
    """Edits in order, with insertions that fall inside a removal moved to its end."""
    done: list[Edit] = []
    for edit in sorted(edits, key=_order):
        last = done[-1] if done else None
        if last and edit.start == edit.end and last.start < edit.start < last.end:
            done[-1] = Edit(last.start, last.end, last.text + edit.text)
        else:
            done.append(edit)
    return tuple(done)


def one_a_place(edits: List[Edit]) -> tuple[Edit, ...]:
    """Edits in order, with insertions at one place as one, for those who don't know their order."""
    done: list[Edit] = []
    for edit in sorted(edits, key=_order):
        if done and done[-1].start == done[-1].end == edit.start == edit.end:
            done[-1] = Edit(edit.start, edit.end, done[-1].text + edit.text)
        else:
            done.append(edit)
    return tuple(done)


def _order(edit: Edit) -> tuple[int, int, int]:
    return edit.start, edit.end, -_indent(edit.text) if edit.start == edit.end else 0


def _indent(text: str) -> int:
    lines = text.lstrip("\r\n")
    return len(lines) - len(lines.lstrip(" "))
