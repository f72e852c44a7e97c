"""The arguments of a request in JavaScript code, by the names of the API's parameters.

What is inside of an argument goes by ``Name.Inner``, and inside of its list by ``Name[].Inner``. The items of a list are
alternatives, and so are the keys of an object, as with Python.
"""

from __future__ import annotations

from remediator.lambda_code.javascript.state import ANY_KEY, ELEMENT, State
from remediator.lambda_code.javascript.things import ANYTHING, MOST, NOTHING, Record, Things, texts, written
from remediator.lambda_code.javascript.tree import Syntax
from remediator.lambda_code.values import UNKNOWN, Value

_DEEPEST = 4


def named_arguments(state: State, things: Things) -> tuple[dict[str, frozenset[Value]], bool]:
    """The arguments in an object, and whether there can be no others."""
    found: dict[str, set[Value]] = {}
    complete = bool(things)
    for each in things:
        if isinstance(each, Record):
            complete = complete and ANY_KEY not in state.keys.get(each.node, ())
            _inside(state, each.node, "", found, 0)
        else:
            complete = False
    return {name: frozenset(values) for name, values in found.items()}, complete


def _inside(state: State, node: Syntax, before: str, found: dict[str, set[Value]], depth: int) -> None:
    keys = state.keys.get(node, set())
    last = _written_last(node) if ANY_KEY in keys else keys
    for key in sorted(keys - {ANY_KEY, ELEMENT}):
        _flat(state, before + key, state.read((node, key)) | (NOTHING if key in last else ANYTHING), found, depth)


def _written_last(node: Syntax) -> set[str]:
    """The keys of an object that are written behind ``...other``, which else may have values of its own for them."""
    found: set[str] = set()
    spread = False
    for each in node.children:
        key = each.fields.get("key", each)
        if each.type == "spread_element":
            found, spread = set(), True
        elif each.type in ("pair", "shorthand_property_identifier"):
            found.add(key.text)
    return found if spread else set()


def _flat(state: State, name: str, things: Things, found: dict[str, set[Value]], depth: int) -> None:
    found[name] = found.get(name, set()) | _said(state, things, 0)
    for each in things if depth < _DEEPEST else ():
        if isinstance(each, Record):
            _inside(state, each.node, f"{name}.", found, depth + 1)
            for inner in state.read((each.node, ELEMENT)):
                if isinstance(inner, Record):
                    _inside(state, inner.node, f"{name}[].", found, depth + 1)


def _said(state: State, things: Things, depth: int) -> set[Value]:
    """An argument as texts."""
    found: set[Value] = set()
    for each in things:
        if isinstance(each, tuple):
            found.add(each)
        elif isinstance(each, Record) and depth < _DEEPEST:
            found |= _listed(state, each.node, depth)
        else:
            found.add(UNKNOWN)
    return found if 0 < len(found) <= MOST else set(texts(ANYTHING))


def _listed(state: State, node: Syntax, depth: int) -> set[Value]:
    keys = state.keys.get(node, set())
    found = {written(key) for key in keys - {ANY_KEY, ELEMENT}}
    if ANY_KEY in keys:
        found |= texts(state.read(("keys", node))) or {UNKNOWN}
    return found | (_said(state, state.read((node, ELEMENT)), depth + 1) if ELEMENT in keys else set())
