"""The arguments of a call in Python code, by the names of the parameters of the API."""

from __future__ import annotations

import ast
from collections import defaultdict
from typing import TYPE_CHECKING

from remediator.lambda_code.python import containers
from remediator.lambda_code.python.objects import NOTHING, PLAIN, Bag, Frame, Literal, Many, Texts, Things
from remediator.lambda_code.values import UNKNOWN, Text, Value

if TYPE_CHECKING:
    from remediator.lambda_code.python.values import Values

_DEEPEST = 4


class Arguments:
    """``complete``: whether the text shows all of them."""

    def __init__(self, values: Values, node: ast.Call, frame: Frame | None) -> None:
        self.node = node
        self.complete = True
        self._perhaps: set[str] = set()
        """Those that are not there, or ``None``, in some of the ways that the code may take."""
        self._values = values
        self._positional = [values.of(each, frame) for each in node.args if not isinstance(each, ast.Starred)]
        self._keywords: dict[str, list[Things]] = defaultdict(list)
        for each in node.keywords:
            things = values.of(each.value, frame)
            if each.arg:
                self._keywords[each.arg].append(things)
                self._perhaps |= {each.arg} if _may_be_nothing(each.value) else set()
            else:
                self._spread(things)
        spread = [each for each in node.args if isinstance(each, ast.Starred)]
        if any(thing != Many(()) for each in spread for thing in values.of(each, frame)):
            self.complete = False

    def _spread(self, things: Things) -> None:
        pairs, complete = _named_entries(self._values, things)
        self.complete = self.complete and complete
        for name, value in pairs:
            self._keywords[name].append(value)
        given = [{name for name, _ in _named_entries(self._values, (thing,))[0]} for thing in things]
        for each in given:
            self._perhaps |= set().union(*given) - each

    def things(self, name: str, position: int | None = None) -> Things:
        found = tuple(each for things in self._keywords.get(name, ()) for each in things)
        if not found and position is not None and position < len(self._positional):
            return self._positional[position]
        return found

    def surely(self, name: str) -> bool:
        """Whether an argument is there, and not ``None``, whatever way the code takes."""
        found = self.things(name)
        return bool(found) and NOTHING not in found and name not in self._perhaps

    def texts(self, name: str, position: int | None = None) -> Texts:
        """What an argument may be; empty where it is not given."""
        found = self.things(name, position)
        return self._values.texts_of(found) if found and any(each != NOTHING for each in found) else frozenset()

    def named(self, *positional: str) -> dict[str, Texts]:
        """All that are given; ``positional``: the names of those without one."""
        found: dict[str, set[Value]] = defaultdict(set)
        for name in (*self._keywords, *positional[: len(self._positional)]):
            position = positional.index(name) if name in positional else None
            self._flat(name, self.things(name, position), found, 0)
        return _with_tables({name: frozenset(texts) for name, texts in found.items()})

    def inside(self, name: str, position: int) -> tuple[dict[str, Texts], bool]:
        """The entries of an argument that is a dictionary, and whether those are all."""
        found: dict[str, set[Value]] = defaultdict(set)
        pairs, complete = _named_entries(self._values, self.things(name, position))
        for key, things in pairs:
            self._flat(key, things, found, 0)
        return {key: frozenset(texts) for key, texts in found.items()}, complete

    def _flat(self, name: str, things: Things, found: dict[str, set[Value]], depth: int) -> None:
        """An argument under its name, and what is in it under ``Name.Inner``, in lists ``Name[].Inner``."""
        if any(each != NOTHING for each in things) or not things:
            found[name] |= self._values.texts_of(things)
        for thing in things:
            if depth < _DEEPEST and isinstance(thing, Literal | Bag):
                self._entries(name, thing, found, depth)

    def _entries(self, name: str, thing: Literal | Bag, found: dict[str, set[Value]], depth: int) -> None:
        mapping = isinstance(thing, Literal) and isinstance(thing.node, ast.Dict)
        for key, things in containers.entries(self._values, thing):
            if not mapping:
                for inner in things:
                    if isinstance(inner, Literal) and isinstance(inner.node, ast.Dict):
                        self._entries(f"{name}[]", inner, found, depth + 1)
                continue
            for text in key or ():
                if len(text) == 1 and isinstance(text[0], Text):
                    self._flat(f"{name}.{text[0].text}", things, found, depth + 1)


def _named_entries(values: Values, things: Things) -> tuple[list[tuple[str, Things]], bool]:
    """The entries of dictionaries under names that are known, and whether all are; others may come in the place of earlier."""
    opened = [(thing, list(containers.spread(values, thing))) for thing in things]
    lasts = [max((number for number, (key, _) in enumerate(each) if not _exact(key)), default=-1) for _, each in opened]
    loose = any(last >= 0 and not isinstance(thing, Literal) for (thing, _), last in zip(opened, lasts, strict=True))
    found = [
        (name, (*value, PLAIN) if loose or number < last else value)
        for (_, each), last in zip(opened, lasts, strict=True)
        for number, (key, value) in enumerate(each)
        for name in _exact(key)
    ]
    return found, all(last < 0 for last in lasts)


def _exact(key: Texts | None) -> list[str]:
    """The texts of a key, none if any of them is not known."""
    found = [each[0].text for each in key or () if len(each) == 1 and isinstance(each[0], Text)]
    return found if len(found) == len(key or ()) else []


def _may_be_nothing(node: ast.expr) -> bool:
    """Whether an expression looks something up that need not be there."""
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get" and len(node.args) < 2
    )


def _with_tables(found: dict[str, Texts]) -> dict[str, Texts]:
    """The same with the tables of a request about several, which DynamoDB's API names inside of it."""
    unknown: Texts = frozenset((UNKNOWN,))
    if "RequestItems" in found:
        return {"TableName": found["RequestItems"], **found}
    inside = [texts for name, texts in found.items() if name.startswith("TransactItems[].") and name.endswith(".TableName")]
    if inside:
        more = unknown & found.get("TransactItems", unknown)
        return {"TableName": frozenset().union(*inside, more), **found}
    return found
