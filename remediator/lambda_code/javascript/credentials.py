"""Whether a client of AWS's SDK for JavaScript acts with the role of the function, or with credentials from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.lambda_code.javascript.state import State
from remediator.lambda_code.javascript.things import Offer, Record, Things
from remediator.lambda_code.javascript.tree import Syntax
from remediator.lambda_code.values import Variable

SECRETS = ("accessKeyId", "secretAccessKey", "sessionToken")
_PERHAPS = ("augmented_assignment_expression", "binary_expression", "null", "ternary_expression", "undefined")
"""What need not give any credentials."""


def foreign(state: State, node: Syntax, options: Things, known: set[str]) -> bool:
    """Whether the client that is made at a node, with these options under ``known`` names, surely has other credentials."""
    if "credentials" in known:
        given = state.member(options, "credentials", node)
        return _others(state, node, given) and all(_sure(state, each, "credentials") for each in options)
    named = known & set(SECRETS)
    return (
        bool(named)
        and not _from_environment(state, options, node)
        and all(_sure(state, each, name) for each in options for name in named)
    )


def _others(state: State, node: Syntax, given: Things) -> bool:
    kinds = {each.name for each in given if isinstance(each, Offer) and each.kind == "credentials"}
    if kinds:
        return "own" not in kinds
    records = frozenset(each for each in given if isinstance(each, Record))
    if not records and given:
        state.gap(node, "a client gets credentials of which the text does not show whose they are")
        return True
    return bool(records) and not _from_environment(state, records, node)


def _sure(state: State, options: object, name: str) -> bool:
    """Whether an option is written with the others, and is not one that may be left empty."""
    given = list(_written(options.node, name)) if isinstance(options, Record) else []
    return bool(given) and not any(_perhaps(state, each) for each in given)


def _written(node: Syntax, name: str) -> Iterator[Syntax]:
    for each in node.children:
        key = each.fields.get("key")
        if each.type == "shorthand_property_identifier" and each.text == name:
            yield each
        elif each.type == "pair" and key is not None and key.text == name:
            yield each.fields["value"]


def _perhaps(state: State, node: Syntax) -> bool:
    if node.type in ("identifier", "shorthand_property_identifier"):
        return (node.scope.of(node.text), node.text) not in state.filled
    return node.type in _PERHAPS


def _from_environment(state: State, things: Things, node: Syntax) -> bool:
    keys = state.member(things, "accessKeyId", node)
    return any(each == (Variable("AWS_ACCESS_KEY_ID"),) for each in keys)
