"""Methods of arrays, maps, promises and functions, as far as they hand on what reaches AWS."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from remediator.lambda_code.javascript import requests
from remediator.lambda_code.javascript.calling import apply, call_unknown, invoke
from remediator.lambda_code.javascript.expressions import named_variables
from remediator.lambda_code.javascript.sdk import operation
from remediator.lambda_code.javascript.state import ELEMENT, Argument
from remediator.lambda_code.javascript.things import (
    ANYTHING,
    ENVIRONMENT,
    NOTHING,
    Class,
    Client,
    Function,
    Instance,
    Method,
    Offer,
    Record,
    Things,
)
from remediator.lambda_code.javascript.tree import Syntax
from remediator.lambda_code.values import UNKNOWN

if TYPE_CHECKING:
    from remediator.lambda_code.javascript.flow import Flow

NEW = frozenset(("Array", "Map", "Set", "WeakMap", "WeakSet"))
_EACH = frozenset(["every", "filter", "find", "findIndex", "findLast", "flatMap", "forEach", "map", "some", "sort"])
_TEXT = ("toString", "trim", "valueOf")
"""Methods that leave a text as it is, or all but."""
PROMISED = ("then", "catch", "finally")
_SAME = frozenset(["concat", "fill", "filter", "flat", "promise", "reverse", "slice", "sort", "splice", *_TEXT, "values"])
_ONE = frozenset(["at", "find", "findLast", "get", "pop", "shift"])
_ASKING = frozenset(["delete", "has", "includes", "indexOf"])
_ADDING = frozenset(["add", "push", "set", "unshift"])
_STATIC = {
    "Array": frozenset(("from", "of")),
    "Object": frozenset(("assign", "entries", "freeze", "fromEntries", "keys", "seal", "values")),
    "Promise": frozenset(("all", "allSettled", "any", "race", "resolve")),
}
_TELLING = re.compile(r"[a-z]+[A-Z]\w*")


def on_anything(flow: Flow, node: Syntax, callee: Syntax, base: Things, name: str, arguments: list[Argument]) -> Things:
    """``base.name(...)`` where the base is no client and nothing of the SDK."""
    if ENVIRONMENT in base and name == "hasOwnProperty" and arguments:
        named_variables(flow, node, arguments[0].things)
    static = _static(flow, node, callee, name, arguments)
    if static is not None:
        return static
    if callee.fields["object"].text == "Reflect":
        call_unknown(flow, node, callee, arguments)
        return ANYTHING
    own = frozenset(each for each in base if isinstance(each, Record | Class | Instance | Function))
    found = flow.state.member(own, name, callee)
    functions = frozenset(each for each in found if not isinstance(each, tuple))
    if functions:
        return apply(flow, node, functions, arguments, callee)
    if name in ("call", "apply", "bind"):
        return _on_function(flow, node, base, name, arguments)
    if name in PROMISED:
        return _on_promise(flow, node, base, name, arguments)
    if any(isinstance(each, Offer) and each != ENVIRONMENT for each in base):  # a module's function may do anything with them
        call_unknown(flow, node, callee, arguments)
        return ANYTHING
    return _on_collection(flow, node, callee, base, name, arguments)


def _static(flow: Flow, node: Syntax, callee: Syntax, name: str, arguments: list[Argument]) -> Things | None:
    """``Object.values(...)`` and its like; None for what is not of their kind."""
    target = callee.fields["object"]
    if target.type != "identifier" or name not in _STATIC.get(target.text, ()) or target.scope.of(target.text):
        return None
    things = frozenset(one for each in arguments for one in each.things)
    if any(isinstance(each, Offer) and each.kind in ("sdk", "package") for each in things):
        flow.state.gap(node, "which part of the SDK it uses is decided at run time")
    if name in ("assign", "fromEntries"):
        first = arguments[0].things if arguments else NOTHING
        others = frozenset(one for other in arguments[1:] for one in other.things)
        for made in (each.node for each in first if isinstance(each, Record | Instance)):
            flow.state.copy(others, made)
        return first
    if ENVIRONMENT in things:
        flow.state.any_variable = True
    if name in ("entries", "values"):
        flow.state.put(node, ELEMENT, flow.state.element(things, every=True) | frozenset((Record(node),)))
        return frozenset((Record(node),))
    if name in ("from", "of"):
        flow.state.put(node, ELEMENT, things if name == "of" else flow.state.element(things))
        for each in arguments[1:]:
            _called_back(flow, node, each.things, [flow.state.element(arguments[0].things), ANYTHING])
        return frozenset((Record(node),))
    return things


def _called_back(flow: Flow, node: Syntax, things: Things, given: list[Things]) -> Things:
    """What a function gives that a method calls; other things are handed to the method."""
    found = NOTHING
    for each in things:
        if isinstance(each, Function):
            found |= invoke(flow, each, [Argument(one, node) for one in given])
        elif isinstance(each, Method):
            requests.named(flow.state, each)
    return found


def _on_function(flow: Flow, node: Syntax, base: Things, name: str, arguments: list[Argument]) -> Things:
    functions = frozenset(each for each in base if isinstance(each, Function | Method | Offer))
    if name == "bind":
        return functions or base
    if name == "apply":
        given = [Argument(flow.state.element(each.things), each.node, True) for each in arguments[1:2]]
        return apply(flow, node, functions, given) if functions else ANYTHING
    if not functions:
        requests.handed(flow.state, node, "a function", arguments)
    return apply(flow, node, functions, arguments[1:]) if functions else ANYTHING


def _on_promise(flow: Flow, node: Syntax, base: Things, name: str, arguments: list[Argument]) -> Things:
    given = [base if name == "then" else ANYTHING]
    found = [_called_back(flow, node, each.things, given) for each in arguments]
    return frozenset(one for things in found for one in things) | (base if name != "then" else NOTHING) or ANYTHING


def _on_collection(flow: Flow, node: Syntax, callee: Syntax, base: Things, name: str, arguments: list[Argument]) -> Things:
    state = flow.state
    if name in _ADDING:
        added = frozenset(one for each in arguments for one in each.things)
        for each in base:
            if isinstance(each, Record):
                state.put(each.node, ELEMENT, added)
            else:
                state.join(("loose", ELEMENT), frozenset(state.powers(added, deep=False)))
                state.let_go(added)
        return base if name in ("add", "set") else ANYTHING
    if name == "reduce" and arguments:
        start = arguments[1].things if len(arguments) > 1 else state.element(base)
        for each in arguments[0].things:
            if isinstance(each, Function):
                start |= state.read(("return", each.node))
        return start | _called_back(flow, node, arguments[0].things, [start, state.element(base), ANYTHING])
    back = NOTHING
    if name in _EACH and arguments:
        back = _called_back(flow, node, arguments[0].things, [state.element(base), ANYTHING, base])
        if name in ("map", "flatMap"):
            state.put(node, ELEMENT, back | (state.element(back) if name == "flatMap" else NOTHING))
            return frozenset((Record(node),))
    elif name not in _ONE | _SAME | _ASKING:
        return _unknown_method(flow, node, callee, base, name, arguments)
    if name in _TEXT:
        return base
    if name in _SAME:
        others = frozenset(one for each in arguments for one in each.things) if name == "concat" else NOTHING
        changed = ANYTHING if any(isinstance(each, tuple) for each in base | others) else NOTHING
        return frozenset(each for each in base | others if not isinstance(each, tuple)) | changed
    return state.element(base) if name in _ONE else ANYTHING


def _unknown_method(flow: Flow, node: Syntax, callee: Syntax, base: Things, name: str, arguments: list[Argument]) -> Things:
    """A method of something unknown: one of the code's own, a request by a client that got out of sight, or neither."""
    state = flow.state
    found = NOTHING
    for each in state.read(("loose", name)) if UNKNOWN in base else ():
        if isinstance(each, Function):
            found |= invoke(flow, each, arguments) | ANYTHING
    if UNKNOWN in base and not found and _TELLING.fullmatch(name):
        made = {one.service for one in _known_clients(flow)}
        if any(operation(service, "plain", name) for service in made):
            state.gap(node, f"{state.text(callee)[:60]}() may be a request with a client that is not followed")
    call_unknown(flow, node, callee, arguments)
    return found | ANYTHING


def _known_clients(flow: Flow) -> set[Client]:
    return {each for things in list(flow.state.cells.values()) for each in things if isinstance(each, Client)}
