"""Why a cycle can't be broken: every edge that holds it together, and what stands against cutting it."""

from __future__ import annotations

from remediator.api import Edge, cyclic_components, table
from remediator.transforms.cycles import security_groups
from remediator.transforms.cycles.component import Component, Cut
from remediator.transforms.cycles.explicit_waits import why_needed
from remediator.transforms.cycles.names import holder, is_unchecked, plain_keys

MOST_EDGES = 40
"""Edges named in one report; where there are more, the rest are counted."""


def report(component: Component, cuts: list[Cut]) -> str:
    """One text that names the edges which no cut removes and which form a cycle among themselves."""
    cuttable = {index for cut in cuts for index in cut.edges}
    fixed = {index: edge for index, edge in enumerate(component.edges) if index not in cuttable}
    arcs: dict[str, set[str]] = {name: set() for name in component.members}
    for edge in fixed.values():
        arcs[edge.source].add(edge.target)
    held = [set(members) for members in cyclic_components(arcs)]
    core = [i for i, edge in fixed.items() if any({edge.source, edge.target} <= members for members in held)]
    shown = [f"{_where(fixed[i])} → {fixed[i].target}: {_why(component, i)}" for i in (core or [*fixed])[:MOST_EDGES]]
    more = len(core or fixed) - MOST_EDGES
    lines = [*dict.fromkeys(shown), *([f"and {more:,} more"] if more > 0 else [])]
    return "can't be broken without giving something up; " + "; ".join(lines)


def _where(edge: Edge) -> str:
    if edge.implied:
        return edge.source
    return ".".join([holder(edge), *(key for key in plain_keys(edge.property_path) if key != "Properties")])


def _why(component: Component, index: int) -> str:
    edge = component.edges[index]
    if edge.implied:
        return f"made by {edge.implied}"
    if edge.reference.kind == "DependsOn":
        return why_needed(component, edge)
    kind = component.type_of(holder(edge))
    if why := security_groups.why_not(component, index):
        return why
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
