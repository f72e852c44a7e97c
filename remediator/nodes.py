"""The tree of a template: immutable nodes that know their character span.

Spans are half-open ranges ``[start, end)`` of offsets into ``Source.text``. A span covers the node and its tag, never
the comments, blank lines or separators after it. YAML and JSON give the same kinds of nodes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

Path = tuple[str | int, ...]
"""Keys and indexes from the root, with intrinsics in their long form: ``("Resources", "A", …, "Fn::Sub")``."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A leaf. ``value`` is its text with quoting and folding undone; ``style`` is ``""``, ``'``, ``"``, ``|`` or ``>``.

    ``kind`` is what the text resolves to: ``str``, ``int``, ``float``, ``bool`` or ``null``.
    """

    start: int
    end: int
    value: str
    style: str = ""
    tag: str | None = None
    kind: str = "str"


@dataclass(frozen=True, slots=True)
class Sequence:
    start: int
    end: int
    items: tuple[Node, ...]
    flow: bool
    tag: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A key with its value. ``merged`` marks entries that a YAML merge key (``<<``) brought in from elsewhere."""

    key: Scalar
    value: Node
    merged: bool = False

    @property
    def start(self) -> int:
        return self.key.start

    @property
    def end(self) -> int:
        """The end of the value; of the colon where there is none, for parsers differ in where nothing stands."""
        return self.key.end + 1 if self.is_empty else self.value.end

    @property
    def is_empty(self) -> bool:
        return self.value.start == self.value.end


@dataclass(frozen=True)
class Mapping:
    start: int
    end: int
    entries: tuple[Entry, ...]
    flow: bool
    tag: str | None = None

    @cached_property
    def _by_key(self) -> dict[str, Entry]:
        return {entry.key.value: entry for entry in self.entries}

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(self._by_key)

    def entry(self, key: str) -> Entry | None:
        return self._by_key.get(key)

    def get(self, key: str) -> Node | None:
        entry = self._by_key.get(key)
        return entry.value if entry else None


Node = Scalar | Sequence | Mapping


def show(path: Path) -> str:
    """A path as people write it: ``Resources.Bucket.Properties.Tags[0]``."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def text_of(node: Node | None) -> str | None:
    """The text of a plain string node, and None for anything else: a number, a list, an intrinsic, nothing."""
    return node.value if isinstance(node, Scalar) and node.tag is None and node.kind == "str" else None


def parts(node: Node) -> tuple[Entry, ...] | tuple[Node, ...]:
    """The entries of a mapping, the items of a list, and nothing for a scalar."""
    return node.entries if isinstance(node, Mapping) else node.items if isinstance(node, Sequence) else ()


def children(node: Node) -> Iterator[tuple[str | int, Node]]:
    if isinstance(node, Mapping):
        for entry in node.entries:
            yield entry.key.value, entry.value
    elif isinstance(node, Sequence):
        yield from enumerate(node.items)


def short_tag_name(tag: str) -> str:
    """The long name of a short-form intrinsic: ``!Sub`` is ``Fn::Sub``, ``!Ref`` and ``!Condition`` lose their mark."""
    name = tag.removeprefix("!")
    return name if name in ("Ref", "Condition") else f"Fn::{name}"


def meaning(node: Node) -> Any:
    """What a node says, as plain Python values in which YAML short form, long form and JSON come out equal.

    Strings become ``str``, nothing becomes None, and other scalars become ``(kind, text)``, so that ``"1"`` and ``1``
    differ and ``1e3`` keeps its text. Comments, key order, quoting and layout do not count.
    """
    value: Any
    if isinstance(node, Scalar):
        value = node.value
        if node.kind != "str" and not node.tag:
            value = None if node.kind == "null" else (node.kind, value)
    elif isinstance(node, Sequence):
        value = [meaning(item) for item in node.items]
    else:
        value = {entry.key.value: meaning(entry.value) for entry in node.entries}
        if node.tag is None and value.keys() == {"Fn::GetAtt"}:
            value = {"Fn::GetAtt": _split_attribute(value["Fn::GetAtt"])}
    if node.tag:
        name = short_tag_name(node.tag)
        value = {name: _split_attribute(value) if name == "Fn::GetAtt" else value}
    return value


def _split_attribute(value: Any) -> Any:
    return value.split(".", 1) if isinstance(value, str) else value
