"""Which places call the functions of Python code, and with what."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from remediator.lambda_code.python.objects import Literal, Made, Own, Site
from remediator.lambda_code.python.values import Stored, TooIntricate, Values, site_of

if TYPE_CHECKING:
    from remediator.lambda_code.python.scopes import Scopes

_ROUNDS = 8
"""How often what calls what is looked up again, with what is known by then of the arguments."""
_EACH = ("map", "filter", "starmap", "imap", "map_async", "imap_unordered")


def followed(scopes: Scopes) -> Values:
    """The values of a module's expressions, with the arguments of all calls."""
    calls = [node for node in scopes.nodes if isinstance(node, ast.Call)]
    decorated = list(_decorators(scopes))
    values, sites, stored = None, dict[ast.AST, tuple[Site, ...]](), Stored()
    for number in range(_ROUNDS):
        before, values = values, Values(scopes, sites, values, wide=number >= _ROUNDS // 2, stored=stored)
        found: dict[ast.AST, dict[Site, None]] = defaultdict(dict)
        for function, site in _sites(values, calls, decorated):
            found[function][site] = None
        for node in calls:
            values.of(node)
        latest = {function: tuple(each) for function, each in found.items()}
        put = _stored(values)
        stable = (latest, put) == (sites, stored) and (
            not values.circles or (before is not None and values.known == before.known)
        )
        sites, stored = latest, put
        if stable:
            return values
    raise TooIntricate


def _stored(values: Values) -> Stored:
    """What is put into containers, other than by the name or attribute that they are first assigned to."""
    found: dict[ast.expr, dict[tuple[ast.expr | None, ast.expr, bool], None]] = defaultdict(dict)
    for container, key, value, whole in values.scopes.put:
        place = values.scopes.place_of(container)
        for thing in values.of(container):
            if isinstance(thing, Literal) and not _kept_at(values, thing.node, place):
                found[thing.node][key, value, whole] = None
    return {node: tuple(each) for node, each in found.items()}


def _kept_at(values: Values, node: ast.expr, place: object) -> bool:
    parent = values.scopes.parents.get(node)
    targets = parent.targets if isinstance(parent, ast.Assign) else [parent.target] if isinstance(parent, ast.AnnAssign) else []
    return place is not None and any(values.scopes.place_of(each) == place for each in targets)


def _sites(values: Values, calls: list[ast.Call], decorated: list[tuple[ast.expr, ast.Name]]) -> Iterator[tuple[ast.AST, Site]]:
    for node in calls:
        own = False
        for callee, _ in values.callees(node, None):
            if isinstance(callee, Own):
                own = True
                yield callee.node, site_of(node, callee)
            elif isinstance(callee, Made) and not callee.instance:
                own = True
                yield from _constructed(values, callee, node)
            elif isinstance(callee, Made):
                for method in values.attribute(callee, "__call__"):
                    if isinstance(method, Own):
                        yield method.node, site_of(node, method)
        if not own:
            yield from _handed(values, node)
    for decorator, name in decorated:
        for thing in values.of(decorator):
            if isinstance(thing, Own):
                yield thing.node, Site(decorator, (name,), ())


def _constructed(values: Values, callee: Made, node: ast.Call) -> Iterator[tuple[ast.AST, Site]]:
    keywords = tuple((each.arg, each.value) for each in node.keywords)
    site = Site(node, tuple(node.args), keywords, bound=True)
    yield callee.node, site
    for method in values.attribute(Made(callee.node, instance=True), "__init__"):
        if isinstance(method, Own):
            yield method.node, site


def _handed(values: Values, node: ast.Call) -> Iterator[tuple[ast.AST, Site]]:
    """Functions that somebody else is given to call, as a rule with the arguments behind them."""
    keywords = tuple((each.arg, each.value) for each in node.keywords)
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    for index, each in enumerate(node.args):
        for thing in values.of(each):
            if isinstance(thing, Own):
                bound = thing.owner is not None
                yield thing.node, Site(node, tuple(node.args[index + 1 :]), keywords, bound, each=called in _EACH)
    given = dict(keywords)
    positional, named = given.get("args"), given.get("kwargs")
    inner = tuple(positional.elts) if isinstance(positional, ast.Tuple | ast.List) else ()
    pairs = ((None, named),) if named else ()
    for _, each in keywords:
        for thing in values.of(each):
            if isinstance(thing, Own):
                yield thing.node, Site(node, inner, pairs, thing.owner is not None)


def _decorators(scopes: Scopes) -> Iterator[tuple[ast.expr, ast.Name]]:
    """The decorators of functions, each with a name for what it is called with."""
    for node in scopes.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for each in node.decorator_list:
                name = ast.copy_location(ast.Name(node.name, ast.Load()), node.body[0])
                scopes.scopes[name], scopes.parents[name] = scopes.scopes[node], node
                yield each, name
