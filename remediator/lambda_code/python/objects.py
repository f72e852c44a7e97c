"""What an expression of Python code can stand for, as far as it matters for requests to AWS."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field

from remediator.lambda_code.inline import pieces
from remediator.lambda_code.values import UNKNOWN, Value

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Texts = frozenset[Value]
"""All texts that an expression may be."""


@dataclass(frozen=True, slots=True)
class Words:
    """A text, or a number."""

    value: Value


@dataclass(frozen=True, slots=True)
class Plain:
    """Anything that makes no requests: data, answers of services, objects of harmless modules. ``nothing``: it is ``None``."""

    nothing: bool = False


@dataclass(frozen=True, slots=True)
class Named:
    """A module or what it holds, by its full name: ``os.environ``. What stands for itself in Python is in ``builtins``."""

    name: str


@dataclass(frozen=True, slots=True)
class Site:
    """A place that calls a function of the code: the arguments that it gets there.

    ``bound``: whether its first parameter is filled already. ``each``: whether it gets the elements of the arguments.
    """

    node: ast.AST
    positional: tuple[ast.expr, ...]
    keywords: tuple[tuple[str | None, ast.expr], ...]
    bound: bool = False
    each: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """The call in which an expression is looked at; ``None`` instead stands for all calls that there are."""

    function: Function
    site: Site
    caller: Frame | None
    depth: int


@dataclass(frozen=True, slots=True)
class Own:
    """A function of the code; ``owner``: the class of the object that it was taken from."""

    node: Function
    owner: ast.ClassDef | None = None
    frame: Frame | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A class of the code, or with ``instance`` an object of it."""

    node: ast.ClassDef
    instance: bool = False


@dataclass(frozen=True, slots=True)
class Literal:
    """A list, tuple, set or dictionary as it is written, or a comprehension."""

    node: ast.expr
    frame: Frame | None


@dataclass(frozen=True, slots=True)
class Bag:
    """What is put into a container later on, by the place where the container is kept."""

    place: tuple[object, str]


@dataclass(frozen=True, slots=True)
class Many:
    """A container of anything among these."""

    things: tuple[Thing, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A tuple that a loop over several things at once gets, such as a key and a value."""

    columns: tuple[Things, ...]


@dataclass(frozen=True, slots=True)
class Session:
    """A session of boto3, or boto3 itself. ``own``: see ``SdkCall``; ``made``: the call that makes it."""

    own: bool = True
    region: Texts = frozenset()
    made: ast.AST | None = None


@dataclass(frozen=True, slots=True)
class Client:
    service: str
    own: bool = True
    region: Texts = frozenset()
    made: ast.AST | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of boto3: ``kind`` is its type, ``service`` for the start of all others. ``known``: its data came with it."""

    client: Client
    kind: str
    identifiers: tuple[tuple[str, Texts], ...] = ()
    known: bool = False
    made: ast.AST | None = None


@dataclass(frozen=True, slots=True)
class Collection:
    """The resources that one lists: ``bucket.objects``."""

    owner: Resource
    name: str


@dataclass(frozen=True, slots=True)
class Helper:
    """What a client makes to ask several times: ``kind`` is ``paginator`` or ``waiter``; or its ``meta``, or a ``batch``."""

    client: Client
    kind: str
    operation: str = ""
    made: ast.AST | None = None


@dataclass(frozen=True, slots=True)
class Method:
    """A method of one of these, not yet called."""

    target: Session | Client | Resource | Collection | Helper
    name: str


Sdk = Session | Client | Resource | Collection | Helper | Method
SDK = (Session, Client, Resource, Collection, Helper, Method)
Thing = Words | Plain | Named | Own | Made | Literal | Bag | Many | Row | Sdk
Things = tuple[Thing, ...]

PLAIN = Plain()
NOTHING = Plain(nothing=True)
SOMETHING = Words(UNKNOWN)


MOST = 24
"""How many alternatives are told apart."""


def constant(value: object) -> Thing:
    """What stands for itself in the code."""
    if value is None:
        return NOTHING
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return PLAIN
    return Words(tuple(pieces(str(value))))


def distinct(things: Iterable[Thing]) -> Things:
    """Each once; of too many texts only that they are texts."""
    found = tuple(dict.fromkeys(things))
    if len(found) <= MOST:
        return found
    return (*(each for each in found if not isinstance(each, Words | Plain)), SOMETHING, PLAIN)


@dataclass(frozen=True, slots=True)
class Request:
    """A request that a call makes, without its place in the code."""

    client: Client
    operation: str
    arguments: dict[str, Texts] = field(default_factory=dict)
    complete: bool = True


@dataclass(slots=True)
class Effect:
    """What a call of one of the SDK's methods does: its requests, what comes of it, and why it is not understood."""

    requests: list[Request] = field(default_factory=list)
    result: Things = (PLAIN,)
    gaps: list[str] = field(default_factory=list)
