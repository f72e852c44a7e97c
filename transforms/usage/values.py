"""What values in the code of a function come to, as texts of ``Fn::Sub``: through its variables to values of the template.

What only the run tells is ``*`` in such a text, so that it covers whatever the code may mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product

from remediator.api import (
    Filled,
    Filling,
    InlineCode,
    Node,
    Piece,
    Resource,
    Sequence,
    Template,
    Text,
    Value,
    Variable,
    intrinsic,
    is_no_value,
    origins,
    table,
    walk,
)
from remediator.transforms.cycles.names import as_sub_text
from remediator.transforms.wiring.links import inside
from remediator.transforms.wiring.sam import for_all

ANY = "*"
_MANY = 16
"""Texts of one value from which on it counts as unknown."""


def texts_of(template: Template, function: Resource, code: InlineCode, values: Iterable[Value]) -> list[str]:
    """All texts that a value may come to, without those that are empty."""
    found: dict[str, None] = {}
    for value in sorted(values, key=repr):
        parts = [_of_piece(template, function, code, piece) or [ANY] for piece in value]
        number = 1
        for part in parts:
            number *= len(part)
        found.update({"".join(each): None for each in product(*parts)} if number <= _MANY else {ANY: None})
    return [text for text in found if text]


def _of_piece(template: Template, function: Resource, code: InlineCode, piece: Piece) -> list[str]:
    if isinstance(piece, Text):
        return [piece.text.replace("${", "${!")]
    if isinstance(piece, Filled):
        return _of_filling(template, code.filled[piece.index])
    return _of_variable(template, function, piece) if isinstance(piece, Variable) else []


def _of_filling(template: Template, filling: Filling) -> list[str]:
    return list(of_node(template, filling.node)) if filling.node else [f"${{{filling.name}}}"]


def _of_variable(template: Template, function: Resource, variable: Variable) -> list[str]:
    """What an environment variable holds; nothing where that can't be known."""
    given = table("sdk_parameters")["variables"].get(variable.name)
    if given:
        return [str(given).replace("{function}", f"${{{function.logical_id}}}")]
    default = [variable.default] if variable.default else []
    environments = [function.property("Environment"), for_all(template, function, "Environment")]
    for environment in environments:
        nodes = list(inside(environment, "Variables", variable.name))
        if environment is not None and nodes:
            texts = [list(of_node(template, node)) for node in nodes]
            found = [text for each in texts for text in each] if all(texts) else []
            return [*found, *default] if found and _may_be_absent(environment) else found
    return [] if any(_is_made(each) for each in environments) else default


def _may_be_absent(node: Node) -> bool:
    return any(is_no_value(inner) for _, inner in walk(node))


def _is_made(environment: Node | None) -> bool:
    """Whether the variables come from an expression other than ``Fn::If``."""
    return any(intrinsic(each) is not None for each in (*inside(environment), *inside(environment, "Variables")))


def of_node(template: Template, node: Node) -> Iterator[str]:
    """A value of the template as texts of ``Fn::Sub``: one, or one for each branch; none where it can't be written so."""
    call = intrinsic(node)
    if call and call.name == "Fn::If" and isinstance(call.argument, Sequence):
        for branch in call.argument.items[1:]:
            if not is_no_value(branch):
                found = list(of_node(template, branch))
                yield from found or [ANY]
    elif call and call.name == "Fn::FindInMap":
        yield from dict.fromkeys(each.node.value for each in origins(template, node, ()))
    else:
        text = as_sub_text(node)
        if text is not None:
            yield text
