"""Why a cycle can't be broken: every edge that holds it together, and what stands against cutting it."""

from __future__ import annotations

from remediator.transforms.cycles.component import Component, Cut
from remediator.transforms.cycles.explicit_waits import why_needed
from remediator.transforms.cycles.names import holder, is_unchecked
from remediator.transforms.cycles.security_groups import GROUP

from remediator.api import MAX_RESOURCES, Edge, cyclic_components, table


def report(component: Component, cuts: list[Cut]) -> str:
    """One text that names the edges which no cut removes and which form a cycle among themselves."""
    cuttable = {index for cut in cuts for index in cut.edges}
    fixed = [edge for index, edge in enumerate(component.edges) if index not in cuttable]
    arcs: dict[str, set[str]] = {name: set() for name in component.members}
    for edge in fixed:
        arcs[edge.source].add(edge.target)
    held = [set(members) for members in cyclic_components({name: frozenset(t) for name, t in arcs.items()})]
    core = [edge for edge in fixed if any(edge.source in members and edge.target in members for members in held)]
    lines = [f"{_where(edge)} → {edge.target}: {_why(component, edge)}" for edge in core or fixed]
    return "can't be broken without giving something up; " + "; ".join(dict.fromkeys(lines))


def _where(edge: Edge) -> str:
    if edge.implied:
        return edge.source
    keys = [str(step) for step in edge.property_path if isinstance(step, str) and step != "Properties"]
    plain = [key for key in keys if not key.startswith("Fn::") and key != "Ref"]
    return ".".join([holder(edge), *plain])


def _why(component: Component, edge: Edge) -> str:
    if edge.implied:
        return f"made by {edge.implied}"
    if edge.reference.kind == "DependsOn":
        return why_needed(component, edge)
    kind = component.type_of(holder(edge))
    if kind == GROUP == component.type_of(edge.target) and len(component.members) > MAX_RESOURCES // 4:
        return f"its rules would be more than the {MAX_RESOURCES} resources that a template may have"
    if not is_unchecked(kind, edge.property_path):
        return "it must exist when this is created"
    target = component.resource(edge.target)
    row = table("physical_names").get(target.type if target else "")
    if row is None or target is None:
        return f"AWS generates its {edge.reference.attribute or 'id'}"
    if target.property(str(row["name"])) is None:
        return f"it has no {row['name']} to build from"
    if edge.reference.attribute and edge.reference.attribute not in row.get("attributes", {}):
        return f"AWS generates its {edge.reference.attribute}"
    return f"its {row['name']} is an expression that can't be written here"
