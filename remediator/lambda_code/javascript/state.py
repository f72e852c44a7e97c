"""What is known while JavaScript code is gone through: what names and properties can be, and what was met on the way.

The code is gone through again and again until nothing new comes in, in whatever order it may run: a name or property has all
values that are ever assigned to it. A property of something unknown may be any client or function that is put under that name
anywhere. ``settled``: the second round of it, when what has no value yet is taken for unknown.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field

from remediator.lambda_code.javascript.sdk import SETTINGS, member, operation
from remediator.lambda_code.javascript.things import (
    ANYTHING,
    ENVIRONMENT,
    MOST,
    NOTHING,
    PROCESS,
    Class,
    Client,
    Command,
    Function,
    Instance,
    Method,
    Offer,
    Record,
    Thing,
    Things,
    texts,
)
from remediator.lambda_code.javascript.tree import Syntax
from remediator.lambda_code.values import UNKNOWN, Value, Variable

ANY_KEY, ELEMENT = "*", "[]"
"""Properties that stand for those with names that the text does not show, and for the elements of an array."""
_POWERS = frozenset(("class", "command", "document class", "library", "package", "paginate", "sdk", "upload", "wait", "wrap"))
"""Kinds of offers through which code reaches AWS."""
_OUTSIDE = ("binding", "dlopen", "mainModule")


@dataclass(slots=True)
class Request:
    """A call of the SDK that was met. ``clients``: those that it may be made with, as far as they are known."""

    service: str
    operation: str
    line: int
    text: str
    arguments: dict[str, frozenset[Value]]
    complete: bool
    clients: set[Client] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Options:
    """How a client is made: whether with the role of the function, and for which Regions."""

    own: bool = True
    region: frozenset[Value] = frozenset()


@dataclass(frozen=True, slots=True)
class Argument:
    things: Things
    node: Syntax
    spread: bool = False


@dataclass(slots=True)
class State:
    source: bytes
    cells: dict[Hashable, Things] = field(default_factory=dict)
    full: set[Hashable] = field(default_factory=set)
    keys: dict[Syntax, set[str]] = field(default_factory=dict)
    parents: dict[Syntax, set[Syntax]] = field(default_factory=dict)
    called: set[Syntax] = field(default_factory=set)
    let: set[Thing] = field(default_factory=set)
    escaped: set[Syntax] = field(default_factory=set)
    options: dict[Syntax, Options] = field(default_factory=dict)
    senders: dict[Syntax, set[Client]] = field(default_factory=dict)
    requests: dict[tuple[Syntax, str, str], Request] = field(default_factory=dict)
    gaps: dict[tuple[int, str], None] = field(default_factory=dict)
    reads: dict[tuple[Syntax, str], str | None] = field(default_factory=dict)
    modules: dict[Syntax, str] = field(default_factory=dict)
    tested: set[str] = field(default_factory=set)
    needed: set[str] = field(default_factory=set)
    filled: set[Hashable] = field(default_factory=set)
    """Names that have a value as soon as they are declared."""
    rewritten: set[Syntax] = field(default_factory=set)
    """Requests that are changed after they are made."""
    any_variable: bool = False
    changed: bool = True
    settled: bool = False

    def again(self) -> None:
        """Makes ready for going through the code once more."""
        self.changed = False
        self.let.clear()
        self.requests.clear()
        self.gaps.clear()

    def text(self, node: Syntax) -> str:
        """The text of a node in one line."""
        return " ".join(self.source[node.start : node.end].decode("utf-8", "replace").split())

    def gap(self, node: Syntax, reason: str) -> None:
        self.gaps[node.line, reason] = None

    def join(self, key: Hashable, things: Things) -> None:
        """Adds to what a name or property can be; too many texts become an unknown one."""
        before = self.cells.get(key, NOTHING)
        if things <= before:
            return
        after = before | (frozenset(each for each in things if not isinstance(each, tuple)) if key in self.full else things)
        if len(after) > MOST and len(texts(after)) > MOST:
            self.full.add(key)
            after = frozenset(each for each in after if not isinstance(each, tuple)) | ANYTHING
        if after != before:
            self.changed = True
            self.cells[key] = after

    def read(self, key: Hashable) -> Things:
        return self.cells.get(key, NOTHING)

    def put(self, node: Syntax, name: str, things: Things) -> None:
        """Sets a property of a thing that is made at a node."""
        known = self.keys.setdefault(node, set())
        if name not in known:
            known.add(name)
            self.changed = True
        self.join((node, name), things)
        self.join(("loose", name), frozenset(each for each in things if not isinstance(each, tuple | Record)))

    def copy(self, source: Things, node: Syntax) -> None:
        """Gives all properties of some things to the one made at a node, as ``{...source}`` does."""
        for each in source:
            if isinstance(each, Record | Instance | Class):
                for name in sorted(self.keys.get(each.node, ())):
                    self.put(node, name, self.read((each.node, name)))
            elif each == ENVIRONMENT:
                self.any_variable = True
                self.put(node, ANY_KEY, ANYTHING)
            elif isinstance(each, tuple) and each == UNKNOWN:
                self.put(node, ANY_KEY, ANYTHING)

    def member(self, things: Things, name: str, node: Syntax) -> Things:
        """What a property of some things can be."""
        found: set[Value | Thing] = set()
        for each in things:
            found |= self._member(each, name, node)
        return frozenset(found)

    def _member(self, thing: Value | Thing, name: str, node: Syntax) -> Things:
        if isinstance(thing, tuple):
            return ANYTHING | (self.read(("loose", name)) if thing == UNKNOWN else NOTHING)
        if isinstance(thing, Record | Class | Instance | Function):
            return self._own(thing, name)
        if isinstance(thing, Command) and name == "input":
            return frozenset((thing,))
        if isinstance(thing, Client):
            known = operation(thing.service, thing.kind, name)
            return frozenset((Method(thing, name, node),)) if known else ANYTHING
        return self._offered(thing, name, node) if isinstance(thing, Offer) else ANYTHING

    def _offered(self, offer: Offer, name: str, node: Syntax) -> Things:
        if offer == ENVIRONMENT:
            return self.variable(name, node)
        if offer == PROCESS and name in _OUTSIDE:
            self.gap(node, f"process.{name} loads code that the text does not show")
        found = member(offer, name)
        return frozenset((found,)) if found is not None else ANYTHING

    def _own(self, thing: Record | Class | Instance | Function, name: str) -> Things:
        if isinstance(thing, Function) and name == "prototype":
            return frozenset((thing,))
        found: Things = NOTHING
        known = False
        for node in self.lineage(thing.node):
            keys = self.keys.get(node, ())
            names = [each for each in (name, ANY_KEY, *((ELEMENT,) if name.isdigit() else ())) if each in keys]
            found |= frozenset(one for each in names for one in self.read((node, each)))
            known = known or bool(names)
            if any(isinstance(each, Function) for each in found):
                break
        if known:
            getters = [each.node for each in found if isinstance(each, Function) and "getter" in each.node.fields]
            return found | frozenset(one for each in getters for one in self.read(("return", each)))
        closed = isinstance(thing, Record) and thing.node not in self.escaped
        return ANYTHING if self.settled and not closed else NOTHING

    def lineage(self, node: Syntax) -> Iterator[Syntax]:
        """A class and those that it extends."""
        waiting, seen = [node], set[Syntax]()
        while waiting:
            each = waiting.pop(0)
            if each not in seen:
                seen.add(each)
                yield each
                waiting += sorted(self.parents.get(each, ()), key=lambda parent: parent.start)

    def descendants(self, node: Syntax) -> list[Syntax]:
        """A class and those that extend it."""
        return [node, *(each for each in self.parents if each is not node and node in self.lineage(each))]

    def variable(self, name: str, node: Syntax) -> Things:
        self.reads.setdefault((node, name), None)
        return frozenset(((Variable(name),),)) | self.read(("environment", name))

    def element(self, things: Things, every: bool = False) -> Things:
        """What an element of some things can be; with ``every``, or a property of them."""
        found: set[Value | Thing] = set()
        for each in things:
            if isinstance(each, Record | Instance | Class):
                names = self.keys.get(each.node, set()) if every else {ELEMENT, ANY_KEY}
                found |= {one for name in names for one in self.read((each.node, name))}
            elif each == UNKNOWN:
                found |= ANYTHING | self.read(("loose", ELEMENT))
            elif not isinstance(each, Command):
                found |= ANYTHING
        return frozenset(found)

    def assign(self, base: Things, name: str, things: Things) -> None:
        """``base.name = things``."""
        for each in base:
            if isinstance(each, Record | Class | Instance | Function):
                self.put(each.node, name, things)
            elif each == ENVIRONMENT:
                self.join(("environment", name), things)
            elif isinstance(each, Command):
                self.changed |= each.node not in self.rewritten
                self.rewritten.add(each.node)
            elif each == SETTINGS:
                self.join(("settings", name), things)
            elif isinstance(each, tuple):
                self.join(("loose", name), frozenset(one for one in things if not isinstance(one, tuple | Record)))
                self.let_go(things)

    def let_go(self, things: Iterable[Value | Thing]) -> None:
        """Notes that somebody unknown may call the functions among some things."""
        waiting = list(things)
        while waiting:
            each = waiting.pop()
            if isinstance(each, tuple) or each in self.let:
                continue
            self.let.add(each)
            if isinstance(each, Function):
                self.called.add(each.node)
                self.join(("parameters", each.node), ANYTHING)
            elif isinstance(each, Record | Instance):
                self.changed |= each.node not in self.escaped
                self.escaped.add(each.node)
                waiting += [one for name in self.keys.get(each.node, ()) for one in self.read((each.node, name))]

    def powers(self, things: Iterable[Value | Thing], deep: bool = True) -> list[Thing]:
        """The things through which code reaches AWS, among some things and in them."""
        found: list[Thing] = []
        for each in things:
            if isinstance(each, Client | Method) or (isinstance(each, Offer) and each.kind in _POWERS):
                found.append(each)
            elif isinstance(each, Record) and deep:
                for name in self.keys.get(each.node, ()):
                    found += self.powers(self.read((each.node, name)), deep=False)
        return found
