"""What assignments, loops, imports and exports in JavaScript code do to names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from remediator.lambda_code.javascript import requests
from remediator.lambda_code.javascript.bindings import bind, name_cell
from remediator.lambda_code.javascript.expressions import identifier
from remediator.lambda_code.javascript.things import ANYTHING, ENVIRONMENT, NOTHING, Offer, Things, joined
from remediator.lambda_code.javascript.tree import Syntax
from remediator.lambda_code.values import Filled

if TYPE_CHECKING:
    from remediator.lambda_code.javascript.flow import Flow


def _declarator(flow: Flow, node: Syntax) -> Things:
    name, value = node.fields["name"], node.fields.get("value")
    if name.type == "identifier" and value is not None and value.type not in ("null", "undefined"):
        flow.state.filled.add(name_cell(name))
    bind(flow, node.fields["name"], flow.field(node, "value"))
    return NOTHING


def _assignment(flow: Flow, node: Syntax) -> Things:
    things = flow.field(node, "right")
    if node.type == "augmented_assignment_expression":
        before = flow.visit(node.fields["left"])
        operator = node.fields["operator"].type
        things = joined([before, things]) if operator == "+=" else before | things
    bind(flow, node.fields["left"], things)
    return things


def _for_in(flow: Flow, node: Syntax) -> Things:
    things = flow.field(node, "right")
    if ENVIRONMENT in things:
        flow.state.any_variable = True
    of = node.fields["operator"].type == "of"
    bind(flow, node.fields["left"], flow.state.element(things) if of else ANYTHING)
    flow.field(node, "body")
    return NOTHING


def _catch(flow: Flow, node: Syntax) -> Things:
    if "parameter" in node.fields:
        bind(flow, node.fields["parameter"], ANYTHING)
    return flow.field(node, "body")


def _statement(flow: Flow, node: Syntax) -> Things:
    for each in node.children:
        things = flow.visit(each)
        if each.type == "identifier":
            filled_in(flow, each, things)
    return NOTHING


def filled_in(flow: Flow, node: Syntax, things: Things) -> None:
    if any(isinstance(piece, Filled) for each in things if isinstance(each, tuple) for piece in each):
        flow.state.gap(node, "CloudFormation fills code in here")


def _import(flow: Flow, node: Syntax) -> Things:
    module = requests.loaded(flow.state, node, flow.visit(node.fields["source"]))
    for clause in (each for each in node.children if each.type == "import_clause"):
        for each in clause.children:
            if each.type == "named_imports":
                _specifiers(flow, each, module)
            else:
                target = each if each.type == "identifier" else each.children[0]
                flow.state.join(name_cell(target), module | _default(flow, node, module))
    return NOTHING


def _default(flow: Flow, node: Syntax, module: Things) -> Things:
    return frozenset(each for each in flow.state.member(module, "default", node) if isinstance(each, Offer))


def _specifiers(flow: Flow, clause: Syntax, module: Things) -> None:
    for each in clause.children:
        name = each.fields.get("name")
        if name is not None:
            things = flow.state.member(module, name.text.strip("'\""), name)
            flow.state.join(name_cell(each.fields.get("alias", name)), things)


def _export(flow: Flow, node: Syntax) -> Things:
    if "source" in node.fields:
        requests.loaded(flow.state, node, flow.visit(node.fields["source"]))
        return NOTHING
    for each in node.children:
        if each.type == "export_clause":
            names = [one.fields["name"] for one in each.children if "name" in one.fields]
            flow.state.let_go(frozenset(one for name in names for one in identifier(flow, name)))
        else:
            flow.state.let_go(flow.visit(each))
    declaration = node.fields.get("declaration")
    for each in declaration.children if declaration is not None else ():
        name = each.fields.get("name")
        if name is not None and name.type == "identifier":
            flow.state.let_go(identifier(flow, name))
    return NOTHING


VISITS = {
    "assignment_expression": _assignment,
    "augmented_assignment_expression": _assignment,
    "catch_clause": _catch,
    "export_statement": _export,
    "expression_statement": _statement,
    "for_in_statement": _for_in,
    "import_statement": _import,
    "variable_declarator": _declarator,
}
"""What is done with each type of node."""
