"""What an expression in JavaScript can be: texts, and the things through which code reaches AWS."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from remediator.lambda_code.inline import pieces
from remediator.lambda_code.javascript.tree import Syntax
from remediator.lambda_code.values import UNKNOWN, Piece, Text, Unknown, Value, Variable

MOST = 16
"""How many texts an expression may have before it counts as unknown."""
_LONGEST = 24
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
_CODE_POINT = re.compile(r"(?:x|u\{?)([0-9a-fA-F]+)\}?")


@dataclass(frozen=True, slots=True)
class Function:
    node: Syntax


@dataclass(frozen=True, slots=True)
class Record:
    """An object, array, ``Map`` or ``Set`` of the code, told apart by where it is made."""

    node: Syntax


@dataclass(frozen=True, slots=True)
class Class:
    """A class of the code; its instances count as one."""

    node: Syntax


@dataclass(frozen=True, slots=True)
class Instance:
    node: Syntax


@dataclass(frozen=True, slots=True)
class Client:
    """A client of the SDK. ``kind``: ``plain``, or ``documents`` for DynamoDB's. ``node``: where it is made."""

    service: str
    kind: str
    node: Syntax


@dataclass(frozen=True, slots=True)
class Command:
    """A request that a client is to send, told apart by where it is made."""

    node: Syntax


@dataclass(frozen=True, slots=True)
class Method:
    """A method of a client that is not called where it is named."""

    client: Client
    name: str
    node: Syntax


@dataclass(frozen=True, slots=True)
class Offer:
    """What a module offers: ``kind`` says what for (see ``javascript_sdk``)."""

    kind: str
    service: str = ""
    name: str = ""


Thing = Function | Record | Class | Instance | Client | Command | Method | Offer
Things = frozenset[Value | Thing]

NOTHING: Things = frozenset()
ANYTHING: Things = frozenset((UNKNOWN,))
ENVIRONMENT = Offer("environment")
PROCESS = Offer("process")
REQUIRE = Offer("require")


def texts(things: Iterable[Value | Thing]) -> frozenset[Value]:
    return frozenset(each for each in things if isinstance(each, tuple))


def constants(things: Iterable[Value | Thing]) -> list[str] | None:
    """The texts of an expression, where all that it can be are known texts."""
    found = []
    for each in things:
        if not isinstance(each, tuple) or not all(isinstance(piece, Text) for piece in each):
            return None
        found.append("".join(piece.text for piece in each if isinstance(piece, Text)))
    return sorted(found) or None


def written(text: str) -> Value:
    """The value of a text that stands in the code."""
    return tuple(pieces(text))


def unescaped(escape: str) -> str:
    """The character of ``\\n`` and its like."""
    inner = escape[1:]
    code = _CODE_POINT.fullmatch(inner)
    if code:
        point = int(code.group(1), 16)
        return chr(point) if point < 0x110000 else ""
    return "" if inner in ("\n", "\r\n") else _ESCAPES.get(inner, inner)


def joined(parts: list[Things]) -> Things:
    """All concatenations of what the parts can be."""
    found: set[Value] = {()}
    for part in parts:
        values = texts(part) | (ANYTHING if any(not isinstance(each, tuple) for each in part) else frozenset())
        found = {_merged(left + right) for left in found for right in texts(values)}
        if len(found) > MOST or any(len(each) > _LONGEST for each in found):
            return ANYTHING
    return frozenset(found)


def _merged(value: Value) -> Value:
    found: list[Piece] = []
    for piece in value:
        last = found[-1] if found else None
        if isinstance(last, Text) and isinstance(piece, Text):
            found[-1] = Text(last.text + piece.text)
        elif not (isinstance(last, Unknown) and isinstance(piece, Unknown)):
            found.append(piece)
    return tuple(found)


def with_default(left: Things, right: Things) -> Things:
    """What ``left || right`` can be."""
    default = constants(right)
    if default is None or len(default) > 1:
        return left | right
    found: set[Value | Thing] = set()
    for each in left:
        if isinstance(each, tuple) and len(each) == 1 and isinstance(each[0], Variable):
            found.add((Variable(each[0].name, each[0].default if each[0].default is not None else default[0]),))
        else:
            found.add(each)
    plain = left and all(isinstance(each, tuple) and len(each) == 1 and isinstance(each[0], Variable) for each in left)
    return frozenset(found) if plain else frozenset(found) | right
