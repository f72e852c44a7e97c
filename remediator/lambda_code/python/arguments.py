"""The arguments of a call in Python code, by the names of the parameters of the API."""

from __future__ import annotations

import ast
from collections import defaultdict
from typing import TYPE_CHECKING

from remediator.lambda_code.python import containers
from remediator.lambda_code.python.objects import NOTHING, Bag, Frame, Literal, Texts, Things
from remediator.lambda_code.values import UNKNOWN, Text, Value

if TYPE_CHECKING:
    from remediator.lambda_code.python.values import Values

_DEEPEST = 4


class Arguments:
    """``complete``: whether the text shows all of them."""

    def __init__(self, values: Values, node: ast.Call, frame: Frame | None) -> None:
        self.node = node
        self.complete = True
        self._values = values
        self._positional = [values.of(each, frame) for each in node.args if not isinstance(each, ast.Starred)]
        self._keywords: dict[str, list[Things]] = defaultdict(list)
        for each in node.keywords:
            things = values.of(each.value, frame)
            if each.arg:
                self._keywords[each.arg].append(things)
            else:
                self._spread(things)
        if len(self._positional) != len(node.args):
            self.complete = False

    def _spread(self, things: Things) -> None:
        for thing in things:
            for key, value in containers.spread(self._values, thing):
                for text in key or (UNKNOWN,):
                    if len(text) == 1 and isinstance(text[0], Text):
                        self._keywords[text[0].text].append(value)
                    else:
                        self.complete = False

    def things(self, name: str, position: int | None = None) -> Things:
        found = tuple(each for things in self._keywords.get(name, ()) for each in things)
        if not found and position is not None and position < len(self._positional):
            return self._positional[position]
        return found

    def nothing(self, name: str) -> bool:
        """Whether an argument is left out, or ``None``."""
        return all(each == NOTHING for each in self.things(name))

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
        complete = True
        for thing in self.things(name, position):
            for key, things in containers.spread(self._values, thing):
                for text in key or (UNKNOWN,):
                    exact = len(text) == 1 and isinstance(text[0], Text)
                    complete = complete and exact
                    if exact and isinstance(text[0], Text):
                        self._flat(text[0].text, things, found, 0)
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
