"""The dependency graph as text: Mermaid, Graphviz DOT, JSON, SVG. Arrows point from what waits to what it waits for."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from remediator.graph import Graph
from remediator.report import svg
from remediator.template import Template

Arc = tuple[str, str]


def render(template: Template, form: str) -> str:
    """``form``: mermaid, dot, json or svg."""
    forms: dict[str, Callable[[Graph], str]] = {"mermaid": _mermaid, "dot": _dot, "json": _json, "svg": svg.render}
    return forms[form](Graph(template))


def render_both(before: Template, after: Template, form: str) -> str:
    """The graphs of a template as it is and after the fix, beside each other; in pictures, what is new is green."""
    graphs = Graph(before), Graph(after)
    if form == "svg":
        return svg.side_by_side(*graphs)
    if form == "json":
        return json.dumps(dict(zip(("before", "after"), map(_document, graphs), strict=True)), indent=2) + "\n"
    if form == "dot":
        return "digraph template {\n" + "".join(_cluster(number, each) for number, each in enumerate(graphs)) + "}\n"
    return _mermaid_both(*graphs)


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
    nodes, arcs, cyclic, _ = _mermaid_parts(graph, "n")
    marks = [f"  linkStyle {','.join(map(str, cyclic))} stroke:#d1242f,stroke-width:3px"] if cyclic else []
    return "\n".join(["flowchart LR", *nodes, *arcs, *marks]) + "\n"


def _mermaid_both(before: Graph, after: Graph) -> str:
    nodes, arcs, cyclic, _ = _mermaid_parts(before, "b")
    more, links, left, new = _mermaid_parts(after, "a", before)
    cyclic += [len(arcs) + index for index in left]
    lines = ["flowchart LR", '  subgraph before["as it is"]', *nodes, *arcs, "  end"]
    lines += ['  subgraph after["after the fix"]', *more, *links, "  end"]
    if cyclic:
        lines.append(f"  linkStyle {','.join(map(str, cyclic))} stroke:#d1242f,stroke-width:3px")
    if new:
        lines.append(f"  linkStyle {','.join(str(len(arcs) + index) for index in new)} stroke:#1a7f37,stroke-width:2px")
    return "\n".join(lines) + "\n"


def _mermaid_parts(graph: Graph, prefix: str, before: Graph | None = None) -> tuple[list[str], list[str], list[int], list[int]]:
    """The lines of nodes and arcs, and the numbers of arcs that lie on a cycle, and of those that were not there before."""
    numbers = {name: f"{prefix}{index}" for index, name in enumerate(graph.arcs)}
    nodes = [f'  {numbers[name]}["{name}<br/>{_type(graph, name)}"]' for name in graph.arcs]
    found = kinds(graph)
    arcs = [f"  {numbers[source]} -->|{how}| {numbers[target]}" for (source, target), how in found.items()]
    on_cycle = cyclic_arcs(graph)
    cyclic = [index for index, arc in enumerate(found) if arc in on_cycle]
    new = [index for index, (source, target) in enumerate(found) if before and target not in before.arcs.get(source, ())]
    return nodes, arcs, cyclic, [index for index in new if index not in cyclic]


def _dot(graph: Graph) -> str:
    return "\n".join(["digraph template {", *_dot_lines(graph), "}"]) + "\n"


def _cluster(number: int, graph: Graph) -> str:
    caption = ("as it is", "after the fix")[number]
    lines = [f"  {line}" for line in _dot_lines(graph, f"{number}:")]
    return "\n".join([f"  subgraph cluster{number} {{", f'    label="{caption}";', *lines, "  }"]) + "\n"


def _dot_lines(graph: Graph, prefix: str = "") -> list[str]:
    cyclic = cyclic_arcs(graph)
    lines = ["  rankdir=LR;", "  node [shape=box, fontname=Helvetica];"]
    lines += [f'  "{prefix}{name}" [label="{name}\\n{_type(graph, name)}"];' for name in graph.arcs]
    for (source, target), how in kinds(graph).items():
        mark = ", color=red, penwidth=2" if (source, target) in cyclic else ""
        lines.append(f'  "{prefix}{source}" -> "{prefix}{target}" [label="{how}"{mark}];')
    return lines


def _json(graph: Graph) -> str:
    return json.dumps(_document(graph), indent=2) + "\n"


def _document(graph: Graph) -> dict[str, Any]:
    cyclic = cyclic_arcs(graph)
    return {
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
