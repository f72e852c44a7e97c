"""What comes of the modules and builtins that Python code uses, as far as it leads to clients, texts and variables."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from remediator.lambda_code.inline import pieces
from remediator.lambda_code.python import classes, containers, functions, sdk
from remediator.lambda_code.python.arguments import Arguments
from remediator.lambda_code.python.objects import (
    NOTHING,
    PLAIN,
    SOMETHING,
    Frame,
    Literal,
    Made,
    Many,
    Method,
    Named,
    Own,
    Row,
    Session,
    Texts,
    Thing,
    Things,
    Words,
)
from remediator.lambda_code.python.texts import joined
from remediator.lambda_code.values import Text, Variable

if TYPE_CHECKING:
    from remediator.lambda_code.python.values import Values

ENVIRON = frozenset(("os.environ", "posix.environ"))
READING = ("get", "pop", "setdefault", "__getitem__")
SESSIONS = frozenset(
    (
        *("boto3.Session", "boto3.session.Session", "boto3._get_default_session"),
        *("botocore.session.Session", "botocore.session.get_session"),
    )
)
MAKERS = SESSIONS | {"boto3", "boto3.client", "boto3.resource", "boto3.session"}
"""What makes clients, itself or by an attribute."""
_SAME = frozenset(
    (
        *(f"builtins.{each}" for each in ("list", "tuple", "set", "frozenset", "sorted", "reversed", "iter", "dict")),
        *("builtins.enumerate", "builtins.filter", "builtins.zip", "copy.copy", "copy.deepcopy", "typing.cast"),
        *("contextlib.closing", "contextlib.nullcontext"),
        *("itertools.chain", "itertools.cycle", "itertools.repeat", "weakref.proxy"),
        *(f"asyncio.{each}" for each in ("run", "gather", "wait_for", "create_task", "ensure_future")),
    )
)
"""Functions that give what they get, or a container of it."""
_NOTHING = "print str repr isinstance hasattr type id bool callable len format sum any all"
QUIET = frozenset(
    (
        *(f"builtins.{each}" for each in _NOTHING.split()),
        *("functools.wraps", "functools.update_wrapper", "inspect.signature", "inspect.iscoroutinefunction"),
        "asyncio.iscoroutinefunction",
    )
)
"""Functions that do nothing with what they get."""


def attribute(base: str, name: str) -> Iterable[Thing]:
    return (PLAIN,) if base.startswith("builtins.") and base != "builtins.__builtins__" else (Named(f"{base}.{name}"),)


def item(values: Values, base: str, key: ast.expr, frame: Frame | None) -> Iterator[Thing]:
    """What stands behind a key."""
    if base in ENVIRON:
        yield from map(Words, variables(values.texts(key, frame), None))
        yield from _overwritten(values)
    else:
        yield PLAIN


def variables(names: Texts, default: Texts | None) -> Texts:
    """The values of environment variables, with what is taken where they are not set."""
    only = next(iter(default)) if default and len(default) == 1 else ()
    exact = only[0].text if len(only) == 1 and isinstance(only[0], Text) else "" if default == frozenset(((),)) else None
    found = {(Variable(text, exact),) if text is not None else SOMETHING.value for text in map(exact_text, names)}
    if default and exact is None:
        found |= default
    return frozenset(found)


def exact_text(value: tuple[object, ...]) -> str | None:
    if len(value) == 1 and isinstance(value[0], Text):
        return value[0].text
    return None


def result(values: Values, name: str, node: ast.Call, frame: Frame | None) -> Iterable[Thing]:
    """What calling something of a module gives."""
    base, _, method = name.rpartition(".")
    if name in ("boto3.client", "boto3.resource"):
        return sdk.effect(values, Method(Session(), method), node, frame).result
    if name in SESSIONS:
        return (sdk.opened(Session(), Arguments(values, node, frame)),)
    if name == "os.getenv" or (base in ENVIRON and method in READING):
        return _variable(values, node, frame)
    if name == "functools.partial":
        return [each for each in values.of(node.args[0], frame) if isinstance(each, Own)] if node.args else ()
    if name == "builtins.getattr":
        return _looked_up(values, node, frame)
    if name in _FACTORIES:
        return _factory(values, name, node, frame)
    if name in _OTHERS:
        return _OTHERS[name](values, node, frame)
    if name in ("builtins.next", "builtins.min", "builtins.max"):
        things = [thing for each in node.args[:1] for thing in values.of(each, frame)]
        rest = [thing for each in node.args[1:] for thing in values.of(each, frame)]
        return [inner for thing in things for inner in containers.iterated(values, thing)] + rest
    if name in ("builtins.str", "builtins.format"):
        return map(Words, values.texts(node.args[0], frame)) if len(node.args) == 1 else (SOMETHING,)
    if name in ("os.path.join", "posixpath.join"):
        return map(Words, joined([each for part in node.args for each in (_SLASH, values.texts(part, frame))][1:]))
    if name in ("builtins.int", "urllib.parse.quote", "urllib.parse.unquote", "urllib.parse.unquote_plus"):
        return (SOMETHING,)
    return _given(values, name, node, frame)


def _module(values: Values, node: ast.Call, frame: Frame | None) -> Iterator[Thing]:
    for each in values.texts(node.args[0], frame) if node.args else ():
        text = exact_text(each)
        yield Named(text) if text else PLAIN


_FACTORIES = {"dataclasses.field": "default_factory", "collections.defaultdict": ""}
"""What calls a function for a value that is missing, by its parameter; the first one without a name."""


def _factory(values: Values, name: str, node: ast.Call, frame: Frame | None) -> Iterator[Thing]:
    wanted = (_FACTORIES[name], "default")
    given = [*(each.value for each in node.keywords if each.arg in wanted), *(node.args if wanted[0] == "" else ())]
    things = [thing for each in given for thing in values.of(each, frame)]
    made = (
        *(Made(each.node, True) for each in things if isinstance(each, Made)),
        *functions.returned_by(values, tuple(things)),
    )
    if name == "collections.defaultdict":
        yield Many(made) if made else PLAIN
    else:
        yield from made
        yield from (each for each in things if not isinstance(each, Own | Made | Named))


_TAKING = tuple(f"builtins.{each}" for each in ("map", "getattr", "next", "min", "max"))
_SLASH: Texts = frozenset((tuple(pieces("/")),))


def _variable(values: Values, node: ast.Call, frame: Frame | None) -> Iterator[Thing]:
    if not node.args:
        yield SOMETHING
        return
    given = default_of(node)
    things: Things = values.of(given, frame) if given is not None else ()
    default = values.texts_of(things) if any(each != NOTHING for each in things) else None
    yield from map(Words, variables(values.texts(node.args[0], frame), default))
    yield from _overwritten(values)


def default_of(node: ast.Call) -> ast.expr | None:
    """The second argument of what reads a variable."""
    return node.args[1] if len(node.args) > 1 else next((each.value for each in node.keywords if each.arg == "default"), None)


def _overwritten(values: Values) -> Things:
    """What a variable may be where the code sets some itself."""
    return (SOMETHING,) if any(name == "environ" for _, name in values.scopes.stores) else ()


def _looked_up(values: Values, node: ast.Call, frame: Frame | None) -> Iterator[Thing]:
    """``getattr``; a name that is not known can only be a method of an object of the SDK, which is reported elsewhere."""
    if len(node.args) < 2:
        yield PLAIN
        return
    for thing in values.of(node.args[0], frame):
        for name in values.texts(node.args[1], frame):
            text = exact_text(name)
            if text is not None:
                yield from values.attribute(thing, text, node)
            else:
                yield PLAIN
                yield from classes.members(values, thing) if isinstance(thing, Made) else ()
    yield from (found for each in node.args[2:] for found in values.of(each, frame))


def _outer(values: Values, node: ast.Call, _: Frame | None) -> Things:
    inner: ast.AST = node
    while inner in values.scopes.parents:
        inner = values.scopes.parents[inner]
        if isinstance(inner, ast.ClassDef):
            return classes.parents_of(values, inner)
    return (PLAIN,)


_OTHERS: dict[str, Callable[[Values, ast.Call, Frame | None], Iterable[Thing]]] = {
    "builtins.super": _outer,
    "builtins.__import__": _module,
    "importlib.import_module": _module,
}


def _given(values: Values, name: str, node: ast.Call, frame: Frame | None) -> Iterator[Thing]:
    """What functions give that pass their arguments on."""
    if name not in _SAME and name != "builtins.map":
        yield PLAIN
        return
    arguments = [*node.args, *(each.value for each in node.keywords)]
    things = tuple(thing for each in arguments for thing in values.of(each, frame))
    if name in ("builtins.zip", "builtins.enumerate"):
        columns = [tuple(_inside(values, values.of(each, frame))) for each in node.args]
        yield Many((Row(((SOMETHING,), *columns[:1]) if name == "builtins.enumerate" else tuple(columns)),))
    elif name in ("asyncio.gather", "itertools.chain"):
        yield Many(things if name == "asyncio.gather" else tuple(_inside(values, things)))
    elif name == "builtins.map":
        yield Many(tuple(functions.returned_by(values, things)) or (PLAIN,))
    elif name == "builtins.dict" and node.keywords:
        pairs = [*((None, each) for each in node.args), *((each.arg, each.value) for each in node.keywords)]
        yield Literal(values.dictionary((node,), pairs), frame)
    else:
        yield from things or (Many(()),)


def _inside(values: Values, things: Things) -> Iterator[Thing]:
    for thing in things:
        yield from containers.iterated(values, thing)


def passes_on(name: str) -> bool:
    """Whether a function does nothing with its arguments but give them, so that they are followed."""
    return name in _SAME or name in SESSIONS or name in _TAKING or name in _FACTORIES
