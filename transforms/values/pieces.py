"""What a name is put together from: texts, parameters, pseudo parameters."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from remediator.api import (
    VARIABLE,
    CannotEdit,
    EditBuilder,
    Intrinsic,
    Mapping,
    Node,
    Path,
    Scalar,
    Sequence,
    Template,
    intrinsic,
    is_no_value,
    origins,
    sub_template,
    text_of,
)

_QUOTES = ("'", '"')


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of a name: a known text at an offset of a scalar's value, or what a ``Ref`` to ``name`` gives."""

    text: str | None = None
    node: Scalar | None = None
    offset: int = 0
    path: Path = ()
    name: str = ""

    def write(self, builder: EditBuilder, text: str) -> None:
        """Writes another text where this one stands."""
        if self.node is None or self.text is None:
            return
        source = builder.source.text
        start = _begin(source, self.node) + len(_written(self.node, self.node.value[: self.offset]))
        if not source.startswith(self.text, start) or "\n" in self.node.value:
            raise CannotEdit("the name is written with escapes")
        builder.replace_text(start, start + len(self.text), text, self.path)


def _begin(source: str, node: Scalar) -> int:
    """Where the text of a scalar begins, behind its tag and quote."""
    return source.index(node.style, node.start) + 1 if node.style in _QUOTES else source.find(node.value, node.start, node.end)


def _written(node: Scalar, text: str) -> str:
    """How a part of a scalar's text is written in its quotes."""
    if node.style == '"':
        return json.dumps(text, ensure_ascii=False)[1:-1]
    return text.replace("'", "''") if node.style == "'" else text


def pieces(template: Template, node: Node, path: Path) -> Iterator[Piece]:
    """The pieces of a name, of both branches of an ``Fn::If``. A piece with neither text nor name is not known."""
    call = intrinsic(node)
    if call is None:
        known = isinstance(node, Scalar) and "{{resolve:" not in node.value
        yield Piece(node.value, node, path=path) if known and isinstance(node, Scalar) else Piece()
    elif call.name == "Ref":
        yield Piece(name=text_of(call.argument) or "")
    elif call.name == "Fn::Sub":
        yield from _of_sub(template, call, path)
    elif call.name == "Fn::Join":
        yield from _of_join(template, call, (*path, "Fn::Join"))
    elif call.name == "Fn::If" and isinstance(call.argument, Sequence):
        for index, branch in enumerate(call.argument.items[1:], 1):
            if not is_no_value(branch):
                yield from pieces(template, branch, (*path, "Fn::If", index))
    elif call.name == "Fn::FindInMap":
        found = list(origins(template, node, path))
        yield from (Piece(each.node.value, each.node, path=each.path) for each in found)
        yield from () if found else (Piece(),)
    else:
        yield Piece()


def _of_join(template: Template, call: Intrinsic, path: Path) -> Iterator[Piece]:
    """The delimiter counts once: what it is matters, not how often."""
    argument = call.argument
    if not isinstance(argument, Sequence) or len(argument.items) != 2 or not isinstance(argument.items[1], Sequence):
        yield Piece()
        return
    yield from pieces(template, argument.items[0], (*path, 0))
    for index, item in enumerate(argument.items[1].items):
        yield from pieces(template, item, (*path, 1, index))


def _of_sub(template: Template, call: Intrinsic, path: Path) -> Iterator[Piece]:
    found = sub_template(call)
    if found is None:
        yield Piece()
        return
    text, _ = found
    listed = isinstance(call.argument, Sequence)
    own = call.argument.items[1] if isinstance(call.argument, Sequence) and len(call.argument.items) > 1 else None
    inner: Path = (*path, "Fn::Sub", 0) if listed else (*path, "Fn::Sub")
    end = 0
    for match in VARIABLE.finditer(text.value):
        if match.start() > end:
            yield Piece(text.value[end : match.start()], text, end, inner)
        end = match.end()
        name = match.group(1).strip()
        value = own.get(name) if isinstance(own, Mapping) else None
        if value is not None:
            yield from pieces(template, value, (*path, "Fn::Sub", 1, name))
        else:
            yield Piece(name=name)
    if end < len(text.value):
        yield Piece(text.value[end:], text, end, inner)
