"""Cutting a DependsOn: a wait that was asked for, not one that a reference makes."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Applicability, Edge, Resource, reachable, table, text_of, walk
from remediator.transforms.cycles.component import COSTS, Component, Cut, Plan


def cuts(component: Component) -> Iterator[Cut]:
    """A DependsOn that nothing needs can be dropped; what that costs depends on what the order was good for."""
    for index, edge in enumerate(component.edges):
        source = component.resource(edge.source)
        if edge.reference.kind == "DependsOn" and source and not why_needed(component, edge):
            yield _cut(component, index, edge, source)


def why_needed(component: Component, edge: Edge) -> str:
    """What fails without the order that a DependsOn states; empty where nothing is known to."""
    source = component.resource(edge.source)
    if source and _resolves_by_name(component, source, edge.target):
        return "a dynamic reference needs it to exist first"
    return _purpose(component, edge, "needed")


def _purpose(component: Component, edge: Edge, level: str) -> str:
    row = table("creation_order").get(component.type_of(edge.source), {})
    return str(row.get(level, {}).get(component.type_of(edge.target), ""))


def _cut(component: Component, index: int, edge: Edge, source: Resource) -> Cut:
    step = f"drop DependsOn {edge.target} from {edge.source}"
    applicability, risk = Applicability.SAFE, ""
    purpose = _purpose(component, edge, "wished")
    if edge.source not in reachable(component.reference_arcs, edge.target) and edge.source != edge.target:
        cost = COSTS["drop one of two opposite DependsOn"]
        applicability = Applicability.UNSAFE
        risk = f"the template asks for {edge.source} after {edge.target} and, by another DependsOn, for the opposite"
    elif purpose:
        cost = COSTS["drop a DependsOn that states a useful order"]
        step += f" (it was there because {purpose})"
    else:
        cost = COSTS["drop a pointless DependsOn"]
        step += f": {edge.target} references {edge.source} and so can't come first"

    def make(plan: Plan) -> None:
        plan.builder.drop_depends_on(source, edge.target)

    return Cut(frozenset({index}), cost, step, make, applicability=applicability, risk=risk)


def _resolves_by_name(component: Component, source: Resource, target: str) -> bool:
    """Whether the source holds a dynamic reference, which CloudFormation does not see, to the target by its name."""
    other = component.resource(target)
    name = text_of(other.property("Name")) if other else None
    dynamic = [n.value for _, n in walk(source.node) if hasattr(n, "value") and "{{resolve:" in str(n.value)]
    return any(name is None or name in text for text in dynamic)
