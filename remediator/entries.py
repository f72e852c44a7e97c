"""Edits of values and entries: what stands at a node or a key is written anew, added, moved, renamed or removed.

The half of ``EditBuilder`` that is about one place; ``builder`` adds lists, dependencies, sections and resources.
"""

from __future__ import annotations

import re
from typing import Any

from remediator import layout
from remediator.findings import Edit
from remediator.layout import CannotEdit
from remediator.nodes import Entry, Mapping, Node, Path, Scalar, Sequence
from remediator.render import SPREAD, Copy, Moved, Writer, copied, is_block, shifted, with_quote
from remediator.template import Template

Span = tuple[int, int]

_LONG = 100
"""Characters of a line from which on a comment behind a value is not seen any more."""


class EntryEdits:
    """Collects edits of values and entries, and the paths below which they change meaning."""

    def __init__(self, template: Template) -> None:
        self.template, self.source, self.style = template, template.source, template.style
        self.paths: list[Path] = []
        self._edits: list[Edit] = []
        self._gone: dict[int, tuple[Mapping, dict[int, tuple[Entry, layout.Spans]]]] = {}
        self._thinned: dict[int, tuple[list[Span], list[Span]]] = {}

    @property
    def writer(self) -> Writer:
        return Writer(self.source, self.style)

    def _thin(self, node: Mapping | Sequence, spans: list[Span], gone: Span) -> None:
        """Notes that the fix takes one of several entries or items away."""
        self._thinned.setdefault(id(node), (spans, []))[1].append(gone)

    # Values

    def replace(self, node: Node, value: Any, path: Path) -> None:
        """Writes a value where a node was. Comments inside the node come above the value."""
        if node.start == node.end:
            raise CannotEdit("nothing stands there that could be replaced")
        comments = self._comments(node.start, node.end, node, value)
        if comments and (isinstance(node, Scalar) or node.flow or node.tag):
            raise CannotEdit("a comment stands inside what is to be replaced")
        if isinstance(node, Scalar) and isinstance(value, str) and node.style in ("'", '"') and node.tag is None:
            text = with_quote(value, node.style)
        elif self._in_flow(node):
            indent = layout.indentation(self.source, node.start)
            text = self._flow(value, indent, tall="\n" in self.source.text[node.start : node.end])
        elif self.writer.is_tall(value):
            self._replace_tall(node, value, comments, path)
            return
        else:
            text = self.writer.flow(value, plain=True)
            if self._behind(node, text):
                self._with_comment_above(node, text, path)
                return
            if is_block(node) and not node.tag:
                self._replace_block(node, text, comments, path)
                return
        pad = self.source.newline + " " * self.source.column(node.start)
        self.replace_text(node.start, node.end, "".join(comment + pad for comment in comments) + text, path)

    def _replace_block(self, node: Node, text: str, comments: tuple[str, ...], path: Path) -> None:
        """Writes a value behind its key, or below it where comments stand between, in place of a block."""
        start, column, is_item = layout.owner(self.source, self.template.root, node)
        line = self.source.line_start(node.start)
        if not comments and not self.source.text[start : node.start].strip():
            self.replace_text(start, node.end, f" {text}", path)
        elif is_item or line < start:
            raise CannotEdit("a comment stands before or inside what is to be replaced")
        else:
            pad = " " * (column + self.style.step)
            self.replace_text(line, node.end, self.source.newline.join(pad + each for each in (*comments, text)), path)

    def _behind(self, node: Node, text: str) -> bool:
        """Whether a comment stands behind a value on its line, which would get too long to see it there."""
        line = self.source.text[self.source.line_start(node.start) : self.source.line_end(node.end)]
        behind = self.source.text[node.end : self.source.line_end(node.end)]
        return behind.lstrip().startswith("#") and len(line) - (node.end - node.start) + len(text) > _LONG

    def _with_comment_above(self, node: Node, text: str, path: Path) -> None:
        """Writes a value, and puts the comment behind it on a line of its own above."""
        start, end = self.source.line_start(node.start), self.source.line_end(node.end)
        pad = " " * layout.indentation(self.source, node.start)
        comment = self.source.text[node.end : end].strip()
        self._edits.append(Edit(start, start, f"{pad}{comment}{self.source.newline}"))
        self.replace_text(node.start, end, text, path)

    def _comments(self, start: int, end: int, node: Node, value: Any) -> tuple[str, ...]:
        """The comments in a stretch of text that holds a node, save those that a new value carries along."""
        if self.source.is_json:
            return ()
        carried = list(copied(value))
        found = layout.placed_comments(self.source, start, end, node)
        return tuple(text for at, text in found if not any(each.start <= at < each.end for each in carried))

    def _flow(self, value: Any, indent: int, *, tall: bool) -> str:
        """A value between braces, on one line or over several."""
        for node in copied(value):
            if is_block(node) and layout.comments_inside(self.source, node.start, node.end, node):
                raise CannotEdit("a comment has no place between the braces")
        return self.writer.tall(value, indent) if tall else self.writer.flow(value)

    def _in_flow(self, node: Node) -> bool:
        return self.source.is_json or layout.inside_flow(self.template.root, node)

    def _replace_tall(self, node: Node, value: Any, comments: tuple[str, ...], path: Path) -> None:
        """Writes a block below the key, or behind the dash, of what was there."""
        start, column, is_item = layout.owner(self.source, self.template.root, node)
        if is_item and isinstance(value, list):
            self._flow(value, 0, tall=False)  # it is written between brackets, which have no place for comments
        lines = self.writer.block_item(value, column) if is_item else self.writer.block_entry("K", value, column)
        head, *rest = [lines[0].lstrip(" ").removeprefix("-" if is_item else "K:"), *lines[1:]]
        if is_item and comments:
            raise CannotEdit("a comment stands inside what is to be replaced")
        line = self.source.line_start(node.start)
        if line > start and not is_item:  # below its key, where a comment may stand between
            start = len(self.source.text[:line].rstrip("\r\n"))
        elif re.search(r"[#&]", self.source.text[start : node.start]):
            raise CannotEdit("a comment or an anchor stands before what is to be replaced")
        pad = " " * (len(rest[0]) - len(rest[0].lstrip(" "))) if rest else ""
        text = self.source.newline.join([head, *(pad + comment for comment in comments), *rest])
        self.replace_text(start, node.end, text, path)

    def replace_text(self, start: int, end: int, text: str, path: Path) -> None:
        self._edits.append(Edit(start, end, text))
        self.paths.append(path)

    def replace_in_scalar(self, node: Scalar, start: int, end: int, text: str, path: Path) -> None:
        """Replaces part of a scalar's text, written as that scalar's quoting needs it."""
        if node.style in ("'", '"'):
            text = with_quote(text, node.style)[1:-1]
        self.replace_text(start, end, text, path)

    def substitute(self, node: Scalar, pattern: re.Pattern[str], new: str, path: Path) -> None:
        """Replaces whatever a pattern finds in a scalar's text; groups in ``new`` as in ``re.sub``."""
        written = list(pattern.finditer(self.source.text, node.start, node.end))
        if [match.group() for match in written] != [match.group() for match in pattern.finditer(node.value)]:
            raise CannotEdit("the text is written with escapes")
        for match in written:
            self.replace_in_scalar(node, *match.span(), match.expand(new), path)

    # Entries

    def insert_entry(self, mapping: Mapping, key: str, value: Any, path: Path, *, after: str | None = None) -> None:
        """Adds an entry after another one, or as the first."""
        self.paths.append((*path, key))
        anchor = mapping.entry(after) if after else None
        if not mapping.entries:
            raise CannotEdit("an empty mapping has no place to insert at")
        self._not_aliased(mapping)
        _not_shared(anchor or mapping.entries[0])
        if mapping.flow:
            self._insert_flow(mapping, anchor, key, value)
        elif anchor is None:
            first = mapping.entries[0]
            lines = self.writer.block_entry(key, value, self.source.column(first.start))
            line, column = self.source.line_start(first.start), self.source.column(first.start)
            above = layout.comment_lines_above(self.source, line, column)
            own_line = not self.source.text[line : first.start].strip()
            if above < line and own_line:  # what stands above the first entry is about that
                self._edits.append(Edit(above, above, self.source.newline.join([*lines, ""])))
            else:
                text = self.source.newline.join([*lines, " " * column]).lstrip(" ")
                self._edits.append(Edit(first.start, first.start, text))
        else:
            lines = self.writer.block_entry(key, value, self.source.column(mapping.entries[0].start))
            self._insert_lines(anchor.end, lines)

    def _not_aliased(self, node: Mapping | Sequence) -> None:
        """Refuses to add to what a YAML alias shows elsewhere, too; the engine refuses changes within it."""
        if any(start <= node.start and node.end <= end for start, end in self.source.aliased):
            raise CannotEdit("the text to change is shared through a YAML anchor")

    def _insert_lines(self, at: int, lines: list[str]) -> None:
        """Adds lines below the line of an offset, where a removal of that line does not reach."""
        newline, text = self.source.newline, self.source.newline.join(lines)
        start = layout.line_break_after(self.source, at)
        at_end = start == self.source.line_end(at)  # the text has no final line break
        self._edits.append(Edit(start, start, newline + text if at_end else text + newline))

    def _insert_flow(self, mapping: Mapping, anchor: Entry | None, key: str, value: Any, *, spaced: bool = False) -> None:
        first = mapping.entries[0]
        tall = "\n" in self.source.text[mapping.start : first.start]
        indent = layout.indentation(self.source, first.start)
        text = f"{self.writer.flow(key)}: {self._flow(value, indent, tall=tall)}"
        gap = self.source.newline * (2 if spaced else 1) + " " * indent if tall else " "
        if anchor:
            self._edits.append(Edit(anchor.end, anchor.end, f",{gap}{text}"))
        else:
            self._edits.append(Edit(first.start, first.start, f"{text},{gap}"))

    def remove_entry(self, mapping: Mapping, key: str, path: Path, *, moved: layout.Spans = ()) -> None:
        """Removes an entry. Comments inside stay as lines of their own, except those in spans that move elsewhere."""
        entry = mapping.entry(key)
        if entry is None or len(mapping.entries) == 1:
            raise CannotEdit(f"{key} can't be removed here")
        _not_shared(entry)
        self.paths.append((*path, key))
        self._gone.setdefault(id(mapping), (mapping, {}))[1][entry.start] = (entry, moved)
        if not mapping.flow:
            keys = [other.key for other in mapping.entries if not other.merged]
            self._thin(mapping, [(key.start, key.end) for key in keys], (entry.key.start, entry.key.end))

    def replace_entry(self, mapping: Mapping, key: str, new_key: str, value: Any, path: Path) -> None:
        """Writes another entry where one was; the comments in the old one stay."""
        entry = mapping.entry(key)
        if entry is None:
            raise CannotEdit(f"{key} can't be replaced here")
        _not_shared(entry)
        self.paths += [(*path, key), (*path, new_key)]
        if mapping.flow:
            if self._comments(entry.key.end, entry.end, entry.value, value):
                raise CannotEdit("a comment stands between the braces")
            indent = layout.indentation(self.source, entry.start)
            tall = "\n" in self.source.text[mapping.start : mapping.end]
            text = f"{self.writer.flow(new_key)}: {self._flow(value, indent, tall=tall)}"
            self._edits.append(Edit(entry.start, entry.end, text))
            return
        end = self.source.line_end(entry.end)
        lines = self.writer.block_entry(new_key, value, self.source.column(entry.start))
        pad = " " * self.source.column(entry.start)
        comments = [pad + comment for comment in self._comments(entry.key.end, end, entry.value, value)]
        if len(lines) == 1 and len(comments) < 2 and self.source.line_start(entry.end) <= entry.start:
            end = entry.end  # the comment behind it stays there
        elif self.source.text[self.source.line_start(entry.start) : entry.start].strip():
            lines += comments  # no place for them above, behind the dash
        else:
            lines = [*comments, *lines]
        self._edits.append(Edit(entry.start, end, self.source.newline.join(lines).lstrip(" ")))

    def rename_key(self, entry: Entry, key: str, path: Path) -> None:
        """Gives an entry another key; its value stays as it is written. ``path`` is that of the mapping."""
        if entry.merged:
            raise CannotEdit(f"{entry.key.value} comes from a merge key")
        self.paths += [(*path, entry.key.value), (*path, key)]
        if entry.key.style in ("'", '"'):
            text = with_quote(key, entry.key.style)
        else:
            text = self.writer.flow(key, plain=not self._in_flow(entry.key))
        self._edits.append(Edit(entry.key.start, entry.key.end, text))

    def set_entry(self, mapping: Mapping, key: str, value: Any, path: Path) -> None:
        """Gives a key a value: in place of the one it has, or behind the last entry."""
        entry = mapping.entry(key)
        if entry is None and not mapping.entries:
            self.replace(mapping, {key: value}, path)
        elif entry is None:
            self.insert_entry(mapping, key, value, path, after=_last(mapping).key.value)
        elif entry.merged:
            raise CannotEdit(f"{key} comes from a merge key")
        elif entry.is_empty or isinstance(value, dict) or not isinstance(entry.value, Scalar):
            self.replace_entry(mapping, key, key, value, path)
        else:
            self.replace(entry.value, value, (*path, key))

    def copy_entry(self, mapping: Mapping, entry: Entry, to: Mapping, path: Path, *, after: str | None = None) -> Span:
        """Writes an entry of one mapping into another one, below ``after`` or as the last, with the comments above and behind
        it. Gives the span of what is written anew, to be removed as moved."""
        key = entry.key.value
        _not_shared(entry)
        if mapping.flow or to.flow or not to.entries:
            if to.entries:
                self.insert_entry(to, key, Copy(entry.value), path, after=after or _last(to).key.value)
            else:
                self.replace(to, {key: Copy(entry.value)}, path)
            return entry.value.start, entry.value.end
        self.paths.append((*path, key))
        anchor = to.entry(after) if after else _last(to)
        if anchor is None:
            raise CannotEdit("there is no place to move it to")
        self._not_aliased(to)
        _not_shared(anchor)
        lines, start = self._entry_lines(entry)
        self._insert_lines(anchor.end, shifted(lines, self.source.column(_last(to).start) - self.source.column(entry.start)))
        return start, self.source.line_end(entry.end)

    def _entry_lines(self, entry: Entry, *, above: bool = True) -> tuple[list[str], int]:
        """The lines of an entry of a block, with the comment lines right above it, and where they start."""
        source, column = self.source, self.source.column(entry.start)
        start = line = source.line_start(entry.start)
        if above and not source.text[line : entry.start].strip():
            start = layout.comment_lines_above(source, line, column)
        text = source.text[start : source.line_end(entry.end)]
        if start == line:  # it may share its line with the dash of a list item
            text = " " * column + text[column:]
        return re.split(r"\r\n|\r|\n", text), start

    def nest(self, mapping: Mapping, keys: tuple[str, ...], under: str, path: Path) -> None:
        """Puts entries of a mapping into a new one at the place of the first: ``A: 1`` becomes ``Under: {A: 1}``."""
        entries = [entry for entry in mapping.entries if entry.key.value in keys]
        for entry in entries:
            _not_shared(entry)
        self.paths += [*((*path, key) for key in keys), (*path, under)]
        if mapping.flow:
            self._nest_flow(mapping, entries, under)
        else:
            self._nest_block(entries, under)

    def _nest_flow(self, mapping: Mapping, entries: list[Entry], under: str) -> None:
        value = {SPREAD: Moved(mapping, mapping.keys - {entry.key.value for entry in entries})}
        first, *rest = entries
        indent = layout.indentation(self.source, first.start)
        tall = "\n" in self.source.text[mapping.start : mapping.end]
        text = self.writer.tall(value, indent) if tall else self.writer.flow(value)
        if rest:
            self._edits += layout.without_entries(self.source, mapping, {entry.start: (entry, ()) for entry in rest})
        self._edits.append(Edit(first.start, first.end, f"{self.writer.flow(under)}: {text}"))

    def _nest_block(self, entries: list[Entry], under: str) -> None:
        head = entries[0]  # what stands above it stays above the new key
        lines, _ = self._entry_lines(head, above=False)
        for entry in entries[1:]:
            more, start = self._entry_lines(entry)
            self._edits.append(layout.without_lines(self.source, start, self.source.line_end(entry.end)))
            lines += more
        text = self.source.newline.join([f"{under}:", *shifted(lines, self.style.step)])
        self._edits.append(Edit(head.start, self.source.line_end(head.end), text))


def _last(mapping: Mapping) -> Entry:
    """The last entry that stands in the mapping itself."""
    own = [entry for entry in mapping.entries if not entry.merged]
    if not own:
        raise CannotEdit("all entries come from a merge key")
    return own[-1]


def _not_shared(entry: Entry) -> None:
    """Refuses an entry whose text stands elsewhere: one of a merge key, or an alias of a value further up."""
    if entry.merged or entry.value.start < entry.key.end:
        raise CannotEdit(f"{entry.key.value} is shared through a YAML anchor")
