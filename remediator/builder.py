"""Builders of text edits: what a pass wants changed, said in terms of nodes, written as edits at their spans.

An ``EditBuilder`` collects wishes for one fix; ``finish`` turns them into edits that do not overlap. Where a wish can't
be met without losing a comment or guessing at layout, it raises CannotEdit and the fix is not made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from remediator import layout
from remediator.edits import in_order
from remediator.entries import EntryEdits
from remediator.findings import Edit
from remediator.layout import CannotEdit
from remediator.nodes import Mapping, Node, Path, Sequence
from remediator.template import Resource, Template


class EditBuilder(EntryEdits):
    """Collects the changes of one fix to one template."""

    def __init__(self, template: Template) -> None:
        super().__init__(template)
        self._removed: dict[int, tuple[Sequence, Mapping, str, Path, dict[int, bool]]] = {}
        self._instead: dict[int, list[Any]] = {}
        self._waits: dict[str, tuple[list[str], list[str]]] = {}
        self._names: set[str] = set()
        self._new_sections: dict[str, dict[str, Any]] = {}
        self._additions: list[tuple[Path, Edit]] = []

    @property
    def additions(self) -> tuple[tuple[Path, Edit], ...]:
        """The parameters, conditions and resources that were added, each with its one edit."""
        return tuple(self._additions)

    def finish(self) -> tuple[tuple[Edit, ...], tuple[Path, ...]]:
        """The edits and the paths below which they change meaning."""
        for key, (sequence, owner, name, path, indexes) in self._removed.items():
            self._finish_removal(sequence, owner, name, path, indexes, self._instead.get(key, []))
        for logical_id, (gone, new) in self._waits.items():
            self._finish_waits(self.template.resources[logical_id], gone, new)
        for section, value in self._new_sections.items():
            self._finish_section(section, value)
        for mapping, entries in self._gone.values():  # neighbours are removed together with what stands between them
            self._edits += layout.without_entries(self.source, mapping, entries)
        self._edits += self._rest()
        return in_order(self._edits), tuple(dict.fromkeys(self.paths))

    def _rest(self) -> Iterator[Edit]:
        """Edits that change nothing: they keep another fix from taking away the last entry or item that is left."""
        for spans, gone in self._thinned.values():
            for start, end in reversed(spans):
                touched = any(edit.start < end and start < edit.end for edit in self._edits)
                if (start, end) not in gone and not touched:
                    yield Edit(start, end, self.source.text[start:end])
                    break

    # Sections

    def add_to_section(self, section: str, name: str, value: Any) -> None:
        """Adds an entry at the end of a section such as ``Parameters``; a section that is missing comes above Resources."""
        self.paths.append((section, name))
        node = self.template.root.get(section)
        if isinstance(node, Mapping) and node.entries:
            self._insert_section_entry(node, name, value)
            self._additions.append(((section, name), self._edits[-1]))
        elif node is not None:
            raise CannotEdit(f"{section} is there, but empty")
        else:
            self._new_sections.setdefault(section, {})[name] = value

    def _insert_section_entry(self, node: Mapping, name: str, value: Any) -> None:
        blank = layout.has_blank_lines_between(self.source, node)
        if node.flow:
            self._insert_flow(node, node.entries[-1], name, value, spaced=blank)
        else:
            lines = self.writer.block_entry(name, value, self.source.column(node.entries[0].start))
            self._insert_lines(node.entries[-1].end, ["", *lines] if blank else lines)

    def _finish_section(self, section: str, value: dict[str, Any]) -> None:
        """Writes a new section above Resources, or Outputs below it."""
        self.paths.append((section,))
        root, anchor = self.template.root, self.template.root.entry("Resources")
        if anchor is None:
            raise CannotEdit("no place for a section")
        blank = layout.has_blank_lines_between(self.source, root)
        if root.flow:
            before = root.entries[root.entries.index(anchor) - 1] if root.entries[0] is not anchor else None
            self._insert_flow(root, anchor if section == "Outputs" else before, section, value)
            return
        lines = self.writer.block_entry(section, value, self.source.column(root.entries[0].start))
        if section == "Outputs":
            self._insert_lines(anchor.end, ["", *lines] if blank else lines)
            return
        start = layout.comment_lines_above(self.source, self.source.line_start(anchor.start))
        text = self.source.newline.join([*lines, "", ""] if blank else [*lines, ""])
        self._edits.append(Edit(start, start, text))

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
            spans = [(item.start, item.start + 1) for item in sequence.items]
            for index in () if sequence.flow else indexes:
                self._thin(sequence, spans, spans[index])
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
            text = self.writer.flow(name, plain=not node.flow)
            self._edits.append(Edit(item.start, item.end, text))
        left = {index: moved for index, moved in indexes.items() if index not in replaced}
        if left:
            self._edits += layout.without_items(self.source, node, left)
        for name in new[len(replaced) :]:
            self._append(node, name)

    def _append(self, node: Sequence, value: Any) -> None:
        self._not_aliased(node)
        last = node.items[-1]
        if node.flow:
            tall = "\n" in self.source.text[node.start : last.start]
            indent = layout.indentation(self.source, last.start)
            gap = self.source.newline + " " * indent if tall else " "
            self._edits.append(Edit(last.end, last.end, f",{gap}{self._flow(value, indent, tall=tall)}"))
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

    def remove_resource(self, resource: Resource, *, moved: layout.Spans = ()) -> None:
        """Removes a resource, and its name from every ``DependsOn``. Other references to it are the caller's business."""
        self.remove_entry(self.template.resources_node, resource.logical_id, ("Resources",), moved=moved)
        for other in self.template.resources.values():
            if other is not resource and any(wait.target == resource.logical_id for wait in other.depends_on()):
                self.drop_depends_on(other, resource.logical_id)

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
            self._additions.append((("Resources", logical_id), self._edits[-1]))
            return
        column = self.source.column(section.entries[0].start)
        head, *body = self.writer.block_entry(logical_id, value, column)
        inside = [" " * (column + self.style.step) + comment for comment in inner]
        lines = [*(" " * column + comment for comment in comments), head, *inside, *body]
        if layout.has_blank_lines_between(self.source, section):
            lines.insert(0, "")
        self._insert_lines(anchor.end, lines)
        self._additions.append((("Resources", logical_id), self._edits[-1]))
