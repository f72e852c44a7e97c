"""Builders of text edits: what a pass wants changed, said in terms of nodes, written as edits at their spans.

An ``EditBuilder`` collects wishes for one fix; ``finish`` turns them into edits that do not overlap. Where a wish can't
be met without losing a comment or guessing at layout, it raises CannotEdit and the fix is not made.
"""

from __future__ import annotations

import re
from typing import Any

from remediator import layout
from remediator.edits import in_order
from remediator.findings import Edit
from remediator.layout import CannotEdit
from remediator.nodes import Entry, Mapping, Node, Path, Scalar, Sequence
from remediator.render import Writer, with_quote
from remediator.template import Resource, Template


class EditBuilder:
    """Collects the changes of one fix to one template."""

    def __init__(self, template: Template) -> None:
        self.template, self.source, self.style = template, template.source, template.style
        self.paths: list[Path] = []
        self._edits: list[Edit] = []
        self._removed: dict[int, tuple[Sequence, Mapping, str, Path, dict[int, bool]]] = {}
        self._instead: dict[int, list[Any]] = {}
        self._waits: dict[str, tuple[list[str], list[str]]] = {}
        self._names: set[str] = set()

    @property
    def writer(self) -> Writer:
        return Writer(self.source, self.style)

    def finish(self) -> tuple[tuple[Edit, ...], tuple[Path, ...]]:
        """The edits and the paths below which they change meaning."""
        for key, (sequence, owner, name, path, indexes) in self._removed.items():
            self._finish_removal(sequence, owner, name, path, indexes, self._instead.get(key, []))
        for logical_id, (gone, new) in self._waits.items():
            self._finish_waits(self.template.resources[logical_id], gone, new)
        return in_order(self._edits), tuple(dict.fromkeys(self.paths))

    # Values

    def replace(self, node: Node, value: Any, path: Path) -> None:
        """Writes a value where a node was. Comments inside the node come above the value."""
        comments = () if self.source.is_json else layout.comments_inside(self.source, node.start, node.end, node)
        if comments and (isinstance(node, Scalar) or node.flow or node.tag):
            raise CannotEdit("a comment stands inside what is to be replaced")
        if self._in_flow(node):
            indent = layout.indentation(self.source, node.start)
            one_line = "\n" not in self.source.text[node.start : node.end]
            text = self.writer.flow(value) if one_line else self.writer.tall(value, indent)
        else:
            text = self.writer.flow(value, plain=True) if not isinstance(value, dict) else self._block_text(node, value)
        pad = self.source.newline + " " * self.source.column(node.start)
        self.replace_text(node.start, node.end, "".join(comment + pad for comment in comments) + text, path)

    def _in_flow(self, node: Node) -> bool:
        return self.source.is_json or layout.inside_flow(self.template.root, node)

    def _block_text(self, node: Node, value: dict[str, Any]) -> str:
        if isinstance(node, Scalar) or node.flow:
            indent = layout.indentation(self.source, node.start) + self.style.step
            return self.source.newline + self.source.newline.join(self.writer.block_mapping(value, indent))
        return self.source.newline.join(self.writer.block_mapping(value, self.source.column(node.start))).lstrip(" ")

    def replace_text(self, start: int, end: int, text: str, path: Path) -> None:
        self._edits.append(Edit(start, end, text))
        self.paths.append(path)

    def replace_in_scalar(self, node: Scalar, start: int, end: int, text: str, path: Path) -> None:
        """Replaces part of a scalar's text, written as that scalar's quoting needs it."""
        if node.style in ("'", '"'):
            text = with_quote(text, node.style)[1:-1]
        self.replace_text(start, end, text, path)

    # Entries

    def insert_entry(self, mapping: Mapping, key: str, value: Any, path: Path, *, after: str | None = None) -> None:
        """Adds an entry after another one, or as the first."""
        self.paths.append((*path, key))
        anchor = mapping.entry(after) if after else None
        if not mapping.entries:
            raise CannotEdit("an empty mapping has no place to insert at")
        if mapping.flow:
            self._insert_flow(mapping, anchor, key, value)
        elif anchor is None:
            first = mapping.entries[0]
            lines = self.writer.block_entry(key, value, self.source.column(first.start))
            pad = " " * self.source.column(first.start)
            text = self.source.newline.join([*lines, pad]).lstrip(" ")
            self._edits.append(Edit(first.start, first.start, text))
        else:
            lines = self.writer.block_entry(key, value, self.source.column(mapping.entries[0].start))
            self._insert_lines(anchor.end, lines)

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
        name = self.writer.flow(key)
        text = f"{name}: {self.writer.tall(value, indent) if tall else self.writer.flow(value)}"
        gap = self.source.newline * (2 if spaced else 1) + " " * indent if tall else " "
        if anchor:
            self._edits.append(Edit(anchor.end, anchor.end, f",{gap}{text}"))
        else:
            self._edits.append(Edit(first.start, first.start, f"{text},{gap}"))

    def remove_entry(self, mapping: Mapping, key: str, path: Path, *, moved: tuple[tuple[int, int], ...] = ()) -> None:
        """Removes an entry. Comments inside stay as lines of their own, except those in spans that move elsewhere."""
        entry = mapping.entry(key)
        if entry is None or entry.merged or len(mapping.entries) == 1:
            raise CannotEdit(f"{key} can't be removed here")
        self.paths.append((*path, key))
        self._edits.append(layout.without_entry(self.source, mapping, entry, moved))

    def replace_entry(self, mapping: Mapping, key: str, new_key: str, value: Any, path: Path) -> None:
        """Writes another entry where one was; the comments in the old one stay."""
        entry = mapping.entry(key)
        if entry is None or entry.merged:
            raise CannotEdit(f"{key} can't be replaced here")
        self.paths += [(*path, key), (*path, new_key)]
        if mapping.flow:
            indent = layout.indentation(self.source, entry.start)
            self._edits.append(Edit(entry.start, entry.end, f"{self.writer.flow(new_key)}: {self.writer.tall(value, indent)}"))
            return
        gone = layout.without_entry(self.source, mapping, entry, ())
        lines = self.writer.block_entry(new_key, value, self.source.column(entry.start))
        self._edits.append(Edit(gone.start, gone.end, gone.text + "".join(line + self.source.newline for line in lines)))

    # List items

    def remove_item(self, owner: Mapping, key: str, index: int, path: Path, *, moved: bool = False) -> None:
        """Removes an item of the list at ``owner[key]``; the entry goes with the last item. ``moved``: its comments too."""
        sequence = owner.get(key)
        if not isinstance(sequence, Sequence):
            raise CannotEdit(f"{key} is not a list")
        record = self._removed.setdefault(id(sequence), (sequence, owner, key, path, {}))
        record[4][index] = moved

    def put_instead(self, sequence: Sequence, item: Any) -> None:
        """Where every item of a list is removed, leaves this one in it."""
        self._instead[id(sequence)] = [item]

    def _finish_removal(
        self, sequence: Sequence, owner: Mapping, key: str, path: Path, indexes: dict[int, bool], instead: list[Any]
    ) -> None:
        if len(indexes) < len(sequence.items):
            self.paths.append((*path, key))
            self._edits += layout.without_items(self.source, sequence, indexes)
        elif instead:
            self.paths.append((*path, key))
            self._replace_items(sequence, instead)
        else:
            moved = tuple(layout.item_span(self.source, sequence, i) for i, goes in indexes.items() if goes)
            self.remove_entry(owner, key, path, moved=moved)

    def _replace_items(self, sequence: Sequence, items: list[Any]) -> None:
        first, last = layout.item_span(self.source, sequence, 0), layout.item_span(self.source, sequence, -1)
        if sequence.flow:  # the brackets stay where they are
            if not self.source.is_json and layout.comments_inside(self.source, first[0], last[1], sequence):
                raise CannotEdit("a comment stands between the brackets")
            indent = layout.indentation(self.source, first[0])
            tall = "\n" in self.source.text[sequence.start : first[0]]
            text = ", ".join(self.writer.tall(item, indent) if tall else self.writer.flow(item) for item in items)
        else:
            indent = layout.dash_column(self.source, sequence, 0)
            lines = [" " * indent + comment for comment in layout.comments_between_items(self.source, sequence)]
            text = self.source.newline.join([*lines, *self.writer.block_items(items, indent)])
        self._edits.append(Edit(first[0], last[1], text))

    # Explicit dependencies

    def drop_depends_on(self, resource: Resource, name: str) -> None:
        self._waits.setdefault(resource.logical_id, ([], []))[0].append(name)

    def add_depends_on(self, resource: Resource, name: str) -> None:
        self._waits.setdefault(resource.logical_id, ([], []))[1].append(name)

    def _finish_waits(self, resource: Resource, gone: list[str], new: list[str]) -> None:
        node = resource.node.get("DependsOn")
        old = [reference.target for reference in resource.depends_on()]
        kept = [name for name in old if name not in gone]
        new = [name for name in dict.fromkeys(new) if name not in kept]
        path = (*resource.path, "DependsOn")
        if node is None:
            if new:
                after = "Type" if resource.node.entry("Type") else None
                value = new[0] if len(new) == 1 else new
                self.insert_entry(resource.node, "DependsOn", value, resource.path, after=after)
        elif not kept and not new:
            self.remove_entry(resource.node, "DependsOn", resource.path)
        elif isinstance(node, Sequence):
            self._change_wait_list(node, old, gone, new, path)
        elif kept or len(new) > 1:
            self._wait_for_list(resource, node, [*kept, *new], path)
        else:
            self.replace(node, new[0], path)

    def _change_wait_list(self, node: Sequence, old: list[str], gone: list[str], new: list[str], path: Path) -> None:
        self.paths.append(path)
        indexes = {index: False for index, name in enumerate(old) if name in gone}
        replaced = dict(zip(indexes, new, strict=False))
        for index, name in replaced.items():
            item = node.items[index]
            self._edits.append(Edit(item.start, item.end, self.writer.flow(name, plain=not node.flow)))
        left = {index: moved for index, moved in indexes.items() if index not in replaced}
        if left:
            self._edits += layout.without_items(self.source, node, left)
        for name in new[len(replaced) :]:
            self._append(node, name)

    def _append(self, node: Sequence, value: Any) -> None:
        last = node.items[-1]
        if node.flow:
            tall = "\n" in self.source.text[node.start : last.start]
            gap = self.source.newline + " " * layout.indentation(self.source, last.start) if tall else " "
            self._edits.append(Edit(last.end, last.end, f",{gap}{self.writer.flow(value)}"))
        else:
            column = layout.dash_column(self.source, node, -1)
            self._insert_lines(last.end, self.writer.block_item(value, column))

    def append_item(self, node: Sequence, value: Any, path: Path) -> None:
        """Adds an item at the end of a list that has items."""
        self.paths.append(path)
        self._append(node, value)

    def _wait_for_list(self, resource: Resource, node: Node, names: list[str], path: Path) -> None:
        entry = resource.node.entry("DependsOn")
        if entry is None or self._in_flow(node):
            self.replace(node, names, path)
            return
        column = self.source.column(entry.start)
        lines = self.writer.block_items(list(names), column + self.style.dash)
        start = entry.key.end + self.source.text[entry.key.end : node.start].index(":") + 1
        self.replace_text(start, node.end, self.source.newline + lines[0], path)
        self._insert_lines(node.end, lines[1:])

    # Resources

    def add_comments(self, resource: Resource, comments: tuple[str, ...]) -> None:
        """Writes comment lines, marks included, as the first lines of a resource."""
        if comments and not resource.node.flow:
            pad = " " * self.source.column(resource.node.entries[0].start)
            self._insert_lines(resource.key.end, [pad + comment for comment in comments])

    def new_logical_id(self, wish: str) -> str:
        """A free logical id as near to a wish as can be. Letters and digits only, 255 characters at most."""
        wish = re.sub(r"[^A-Za-z0-9]", "", wish)[:250]
        taken = self.template.resources.keys() | self.template.parameters | self._names
        name, number = wish, 2
        while name in taken:
            name, number = f"{wish}{number}", number + 1
        self._names.add(name)
        return name

    def add_resource(
        self,
        logical_id: str,
        value: dict[str, Any],
        *,
        after: str,
        comments: tuple[str, ...] = (),
        inner: tuple[str, ...] = (),
    ) -> None:
        """Adds a resource behind another one, with comment lines (marks included) above it and in it."""
        self.paths.append(("Resources", logical_id))
        section = self.template.resources_node
        anchor = section.entry(after)
        if anchor is None or anchor.merged:
            raise CannotEdit(f"no place behind {after}")
        if section.flow:
            self._insert_flow(section, anchor, logical_id, value, spaced=layout.has_blank_lines_between(self.source, section))
            return
        column = self.source.column(section.entries[0].start)
        head, *body = self.writer.block_entry(logical_id, value, column)
        inside = [" " * (column + self.style.step) + comment for comment in inner]
        lines = [*(" " * column + comment for comment in comments), head, *inside, *body]
        if layout.has_blank_lines_between(self.source, section):
            lines.insert(0, "")
        self._insert_lines(anchor.end, lines)
