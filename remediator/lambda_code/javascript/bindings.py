"""What patterns on the left of an assignment do, and the names of properties."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from remediator.lambda_code.javascript.expressions import looked_up
from remediator.lambda_code.javascript.state import ANY_KEY
from remediator.lambda_code.javascript.things import (
    ANYTHING,
    ENVIRONMENT,
    NOTHING,
    Things,
    constants,
    unescaped,
    with_default,
)
from remediator.lambda_code.javascript.tree import Syntax

if TYPE_CHECKING:
    from remediator.lambda_code.javascript.flow import Flow


def name_cell(node: Syntax) -> Hashable:
    """What a name is known by; a global is of no scope."""
    return (node.scope.of(node.text), node.text)


def key_of(flow: Flow, node: Syntax) -> str:
    """The name of a property, as written in an object or a class."""
    if node.type == "string":
        return "".join(unescaped(each.text) if each.type == "escape_sequence" else each.text for each in node.children)
    if node.type == "computed_property_name":
        found = constants(flow.visit(node.children[0]))
        return found[0] if found and len(found) == 1 else ANY_KEY
    return node.text


def bind(flow: Flow, pattern: Syntax, things: Things) -> None:
    """Assigns to a pattern."""
    if pattern.type in ("identifier", "shorthand_property_identifier_pattern"):
        flow.state.join(name_cell(pattern), things)
    elif pattern.type in ("assignment_pattern", "object_assignment_pattern"):
        bind(flow, pattern.fields["left"], with_default(things, flow.field(pattern, "right")))
    elif pattern.type == "object_pattern":
        _bind_properties(flow, pattern, things)
    elif pattern.type == "array_pattern":
        for each in pattern.children:
            bind(flow, each, flow.state.element(things))
    elif pattern.type == "rest_pattern":
        flow.state.any_variable |= ENVIRONMENT in things
        bind(flow, pattern.children[0], things)
    elif pattern.type == "member_expression":
        flow.state.assign(flow.field(pattern, "object"), pattern.fields["property"].text, things)
    elif pattern.type == "subscript_expression":
        base, names = flow.field(pattern, "object"), constants(flow.field(pattern, "index"))
        for name in names or [ANY_KEY]:
            flow.state.assign(base, name, things)
    elif pattern.type in ("parenthesized_expression", "variable_declaration", "lexical_declaration"):
        bind(flow, pattern.children[0], things)


def _bind_properties(flow: Flow, pattern: Syntax, things: Things) -> None:
    for each in pattern.children:
        if each.type == "shorthand_property_identifier_pattern":
            bind(flow, each, flow.state.member(things, each.text, each))
        elif each.type == "object_assignment_pattern":
            left = each.fields["left"]
            _bind_with_default(flow, left, left.text, each, things)
        elif each.type == "pair_pattern":
            key, value = each.fields["key"], each.fields["value"]
            name = key_of(flow, key)
            if name == ANY_KEY:
                flow.state.any_variable |= ENVIRONMENT in things
                bind(flow, value, looked_up(flow, each, things, ANYTHING))
            elif value.type == "assignment_pattern":
                _bind_with_default(flow, value.fields["left"], name, value, things, key)
            else:
                bind(flow, value, flow.state.member(things, name, each))
        else:
            bind(flow, each, things)


def _bind_with_default(
    flow: Flow, target: Syntax, name: str, pattern: Syntax, things: Things, key: Syntax | None = None
) -> None:
    """``{ NAME = "default" }`` and ``{ NAME: other = "default" }``."""
    node = key or target
    right = flow.field(pattern, "right")
    found = flow.state.member(things, name, node)
    default = constants(right) if ENVIRONMENT in things else None
    if default and len(default) == 1:
        flow.state.reads[node, name] = default[0]
    bind(flow, target, with_default(found, right) if found or right != NOTHING else NOTHING)
