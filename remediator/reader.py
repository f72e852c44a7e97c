"""Text to tree. The only module that knows ruamel.yaml, of which it uses the parser's events and nothing else.

Events come one after the other, so that no depth of nesting can exhaust the stack, and they carry the places of aliases,
which a composed tree has lost. JSON is judged by the standard library and then scanned for its spans: YAML's leniency
never reinterprets it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from remediator import wording
from remediator.nodes import Entry, Mapping, Node, Scalar, Sequence

MAX_DEPTH = 150
"""Deeper nesting is refused: no real template comes near it, and walks over the tree may recurse."""

MAX_NODES = 500_000
"""Nodes a template may have once its aliases are expanded (real ones at the size limit have about 60,000)."""

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_JSON_TOKEN = re.compile(r'[{}\[\]]|"(?:[^"\\]|\\.)*"|[^\s{}\[\]:,"]+')

# The core schema of YAML 1.2, which JSON's values follow too. What YAML 1.1 adds (yes, 0123, 1e3, dates) stays text.
_KINDS = (
    ("null", re.compile(r"null|Null|NULL|~|")),
    ("bool", re.compile(r"true|True|TRUE|false|False|FALSE")),
    ("int", re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")),
    ("float", re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")),
)


class TemplateError(Exception):
    """A text that is not a template that can be read: one reason and one place, both for people."""

    def __init__(self, reason: str, line: int = 1, column: int = 1) -> None:
        super().__init__(reason)
        self.reason, self.line, self.column = reason, line, column


class RepeatedKey(TemplateError):
    """A mapping that has a key twice; the text can be read for all that."""


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, both counted from 1. Only line feeds and carriage returns end a line."""
    lines = re.split(r"\r\n|\r|\n", text[:offset])
    return len(lines), len(lines[-1]) + 1


def read(text: str, *, is_json: bool, repeats: bool = False) -> tuple[Node, tuple[tuple[int, int], ...]]:
    """The tree of a text, and the spans that a YAML alias or merge key shows in more than one place.

    ``repeats``: a mapping may hold a key twice, which is refused otherwise. Raises TemplateError.
    """
    tree = _Tree(text, repeats=repeats)
    (_scan_json if is_json else _parse_yaml)(text, tree)
    if tree.root is None:
        raise TemplateError("the file holds nothing but comments")
    return tree.root, tuple(sorted(tree.aliased))


def _scan_json(text: str, tree: _Tree) -> None:
    def constant(name: str) -> None:
        raise tree.error(f"not valid JSON: {name} is no number", text.index(name))

    try:
        json.loads(text, parse_int=str, parse_float=str, parse_constant=constant)
    except json.JSONDecodeError as error:
        raise tree.error(f"not valid JSON: {wording.of_json(error, text)}", error.pos) from None
    except RecursionError:
        raise TemplateError(f"nested deeper than {MAX_DEPTH} levels") from None
    for match in _JSON_TOKEN.finditer(text):
        token, (start, end) = match.group(), match.span()
        if token in "{[":
            tree.begin(start, is_mapping=token == "{", flow=True)
        elif token in "}]":
            tree.end(end)
        elif token[0] == '"':
            tree.add(Scalar(start, end, json.loads(token), '"'))
        else:
            tree.add(Scalar(start, end, token, kind=_kind(token)))


def _parse_yaml(text: str, tree: _Tree) -> None:
    found = _UNPRINTABLE.search(text)
    if found:
        raise tree.error(f"not valid YAML: the character U+{ord(found.group()):04X} is not allowed", found.start())
    # One event at a time, so that too deep a nesting ends it: the parser's time grows with the square of the depth.
    try:
        _take_all(YAML(typ="safe", pure=False), text, tree)
    except MarkedYAMLError as error:
        if error.problem != "found unexpected ':'":
            raise _yaml_error(error, text, tree) from None
        _parse_yaml_slowly(text, tree)
    except (YAMLError, ValueError) as error:
        raise TemplateError(f"not valid YAML: {str(error).splitlines()[0]}") from None


def _parse_yaml_slowly(text: str, tree: _Tree) -> None:
    """Reads what the C parser refuses although it is valid: an unquoted AWS::Region in a flow sequence."""
    tree.clear()
    try:
        _take_all(YAML(typ="safe", pure=True), text, tree)
    except MarkedYAMLError as error:
        raise _yaml_error(error, text, tree) from None


def _take_all(yaml: YAML, text: str, tree: _Tree) -> None:
    for event in yaml.parse(text):
        _take(event, type(event).__name__, text, tree)


def _yaml_error(error: MarkedYAMLError, text: str, tree: _Tree) -> TemplateError:
    reason, offset = wording.of_yaml(error, text)
    return tree.error(f"not valid YAML: {reason}", offset)


def _take(event: Any, kind: str, text: str, tree: _Tree) -> None:
    start, end = event.start_mark.index, event.end_mark.index
    if kind in ("SequenceStartEvent", "MappingStartEvent"):
        flow = bool(event.flow_style)
        tree.begin(start, is_mapping=kind[0] == "M", flow=flow, tag=_short(event), anchor=event.anchor)
    elif kind in ("SequenceEndEvent", "MappingEndEvent"):
        tree.end(end)
    elif kind == "ScalarEvent":
        style = event.style or ""
        if style in ("|", ">"):
            end = start + len(text[start:end].rstrip())
        known = "str" if style or event.tag else _kind(event.value)
        tree.add(Scalar(start, end, event.value, style, _short(event), known), anchor=event.anchor)
    elif kind == "AliasEvent":
        tree.alias(event.anchor, start)
    elif kind == "DocumentStartEvent" and tree.root is not None:
        raise tree.error("several YAML documents in one file; a template is one document", start)


def _kind(text: str) -> str:
    return next((name for name, form in _KINDS if form.fullmatch(text)), "str")


def _short(event: Any) -> str | None:
    """The tag of a short-form intrinsic; YAML's own tags (``!!str``) are none."""
    tag = str(event.tag or "")
    return tag if tag.startswith("!") and tag != "!" else None


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come yet."""

    start: int
    is_mapping: bool
    flow: bool
    tag: str | None
    anchor: str | None
    parts: list[Node] = field(default_factory=list)
    size: int = 1


class _Tree:
    """A tree in the making: parts are added in the order of the text."""

    def __init__(self, text: str, *, repeats: bool = False) -> None:
        self.text, self.repeats = text, repeats
        self.clear()

    def clear(self) -> None:
        self.root: Node | None = None
        self.aliased: set[tuple[int, int]] = set()
        self._anchors: dict[str, tuple[Node, int] | None] = {}
        self._open: list[_Open] = []

    def error(self, reason: str, offset: int) -> TemplateError:
        return TemplateError(reason, *position(self.text, offset))

    def begin(self, start: int, *, is_mapping: bool, flow: bool, tag: str | None = None, anchor: str | None = None) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise self.error(f"nested deeper than {MAX_DEPTH} levels", start)
        if anchor:
            self._anchors[anchor] = None
        self._open.append(_Open(start, is_mapping, flow, tag, anchor))

    def end(self, end: int) -> None:
        done = self._open.pop()
        if not done.flow:
            end = max([done.start, *(part.end for part in done.parts if part.start >= done.start)])
        node: Node
        if done.is_mapping:
            node = Mapping(done.start, end, self._entries(done.parts), done.flow, done.tag)
        else:
            node = Sequence(done.start, end, tuple(done.parts), done.flow, done.tag)
        self.add(node, done.size, done.anchor)

    def add(self, node: Node, size: int = 1, anchor: str | None = None) -> None:
        if anchor:
            self._anchors[anchor] = node, size
        if not self._open:
            self.root = node
            return
        outer = self._open[-1]
        outer.parts.append(node)
        outer.size += size
        if outer.size > MAX_NODES:
            raise self.error(f"YAML aliases expand to more than {MAX_NODES:,} nodes", node.start)

    def alias(self, name: str, start: int) -> None:
        if name not in self._anchors:
            raise self.error(f"the alias *{name} has no anchor &{name} above it", start)
        known = self._anchors[name]
        if known is None:
            raise self.error("a YAML alias that contains itself", start)
        node, size = known
        self.aliased.add((node.start, node.end))
        self.add(node, size)

    def _entries(self, parts: list[Node]) -> tuple[Entry, ...]:
        entries: list[Entry] = []
        seen: dict[str, int] = {}
        merged: list[Entry] = []
        for key, value in zip(parts[::2], parts[1::2], strict=True):
            if not isinstance(key, Scalar):
                raise self.error("a key must be a plain text", key.start)
            if key.value == "<<" and not key.style and not key.tag:
                merged += self._merge(key, value)
                continue
            if key.value in seen and not self.repeats:
                first, _ = position(self.text, seen[key.value])
                reason = f"duplicate key {key.value!r} (first on line {first})"
                raise RepeatedKey(reason, *position(self.text, key.start))
            seen.setdefault(key.value, key.start)
            entries.append(Entry(key, value))
        for entry in merged:
            if entry.key.value not in seen:
                seen[entry.key.value] = entry.start
                entries.append(entry)
        return tuple(entries)

    def _merge(self, key: Scalar, value: Node) -> Iterator[Entry]:
        for part in value.items if isinstance(value, Sequence) else (value,):
            if not isinstance(part, Mapping):
                raise self.error("a merge key (<<) needs a mapping", key.start)
            self.aliased.add((part.start, part.end))
            yield from (replace(entry, merged=True) for entry in part.entries)
