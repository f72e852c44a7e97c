"""Clients that Python code makes, and of which no use is found: they went a way that is not followed."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from remediator.lambda_code.python.leaks import harmless
from remediator.lambda_code.python.objects import Client, Own, Resource, Session, Thing, Things

if TYPE_CHECKING:
    from remediator.lambda_code.python.values import Values

_DYNAMIC = ("__dict__", "getattr", "vars", "attrgetter", "__getattribute__")


class Uses:
    """Which clients are used, told apart by the call that makes them."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self._used: set[tuple[ast.AST, str]] = set()
        self._read: set[ast.AST | None] = set()

    def add(self, thing: Thing) -> None:
        """Something of it is asked for, or it is reported otherwise."""
        if isinstance(thing, Session | Client | Resource) and thing.made is not None:
            self._used.add((thing.made, _kind(thing)))

    def unseen(self) -> Iterator[tuple[ast.Call, str]]:
        """The calls that make a client which is not used, as far as that shows, and why it may be."""
        nodes = self._values.scopes.nodes
        names = {each for node in nodes for each in self._names(node)}
        self._read = {getattr(thing, "made", None) for node in nodes for thing in self._arriving(node)}
        texts: Counter[object] = Counter(each.value for each in nodes if isinstance(each, ast.Constant))
        for node in nodes:
            if isinstance(node, ast.Call) and not self._unused(node, names, texts):
                for thing in self._values.of(node):
                    made = isinstance(thing, Session | Client | Resource) and thing.made is node
                    if made and (node, _kind(thing)) not in self._used:
                        yield node, f"makes a {_kind(thing)}, and it does not show what for"

    def _names(self, node: ast.AST) -> Iterator[str]:
        """A name or attribute that is read, other than to see whether something is there."""
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load) and not self._looked_at(node):
            yield node.id if isinstance(node, ast.Name) else node.attr
        elif isinstance(node, ast.arg):
            yield node.arg

    def _arriving(self, node: ast.AST) -> Things:
        """What a name stands for, where it is not only handed to a function of the code, which has a name for it again."""
        if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load) or self._looked_at(node):
            return ()
        parent = self._values.scopes.parents.get(node)
        if isinstance(parent, ast.Call) and node is not parent.func:
            callees = [each for each, _ in self._values.callees(parent, None)]
            if callees and all(isinstance(each, Own) for each in callees):
                return ()
        return self._values.of(node)

    def _looked_at(self, node: ast.expr) -> bool:
        parent = self._values.scopes.parents.get(node)
        if isinstance(parent, ast.Call) and node is not parent.func:
            return harmless(self._values, parent)
        return isinstance(parent, ast.Expr | ast.Compare | ast.UnaryOp | ast.If | ast.Assert)

    def _unused(self, node: ast.Call, names: set[str], texts: Counter[object]) -> bool:
        """Whether what comes of a call is kept nowhere, or under names that nobody reads."""
        parent = self._values.scopes.parents.get(node)
        if self._looked_at(node):
            return True
        if isinstance(parent, ast.BoolOp):
            return not any(getattr(each, "made", None) is node for each in self._values.of(parent))
        if any(each in names for each in _DYNAMIC):
            return False
        if isinstance(parent, ast.Return):
            return getattr(self._values.scopes.function_of(parent), "name", "") not in ("", *names)
        if isinstance(parent, ast.Dict):
            keys = [key for key, value in zip(parent.keys, parent.values, strict=True) if value is node]
            return all(isinstance(each, ast.Constant) and texts[each.value] == 1 for each in keys)
        targets = (
            parent.targets if isinstance(parent, ast.Assign) else [parent.target] if isinstance(parent, ast.AnnAssign) else []
        )
        return bool(targets) and all(self._unread(each, node, names) for each in targets)

    def _unread(self, target: ast.expr, made: ast.Call, names: set[str]) -> bool:
        if isinstance(target, ast.Name):
            return target.id not in names or made not in self._read
        return isinstance(target, ast.Attribute) and target.attr not in names


def _kind(thing: Thing) -> str:
    if isinstance(thing, Session):
        return "session"
    if isinstance(thing, Resource):
        return f"resource of {thing.client.service}"
    return f"client of {thing.service}" if isinstance(thing, Client) else ""
