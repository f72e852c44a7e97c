"""Cutting a DependsOn: a wait that was asked for, not one that a reference makes."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.transforms.cycles.component import COSTS, Component, Cut, Plan

from remediator.api import Applicability, Edge, Resource, reachable, table, text_of, walk


def cuts(component: Component) -> Iterator[Cut]:
    """A DependsOn can always be dropped; what that costs depends on what the order was good for."""
    for index, edge in enumerate(component.edges):
        source = component.resource(edge.source)
        if edge.reference.kind == "DependsOn" and source and not _resolves_by_name(component, source, edge.target):
            yield _cut(component, index, edge, source)


def _cut(component: Component, index: int, edge: Edge, source: Resource) -> Cut:
    step = f"drop DependsOn {edge.target} from {edge.source}"
    applicability, risk = Applicability.SAFE, ""
    purpose = table("creation_order").get(source.type, {}).get(component.type_of(edge.target), "")
    if edge.source not in reachable(component.reference_arcs, edge.target) and edge.source != edge.target:
        cost = COSTS["drop one of two opposite DependsOn"]
        applicability = Applicability.UNSAFE
        risk = f"the template asks for {edge.source} after {edge.target} and, by way of another DependsOn, for the opposite"
    elif purpose:
        cost = COSTS["drop a DependsOn that states a useful order"]
        step += f" (it was there because {purpose})"
        if component.type_of(edge.target) != "AWS::Logs::LogGroup":
            applicability, risk = Applicability.UNSAFE, f"{edge.source} may be created too early: {purpose}"
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
