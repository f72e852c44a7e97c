"""Where things stand in the text around a node: lines, dashes, commas and the comments that belong to them."""

from __future__ import annotations

import bisect
import itertools
import re
from collections.abc import Iterator

from remediator.findings import Edit
from remediator.intrinsics import walk
from remediator.nodes import Entry, Mapping, Node, Scalar, Sequence, children
from remediator.source import Source

Spans = tuple[tuple[int, int], ...]

_COMMENT = re.compile(r"(?:^|(?<=\s))(#[^\r\n]*)")
_DASH = re.compile(r"^([ ]*)-(?=\s|$)", re.MULTILINE)


class CannotEdit(Exception):
    """The change can't be written without losing a comment or guessing; the message says why."""


def indentation(source: Source, offset: int) -> int:
    """Columns that the line of an offset is indented by."""
    line = source.text[source.line_start(offset) : source.line_end(offset)]
    return len(line) - len(line.lstrip(" \t"))


def inside_flow(root: Node, node: Node) -> bool:
    """Whether a node stands inside braces or brackets."""
    outer: Node | None = root
    while outer is not None and outer is not node and not isinstance(outer, Scalar):
        if outer.flow and outer.start < node.start and node.end <= outer.end:
            return True
        outer = next((child for _, child in children(outer) if child.start <= node.start and node.end <= child.end), None)
    return False


def owner(source: Source, root: Node, node: Node) -> tuple[int, int, bool]:
    """What holds a node of a block: the end of the colon or dash before it, the column of its key or dash, which of both."""
    outer = root
    while not isinstance(outer, Scalar):
        inner: Node | None = None
        if isinstance(outer, Mapping):
            for entry in outer.entries:
                if not entry.merged and entry.value.start <= node.start and node.end <= entry.value.end:
                    inner = entry.value
                    if (inner.start, inner.end) == (node.start, node.end):
                        colon = source.text.index(":", entry.key.end)
                        return colon + 1, source.column(entry.start), False
        else:
            for index, item in enumerate(outer.items):
                if item.start <= node.start and node.end <= item.end:
                    inner = item
                    if (inner.start, inner.end) == (node.start, node.end):
                        dash = _dash(source, outer, index)
                        if "-" in source.text[dash.end() : node.start]:
                            raise CannotEdit("the list shares its line with another one")
                        return dash.end(), len(dash.group(1)), True
        if inner is None:
            break
        outer = inner
    raise CannotEdit("it stands in no entry and no list")


def has_blank_lines_between(source: Source, mapping: Mapping) -> bool:
    """Whether most entries of a block mapping have a blank line between them."""
    pairs = list(zip(mapping.entries, mapping.entries[1:], strict=False))
    gaps = [source.text[one.end : other.start] for one, other in pairs]
    return 2 * sum(1 for gap in gaps if re.search(r"\n[ \t]*\r?\n", gap)) > len(gaps)


def comments_between(source: Source, start: int, end: int) -> tuple[str, ...]:
    """The comments, marks included, in a stretch of text in which no node has text of its own."""
    return tuple(match.group(1).rstrip() for match in _COMMENT.finditer(source.text[start:end]))


def comments_inside(source: Source, start: int, end: int, node: Node) -> tuple[str, ...]:
    """The comments in a stretch of text that holds a node; a ``#`` inside a scalar is none."""
    return tuple(text for _, text in placed_comments(source, start, end, node))


def placed_comments(source: Source, start: int, end: int, node: Node) -> Iterator[tuple[int, str]]:
    """The same, each with its offset."""
    position = start
    for scalar_start, scalar_end in [*_scalar_spans(node), (end, end)]:
        if scalar_start >= position:
            for match in _COMMENT.finditer(source.text[position : min(scalar_start, end)]):
                yield position + match.start(), match.group(1).rstrip()
            position = scalar_end


def _scalar_spans(node: Node) -> list[tuple[int, int]]:
    spans = []
    for _, inner in walk(node):
        if isinstance(inner, Scalar):
            spans.append((inner.start, inner.end))
        elif isinstance(inner, Mapping):
            spans += [(entry.key.start, entry.key.end) for entry in inner.entries]
    return sorted(spans)


def line_break_after(source: Source, offset: int) -> int:
    """The start of the line after the one that an offset is on, or the end of the text."""
    end = source.line_end(offset)
    match = re.compile(r"\r\n|\r|\n").match(source.text, end)
    return match.end() if match else end


def _dash(source: Source, sequence: Sequence, index: int) -> re.Match[str]:
    """The dash of an item of a block list, which must be the first thing on its line."""
    index %= len(sequence.items)
    begin = source.line_start(sequence.start) if index == 0 else line_break_after(source, sequence.items[index - 1].end)
    matches = list(_DASH.finditer(source.text, begin, max(sequence.items[index].start, begin)))
    if not matches:
        raise CannotEdit("the list shares its line with another one")
    return matches[-1]  # those before it belong to an item that a YAML alias stands for


def dash_column(source: Source, sequence: Sequence, index: int) -> int:
    return len(_dash(source, sequence, index).group(1))


def item_span(source: Source, sequence: Sequence, index: int) -> tuple[int, int]:
    """A list item with its dash, the comment lines right above it and the comment behind it; no final line break."""
    index %= len(sequence.items)
    item = sequence.items[index]
    if sequence.flow:
        return item.start, item.end
    dash = _dash(source, sequence, index)
    start = comment_lines_above(source, dash.start(), dash.start(1) + len(dash.group(1)) - dash.start())
    return start, source.line_end(item.end)


def comment_lines_above(source: Source, start: int, column: int = 0) -> int:
    """The start of the comment lines directly above a line that are indented at least as far as it."""
    while start > 0:
        previous = source.line_start(start - 1)
        line = source.text[previous:start]
        if not line.lstrip().startswith("#") or len(line) - len(line.lstrip(" ")) < column:
            break
        start = previous
    return start


def comments_beside(source: Source, sequence: Sequence, index: int, body: Mapping) -> tuple[str, ...]:
    """The comments of a block list item, marks included, that do not move along when ``body``, all or part of it, does."""
    if sequence.flow:
        return ()
    start, end = item_span(source, sequence, index)
    found = placed_comments(source, start, end, sequence.items[index])
    spans = [(entry.start, entry.end) for entry in body.entries] if body.flow else [(body.start, source.line_end(body.end))]
    return tuple(text for at, text in found if not any(first <= at < last for first, last in spans))


def comments_between_items(source: Source, sequence: Sequence) -> tuple[str, ...]:
    """The comments in a block list that belong to no item: those indented less than the item below them."""
    spans = [item_span(source, sequence, index) for index in range(len(sequence.items))]
    gaps = itertools.pairwise(spans)
    return tuple(text for (_, end), (start, _) in gaps for text in comments_between(source, end, start))


def without_items(source: Source, sequence: Sequence, indexes: dict[int, bool]) -> Iterator[Edit]:
    """Edits that remove some, not all, items. The value says whether an item's comments go along (they move)."""
    if sequence.flow:
        yield from _without_flow_items(source, sequence, indexes)
        return
    for index, moved in indexes.items():
        start, end = item_span(source, sequence, index)
        dash = _dash(source, sequence, index)
        item = sequence.items[index]
        kept = () if moved else comments_inside(source, start, end, item)
        pad = " " * len(dash.group(1))
        text = "".join(f"{pad}{comment}{source.newline}" for comment in kept)
        yield Edit(*_whole_lines(source, start, end), text)


def without_lines(source: Source, start: int, end: int) -> Edit:
    """The edit that removes whole lines."""
    return Edit(*_whole_lines(source, start, end), "")


def _whole_lines(source: Source, start: int, end: int) -> tuple[int, int]:
    """A span of lines with its final line break; one of two blank lines left touching goes too."""
    after = line_break_after(source, end)
    if after == end and start > 0:  # the last line of a text without a final line break
        return len(source.text[:start].rstrip("\r\n")), end
    before = source.text[source.line_start(start - 1) : start] if start else ""
    following = source.text[after : line_break_after(source, after)]
    if before and not before.strip() and following and not following.strip():
        after = line_break_after(source, after)
    return start, after


def _without_flow_items(source: Source, sequence: Sequence, indexes: dict[int, bool]) -> Iterator[Edit]:
    items = sequence.items
    index = 0
    while index < len(items):
        if index not in indexes:
            index += 1
            continue
        last = index
        while last + 1 in indexes:
            last += 1
        if last + 1 < len(items):
            start, end = items[index].start, items[last + 1].start
        else:
            start, end = items[index - 1].end, items[last].end
        _refuse_comments(source, start, end, sequence)
        yield Edit(start, end, "")
        index = last + 1


def _refuse_comments(source: Source, start: int, end: int, node: Node) -> None:
    if not source.is_json and comments_inside(source, start, end, node):
        raise CannotEdit("a comment stands between the brackets")


def without_entries(source: Source, mapping: Mapping, gone: dict[int, tuple[Entry, Spans]]) -> Iterator[Edit]:
    """Edits that remove some, not all, entries, given by their start, each with the spans in it that move elsewhere.

    Its other comments stay as lines of their own.
    """
    if mapping.flow:
        yield from _without_flow_entries(source, mapping, [entry for entry, _ in gone.values()])
        return
    left = dict(sorted(gone.items()))
    line, first = source.line_start(min(left)), min(left)
    if source.text[line:first].strip():  # it shares its line with the dash of a list item, which the next one gets
        kept: tuple[str, ...] = ()
        after = first
        while after in left:
            entry, moved = left.pop(after)
            end = source.line_end(entry.end)
            after = _next_at(source, mapping, end, source.column(first))
            kept += (*comments_of(source, entry, moved), *comments_between(source, end, after))
        if kept:
            pad, head = " " * indentation(source, line), source.text[line:first]
            yield Edit(line, after, "".join(f"{pad}{comment}{source.newline}" for comment in kept) + head)
        else:
            yield Edit(first, after, "")
    for entry, moved in left.values():
        line, column = source.line_start(entry.start), source.column(entry.start)
        text = "".join(f"{' ' * column}{comment}{source.newline}" for comment in comments_of(source, entry, moved))
        start = min([line, *(begin for begin, end in moved if begin < line <= end)])  # comments above that move, too
        yield Edit(*_whole_lines(source, start, source.line_end(entry.end)), text)


def _next_at(source: Source, mapping: Mapping, offset: int, column: int) -> int:
    """Where the next entry of a block mapping starts, a merge key included."""
    following = re.compile(rf"^[ ]{{{column}}}(?=[^\s#])", re.MULTILINE).search(source.text, offset, mapping.end)
    if following is None:
        raise CannotEdit("the entry is the only one of a list item")
    return following.end()


def _without_flow_entries(source: Source, mapping: Mapping, gone: list[Entry]) -> Iterator[Edit]:
    """Edits that remove some, not all, entries between braces, each run of neighbours with its commas."""
    entries = mapping.entries
    if any(entry.merged for entry in entries):
        raise CannotEdit("a merge key stands between the braces")
    for goes, run in itertools.groupby(range(len(entries)), key=lambda index: entries[index] in gone):
        indexes = list(run)
        if not goes:
            continue
        first, after = indexes[0], indexes[-1] + 1
        if not first and after == len(entries):
            raise CannotEdit("nothing would be left between the braces")
        start = entries[first - 1].end if first else entries[0].start
        end = entries[after - 1].end if first else entries[after].start
        _refuse_comments(source, start, end, mapping)
        yield Edit(start, end, "")


def comments_of(source: Source, entry: Entry, moved: Spans = ()) -> tuple[str, ...]:
    """The comments in a block entry and behind it, save those in some spans."""
    found = placed_comments(source, entry.key.end, source.line_end(entry.end), entry.value)
    spans = sorted(moved)
    return tuple(text for at, text in found if not _within(spans, at))


def _within(spans: list[tuple[int, int]], offset: int) -> bool:
    """Whether an offset lies in one of some spans, which are in order and apart."""
    index = bisect.bisect_right(spans, offset, key=lambda span: span[0]) - 1
    return index >= 0 and offset < spans[index][1]
