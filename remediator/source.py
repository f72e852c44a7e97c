"""Bytes to text to tree, and back. The only module that knows ruamel.yaml.

The text is the truth: it is decoded once, edited as text, and encoded once. Nothing is ever dumped.
"""

from __future__ import annotations

import bisect
import json
import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from remediator.nodes import Entry, Mapping, Node, Scalar, Sequence

MAX_BYTES = 1_048_576
"""CloudFormation's limit for a template in S3, 1 MB.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html (2026-11)"""

MAX_DEPTH = 150
"""Deeper nesting is refused: the C composer recurses, and no real template comes near it."""

MAX_NODES = 500_000
"""Nodes a template may have once its aliases are expanded (real ones at the size limit have about 60,000)."""

_BOM = "\ufeff"
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
_RUN_OF_MARKS = re.compile(r"^[ \t]*(?:[-?][ \t]+){100}", re.MULTILINE)


class TemplateError(Exception):
    """A text that is not a template that can be read: one reason and one place, both for people."""

    def __init__(self, reason: str, line: int = 1, column: int = 1) -> None:
        super().__init__(reason)
        self.reason, self.line, self.column = reason, line, column


@dataclass(frozen=True)
class Source:
    """The text of a template and its tree.

    ``aliased`` holds the spans that a YAML alias or merge key shows in more than one place: an edit there would
    change meaning elsewhere too.
    """

    text: str
    root: Node
    bom: bool = False
    is_json: bool = False
    aliased: tuple[tuple[int, int], ...] = ()

    @classmethod
    def from_bytes(cls, data: bytes) -> Source:
        if len(data) > MAX_BYTES:
            raise TemplateError(f"the file has {len(data):,} bytes; CloudFormation takes templates up to {MAX_BYTES:,}")
        if b"\0" in data:
            raise TemplateError("the file is binary (it has a NUL byte), not a text", *_byte_position(data, data.index(b"\0")))
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise TemplateError("the file is not UTF-8", *_byte_position(data, error.start)) from None
        return cls.from_text(text)

    @classmethod
    def from_text(cls, text: str) -> Source:
        """Reads a template. Raises TemplateError with line and column where that is not possible."""
        bom = text.startswith(_BOM)
        text = text.removeprefix(_BOM)
        if not text.strip():
            raise TemplateError("the file is empty")
        is_json = text.lstrip().startswith("{")
        reader = _Reader(text, is_json)
        root = reader.read()
        return cls(text, root, bom, is_json, tuple(sorted(reader.aliased)))

    def to_bytes(self) -> bytes:
        return ((_BOM if self.bom else "") + self.text).encode("utf-8")

    def with_text(self, text: str) -> Source:
        return Source.from_text((_BOM if self.bom else "") + text)

    @cached_property
    def newline(self) -> str:
        return "\r\n" if "\r\n" in self.text else "\n"

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", self.text))]

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both counted from 1."""
        line = bisect.bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    def line_start(self, offset: int) -> int:
        return self._line_starts[bisect.bisect_right(self._line_starts, offset) - 1]

    def line_end(self, offset: int) -> int:
        """The end of the line that holds an offset, before its line break."""
        match = re.compile(r"[^\r\n]*").match(self.text, offset)
        return match.end() if match else offset

    def column(self, offset: int) -> int:
        """Characters between the start of the line and an offset."""
        return offset - self.line_start(offset)


def _byte_position(data: bytes, index: int) -> tuple[int, int]:
    head = data[:index].decode("utf-8", "replace")
    return head.count("\n") + 1, len(head) - (head.rfind("\n") + 1) + 1


class _Reader:
    """Turns one text into nodes; holds what must be remembered on the way."""

    def __init__(self, text: str, is_json: bool) -> None:
        self.text, self.is_json = text, is_json
        self.aliased: set[tuple[int, int]] = set()
        self._done: dict[int, Node] = {}
        self._sizes: dict[int, int] = {}
        self._open: set[int] = set()

    def read(self) -> Node:
        self._refuse_deep_nesting()
        if self.is_json:
            self._refuse_bad_json()
        composed = self._compose()
        if composed is None:
            raise TemplateError("the file holds nothing but comments")
        return self._convert(composed, 0)

    def _error(self, reason: str, mark: Any = None) -> TemplateError:
        return TemplateError(reason, mark.line + 1, mark.column + 1) if mark else TemplateError(reason)

    def _refuse_deep_nesting(self) -> None:
        """Estimates the depth before the recursive composer sees the text. It may count brackets inside strings."""
        depth = deepest = 0
        for match in re.finditer(r"[\[{]+|[\]}]+", self.text):
            run = match.end() - match.start()
            depth = depth + run if match.group()[0] in "[{" else max(0, depth - run)
            deepest = max(deepest, depth)
        if deepest > 4 * MAX_DEPTH or _RUN_OF_MARKS.search(self.text):
            raise TemplateError(f"nested deeper than {MAX_DEPTH} levels")

    def _refuse_bad_json(self) -> None:
        try:
            json.loads(self.text)
        except json.JSONDecodeError as error:
            reason = error.msg[0].lower() + error.msg[1:]
            raise TemplateError(f"not valid JSON: {reason}", error.lineno, error.colno) from None
        except RecursionError:
            raise TemplateError(f"nested deeper than {MAX_DEPTH} levels") from None

    def _compose(self) -> Any:
        text = self.text
        if self.is_json:
            # Same lengths, so offsets hold: YAML knows neither tabs between tokens nor surrogate escapes.
            text = _SURROGATE.sub(r"\\u0020", text.replace("\t", " "))
        try:
            return YAML(typ="safe", pure=False).compose(text)
        except (YAMLError, ValueError):
            pass  # the C composer refuses some valid texts, such as an unquoted AWS::Region in a flow sequence
        try:
            return YAML(typ="safe", pure=True).compose(text)
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            raise self._error(_yaml_reason(error, text, mark), mark) from None
        except (YAMLError, ValueError, RecursionError) as error:
            raise TemplateError(f"not valid YAML: {str(error).splitlines()[0]}") from None

    def _convert(self, composed: Any, depth: int) -> Node:
        key = id(composed)
        if key in self._open:
            raise self._error("a YAML alias that contains itself", composed.start_mark)
        if key in self._done:
            node = self._done[key]
            self.aliased.add((node.start, node.end))
        else:
            if depth > MAX_DEPTH:
                raise self._error(f"nested deeper than {MAX_DEPTH} levels", composed.start_mark)
            self._open.add(key)
            node = self._done[key] = self._build(composed, depth)
            self._open.discard(key)
        return node

    def _build(self, composed: Any, depth: int) -> Node:
        start, end, tag = composed.start_mark.index, composed.end_mark.index, str(composed.tag)
        short = tag if tag.startswith("!") else None
        kind = composed.id
        self._sizes[id(composed)] = 1
        if kind == "scalar":
            return self._scalar(composed, start, end, tag, short)
        flow = bool(composed.flow_style)
        if kind == "sequence":
            items = tuple(self._child(composed, item, depth) for item in composed.value)
            return Sequence(start, end if flow or not items else items[-1].end, items, flow, short)
        entries = self._entries(composed, depth)
        own = [entry for entry in entries if not entry.merged]
        last = max((entry.end for entry in own), default=end)
        return Mapping(start, end if flow or not own else last, entries, flow, short)

    def _child(self, parent: Any, composed: Any, depth: int) -> Node:
        node = self._convert(composed, depth + 1)
        self._sizes[id(parent)] += self._sizes[id(composed)]
        if self._sizes[id(parent)] > MAX_NODES:
            raise self._error(f"YAML aliases expand to more than {MAX_NODES:,} nodes", composed.start_mark)
        return node

    def _entries(self, composed: Any, depth: int) -> tuple[Entry, ...]:
        seen: dict[str, Entry] = {}
        merged: list[Entry] = []
        for key_node, value_node in composed.value:
            key = self._convert(key_node, depth + 1)
            if not isinstance(key, Scalar):
                raise self._error("a key must be a plain text", key_node.start_mark)
            value = self._child(composed, value_node, depth)
            if str(key_node.tag).endswith(":merge"):
                merged += self._merge(value, value_node)
                continue
            if key.value in seen:
                first = self.text.count("\n", 0, seen[key.value].start) + 1
                raise self._error(f"duplicate key {key.value!r} (first on line {first})", key_node.start_mark)
            seen[key.value] = Entry(key, value)
        for entry in merged:
            seen.setdefault(entry.key.value, entry)
        return tuple(seen.values())

    def _merge(self, value: Node, composed: Any) -> list[Entry]:
        parts = value.items if isinstance(value, Sequence) else (value,)
        entries: list[Entry] = []
        for part in parts:
            if not isinstance(part, Mapping):
                raise self._error("a merge key (<<) needs a mapping", composed.start_mark)
            self.aliased.add((part.start, part.end))
            entries += [replace(entry, merged=True) for entry in part.entries]
        return entries

    def _scalar(self, composed: Any, start: int, end: int, tag: str, short: str | None) -> Scalar:
        style = composed.style or ""
        value = composed.value
        if style in ("|", ">"):
            end = start + len(self.text[start:end].rstrip())
        elif self.is_json and style == '"':
            value = json.loads(self.text[start:end], strict=False)
        kind = "str" if style or short else tag.rsplit(":", 1)[-1]
        if kind not in ("int", "float", "bool", "null"):
            kind = "str"  # timestamps and YAML 1.1 oddities: CloudFormation takes their text
        return Scalar(start, end, value, style, short, kind)


def _yaml_reason(error: MarkedYAMLError, text: str, mark: Any) -> str:
    problem = (error.problem or error.context or "it can't be read").strip()
    if mark is not None and text[mark.index : mark.index + 1] == "\t":
        return "not valid YAML: a tab; YAML is indented with spaces"
    if problem == "but found another document":
        return "several YAML documents in one file; a template is one document"
    return f"not valid YAML: {problem}"
