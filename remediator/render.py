"""New pieces of template as text, in the style of the template that they go into.

A value is a str, int, bool, list or dict, one of the intrinsics below, or ``Moved``: text that is already in the
template and keeps its wording, its layout and the comments inside it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from remediator.intrinsics import intrinsic
from remediator.nodes import Entry, Mapping, Node, Scalar, Sequence, parts
from remediator.source import Source
from remediator.style import Style

SPREAD = "..."
"""A dict key: its value, a ``Moved``, adds all of its entries at this place."""


@dataclass(frozen=True, slots=True)
class Ref:
    name: str


@dataclass(frozen=True, slots=True)
class GetAtt:
    name: str
    attribute: str


@dataclass(frozen=True, slots=True)
class Sub:
    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """Any other intrinsic, by its long name."""

    name: str
    argument: Any


@dataclass(frozen=True, slots=True)
class Moved:
    """The entries of a mapping, moved with the comments between them; ``without`` and ``rename`` change keys."""

    mapping: Mapping
    without: frozenset[str] = frozenset()
    rename: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Copy:
    """A node as it is written, copied to another place."""

    node: Node


_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./:*@=+<>-]*(?: [A-Za-z0-9_./:*@=+<>-]+)*")
_PLAIN_SUB = re.compile(r"[A-Za-z/$](?:[A-Za-z0-9_./:*@=+-]|\$\{[A-Za-z0-9.:]+\})*")
_INLINE = 60
"""Characters up to which a simple list stays on one line in JSON."""
_LITERAL = re.compile(r"\S.*\n(?:.*\S\n|\n)*.*\S\n?")
"""Lines that a block scalar keeps: the first is not indented, the last is not empty."""
_CIDR = re.compile(r"\d+\.\d+\.\d+\.\d+/\d+")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_WORDS = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null"])


def quoted(text: str, style: Style, plain: bool) -> str:
    """A string as a YAML scalar that every YAML reader takes for that string."""
    if plain and _CIDR.fullmatch(text):
        return text
    if plain and _PLAIN.fullmatch(text) and text.lower() not in _WORDS and ": " not in text and text[-1] != ":":
        return text
    return with_quote(text, _fitting_quote(text, style.quote))


def _fitting_quote(text: str, quote: str) -> str:
    """The wished quote, or the other one where it saves escapes."""
    return "'" if '"' in text and "'" not in text and text.isprintable() else quote


def with_quote(text: str, quote: str) -> str:
    if quote == "'" and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    return json.dumps(text, ensure_ascii=False)


class Writer:
    """Renders values for one source. ``block`` methods give lines, ``flow`` ones a text."""

    def __init__(self, source: Source, style: Style) -> None:
        self.source, self.style = source, style

    # Block YAML

    def block_entry(self, key: str, value: Any, indent: int) -> list[str]:
        """The lines of ``key: value`` at an indentation, without line breaks."""
        pad = " " * indent
        if key == SPREAD:
            return self._moved_block(value, indent)
        if isinstance(value, Copy):
            return self._copied_block(f"{pad}{key}:", value.node, indent)
        if key == "Fn::GetAtt" and self.style.flow_attribute:
            return [f"{pad}{key}: [{', '.join(self.flow(item, plain=True) for item in value)}]"]
        name = quoted(key, self.style, plain=True)
        if self._is_short(value) and not self._fits_line(value):
            return [f"{pad}{name}: {_tag(value)}", *self.block_items(value.argument, indent + self.style.step)]
        value = self._long_form(value)
        if isinstance(value, dict) and value:
            return [f"{pad}{name}:", *self.block_mapping(value, indent + self.style.step)]
        if isinstance(value, list) and value:
            return [f"{pad}{name}:", *self.block_items(value, indent + self.style.dash)]
        return self._block_scalar(f"{pad}{name}:", value, indent + self.style.step)

    def _block_scalar(self, head: str, value: Any, indent: int) -> list[str]:
        """A value behind a key or a dash; a text of several lines below it, as it reads."""
        if isinstance(value, str) and _LITERAL.fullmatch(value) and value.replace("\n", "").isprintable():
            mark = "|" if value[-1] == "\n" else "|-"
            return [f"{head} {mark}", *(" " * indent + line if line else "" for line in value.removesuffix("\n").split("\n"))]
        return [f"{head} {self.flow(value, plain=True)}"]

    def is_tall(self, value: Any) -> bool:
        """Whether a value takes lines of its own below its key."""
        if isinstance(value, Copy):
            return is_block(value.node) and not value.node.tag
        value = self._long_form(value)
        return isinstance(value, (dict, list)) and bool(value)

    def block_mapping(self, value: dict[str, Any], indent: int) -> list[str]:
        return [line for key, item in value.items() for line in self.block_entry(key, item, indent)]

    def block_items(self, items: list[Any], indent: int) -> list[str]:
        lines: list[str] = []
        for item in items:
            lines += self.block_item(item, indent)
        return lines

    def block_item(self, item: Any, indent: int) -> list[str]:
        pad = " " * indent
        if self._is_short(item) and not self._fits_line(item):
            return [f"{pad}- {_tag(item)}", *self.block_items(item.argument, indent + 2)]
        item = self._long_form(item)
        if isinstance(item, dict) and item:
            first, *rest = self.block_mapping(item, indent + 2)
            return [f"{pad}- {first.lstrip(' ')}", *rest]
        if isinstance(item, Copy):
            return self._copied_item(item.node, indent)
        return self._block_scalar(f"{pad}-", item, indent + 2)

    def _copied_block(self, head: str, node: Node, indent: int) -> list[str]:
        text = self.source.text
        lines = re.split(r"\r\n|\r|\n", text[node.start : node.end])
        if is_block(node) and not node.tag:
            origin = self.source.column(node.start)
            lines[0] = " " * origin + lines[0]
            inner = indent + (self.style.dash if isinstance(node, Sequence) else self.style.step)
            return [head, *shifted(lines, inner - origin)]
        key_line = text[self.source.line_start(node.start) :]
        origin = len(key_line) - len(key_line.lstrip(" "))
        return [f"{head} {lines[0]}", *shifted(lines[1:], indent - origin)]

    def _copied_item(self, node: Node, indent: int) -> list[str]:
        if not isinstance(node, Mapping) or node.flow or node.tag:
            return self._copied_block(f"{' ' * indent}-", node, indent)
        first, *rest = self._copied_block("", node, indent + 2 - self.style.step)[1:]
        return [f"{' ' * indent}- {first.lstrip(' ')}", *rest]

    def _moved_block(self, moved: Moved, indent: int) -> list[str]:
        names = dict(moved.rename)
        lines: list[str] = []
        for index, entry in enumerate(moved.mapping.entries):
            if entry.key.value not in moved.without:
                above = moved.mapping.entries[index - 1] if index else None
                lines += self._moved_entry(entry, above, moved.mapping.flow, names.get(entry.key.value), indent)
        return lines

    def _moved_entry(self, entry: Entry, above: Entry | None, flow: bool, name: str | None, indent: int) -> list[str]:
        """An entry's lines, with the comment lines between it and the entry above."""
        source = self.source
        end = entry.end if flow else source.line_end(entry.end)
        key = name or source.text[entry.key.start : entry.key.end]
        between = "" if flow or above is None else source.text[source.line_end(above.end) : entry.start]
        comments = [line.strip() for line in between.splitlines() if line.strip()]
        head, *rest = re.split(r"\r\n|\r|\n", key + source.text[entry.key.end : end])
        pad = " " * indent
        shift = indent - source.column(entry.start)
        return [*(pad + comment for comment in comments), pad + head, *shifted(rest, shift)]

    # Flow: JSON, and YAML inside braces

    def flow(self, value: Any, *, plain: bool = False) -> str:
        """A value on one line. ``plain`` allows strings without quotes that are more than words, as only a block does."""
        value = self._long_form(value)
        if isinstance(value, Copy):
            return self._copied_flow(value.node)
        if isinstance(value, (Ref, GetAtt, Sub)):
            return self._short_form(value, plain)
        if isinstance(value, Call):
            if isinstance(value.argument, str):
                return f"{_tag(value)} {self.flow(value.argument)}"
            return f"{_tag(value)} [{', '.join(self._argument(item) for item in value.argument)}]"
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int):
            return str(value)
        if isinstance(value, str) and self.source.is_json:
            return json.dumps(value, ensure_ascii=False)
        if isinstance(value, str):
            return quoted(value, self.style, plain or bool(_WORD.fullmatch(value)))
        if isinstance(value, list):
            return "[" + ", ".join(self.flow(item) for item in value) + "]"
        body, space = ", ".join(self._flow_entries(value)), self.style.brace
        return f"{{{space}{body}{space}}}" if body else "{}"

    def _copied_flow(self, node: Node) -> str:
        if is_block(node) or (isinstance(node, Scalar) and node.style in ("|", ">")):
            return self.flow(to_value(node))
        if isinstance(node, Scalar) and not node.style and re.search(r"[,\[\]{}]", node.value):  # plain only in a block
            return f"{node.tag or ''} {with_quote(node.value, self.style.quote)}".lstrip()
        return self.source.text[node.start : node.end]

    def _flow_entries(self, value: dict[str, Any]) -> Iterator[str]:
        for key, item in value.items():
            if key == SPREAD:
                names = dict(item.rename)
                for entry in item.mapping.entries:
                    if entry.key.value not in item.without:
                        yield self._entry_text(entry.key, entry.value, names)
            else:
                yield f"{self.flow(key)}: {self.flow(item)}"

    def _entry_text(self, key: Scalar, value: Node, names: dict[str, str]) -> str:
        name = self.flow(names[key.value]) if key.value in names else self.source.text[key.start : key.end]
        return name + self.source.text[key.end : value.end]

    def tall(self, value: Any, indent: int) -> str:
        """A value over several lines as JSON is usually laid out; the first line is not indented."""
        value = self._long_form(value)
        if isinstance(value, Copy):
            lines = re.split(r"\r\n|\r|\n", self.flow(value))
            shift = indent - self._indentation(value.node.start)
            return self.source.newline.join([lines[0], *shifted(lines[1:], shift)])
        if self.style.one_line or not isinstance(value, (dict, list)) or not value:
            return self.flow(value)
        if self.style.inline and self._fits_inline(value):
            return self.flow(value)
        inner = indent + self.style.step
        pad = self.source.newline + " " * inner
        if isinstance(value, list):
            parts = [self.tall(item, inner) for item in value]
        else:
            parts = [part for key, item in value.items() for part in self._tall_entries(key, item, inner)]
        opening, closing = "[]" if isinstance(value, list) else "{}"
        return f"{opening}{pad}{f',{pad}'.join(parts)}{self.source.newline}{' ' * indent}{closing}"

    def _fits_inline(self, value: dict[str, Any] | list[Any]) -> bool:
        """Whether a value is short and simple enough for one line: an intrinsic, or a list of texts and intrinsics."""
        if isinstance(value, dict):
            return self._is_intrinsic(value)
        simple = all(
            not isinstance(item, list | dict) or (isinstance(item, dict) and self._is_intrinsic(item)) for item in value
        )
        return simple and len(self.flow(value)) <= _INLINE

    def _tall_entries(self, key: str, value: Any, indent: int) -> Iterator[str]:
        if key != SPREAD:
            yield f"{self.flow(key)}: {self.tall(value, indent)}"
            return
        names = dict(value.rename)
        for entry in value.mapping.entries:
            if entry.key.value not in value.without:
                lines = re.split(r"\r\n|\r|\n", self._entry_text(entry.key, entry.value, names))
                shift = indent - self._indentation(entry.start)
                yield self.source.newline.join([lines[0], *shifted(lines[1:], shift)])

    def _indentation(self, offset: int) -> int:
        line = self.source.text[self.source.line_start(offset) :]
        return len(line) - len(line.lstrip(" \t"))

    # Intrinsics

    def _is_intrinsic(self, value: dict[str, Any]) -> bool:
        return len(value) == 1 and (next(iter(value)) == "Ref" or next(iter(value)).startswith("Fn::"))

    def _long_form(self, value: Any) -> Any:
        if isinstance(value, Call) and not (self._is_short(value) and self._fits_line(value)):
            return {value.name: value.argument}
        if self.style.short:
            return value
        if isinstance(value, Ref):
            return {"Ref": value.name}
        if isinstance(value, GetAtt):
            return {"Fn::GetAtt": [value.name, value.attribute]}
        return {"Fn::Sub": value.text} if isinstance(value, Sub) else value

    def _is_short(self, value: Any) -> bool:
        return isinstance(value, Call) and self.style.short and isinstance(value.argument, list | str)

    def _fits_line(self, value: Call) -> bool:
        """Whether a call of the short form is short and simple enough for one line."""
        if isinstance(value.argument, str):
            return True
        simple = all(
            self._fits_line(item) if self._is_short(item) else isinstance(item, str | int | Ref | GetAtt | Sub)
            for item in value.argument
        )
        return simple and len("".join(map(self._argument, value.argument))) <= _INLINE

    def _argument(self, item: Any) -> str:
        """An argument between brackets; a name needs no quotes there, nor does a pseudo parameter."""
        return self.flow(item, plain=isinstance(item, Ref) or (isinstance(item, str) and item.isalnum()))

    def _short_form(self, value: Ref | GetAtt | Sub, plain: bool) -> str:
        if isinstance(value, Ref):
            return f"!Ref {value.name}" if plain or "::" not in value.name else f'!Ref "{value.name}"'
        if isinstance(value, GetAtt):
            return f"!GetAtt {value.name}.{value.attribute}"
        quote = self.style.sub_quote
        if not quote and plain and _PLAIN_SUB.fullmatch(value.text) and value.text[-1] != ":":
            return f"!Sub {value.text}"
        return f"!Sub {with_quote(value.text, _fitting_quote(value.text, quote or self.style.quote))}"


def is_block(node: Node) -> bool:
    """Whether a node is a mapping or a list over lines of its own."""
    return not isinstance(node, Scalar) and not node.flow and bool(parts(node))


def copied(value: Any) -> Iterator[Node]:
    """The nodes that a value takes over as they are written."""
    if isinstance(value, Copy):
        yield value.node
    elif isinstance(value, Call):
        yield from copied(value.argument)
    elif isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from copied(item)


def _tag(value: Call) -> str:
    return "!" + value.name.removeprefix("Fn::")


def shifted(lines: list[str], shift: int) -> list[str]:
    """Lines moved right or left by some columns, as far as their indentation lets them."""
    if shift >= 0:
        return [" " * shift + line if line.strip() else line for line in lines]
    return [line[min(-shift, len(line) - len(line.lstrip(" \t"))) :] for line in lines]


def to_value(node: Node) -> Any:
    """A node as a value to render: what it says, in the template's style, without its layout."""
    call = intrinsic(node)
    if call:
        argument = to_value(call.argument)
        if call.name == "Ref" and isinstance(argument, str):
            return Ref(argument)
        if call.name == "Fn::Sub" and isinstance(argument, str):
            return Sub(argument)
        if call.name == "Fn::GetAtt":
            name, attribute = argument.split(".", 1) if isinstance(argument, str) else (argument[0], argument[-1])
            if isinstance(name, str) and isinstance(attribute, str) and (isinstance(argument, str) or len(argument) == 2):
                return GetAtt(name, attribute)
        return Call(call.name, argument)
    if isinstance(node, Mapping):
        return {entry.key.value: to_value(entry.value) for entry in node.entries}
    if isinstance(node, Sequence):
        return [to_value(item) for item in node.items]
    return node.value if node.kind == "str" else Copy(node)
