"""Calls in JavaScript code: of functions, of methods, and with ``new``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from remediator.lambda_code.javascript import requests
from remediator.lambda_code.javascript.builtins import NEW, PROMISED, on_anything
from remediator.lambda_code.javascript.calling import apply, arguments_of, call_unknown, handed_on, invoke
from remediator.lambda_code.javascript.expressions import looked_up
from remediator.lambda_code.javascript.sdk import operation
from remediator.lambda_code.javascript.state import ELEMENT, Argument
from remediator.lambda_code.javascript.statements import filled_in
from remediator.lambda_code.javascript.things import (
    ANYTHING,
    ENVIRONMENT,
    NOTHING,
    Class,
    Client,
    Function,
    Instance,
    Offer,
    Record,
    Thing,
    Things,
    constants,
)
from remediator.lambda_code.javascript.tree import Syntax
from remediator.lambda_code.values import UNKNOWN, Value

if TYPE_CHECKING:
    from remediator.lambda_code.javascript.flow import Flow

_EVALUATING = ("Function", "eval", "importScripts")


def _call(flow: Flow, node: Syntax) -> Things:
    callee = node.fields["function"]
    while callee.type == "parenthesized_expression" and len(callee.children) == 1:
        callee = callee.children[0]
    if callee.type in ("member_expression", "subscript_expression"):
        return _method_call(flow, node, callee)
    if callee.type == "import":
        return requests.called(flow.state, Offer("import"), node, arguments_of(flow, node))
    if callee.type == "super":
        return _super(flow, node, arguments_of(flow, node))
    if callee.type == "identifier" and callee.text in _EVALUATING and callee.scope.of(callee.text) is None:
        flow.state.gap(node, f"{callee.text}() runs code that the text does not show")
    things = flow.visit(callee)
    filled_in(flow, node, things)
    return apply(flow, node, things, arguments_of(flow, node), callee)


def _super(flow: Flow, node: Syntax, arguments: list[Argument]) -> Things:
    classes = [each.node for each in flow.this[-1] if isinstance(each, Instance)]
    for each in (one for one in classes if one.start <= node.start < one.end):
        for parent in flow.state.parents.get(each, ()):
            _constructor(flow, parent, arguments)
    return NOTHING


def _method_call(flow: Flow, node: Syntax, callee: Syntax) -> Things:
    base = flow.field(callee, "object")
    if callee.fields["object"].type == "super":
        base = flow.this[-1]
    arguments = arguments_of(flow, node)
    if callee.type == "member_expression":
        return _method(flow, node, callee, base, callee.fields["property"].text, arguments)
    names = flow.field(callee, "index")
    known = constants(names)
    if known is None:
        return apply(flow, node, looked_up(flow, callee, base, names), arguments, callee)
    alone = len(known) == 1
    return frozenset(one for name in known for one in _method(flow, node, callee, base, name, arguments, alone))


def _method(
    flow: Flow, node: Syntax, callee: Syntax, base: Things, name: str, arguments: list[Argument], alone: bool = True
) -> Things:
    """``base.name(...)``."""
    found, rest = NOTHING, set[Value | Thing]()
    fitting = any(isinstance(each, Client) and operation(each.service, each.kind, name) for each in base)
    for each in base:
        if name in PROMISED:
            rest.add(each)
        elif isinstance(each, Client):
            found |= requests.on_client(flow.state, each, name, node, arguments, alone=alone and not fitting)
        elif isinstance(each, Offer) and each != ENVIRONMENT and each.kind not in ("module", "environment"):
            found |= requests.on_offer(flow.state, each, name, node, arguments)
        else:
            rest.add(each)
    if len(rest) < len(base):  # what it may be besides a client adds nothing
        rest.discard(UNKNOWN)
    if rest:
        found |= on_anything(flow, node, callee, frozenset(rest), name, arguments)
    return found


def _new(flow: Flow, node: Syntax) -> Things:
    constructor = node.fields["constructor"]
    things, arguments = flow.visit(constructor), arguments_of(flow, node)
    found, unknown = NOTHING, False
    for each in things:
        if isinstance(each, Class):
            _constructor(flow, each.node, arguments)
            found |= frozenset((Instance(each.node),))
        elif isinstance(each, Function):
            invoke(flow, each, arguments)
            found |= frozenset((Instance(each.node),))
        elif isinstance(each, Offer):
            found |= requests.made(flow.state, each, node, arguments)
            handed_on(flow, each, node, arguments)
        else:
            unknown = True
    return found | (_new_unknown(flow, node, constructor, arguments) if unknown else NOTHING)


def _new_unknown(flow: Flow, node: Syntax, constructor: Syntax, arguments: list[Argument]) -> Things:
    free = constructor.type == "identifier" and constructor.scope.of(constructor.text) is None
    if free and constructor.text in _EVALUATING:
        flow.state.gap(node, f"{constructor.text}() runs code that the text does not show")
    if free and constructor.text in NEW:
        flow.state.keys.setdefault(node, set())
        for each in arguments:
            flow.state.put(node, ELEMENT, each.things | flow.state.element(each.things))
        return frozenset((Record(node),))
    call_unknown(flow, node, constructor, arguments)
    return ANYTHING


def _constructor(flow: Flow, node: Syntax, arguments: list[Argument]) -> None:
    for each in flow.state.lineage(node):
        if "constructor" in flow.state.keys.get(each, ()):
            for one in flow.state.read((each, "constructor")):
                if isinstance(one, Function):
                    invoke(flow, one, arguments)
            return


VISITS = {
    "call_expression": _call,
    "new_expression": _new,
}
"""What is done with each type of node."""
