"""The dependency graph of a template: an edge for every reference between resources.

CloudFormation creates a resource after everything that it references or names in ``DependsOn``, and refuses a template
whose graph has a cycle.
"""

from __future__ import annotations

import graphlib
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from functools import cached_property

from remediator.intrinsics import Reference, intrinsic, references, walk
from remediator.nodes import Mapping as MappingNode
from remediator.nodes import Node, Path, text_of
from remediator.template import Resource, Template

Arcs = Mapping[str, Set[str]]
"""For each node, the nodes that it waits for."""


@dataclass(frozen=True, slots=True)
class Edge:
    """``source`` waits for ``target`` because of ``reference``.

    ``implied`` says who made the edge where the text does not: the SAM transform, for resources that it generates.
    """

    source: str
    target: str
    reference: Reference
    implied: str = ""

    @property
    def property_path(self) -> Path:
        """The path below the resource: ``("Properties", …)`` or ``("DependsOn",)``."""
        return self.reference.path[2:]


class Graph:
    """Every edge between the resources of a template; self-references too."""

    def __init__(self, template: Template) -> None:
        self.template = template
        self.edges: tuple[Edge, ...] = tuple(_edges(template))

    @cached_property
    def arcs(self) -> dict[str, frozenset[str]]:
        arcs: dict[str, set[str]] = {name: set() for name in self.template.resources}
        for edge in self.edges:
            arcs.setdefault(edge.source, set()).add(edge.target)
            arcs.setdefault(edge.target, set())
        return {name: frozenset(targets) for name, targets in arcs.items()}

    @cached_property
    def cyclic_components(self) -> tuple[tuple[str, ...], ...]:
        return cyclic_components(self.arcs)

    def within(self, members: Iterable[str]) -> tuple[Edge, ...]:
        """The edges that both start and end in a set of nodes."""
        inside = frozenset(members)
        return tuple(edge for edge in self.edges if edge.source in inside and edge.target in inside)


def is_acyclic(arcs: Arcs) -> bool:
    try:
        graphlib.TopologicalSorter(arcs).prepare()
    except graphlib.CycleError:
        return False
    return True


def cyclic_components(arcs: Arcs) -> tuple[tuple[str, ...], ...]:
    """The strongly connected components that hold a cycle (one node counts if it names itself), in order of ``arcs``."""
    if is_acyclic(arcs):
        return ()
    order = {name: index for index, name in enumerate(arcs)}
    components = [
        tuple(sorted(members, key=order.__getitem__))
        for members in _StrongComponents(arcs)
        if len(members) > 1 or members[0] in arcs[members[0]]
    ]
    return tuple(sorted(components, key=lambda members: order[members[0]]))


class _StrongComponents:
    """Tarjan's algorithm without recursion (SIAM Journal on Computing 1, 1972).

    networkx has it too, but to import networkx takes longer than to fix a template, and 16 MB.
    """

    def __init__(self, arcs: Arcs) -> None:
        self.arcs = arcs
        self.met: dict[str, int] = {}
        self.lowest: dict[str, int] = {}  # of the nodes still open: the earliest open node that each is known to reach
        self.opened: list[str] = []
        self.way: list[tuple[str, Iterator[str]]] = []

    def __iter__(self) -> Iterator[list[str]]:
        for root in self.arcs:
            if root not in self.met:
                self._enter(root)
                while self.way:
                    yield from self._step()

    def _enter(self, node: str) -> None:
        self.met[node] = self.lowest[node] = len(self.met)
        self.opened.append(node)
        self.way.append((node, iter(self.arcs.get(node, ()))))

    def _step(self) -> Iterator[list[str]]:
        node, targets = self.way[-1]
        target = next((each for each in targets if each not in self.met or each in self.lowest), None)
        if target is None:
            self.way.pop()
            if self.way:
                self._lower(self.way[-1][0], self.lowest[node])
            if self.lowest[node] == self.met[node]:
                yield self._close(node)
        elif target in self.met:
            self._lower(node, self.met[target])
        else:
            self._enter(target)

    def _lower(self, node: str, number: int) -> None:
        self.lowest[node] = min(self.lowest[node], number)

    def _close(self, node: str) -> list[str]:
        members = self.opened[self.opened.index(node) :]
        del self.opened[-len(members) :]
        for member in members:
            del self.lowest[member]
        return members


def reachable(arcs: Arcs, start: str) -> set[str]:
    """Everything that ``start`` waits for, directly or not; ``start`` itself only where it is on a cycle."""
    seen: set[str] = set()
    stack = list(arcs.get(start, ()))
    while stack:
        name = stack.pop()
        if name not in seen:
            seen.add(name)
            stack += arcs.get(name, ())
    return seen


def condition_arcs(template: Template) -> dict[str, frozenset[str]]:
    """For each condition, the conditions that it is made of."""
    arcs: dict[str, set[str]] = {name: set() for name in template.conditions}
    for name, node in template.conditions.items():
        for _, inner in walk(node):
            call = intrinsic(inner)
            target = text_of(call.argument) if call and call.name == "Condition" else None
            if target in arcs:
                arcs[name].add(target)
    return {name: frozenset(targets) for name, targets in arcs.items()}


def _edges(template: Template) -> Iterator[Edge]:
    implied = _implied_owners(template)
    for resource in template.resources.values():
        for reference in resource.depends_on():
            if reference.target in template.resources:
                yield Edge(resource.logical_id, reference.target, reference)
        if resource.type == "AWS::Serverless::Function":
            yield from _function_edges(template, resource, implied)
            continue
        for reference in _property_references(template, resource):
            target = _target(template, implied, reference.target)
            if target:
                yield Edge(resource.logical_id, target, reference)


def _property_references(template: Template, resource: Resource) -> Iterator[Reference]:
    for entry in resource.node.entries:
        if entry.key.value in ("Properties", "Metadata", "CreationPolicy", "UpdatePolicy"):
            yield from references(entry.value, template.source.text, (*resource.path, entry.key.value))


def _target(template: Template, implied: frozenset[str], name: str) -> str | None:
    if name in template.resources or name in implied:
        return name
    head = name.partition(".")[0]  # SAM: ``!Ref Function.Alias``
    return head if template.is_sam and head in template.resources else None


# What the SAM transform generates, named as it names them.
# https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources.html
_TRIGGERS = {"S3": "Bucket", "Api": "RestApiId", "HttpApi": "ApiId", "Cognito": "UserPool"}
"""Event types whose source waits for the function: the property that names the source."""

_IMPLICIT_APIS = {"Api": "ServerlessRestApi", "HttpApi": "ServerlessHttpApi"}


def _implied_owners(template: Template) -> frozenset[str]:
    if not template.is_sam:
        return frozenset()
    functions = [r.logical_id for r in template.resources.values() if r.type == "AWS::Serverless::Function"]
    return frozenset((*(f"{name}Role" for name in functions), *_IMPLICIT_APIS.values())) - template.resources.keys()


def _function_edges(template: Template, function: Resource, implied: frozenset[str]) -> Iterator[Edge]:
    """The edges of a SAM function: its own, its generated role's and its events' resources'."""
    role = f"{function.logical_id}Role"
    generated = role in implied and function.property("Role") is None
    if generated:
        anchor = Reference("Ref", role, None, (*function.path, "Properties", "Policies"), function.node, None, None)
        yield Edge(function.logical_id, role, anchor, "the role that SAM generates")
    for reference in _property_references(template, function):
        target = _target(template, implied, reference.target)
        if target is None:
            continue
        steps = reference.path[3:]
        if steps[:1] == ("Policies",) and generated:
            yield Edge(role, target, reference)
        elif steps[:1] == ("Events",) and len(steps) > 1:
            yield Edge(f"{function.logical_id}{steps[1]}", target, reference)
        else:
            yield Edge(function.logical_id, target, reference)
    yield from _global_edges(template, function)
    yield from _trigger_edges(template, function)


def _global_edges(template: Template, function: Resource) -> Iterator[Edge]:
    """What SAM's ``Globals`` section adds to every function."""
    section = template.section("Globals")
    shared = section.get("Function") if section else None
    for reference in references(shared, template.source.text) if shared else ():
        if reference.target in template.resources:
            path: Path = (*function.path, "Properties", *reference.path)
            anchor = replace(reference, path=path, start=None, end=None)
            yield Edge(function.logical_id, reference.target, anchor, "the Globals section")


def _trigger_edges(template: Template, function: Resource) -> Iterator[Edge]:
    events = function.property("Events")
    for entry in events.entries if isinstance(events, MappingNode) else ():
        event = entry.value
        kind = text_of(event.get("Type")) if isinstance(event, MappingNode) else None
        if kind not in _TRIGGERS or not isinstance(event, MappingNode):
            continue
        path: Path = (*function.path, "Properties", "Events", entry.key.value)
        origin = _event_source(event, _TRIGGERS[kind]) or _IMPLICIT_APIS.get(kind)
        if origin in template.resources or origin in _IMPLICIT_APIS.values():
            reference = Reference("Ref", function.logical_id, None, path, event, None, None)
            yield Edge(str(origin), function.logical_id, reference, f"the {kind} event that SAM wires")


def _event_source(event: MappingNode, name: str) -> str | None:
    properties = event.get("Properties")
    value: Node | None = properties.get(name) if isinstance(properties, MappingNode) else None
    call = intrinsic(value) if value else None
    return text_of(call.argument) if call and call.name == "Ref" else None
