"""A strongly connected component, and the cuts that can be made in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property

from remediator.api import Applicability, Edge, EditBuilder, Graph, Resource, Template, UpdateEffect, reachable


@dataclass
class Plan:
    """The edits of one fix in the making, with the graph as it will be."""

    builder: EditBuilder
    arcs: dict[str, set[str]]

    def add(self, name: str, waits_for: Iterable[str]) -> None:
        """Notes a new resource."""
        self.arcs.setdefault(name, set()).update(waits_for)

    def wait(self, resource: Resource, target: str) -> bool:
        """Makes a resource wait for another one by DependsOn, unless it does already or a cycle would come of it."""
        name = resource.logical_id
        if name == target or name in reachable(self.arcs, target):
            return False
        if target not in reachable(self.arcs, name):
            self.arcs.setdefault(name, set()).add(target)
            self.builder.add_depends_on(resource, target)
        return True


@dataclass(frozen=True, slots=True)
class Setup:
    """Work that several cuts need done once, such as giving a resource a name."""

    key: str
    cost: int
    step: str
    make: Callable[[Plan], None] = field(compare=False)


@dataclass(frozen=True, slots=True)
class Cut:
    """One way to remove edges from a component.

    ``edges``: indexes into ``Component.edges``. ``cost``: see ``COSTS``. ``adds``: arcs that the cut brings along,
    between resources that are there already. ``step``: what is done, for people. ``risk``: for an unsafe cut, what may
    go wrong. ``always``: made wherever it is offered, not only where it is cheapest.
    """

    edges: frozenset[int]
    cost: int
    step: str
    make: Callable[[Plan], None] = field(compare=False)
    adds: tuple[tuple[str, str], ...] = ()
    setup: Setup | None = None
    applicability: Applicability = Applicability.SAFE
    effect: UpdateEffect = UpdateEffect.NONE
    risk: str = ""
    always: bool = False


COSTS = {
    "drop a pointless DependsOn": 1,
    "move a security-group rule to a resource of its own": 10,
    "move an inline policy to a resource of its own": 20,
    "attach a managed policy from its own side": 20,
    "drop a back reference that does nothing": 30,
    "name a role in a key policy by condition": 90,
    "rebuild a name or ARN from the target's own name": 100,
    "drop a DependsOn that states a useful order": 150,
    "let a service fill in what a text repeats": 200,
    "drop one of two opposite DependsOn": 1_000_000,
    "give a nameless resource a name": 1_000_000,
    "replace a bucket notification by an EventBridge rule": 5_000_000,
}
"""From best to worst. The sum is minimized. An unsafe cut costs more than safe ones in any number that occurs."""


def condition_of(*resources: Resource) -> dict[str, str] | None:
    """The ``Condition`` of a new resource that needs all of these: an entry, none, or None where two would be needed."""
    found = {resource.condition for resource in resources if resource.condition}
    if len(found) > 1:
        return None
    return {"Condition": found.pop()} if found else {}


class Component:
    """Resources that wait for each other in a circle, with every edge among them."""

    def __init__(self, graph: Graph, members: tuple[str, ...]) -> None:
        self.graph, self.members = graph, members
        self.template: Template = graph.template
        self.edges: tuple[Edge, ...] = graph.within(members)

    def resource(self, name: str) -> Resource | None:
        """The resource of a member; None for one that the SAM transform generates."""
        return self.template.resources.get(name)

    def type_of(self, name: str) -> str:
        resource = self.resource(name)
        return resource.type if resource else ""

    @cached_property
    def reference_arcs(self) -> dict[str, frozenset[str]]:
        """The arcs that rest on a reference, leaving out those that only a DependsOn makes."""
        arcs: dict[str, set[str]] = {name: set() for name in self.members}
        for edge in self.edges:
            if edge.reference.kind != "DependsOn":
                arcs[edge.source].add(edge.target)
        return {name: frozenset(targets) for name, targets in arcs.items()}
