"""Which names a module of Python binds where, and which of the bindings a use of a name may see."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from remediator.lambda_code.python.objects import Function

Step = int | str
"""A step from a value to what a name gets of it: an index of a tuple, ``each`` of its elements, ``rest`` of them, ``with``."""
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
PUTTING = ("append", "add", "appendleft", "extend", "insert", "put", "setdefault", "update")
_UNTOLD = ast.Yield()
"""An expression that may be anything."""
_LOOPS = (ast.For, ast.AsyncFor, ast.While)


@dataclass(slots=True, eq=False)
class Binding:
    """``kind``: ``value``, ``more`` (of an augmented assignment), ``module``, ``own`` (a function or class), ``parameter`` or
    ``plain``."""

    kind: str
    node: ast.AST
    value: ast.expr | None = None
    path: tuple[Step, ...] = ()
    name: str = ""
    place: tuple[ast.AST, str, int] | None = None
    """The block of statements that it stands in, and its number there; None where it may not be run."""


@dataclass(slots=True, eq=False)
class Scope:
    node: ast.AST
    parent: Scope | None
    bindings: dict[str, list[Binding]] = field(default_factory=lambda: defaultdict(list))
    elsewhere: dict[str, Scope] = field(default_factory=dict)
    """The names that are declared as global or of an outer function."""

    def find(self, name: str) -> Scope | None:
        """The scope that a name is looked up in; those of classes are not seen from their functions."""
        scope: Scope | None = self.elsewhere.get(name, self)
        first = True
        while scope is not None and (name not in scope.bindings or (isinstance(scope.node, ast.ClassDef) and not first)):
            scope, first = scope.parent, False
        return scope


class Scopes:
    """The scopes of a module, with the parent and the scope of every node."""

    def __init__(self, tree: ast.Module) -> None:
        self.nodes = tuple(ast.walk(tree))
        """Every node, for those who look at all of them."""
        self.parents: dict[ast.AST, ast.AST] = {}
        self.scopes: dict[ast.AST, Scope] = {}
        self.places: dict[ast.AST, tuple[ast.AST, str, int]] = {}
        self.returns: dict[ast.AST, list[ast.expr]] = defaultdict(list)
        self.yields: dict[ast.AST, list[tuple[ast.expr, bool]]] = defaultdict(list)
        self.attributes: dict[str, list[tuple[ast.Attribute, Binding]]] = defaultdict(list)
        self.stores: dict[tuple[object, str], list[tuple[ast.expr | None, ast.expr, bool]]] = defaultdict(list)
        """What is put into the container at a place: the key, the value, and whether its elements are put there."""
        self.put: list[tuple[ast.expr, ast.expr | None, ast.expr, bool]] = []
        """The same with the expression for the container before it."""
        self.classes: list[ast.ClassDef] = []
        self.by_name = False
        """Whether attributes are set by names that are values, as with ``setattr``."""
        self.module = Scope(tree, None)
        self._walk(tree, self.module)
        for container, key, value, whole in self.put:  # now that all names are known
            place = self.place_of(container)
            if place:
                self.stores[place].append((key, value, whole))

    def function_of(self, node: ast.AST) -> ast.AST:
        return self.scopes[node].node

    def owner(self, function: ast.AST) -> ast.ClassDef | None:
        """The class that a function is a method of."""
        parent = self.parents.get(function)
        return parent if isinstance(parent, ast.ClassDef) else None

    def place_of(self, node: ast.expr) -> tuple[object, str] | None:
        """The place of a name or attribute, as which containers are known."""
        if isinstance(node, ast.Name):
            scope = self.scopes[node].find(node.id)
            return (scope.node if scope else None, node.id)
        return ("attribute", node.attr) if isinstance(node, ast.Attribute) else None

    def reaching(self, use: ast.AST, bindings: list[Binding]) -> list[Binding]:
        """The bindings of one scope that a use in the same scope may see, in the order of the text."""
        if len(bindings) < 2:
            return bindings
        inside = [each for each in bindings if isinstance(each.node, _COMPREHENSIONS) and self._within(use, each.node)]
        if inside:
            return inside
        bindings = [each for each in bindings if not isinstance(each.node, _COMPREHENSIONS)]
        blocks, loops = self._around(use)
        before = [each for each in bindings if self._done(each, use, blocks)]
        sure = [
            number
            for number, each in enumerate(before)
            if each.place and each.kind != "more" and blocks.get(each.place[:2], -1) > each.place[2]
        ]
        seen = before[sure[-1] :] if sure else before
        again = [each for each in bindings if each not in before and self._around(each.node)[1] & loops]
        return seen + again or bindings

    def _done(self, binding: Binding, use: ast.AST, blocks: dict[tuple[ast.AST, str], int]) -> bool:
        """Whether a binding comes before a use in the text; a statement binds after it was computed."""
        if binding.place and blocks.get(binding.place[:2]) == binding.place[2] and binding.place[2] >= 0:
            return False
        return _position(binding.node) <= _position(use)

    def _within(self, node: ast.AST, outer: ast.AST) -> bool:
        while node is not outer and node in self.parents:
            node = self.parents[node]
        return node is outer

    def _around(self, node: ast.AST) -> tuple[dict[tuple[ast.AST, str], int], set[ast.AST]]:
        """The blocks around a node in its scope, with the number of the statement in each, and the loops around it."""
        blocks: dict[tuple[ast.AST, str], int] = {}
        loops: set[ast.AST] = set()
        end = self.scopes[node].node
        while node is not end and node in self.parents:
            if node in self.places:
                parent, name, number = self.places[node]
                blocks[parent, name] = number
            node = self.parents[node]
            if isinstance(node, _LOOPS):
                loops.add(node)
        return blocks, loops

    def _walk(self, node: ast.AST, scope: Scope) -> None:
        self.scopes[node] = scope
        self._bind(node, scope)
        inner = scope
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            inner = Scope(node, scope)
            if isinstance(node, ast.ClassDef):
                self.classes.append(node)
            else:
                _parameters(node, inner)
        if isinstance(node, ast.Lambda):
            self.returns[node].append(node.body)
        for name, child in _children(node):
            self.parents[child] = node
            outside = name in ("decorator_list", "bases", "keywords", "args", "returns")
            self._walk(child, scope if outside else inner)

    def _bind(self, node: ast.AST, scope: Scope) -> None:
        for name, each in ast.iter_fields(node):
            if isinstance(each, list) and each and isinstance(each[0], ast.stmt):
                self.places.update((statement, (node, name, number)) for number, statement in enumerate(each))
        self._bind_names(node, scope)
        self._bind_targets(node, scope, self.places.get(node))
        match node:
            case ast.Return() if node.value is not None:
                self.returns[scope.node].append(node.value)
            case ast.Yield() if node.value is not None:
                self.yields[scope.node].append((node.value, False))
            case ast.YieldFrom():
                self.yields[scope.node].append((node.value, True))
            case ast.Call(func=ast.Attribute() as called):
                self._method(node, called)
            case ast.Name(id="setattr"):
                self.by_name = True
        self.by_name |= getattr(node, "attr", "") in ("__dict__", "__setattr__")

    def _bind_names(self, node: ast.AST, scope: Scope) -> None:
        """What binds names as they stand there."""
        match node:
            case ast.Import() | ast.ImportFrom():
                _imports(node, scope, self.places.get(node))
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                scope.bindings[node.name].append(Binding("own", node, place=self.places.get(node)))
            case ast.ExceptHandler() | ast.MatchAs() | ast.MatchStar() if node.name:
                scope.bindings[node.name].append(Binding("plain", node))
            case ast.Global() | ast.Nonlocal():
                self._elsewhere(node, scope)

    def _bind_targets(self, node: ast.AST, scope: Scope, place: tuple[ast.AST, str, int] | None) -> None:
        """What binds whatever can be assigned to."""
        match node:
            case ast.Assign():
                for target in node.targets:
                    self._target(target, node.value, (), node, scope, place)
            case ast.AnnAssign() if node.value is not None:
                self._target(node.target, node.value, (), node, scope, place)
            case ast.AugAssign():
                self._target(node.target, node.value, (), node, scope, place, "more")
            case ast.NamedExpr():
                self._target(node.target, node.value, (), node, scope, None)
            case ast.For() | ast.AsyncFor():
                self._target(node.target, node.iter, ("each",), node, scope, (node, "body", -1))
            case ast.comprehension():
                self._target(node.target, node.iter, ("each",), self.parents[node], scope, None)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    if item.optional_vars is not None:
                        self._target(item.optional_vars, item.context_expr, ("with",), node, scope, (node, "body", -1))

    def _target(
        self,
        target: ast.expr,
        value: ast.expr,
        path: tuple[Step, ...],
        node: ast.AST,
        scope: Scope,
        place: tuple[ast.AST, str, int] | None,
        kind: str = "value",
    ) -> None:
        self.scopes[target] = scope
        match target:
            case ast.Name():
                held = scope.elsewhere.get(target.id, scope)
                held.bindings[target.id].append(Binding(kind, node, value, path, target.id, place if held is scope else None))
            case ast.Tuple() | ast.List():
                for index, each in enumerate(target.elts):
                    self._target(each, value, (*path, index), node, scope, place)
            case ast.Starred():
                self._target(target.value, value, (*path[:-1], "rest"), node, scope, place)
            case ast.Attribute():
                self.attributes[target.attr].append((target, Binding(kind, node, value, path)))
            case ast.Subscript():
                self.put.append((target.value, target.slice, value if not path else _UNTOLD, False))
                if kind == "more":
                    self.put.append((target.value, target.slice, _UNTOLD, False))

    def _method(self, node: ast.Call, called: ast.Attribute) -> None:
        """The methods that put something into a container."""
        if called.attr in ("extend", "update"):
            self.put += [(called.value, None, each, True) for each in node.args]
            self.put += [(called.value, ast.Constant(each.arg), each.value, False) for each in node.keywords if each.arg]
        elif called.attr in PUTTING and node.args:
            key = node.args[0] if called.attr == "setdefault" and len(node.args) > 1 else None
            self.put.append((called.value, key, node.args[-1], False))

    def _elsewhere(self, node: ast.Global | ast.Nonlocal, scope: Scope) -> None:
        for name in node.names:
            outer = scope.parent.find(name) if isinstance(node, ast.Nonlocal) and scope.parent else None
            scope.elsewhere[name] = outer or self.module
            if name in scope.bindings:  # bound before it is declared, which Python forbids
                scope.elsewhere[name].bindings[name] += scope.bindings.pop(name)


def _children(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    for name, each in ast.iter_fields(node):
        children: Iterable[object] = each if isinstance(each, list) else (each,)
        for child in children:
            if isinstance(child, ast.AST) and not isinstance(child, ast.expr_context | ast.operator):
                yield name, child


def _position(node: ast.AST) -> tuple[int, int]:
    return (getattr(node, "lineno", 0), getattr(node, "col_offset", 0))


def _parameters(function: Function, scope: Scope) -> None:
    arguments = function.args
    listed = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    for each in (*listed, *(extra for extra in (arguments.vararg, arguments.kwarg) if extra)):
        body = function.body if isinstance(function.body, list) else [function.body]
        place = (function, "body", -1) if body else None
        scope.bindings[each.arg].append(Binding("parameter", each, name=each.arg, place=place))


def _imports(node: ast.Import | ast.ImportFrom, scope: Scope, place: tuple[ast.AST, str, int] | None) -> None:
    for alias in node.names:
        if isinstance(node, ast.ImportFrom):
            full = f"{'.' * node.level}{node.module or ''}.{alias.name}"
            name = alias.asname or alias.name
        else:
            full = alias.name if alias.asname else alias.name.partition(".")[0]
            name = alias.asname or full
        scope.bindings[name].append(Binding("module", node, name=full, place=place))
