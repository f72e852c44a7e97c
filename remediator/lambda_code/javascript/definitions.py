"""The objects, arrays, classes and functions that JavaScript code writes down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from remediator.lambda_code.javascript.bindings import bind, key_of, name_cell
from remediator.lambda_code.javascript.expressions import identifier
from remediator.lambda_code.javascript.state import ANY_KEY, ELEMENT
from remediator.lambda_code.javascript.things import ANYTHING, NOTHING, Class, Function, Instance, Offer, Record, Things
from remediator.lambda_code.javascript.tree import FUNCTIONS, Syntax, parameters

if TYPE_CHECKING:
    from remediator.lambda_code.javascript.flow import Flow


def _object(flow: Flow, node: Syntax) -> Things:
    state, found = flow.state, frozenset((Record(node),))
    state.keys.setdefault(node, set())
    for each in node.children:
        if each.type == "shorthand_property_identifier":
            state.put(node, each.text, identifier(flow, each))
        elif each.type == "spread_element":
            state.copy(flow.inner(each), node)
        elif each.type == "method_definition":
            flow.this.append(found)
            state.put(node, key_of(flow, each.fields["name"]), function(flow, each))
            flow.this.pop()
        elif each.type == "pair":
            flow.this.append(found if each.fields["value"].type in FUNCTIONS - {"arrow_function"} else flow.this[-1])
            name = key_of(flow, each.fields["key"])
            if name == ANY_KEY:
                state.join(("keys", node), flow.visit(each.fields["key"].children[0]))
            state.put(node, name, flow.field(each, "value"))
            flow.this.pop()
    return found


def _array(flow: Flow, node: Syntax) -> Things:
    flow.state.keys.setdefault(node, set())
    for each in node.children:
        things = flow.inner(each) if each.type == "spread_element" else flow.visit(each)
        flow.state.put(node, ELEMENT, flow.state.element(things) if each.type == "spread_element" else things)
    return frozenset((Record(node),))


def _class(flow: Flow, node: Syntax) -> Things:
    state = flow.state
    flow.this.append(frozenset(Instance(each) for each in state.descendants(node)))
    for each in (one for heritage in node.children if heritage.type == "class_heritage" for one in heritage.children):
        _extends(flow, node, flow.visit(each))
    for each in node.fields["body"].children:
        name = each.fields.get("name") or each.fields.get("property")
        if each.type == "method_definition" and name is not None:
            state.put(node, key_of(flow, name), function(flow, each))
        elif each.type == "field_definition" and name is not None:
            state.put(node, key_of(flow, name), flow.field(each, "value"))
        else:
            flow.visit(each)
    flow.this.pop()
    found: Things = frozenset((Class(node),))
    if "name" in node.fields:
        state.join(name_cell(node.fields["name"]), found)
    return found


def _extends(flow: Flow, node: Syntax, parents: Things) -> None:
    for each in parents:
        if isinstance(each, Class):
            known = flow.state.parents.setdefault(node, set())
            flow.state.changed |= each.node not in known
            known.add(each.node)
        elif isinstance(each, Offer) and each.kind in ("class", "document class", "command", "sdk", "upload"):
            flow.state.gap(node, "a class extends one of the SDK, which is not followed")


def function(flow: Flow, node: Syntax) -> Things:
    state, found = flow.state, frozenset((Function(node),))
    if node.type.endswith("declaration") or (node.type != "method_definition" and "name" in node.fields):
        state.join(name_cell(node.fields["name"]), found)
    unknown = state.read(("parameters", node)) | (ANYTHING if state.settled and node not in state.called else NOTHING)
    for index, each in enumerate(parameters(node)):
        if each.type == "rest_pattern":
            given = [state.read(("parameter", node, position)) for position in range(index, index + 12)]
            state.put(each, ELEMENT, frozenset(one for things in given for one in things) | unknown)
            bind(flow, each.children[0], frozenset((Record(each),)))
        else:
            bind(flow, each, state.read(("parameter", node, index)) | unknown)
    _body(flow, node)
    return found


def _body(flow: Flow, node: Syntax) -> None:
    body = node.fields["body"]
    arrow = node.type == "arrow_function"
    own = flow.this[-1] if arrow or node.type == "method_definition" or len(flow.this) > 1 else ANYTHING
    flow.functions.append(node)
    flow.this.append(own)
    testing, flow.testing = flow.testing, False
    things = flow.visit(body)
    if body.type != "statement_block":
        flow.state.join(("return", node), things)
    flow.testing = testing
    flow.this.pop()
    flow.functions.pop()


def _return(flow: Flow, node: Syntax) -> Things:
    things = flow.inner(node)
    if flow.functions:
        flow.state.join(("return", flow.functions[-1]), things)
    return things


VISITS = {
    "array": _array,
    "class": _class,
    "class_declaration": _class,
    "object": _object,
    "return_statement": _return,
    "yield_expression": _return,
} | dict.fromkeys(FUNCTIONS, function)
"""What is done with each type of node."""
