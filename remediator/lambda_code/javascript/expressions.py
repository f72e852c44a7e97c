"""What names, texts, operators and properties in JavaScript code can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from remediator.lambda_code.javascript import requests
from remediator.lambda_code.javascript.things import (
    ANYTHING,
    ENVIRONMENT,
    NOTHING,
    PROCESS,
    REQUIRE,
    Client,
    Offer,
    Things,
    constants,
    joined,
    texts,
    unescaped,
    with_default,
    written,
)
from remediator.lambda_code.javascript.tree import Syntax
from remediator.lambda_code.values import Filled, Text

if TYPE_CHECKING:
    from remediator.lambda_code.javascript.flow import Flow

_GLOBALS = {"process": PROCESS, "require": REQUIRE}
_EVERYTHING = ("global", "globalThis")
_SIGNATURE = "AWS4-HMAC-SHA256"


def identifier(flow: Flow, node: Syntax) -> Things:
    scope = node.scope.of(node.text)
    if scope is None:
        return _global(flow, node)
    return flow.seen(flow.state.read((scope, node.text)))


def _global(flow: Flow, node: Syntax) -> Things:
    if node.text == "undefined":
        return NOTHING
    known = _GLOBALS.get(node.text)
    if known is not None:
        return frozenset((known,))
    value = written(node.text)
    filled = len(value) == 1 and isinstance(value[0], Filled)
    return frozenset((value,)) if filled else ANYTHING | flow.state.read((None, node.text))


def _text(flow: Flow, node: Syntax) -> Things:
    parts = [_part(flow, each) for each in node.children]
    found = joined(parts)
    if any(isinstance(each, Text) and _SIGNATURE in each.text for value in texts(found) for each in value):
        flow.state.gap(node, "it signs requests itself")
    return found


def _part(flow: Flow, node: Syntax) -> Things:
    if node.type == "string_fragment":
        return frozenset((written(node.text),))
    if node.type == "escape_sequence":
        return frozenset((written(unescaped(node.text)),))
    return flow.visit(node)


def _literal(flow: Flow, node: Syntax) -> Things:
    return frozenset((written(node.text),))


def _nothing(flow: Flow, _: Syntax) -> Things:
    return NOTHING


def _this(flow: Flow, _: Syntax) -> Things:
    return flow.this[-1]


def _binary(flow: Flow, node: Syntax) -> Things:
    chain = [node]
    while chain[-1].fields["left"].type == "binary_expression":  # long sums must not exhaust the stack
        chain.append(chain[-1].fields["left"])
    found = flow.tested(chain[-1].fields["left"], chain[-1].fields["operator"].type == "&&")
    for each in reversed(chain):
        found = _operated(flow, each, found)
    return found


def _operated(flow: Flow, node: Syntax, left: Things) -> Things:
    operator, right = node.fields["operator"].type, flow.field(node, "right")
    if operator == "+":
        return joined([left, right])
    if operator in ("||", "??"):
        _defaulted(flow, node.fields["left"], right)
        return with_default(left, right)
    if operator == "in" and ENVIRONMENT in right:
        named_variables(flow, node, left)
    return right if operator == "&&" else ANYTHING


def _defaulted(flow: Flow, left: Syntax, right: Things) -> None:
    """Notes the default of a variable that is read at a node."""
    default = constants(right)
    for (node, name), known in list(flow.state.reads.items()):
        if default and len(default) == 1 and known is None and left.start <= node.start and node.end == left.end:
            flow.state.reads[node, name] = default[0]


def _ternary(flow: Flow, node: Syntax) -> Things:
    flow.tested(node.fields["condition"])
    return flow.field(node, "consequence") | flow.field(node, "alternative")


def _if(flow: Flow, node: Syntax) -> Things:
    for each in node.children:
        flow.tested(each, each is node.fields["condition"])
    return NOTHING


def _unary(flow: Flow, node: Syntax) -> Things:
    flow.tested(node.children[-1], node.fields["operator"].type in ("!", "typeof"))
    return NOTHING if node.fields["operator"].type == "void" else ANYTHING


def _member(flow: Flow, node: Syntax) -> Things:
    target, name = node.fields["object"], node.fields["property"].text
    if target.type == "identifier" and target.text in _EVERYTHING and target.scope.of(target.text) is None and name in _GLOBALS:
        return frozenset((_GLOBALS[name],))
    return flow.seen(flow.state.member(flow.visit(target), name, node))


def _subscript(flow: Flow, node: Syntax) -> Things:
    base, names = flow.field(node, "object"), flow.field(node, "index")
    return flow.seen(looked_up(flow, node, base, names))


def looked_up(flow: Flow, node: Syntax, base: Things, names: Things) -> Things:
    """``base[names]``."""
    known = constants(names)
    if known is not None:
        return frozenset(one for name in known for one in flow.state.member(base, name, node))
    if not names and not flow.state.settled:
        return NOTHING
    if ENVIRONMENT in base:
        flow.state.any_variable = True
    for each in base:
        if isinstance(each, Client):
            requests.with_client(flow.state, each, node)
        elif isinstance(each, Offer) and each.kind in ("sdk", "package"):
            flow.state.gap(node, "which part of the SDK it uses is decided at run time")
    return flow.state.element(base, every=True)


def named_variables(flow: Flow, node: Syntax, names: Things) -> None:
    known = constants(names)
    for name in known or ():
        flow.state.reads.setdefault((node, name), None)
    flow.state.any_variable |= known is None


def _inner(flow: Flow, node: Syntax) -> Things:
    return flow.inner(node)


VISITS = {
    "await_expression": _inner,
    "binary_expression": _binary,
    "false": _literal,
    "identifier": identifier,
    "if_statement": _if,
    "member_expression": _member,
    "null": _nothing,
    "number": _literal,
    "parenthesized_expression": _inner,
    "sequence_expression": _inner,
    "string": _text,
    "subscript_expression": _subscript,
    "template_string": _text,
    "template_substitution": _inner,
    "ternary_expression": _ternary,
    "this": _this,
    "true": _literal,
    "unary_expression": _unary,
    "undefined": _nothing,
}
"""What is done with each type of node."""
