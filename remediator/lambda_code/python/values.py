"""What an expression of Python code may be: its names, functions, classes and containers followed to where they come from.

Nothing is run and no order of calls is assumed: an expression may be all that any way through the code can make of it. What
nothing is known of is ``PLAIN``: that is right because every way of a client into code that is not followed is reported where
it begins (``python_leaks``).
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence

from remediator.lambda_code.inline import pieces
from remediator.lambda_code.python import classes, containers, functions, named, sdk, texts
from remediator.lambda_code.python.objects import (
    MOST,
    NOTHING,
    PLAIN,
    SDK,
    SOMETHING,
    Bag,
    Frame,
    Function,
    Literal,
    Made,
    Many,
    Method,
    Named,
    Own,
    Row,
    Site,
    Texts,
    Thing,
    Things,
    Words,
    constant,
    distinct,
)
from remediator.lambda_code.python.scopes import Binding, Scopes, Step
from remediator.lambda_code.values import UNKNOWN, Filled, Text, Value

_CONTAINERS = (ast.List, ast.Tuple, ast.Set, ast.Dict, ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)
_EFFORT = 60_000
"""How many expressions are looked at, each call of a function for itself."""
_DEEPEST = 4
"""How many lists in lists are looked into for texts."""


Stored = dict[ast.expr, tuple[tuple[ast.expr | None, ast.expr, bool], ...]]
"""What is put into containers, by where they are made: the key, the value, and whether its elements are put there."""


class TooIntricate(Exception):
    """The code takes too long to follow."""


class Values:
    """``before``: what was found in an earlier round, which is taken where an expression depends on itself; in the later rounds
    (``wide``) without texts, which could grow for ever."""

    def __init__(
        self,
        scopes: Scopes,
        sites: Mapping[ast.AST, Sequence[Site]],
        before: Values | None = None,
        wide: bool = False,
        stored: Stored | None = None,
    ) -> None:
        self.scopes = scopes
        self.sites = sites
        self.stored = stored or {}
        """What is put into a container under other names than where it is made."""
        self.known: dict[tuple[ast.AST, Frame | None], Things] = {}
        self._dictionaries: dict[tuple[ast.AST, ...], ast.Dict] = before._dictionaries if before else {}
        self.frames: dict[tuple[object, ...], Frame] = before.frames if before else {}
        self._before = before.known if before else {}
        self._wide = wide
        self.circles = False
        """Whether an expression depends on itself, so that what is known depends on what was known before."""
        self._asked: set[tuple[ast.AST, Frame | None]] = set()
        self.opened: dict[Thing, Sequence[tuple[Texts | None, Things]]] = {}

    def of(self, node: ast.expr, frame: Frame | None = None) -> Things:
        """All that an expression may be, in a call or in all."""
        asked = (node, frame)
        found = self.known.get(asked)
        if found is not None:
            return found
        if asked in self._asked:
            self.circles = True
            things = self._before.get(asked, ())
            return tuple(SOMETHING if isinstance(each, Words) else each for each in things) if self._wide else things
        if len(self.known) > _EFFORT:
            raise TooIntricate
        self._asked.add(asked)
        found = distinct(self._of(node, frame))
        self._asked.discard(asked)
        self.known[asked] = found
        return found

    def texts(self, node: ast.expr, frame: Frame | None = None) -> Texts:
        return self.texts_of(self.of(node, frame))

    def texts_of(self, things: Things) -> Texts:
        """Things as texts: those in a list are alternatives, as are the keys of a dictionary."""
        found = frozenset(self._texts(things, 0))
        return found if 0 < len(found) <= MOST else frozenset((UNKNOWN,))

    def _texts(self, things: Iterable[Thing], depth: int) -> Iterator[Value]:
        for thing in things:
            if isinstance(thing, Words):
                yield thing.value
            elif isinstance(thing, Literal | Many | Bag | Row) and depth < _DEEPEST:  # a list may be in itself
                yield from self._texts(containers.iterated(self, thing), depth + 1)
            elif thing != NOTHING and not isinstance(thing, SDK):
                yield UNKNOWN

    def _of(self, node: ast.expr, frame: Frame | None) -> Iterable[Thing]:
        match node:
            case ast.Constant():
                return (constant(node.value),)
            case ast.Name():
                return self._name(node, frame)
            case ast.Attribute():
                return (found for base in self.of(node.value, frame) for found in self.attribute(base, node.attr, node))
            case ast.Call():
                return self._call(node, frame)
            case ast.Subscript():
                return self._subscript(node, frame)
            case ast.JoinedStr() | ast.FormattedValue() | ast.BinOp():
                return texts.composed(self, node, frame)
            case ast.BoolOp():
                return self._either(node, frame)
            case ast.IfExp():
                return (*self.of(node.body, frame), *self.of(node.orelse, frame))
            case ast.NamedExpr() | ast.Await() | ast.Starred():
                return self.of(node.value, frame)
            case ast.Lambda():
                return (Own(node),)
        return (Literal(node, frame),) if isinstance(node, _CONTAINERS) else (PLAIN,)

    def dictionary(self, key: tuple[ast.AST, ...], pairs: Sequence[tuple[str | None, ast.expr]]) -> ast.Dict:
        """``dict(a=b)`` as ``{"a": b}``; made once for a place, since things are told apart by it."""
        if key not in self._dictionaries:
            names: list[ast.expr | None] = [ast.Constant(name) if name else None for name, _ in pairs]
            self._dictionaries[key] = ast.Dict(names, [value for _, value in pairs])
        return self._dictionaries[key]

    def _either(self, node: ast.BoolOp, frame: Frame | None) -> Iterator[Thing]:
        """One of several; behind what is surely true, ``or`` takes nothing more."""
        for each in node.values:
            things = self.of(each, frame)
            if isinstance(node.op, ast.And):
                yield from things
                continue
            yield from (thing for thing in things if thing not in (NOTHING, Words(())))
            if things and all(_true(thing) for thing in things):
                return

    def _name(self, node: ast.Name, frame: Frame | None) -> Iterator[Thing]:
        scope = self.scopes.scopes[node]
        held = scope.find(node.id)
        if held is None:
            found = tuple(pieces(node.id))
            yield Words(found) if any(isinstance(each, Filled) for each in found) else Named(f"builtins.{node.id}")
            return
        bindings = held.bindings[node.id]
        if held is scope:
            bindings = self.scopes.reaching(node, bindings)
        inner = frame if frame and frame.function is held.node else None
        yield from self.bound(bindings, inner)
        if (held.node, node.id) in self.scopes.stores:
            yield Bag((held.node, node.id))

    def bound(self, bindings: Iterable[Binding], frame: Frame | None) -> Iterator[Thing]:
        listed = list(bindings)
        more = [each for each in listed if each.kind == "more"]
        for binding in listed:
            for thing in self._binding(binding, frame):
                if binding.kind != "more":
                    yield thing
                    if more and isinstance(thing, Words):
                        yield Words((*thing.value, *UNKNOWN))
                elif not isinstance(thing, Words):
                    yield thing

    def _binding(self, binding: Binding, frame: Frame | None) -> Things:
        node = binding.node
        if binding.kind in ("value", "more") and binding.value is not None:
            return self._followed(binding.path, self.of(binding.value, frame))
        if binding.kind == "module":
            return (Named(binding.name),)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            return (Own(node),)
        if isinstance(node, ast.ClassDef):
            return (Made(node),)
        if isinstance(node, ast.arg):
            function = self.scopes.parents[self.scopes.parents[node]]
            assert isinstance(function, Function)
            return tuple(functions.parameter(self, function, node, frame))
        return (PLAIN,)

    def _followed(self, path: tuple[Step, ...], things: Things) -> Things:
        for step in path:
            found: list[Thing] = []
            for thing in things:
                if step == "with":
                    found += self._entered(thing)
                elif step == "each":
                    found += containers.iterated(self, thing)
                elif step == "rest":
                    found.append(Many(tuple(containers.iterated(self, thing))))
                else:
                    found += containers.item(self, thing, (constant(step),))
            things = distinct(found)
        return things

    def _entered(self, thing: Thing) -> Things:
        """What ``with`` gives a name to."""
        if isinstance(thing, Many):
            return thing.things
        if isinstance(thing, Made) and thing.instance:
            methods = [each for each in self.attribute(thing, "__enter__") if isinstance(each, Own)]
            return tuple(found for each in methods for found in functions.returned(self, each.node, None)) or (thing,)
        return (thing,)

    def _call(self, node: ast.Call, frame: Frame | None) -> Iterator[Thing]:
        for callee, base in self.callees(node, frame):
            if isinstance(callee, Own):
                yield from functions.called(self, callee, site_of(node, callee), frame)
            elif isinstance(callee, Made):
                yield Made(callee.node, instance=True)
            elif isinstance(callee, Method):
                yield from sdk.effect(self, callee, node, frame).result
            elif isinstance(callee, Named):
                yield from named.result(self, callee.name, node, frame)
            elif isinstance(base, Words) and isinstance(node.func, ast.Attribute):
                yield from texts.method(self, base, node.func.attr, node, frame)
            elif isinstance(base, Literal | Bag | Many | Row) and isinstance(node.func, ast.Attribute):
                yield from containers.method(self, base, node.func.attr, node, frame)
            else:
                yield PLAIN

    def callees(self, node: ast.Call, frame: Frame | None) -> Iterator[tuple[Thing, Thing | None]]:
        """What a call may call, and where that is an attribute, of what."""
        if isinstance(node.func, ast.Attribute):
            for base in self.of(node.func.value, frame):
                yield from ((found, base) for found in self.attribute(base, node.func.attr, node.func))
        else:
            yield from ((found, None) for found in self.of(node.func, frame))

    def attribute(self, base: Thing, name: str, node: ast.expr | None = None) -> Iterable[Thing]:
        if isinstance(base, Named):
            return named.attribute(base.name, name)
        if isinstance(base, SDK):
            return sdk.attribute(base, name)
        if isinstance(base, Made):
            return distinct(classes.member(self, base, name)) or classes.lacking(self, base, name)
        if isinstance(base, Words | Literal | Many | Bag | Row):
            return (PLAIN,)
        return distinct(classes.assigned(self, base, name)) or (PLAIN,)

    def _subscript(self, node: ast.Subscript, frame: Frame | None) -> Iterator[Thing]:
        for base in self.of(node.value, frame):
            if isinstance(node.slice, ast.Slice):
                yield SOMETHING if isinstance(base, Words) else base
            elif isinstance(base, Named):
                yield from named.item(self, base.name, node.slice, frame)
            elif isinstance(base, Made):
                yield from classes.looked_up(self, base, ("__getitem__", "__missing__")) or (PLAIN,)
            else:
                yield from containers.item(self, base, self.of(node.slice, frame))


def _true(thing: Thing) -> bool:
    """Whether something counts as true for sure."""
    return isinstance(thing, SDK) or (isinstance(thing, Words) and any(isinstance(each, Text) for each in thing.value))


def site_of(node: ast.Call, callee: Own) -> Site:
    keywords = tuple((each.arg, each.value) for each in node.keywords)
    return Site(node, tuple(node.args), keywords, bound=callee.owner is not None)
