"""Intrinsic functions: which one a node is, and every reference that it makes.

Facts: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html (2026-11)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from remediator.nodes import Mapping, Node, Path, Scalar, Sequence, children, short_tag_name, text_of

ReferenceKind = Literal["Ref", "GetAtt", "Sub", "DependsOn"]

PSEUDO_PARAMETERS = frozenset(
    f"AWS::{name}"
    for name in ("AccountId", "NotificationARNs", "NoValue", "Partition", "Region", "StackId", "StackName", "URLSuffix")
)

VARIABLE = re.compile(r"\$\{([^{}]*)\}")
"""A variable of ``Fn::Sub``, or with ``!`` first a literal that looks like one."""


@dataclass(frozen=True, slots=True)
class Intrinsic:
    """One call of an intrinsic: its long name, its argument, and the node that holds both."""

    name: str
    argument: Node
    node: Node


@dataclass(frozen=True, slots=True)
class Reference:
    """One mention of another section's entry by name.

    ``start`` and ``end`` span what must be replaced to be rid of it: the whole intrinsic for ``Ref`` and ``GetAtt``,
    the ``${…}`` for ``Sub`` (None where the text is written with escapes), the list item or value for ``DependsOn``.
    """

    kind: ReferenceKind
    target: str
    attribute: str | None
    path: Path
    node: Node
    start: int | None
    end: int | None


def intrinsic(node: Node) -> Intrinsic | None:
    """The intrinsic that a node is, in short form (``!Ref X``) or long form (``{"Ref": "X"}``)."""
    if node.tag:
        return Intrinsic(short_tag_name(node.tag), _untagged(node), node)
    if isinstance(node, Mapping) and len(node.entries) == 1:
        entry = node.entries[0]
        name = entry.key.value
        if name.startswith("Fn::") or name in ("Ref", "Condition"):
            return Intrinsic(name, entry.value, node)
    return None


def _untagged(node: Node) -> Node:
    """A node without its tag; ``dataclasses.replace`` takes three times as long, and this is asked for all the time."""
    if isinstance(node, Scalar):
        return Scalar(node.start, node.end, node.value, node.style, None, node.kind)
    if isinstance(node, Sequence):
        return Sequence(node.start, node.end, node.items, node.flow)
    return Mapping(node.start, node.end, node.entries, node.flow)


def walk(node: Node, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Every node below and including one, outermost first, with paths in long form."""
    waiting = [(path, node)]
    while waiting:  # a stack: generators in generators hand each node up through every level
        path, node = waiting.pop()
        yield path, node
        if isinstance(node, Scalar):
            continue
        if node.tag:
            path = (*path, short_tag_name(node.tag))
        if isinstance(node, Mapping):
            waiting += [((*path, entry.key.value), entry.value) for entry in reversed(node.entries)]
        else:
            waiting += [((*path, index), node.items[index]) for index in range(len(node.items) - 1, -1, -1)]


def references(node: Node, text: str, path: Path = ()) -> Iterator[Reference]:
    """Every ``Ref``, ``Fn::GetAtt`` and ``Fn::Sub`` reference inside a node, in the order of the text.

    Pseudo parameters are no references, nor are the names that a ``Fn::Sub`` defines in its own map.
    """
    call = intrinsic(node)
    if call is None:
        if not isinstance(node, Scalar):
            for step, child in children(node):
                yield from references(child, text, (*path, step))
        return
    inner = (*path, call.name)
    if call.name == "Ref":
        target = text_of(call.argument)
        if target is not None and target not in PSEUDO_PARAMETERS:
            yield Reference("Ref", target, None, inner, node, *_span(node, text))
        return
    if call.name not in ("Fn::GetAtt", "Fn::Sub"):
        yield from references(call.argument, text, inner)
        return
    yield from _attribute(call, text, inner) if call.name == "Fn::GetAtt" else _variables(call, text, inner)
    for step, child in children(call.argument):
        yield from references(child, text, (*inner, step))


def _span(node: Node, text: str) -> tuple[int, int] | tuple[None, None]:
    """The span of an intrinsic; None for one that shares its text with the tag of another, as in ``!Base64 {Ref: X}``."""
    shared = node.tag is None and text.startswith("!", node.start)
    return (None, None) if shared else (node.start, node.end)


def _attribute(call: Intrinsic, text: str, path: Path) -> Iterator[Reference]:
    argument = call.argument
    if isinstance(argument, Sequence) and argument.items:
        target = text_of(argument.items[0])
        parts = [text_of(item) for item in argument.items[1:]]
        attribute = ".".join(part for part in parts if part is not None) if None not in parts else None
    else:
        target, _, attribute = (text_of(argument) or "").partition(".")
    if target:
        yield Reference("GetAtt", target, attribute or None, path, call.node, *_span(call.node, text))


def sub_template(call: Intrinsic) -> tuple[Scalar, frozenset[str]] | None:
    """The text of a ``Fn::Sub`` and the names its own map defines; None where it is not written out."""
    argument, names = call.argument, frozenset[str]()
    if isinstance(argument, Sequence) and argument.items:
        if len(argument.items) > 1 and isinstance(argument.items[1], Mapping):
            names = frozenset(entry.key.value for entry in argument.items[1].entries)
        argument = argument.items[0]
    return (argument, names) if isinstance(argument, Scalar) else None


def _variables(call: Intrinsic, text: str, path: Path) -> Iterator[Reference]:
    found = sub_template(call)
    if found is None:
        return
    template, own = found
    written = list(VARIABLE.finditer(text, template.start, template.end))
    meant = list(VARIABLE.finditer(template.value))
    same = [match.group() for match in written] == [match.group() for match in meant]
    for index, match in enumerate(meant):
        name = match.group(1).strip()
        if name.startswith("!") or name in own or name in PSEUDO_PARAMETERS or not name:
            continue
        target, _, attribute = name.partition(".")
        span = written[index].span() if same else (None, None)
        yield Reference("Sub", target, attribute or None, path, call.node, *span)


def is_no_value(node: Node | None) -> bool:
    """Whether a node is ``!Ref AWS::NoValue``."""
    call = intrinsic(node) if node else None
    return call is not None and call.name == "Ref" and text_of(call.argument) == "AWS::NoValue"
