"""What is in the lists, tuples and dictionaries of Python code."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from remediator.lambda_code.python import resources
from remediator.lambda_code.python.objects import (
    NOTHING,
    PLAIN,
    SDK,
    SOMETHING,
    Bag,
    Collection,
    Frame,
    Literal,
    Many,
    Row,
    Texts,
    Thing,
    Things,
    Words,
    distinct,
)
from remediator.lambda_code.values import UNKNOWN, Text

if TYPE_CHECKING:
    from remediator.lambda_code.python.values import Values


def item(values: Values, thing: Thing, key: Things) -> Iterator[Thing]:
    """The elements of a container under keys."""
    wanted = values.texts_of(key)
    exact = all(len(each) == 1 and isinstance(each[0], Text) for each in wanted)
    if isinstance(thing, Words):
        yield SOMETHING
    elif isinstance(thing, Literal | Many | Bag | Row):
        listed = entries(values, thing)
        hit = [things for name, things in listed if name is None or not exact or name & wanted or UNKNOWN in name]
        yield from (each for things in hit for each in things)
    elif not isinstance(thing, SDK):
        yield PLAIN


def iterated(values: Values, thing: Thing) -> Iterator[Thing]:
    """What a loop over something goes through: of dictionaries, the keys."""
    if isinstance(thing, Literal) and isinstance(thing.node, ast.Dict | ast.DictComp):
        for name, _ in entries(values, thing):
            yield from map(Words, sorted(name, key=str)) if name else (PLAIN,)
    elif isinstance(thing, Collection):
        yield resources.member(thing)
    elif isinstance(thing, Literal | Many | Bag | Row):
        yield from (each for _, things in entries(values, thing) for each in things)
    else:
        yield SOMETHING if isinstance(thing, Words) else PLAIN


def entries(values: Values, thing: Thing) -> Sequence[tuple[Texts | None, Things]]:
    """The keys and values of a container; None for a key that is not known."""
    if thing not in values.opened:
        values.opened[thing] = ()  # what a container takes from itself adds nothing
        values.opened[thing] = tuple(_opened(values, thing))
    return values.opened[thing]


def _opened(values: Values, thing: Thing) -> Iterator[tuple[Texts | None, Things]]:
    if isinstance(thing, Many):
        yield None, thing.things
    elif isinstance(thing, Row):
        yield from ((frozenset(((Text(str(index)),),)), each) for index, each in enumerate(thing.columns))
    elif isinstance(thing, Bag):
        yield from (each for stored in values.scopes.stores[thing.place] for each in _put(values, *stored))
    elif isinstance(thing, Literal):
        yield from _written(values, thing.node, thing.frame)
        yield from (each for stored in values.stored.get(thing.node, ()) for each in _put(values, *stored))


def _put(values: Values, key: ast.expr | None, value: ast.expr, whole: bool) -> Iterator[tuple[Texts | None, Things]]:
    """What is put into a container later on."""
    things = values.of(value)
    if whole:
        yield from (each for inner in things for each in _whole(values, inner))
    else:
        yield values.texts(key) if key is not None else None, things


def _whole(values: Values, thing: Thing) -> Iterator[tuple[Texts | None, Things]]:
    """What ``update`` and ``extend`` put into it: pairs may be keys and values."""
    yield from entries(values, thing)
    paired = [each for _, things in entries(values, thing) for each in things if isinstance(each, Literal | Row)]
    if not _is_mapping(thing) and (paired or not isinstance(thing, Literal)):
        yield None, (PLAIN,)


def _is_mapping(thing: Thing) -> bool:
    return isinstance(thing, Bag) or (isinstance(thing, Literal) and isinstance(thing.node, ast.Dict | ast.DictComp))


def _written(values: Values, node: ast.expr, frame: Frame | None) -> Iterator[tuple[Texts | None, Things]]:
    match node:
        case ast.Dict():
            for key, value in zip(node.keys, node.values, strict=True):
                if key is None:
                    yield from (each for thing in values.of(value, frame) for each in spread(values, thing))
                else:
                    yield values.texts(key, frame), values.of(value, frame)
        case ast.List() | ast.Tuple() | ast.Set():
            sure = True
            for index, each in enumerate(node.elts):
                things = values.of(each, frame)
                if isinstance(each, ast.Starred):
                    sure = False
                    things = tuple(inner for thing in things for inner in iterated(values, thing))
                yield frozenset(((Text(str(index)),),)) if sure else None, things
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
            yield None, values.of(node.elt, frame)
        case ast.DictComp():
            yield values.texts(node.key, frame), values.of(node.value, frame)


def spread(values: Values, thing: Thing) -> Iterator[tuple[Texts | None, Things]]:
    """The entries of what stands behind ``**``."""
    if isinstance(thing, Literal | Many | Bag | Row):
        yield from entries(values, thing)
        if not _is_mapping(thing):
            yield None, (PLAIN,)
    elif thing != NOTHING:
        yield None, (PLAIN,)


def method(values: Values, thing: Thing, name: str, node: ast.Call, frame: Frame | None) -> Iterator[Thing]:
    """What a method of a container gives."""
    if name in ("get", "pop", "setdefault", "__getitem__") and node.args:
        yield from item(values, thing, values.of(node.args[0], frame))
        yield from (found for each in node.args[1:] for found in values.of(each, frame))
    elif name in ("values", "pop", "popleft"):
        yield Many(distinct(each for _, things in entries(values, thing) for each in things))
        if name != "values":
            yield from (each for _, things in entries(values, thing) for each in things)
    elif name == "items":
        inside = distinct(each for _, things in entries(values, thing) for each in things)
        yield Many((Row((tuple(iterated(values, thing)), inside)),))
    elif name in ("copy", "union"):
        yield thing
    else:
        yield PLAIN
