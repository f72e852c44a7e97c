"""The dependency graph as text: Mermaid, Graphviz DOT, JSON, SVG. Arrows point from what waits to what it waits for."""

from __future__ import annotations

import json
from collections.abc import Callable

from remediator.graph import Graph
from remediator.report import svg
from remediator.template import Template

Arc = tuple[str, str]


def render(template: Template, form: str) -> str:
    """``form``: mermaid, dot, json or svg."""
    forms: dict[str, Callable[[Graph], str]] = {"mermaid": _mermaid, "dot": _dot, "json": _json, "svg": svg.render}
    return forms[form](Graph(template))


def kinds(graph: Graph) -> dict[Arc, str]:
    """For each arc, how the template makes it: ``Ref``, ``GetAtt``, ``Sub``, ``DependsOn``, or several of them."""
    found: dict[Arc, dict[str, None]] = {}
    for edge in graph.edges:
        found.setdefault((edge.source, edge.target), {})[edge.reference.kind] = None
    return {arc: ", ".join(names) for arc, names in found.items()}


def cyclic_arcs(graph: Graph) -> set[Arc]:
    """The arcs that lie on a cycle."""
    return {(edge.source, edge.target) for members in graph.cyclic_components for edge in graph.within(members)}


def _type(graph: Graph, name: str) -> str:
    resource = graph.template.resources.get(name)
    return resource.type if resource else "made by SAM"


def _mermaid(graph: Graph) -> str:
    numbers = {name: f"n{index}" for index, name in enumerate(graph.arcs)}
    cyclic = cyclic_arcs(graph)
    lines = ["flowchart LR"]
    lines += [f'  {numbers[name]}["{name}<br/>{_type(graph, name)}"]' for name in graph.arcs]
    marked = []
    for index, ((source, target), how) in enumerate(kinds(graph).items()):
        lines.append(f"  {numbers[source]} -->|{how}| {numbers[target]}")
        if (source, target) in cyclic:
            marked.append(str(index))
    if marked:
        lines.append(f"  linkStyle {','.join(marked)} stroke:#d1242f,stroke-width:3px")
    return "\n".join(lines) + "\n"


def _dot(graph: Graph) -> str:
    cyclic = cyclic_arcs(graph)
    lines = ["digraph template {", "  rankdir=LR;", "  node [shape=box, fontname=Helvetica];"]
    lines += [f'  "{name}" [label="{name}\\n{_type(graph, name)}"];' for name in graph.arcs]
    for (source, target), how in kinds(graph).items():
        mark = ", color=red, penwidth=2" if (source, target) in cyclic else ""
        lines.append(f'  "{source}" -> "{target}" [label="{how}"{mark}];')
    return "\n".join([*lines, "}"]) + "\n"


def _json(graph: Graph) -> str:
    cyclic = cyclic_arcs(graph)
    document = {
        "nodes": [{"id": name, "type": _type(graph, name)} for name in graph.arcs],
        "edges": [
            {
                "source": edge.source,
                "target": edge.target,
                "kind": edge.reference.kind,
                "attribute": edge.reference.attribute,
                "path": list(edge.reference.path),
                "implied": edge.implied or None,
                "cyclic": (edge.source, edge.target) in cyclic,
            }
            for edge in graph.edges
        ],
        "cycles": [list(members) for members in graph.cyclic_components],
    }
    return json.dumps(document, indent=2) + "\n"
