"""The classes of Python code: what the attributes of their objects are."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from remediator.lambda_code.python import functions
from remediator.lambda_code.python.functions import decorated
from remediator.lambda_code.python.objects import PLAIN, SOMETHING, Bag, Made, Own, Thing, Things
from remediator.lambda_code.python.scopes import Binding

if TYPE_CHECKING:
    from remediator.lambda_code.python.values import Values


def member(values: Values, thing: Made, name: str) -> Iterator[Thing]:
    for each in _ancestors(values, thing.node):
        for binding in _in_body(values, each, name):
            for found in values.bound((binding,), None):
                function = found.node if isinstance(found, Own) and values.scopes.owner(found.node) is each else None
                if function is None:
                    yield from (isinstance(found, Made) and looked_up(values, found, ("__get__",))) or (found,)
                elif decorated(function, "property") or decorated(function, "cached_property"):
                    yield from functions.returned(values, function, None)
                else:
                    bound = thing.instance or decorated(function, "classmethod")
                    yield Own(function, each if bound and not decorated(function, "staticmethod") else None)
    yield from _field(values, thing.node, name)
    yield from assigned(values, thing, name)


def lacking(values: Values, thing: Made, name: str) -> Things:
    """What an attribute is that a class lacks: nothing where those that inherit from it have one."""
    below = (each for each in descendants(values, thing.node) if each is not thing.node)
    return () if any(True for each in below for _ in member(values, Made(each, thing.instance), name)) else (PLAIN,)


def members(values: Values, thing: Made) -> Iterator[Thing]:
    """What any of the attributes may be that objects of a class have."""
    bodies = [values.scopes.scopes[each.body[0]].bindings for each in _ancestors(values, thing.node)]
    for name in dict.fromkeys((*(name for body in bodies for name in body), *values.scopes.attributes)):
        yield from member(values, thing, name)


def looked_up(values: Values, thing: Made, names: tuple[str, ...]) -> Things:
    """What those methods give by which objects answer themselves for what they are asked for."""
    found = [each for name in names for each in member(values, thing, name)] if thing.instance else []
    return tuple(made for each in found if isinstance(each, Own) for made in functions.returned(values, each.node, None))


def _in_body(values: Values, node: ast.ClassDef, name: str) -> list[Binding]:
    body = next((values.scopes.scopes[each] for each in node.body), None)
    return body.bindings.get(name, []) if body else []


def _ancestors(values: Values, node: ast.ClassDef, seen: tuple[ast.ClassDef, ...] = ()) -> Iterator[ast.ClassDef]:
    if node in seen:
        return
    yield node
    for base in node.bases:
        for thing in values.of(base):
            if isinstance(thing, Made):
                yield from _ancestors(values, thing.node, (*seen, node))


def descendants(values: Values, node: ast.ClassDef) -> Iterator[ast.ClassDef]:
    """A class and those that inherit from it."""
    yield node
    yield from (each for each in values.scopes.classes if each is not node and node in _ancestors(values, each))


def parents_of(values: Values, node: ast.ClassDef) -> Things:
    """What ``super()`` is in a class."""
    return tuple(Made(each, instance=True) for each in _ancestors(values, node) if each is not node) or (PLAIN,)


def _field(values: Values, node: ast.ClassDef, name: str) -> Iterator[Thing]:
    """A field that the constructor of a data class or named tuple fills."""
    fields = [each.target.id for each in node.body if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)]
    if name in fields:
        index = fields.index(name)
        for site in values.sites.get(node, ()):
            given = [value for key, value in site.keywords if key == name]
            given += site.positional[index : index + 1]
            yield from (thing for each in given for thing in values.of(each))


def assigned(values: Values, thing: Thing, name: str) -> Iterator[Thing]:
    """What is assigned to an attribute of that name, of an object like this."""
    for target, binding in values.scopes.attributes.get(name, ()):
        owners = [each.node for each in values.of(target.value) if isinstance(each, Made)]
        if not owners or (isinstance(thing, Made) and any(_related(values, each, thing.node) for each in owners)):
            yield from values.bound((binding,), None)
    if values.scopes.by_name:
        yield SOMETHING
    if ("attribute", name) in values.scopes.stores:
        yield Bag(("attribute", name))


def _related(values: Values, one: ast.ClassDef, other: ast.ClassDef) -> bool:
    return one is other or one in _ancestors(values, other) or other in _ancestors(values, one)
