"""Where Python code hands a client, or anything made of one, to code that is not followed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from remediator.lambda_code.python import containers, functions
from remediator.lambda_code.python.named import MAKERS, QUIET, passes_on
from remediator.lambda_code.python.objects import (
    Bag,
    Client,
    Collection,
    Helper,
    Literal,
    Made,
    Many,
    Method,
    Named,
    Own,
    Resource,
    Row,
    Sdk,
    Session,
    Thing,
    Words,
)
from remediator.lambda_code.python.scopes import PUTTING

if TYPE_CHECKING:
    from remediator.lambda_code.python.values import Values

_TARGETS = ("target", "func", "function", "fn", "initializer")
_LOGGING = ("debug", "info", "warning", "warn", "error", "exception", "critical", "log")


def leaks(values: Values, node: ast.AST) -> Iterator[Sdk]:
    """What a call, or an assignment, hands on to where it is not followed."""
    if isinstance(node, ast.Call):
        for each in () if _followed(values, node) else _to_others(values, node):
            yield from (found for thing in values.of(each) for found in _holds(values, thing))
    elif isinstance(node, ast.Assign):
        lost = [each for target in node.targets for each in ast.walk(target) if _lost(values, each)]
        if lost:
            yield from (found for thing in values.of(node.value) for found in _holds(values, thing))


def _to_others(values: Values, node: ast.Call) -> Iterator[ast.expr]:
    """The arguments of a call, without those that go to a function of the code which is handed over before them."""
    first = next((index for index, each in enumerate(node.args) if _is_own(values, each)), len(node.args))
    target = any(each.arg in _TARGETS and _is_own(values, each.value) for each in node.keywords)
    yield from node.args[: first + 1]
    if first == len(node.args):
        yield from (each.value for each in node.keywords if not target or each.arg not in ("args", "kwargs"))


def _is_own(values: Values, node: ast.expr) -> bool:
    return any(isinstance(each, Own) for each in values.of(node))


def _lost(values: Values, target: ast.AST) -> bool:
    return (
        isinstance(target, ast.Subscript)
        and isinstance(target.ctx, ast.Store)
        and (values.scopes.place_of(target.value) is None or isinstance(values.scopes.parents[target], ast.Tuple | ast.List))
    )


def _followed(values: Values, node: ast.Call) -> bool:
    """Whether a call gives its arguments only to code that is followed, or that does nothing with them."""
    if isinstance(node.func, ast.Attribute) and node.func.attr in _LOGGING:
        return True
    return all(_does_nothing(values, node, *each) for each in values.callees(node, None))


def harmless(values: Values, node: ast.Call) -> bool:
    """Whether a call does nothing with its arguments, and gives nothing of them."""
    if isinstance(node.func, ast.Attribute) and node.func.attr in _LOGGING:
        return True
    return all(isinstance(each, Named) and each.name in QUIET for each, _ in values.callees(node, None))


def _does_nothing(values: Values, node: ast.Call, callee: object, base: object) -> bool:
    if isinstance(callee, Own | Method):
        return True
    if isinstance(callee, Made):
        return not callee.instance
    if isinstance(callee, Named) and callee.name == "builtins.map":
        return not node.args or _is_own(values, node.args[0])
    if isinstance(callee, Named):
        return callee.name in QUIET or passes_on(callee.name)
    if isinstance(node.func, ast.Attribute) and node.func.attr in PUTTING:
        return values.scopes.place_of(node.func.value) is not None
    if isinstance(callee, Words):
        return True  # nothing that can be called
    return isinstance(base, Literal | Bag | Many | Row | Words)


def _holds(values: Values, thing: Thing, depth: int = 0) -> Iterator[Sdk]:
    """What of the SDK something is, or contains."""
    if isinstance(thing, Session | Client | Resource | Collection | Helper | Method):
        yield thing
    elif isinstance(thing, Named):
        yield from (Session(),) if thing.name in MAKERS else ()
    elif isinstance(thing, Own) and depth < 3:
        for each in functions.returned(values, thing.node, None):
            yield from _holds(values, each, depth + 1)
    elif isinstance(thing, Literal | Many | Row) and depth < 3:
        for _, things in containers.entries(values, thing):
            yield from (found for each in things for found in _holds(values, each, depth + 1))
