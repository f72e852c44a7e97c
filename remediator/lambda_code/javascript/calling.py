"""What a call in JavaScript code does, once it is known what is called and with which arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from remediator.lambda_code.javascript import requests
from remediator.lambda_code.javascript.sdk import words
from remediator.lambda_code.javascript.state import Argument
from remediator.lambda_code.javascript.things import ANYTHING, ENVIRONMENT, NOTHING, Function, Method, Offer, Things
from remediator.lambda_code.javascript.tree import Syntax

if TYPE_CHECKING:
    from remediator.lambda_code.javascript.flow import Flow


def arguments_of(flow: Flow, node: Syntax) -> list[Argument]:
    listed = node.fields.get("arguments")
    if listed is None:
        return []
    if listed.type == "template_string":
        inner = [each for each in listed.children if each.type == "template_substitution"]
        return [Argument(flow.visit(listed), listed), *(Argument(flow.inner(each), each) for each in inner)]
    found = []
    for each in listed.children:
        spread = each.type == "spread_element"
        things = flow.inner(each) if spread else flow.visit(each)
        found.append(Argument(flow.state.element(things) if spread else things, each, spread))
    return found


def apply(flow: Flow, node: Syntax, things: Things, arguments: list[Argument], callee: Syntax | None = None) -> Things:
    """``things(...)``."""
    known = [each for each in things if isinstance(each, Function | Offer | Method)]
    found, open_ended = NOTHING, not known and (bool(things) or flow.state.settled)
    for each in known:
        if isinstance(each, Function):
            found |= invoke(flow, each, arguments)
        elif isinstance(each, Offer):
            found |= requests.called(flow.state, each, node, arguments)
            handed_on(flow, each, node, arguments)
        elif isinstance(each, Method):
            found |= requests.on_client(flow.state, each.client, each.name, node, arguments)
    if open_ended:
        call_unknown(flow, node, callee, arguments)
        found |= ANYTHING
    return found


def handed_on(flow: Flow, offer: Offer, node: Syntax, arguments: list[Argument]) -> None:
    """What goes to modules without requests of their own; they may call functions, as ``axios`` does."""
    if offer.kind in ("module", "harmless", "credentials"):
        for each in arguments:
            flow.state.let_go(each.things)
        if offer.kind == "module":
            requests.handed(flow.state, node, offer.name, arguments)


def call_unknown(flow: Flow, node: Syntax, callee: Syntax | None, arguments: list[Argument]) -> None:
    """A call of something of which nothing is known."""
    root = callee
    while root is not None and root.type in ("call_expression", "member_expression", "new_expression"):
        root = root.fields.get("object") or root.fields.get("function") or root.fields.get("constructor")
    if (
        root is not None
        and root.type == "identifier"
        and root.text in words("globals", "quiet")
        and root.scope.of(root.text) is None
    ):
        for each in arguments:
            flow.state.let_go(each.things)
            flow.state.any_variable |= ENVIRONMENT in each.things
        return
    said = flow.state.text(callee)[:40] if callee is not None else "something"
    requests.handed(flow.state, node, f"{said}()", arguments)


def invoke(flow: Flow, function: Function, arguments: list[Argument]) -> Things:
    """A call of a function of the code."""
    state, target = flow.state, function.node
    if target not in state.called:
        state.called.add(target)
        state.changed = True
    for index, each in enumerate(arguments):
        spread = any(one.spread for one in arguments[: index + 1])
        state.join(("parameters", target) if spread else ("parameter", target, index), each.things)
    return state.read(("return", target))
