"""The dependency graph as an SVG picture, laid out here: no Graphviz needed.

Layered from left to right: what nothing waits for stands on the left, what it waits for further right. The members of
a cycle are placed as if the cycle were cut where it is first met; its edges are red.
"""

from __future__ import annotations

from html import escape

from remediator.graph import Graph, reachable

_WIDTH, _HEIGHT, _GAP_X, _GAP_Y, _MARGIN = 220, 44, 90, 22, 24

_STYLE = """
  svg { background: #fff; font-family: system-ui, sans-serif }
  .node rect { fill: #f6f8fa; stroke: #8c959f; rx: 6 } .node.cyclic rect { fill: #ffebe9; stroke: #d1242f }
  .id { font-size: 13px; font-weight: 600; fill: #1f2328 } .type { font-size: 11px; fill: #59636e }
  .edge { fill: none; stroke: #8c959f; stroke-width: 1.2 } .edge.cyclic { stroke: #d1242f; stroke-width: 2.4 }
  .node.new rect { fill: #dafbe1; stroke: #1a7f37 } .edge.new { stroke: #1a7f37; stroke-width: 2 }
  .caption { font-size: 14px; font-weight: 600; fill: #59636e }
  @media (prefers-color-scheme: dark) {
    svg { background: #0d1117 } .node rect { fill: #161b22 } .node.cyclic rect { fill: #3c1618 }
    .node.new rect { fill: #12261e; stroke: #3fb950 } .edge.new { stroke: #3fb950 }
    .id { fill: #e6edf3 } .type, .caption { fill: #9198a1 }
  }
"""


_CAPTION = 30
"""Pixels above each of two pictures."""


def render(graph: Graph) -> str:
    picture, width, height = _picture(graph)
    return _document([picture], width, height)


def side_by_side(before: Graph, after: Graph) -> str:
    """Two graphs, beside each other or, where they are wide, one below the other; what only the second one has is green."""
    first, width, height = _picture(before)
    second, more, tall = _picture(after, before)
    if width + more > 2 * (height + tall):
        x, y = 0, _CAPTION + height
        size = max(width, more), y + _CAPTION + tall
        line = f"M0 {y} H{size[0]}"
    else:
        x, y = width, 0
        size = width + more, _CAPTION + max(height, tall)
        line = f"M{x} 0 V{size[1]}"
    parts = [
        _captioned("as it is", first, 0, 0),
        f'<path class="edge" d="{line}"/>',
        _captioned("after the fix", second, x, y),
    ]
    return _document(parts, *size)


def _captioned(caption: str, picture: str, x: int, y: int) -> str:
    text = f'<text class="caption" x="{x + _MARGIN}" y="{y + _CAPTION - 8}">{caption}</text>'
    return f'{text}\n<g transform="translate({x} {y + _CAPTION})">{picture}</g>'


def _document(parts: list[str], width: int, height: int) -> str:
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">',
        f"<style>{_STYLE}</style>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="9" markerHeight="9" '
        'markerUnits="userSpaceOnUse" orient="auto">'
        '<path d="M0 0 8 4 0 8z" fill="context-stroke"/></marker></defs>',
    ]
    return "\n".join([*head, *parts, "</svg>"]) + "\n"


def _picture(graph: Graph, before: Graph | None = None) -> tuple[str, int, int]:
    """The nodes and edges of a graph with their width and height; with what was before, what is new is marked."""
    places = _places(graph)
    width = max((x for x, _ in places.values()), default=0) + _WIDTH + _MARGIN
    height = max((y for _, y in places.values()), default=0) + _HEIGHT + _MARGIN
    cyclic = {(edge.source, edge.target) for members in graph.cyclic_components for edge in graph.within(members)}
    members = {name for component in graph.cyclic_components for name in component}
    known = before.arcs if before else graph.arcs
    parts = []
    for source, targets in graph.arcs.items():
        for target in sorted(targets):
            mark = " cyclic" if (source, target) in cyclic else "" if target in known.get(source, ()) else " new"
            parts.append(_edge(places[source], places[target], mark))
    for name in graph.arcs:
        mark = " cyclic" if name in members else "" if name in known else " new"
        parts.append(_node(graph, name, places[name], mark))
    return "\n".join(parts), width, height


def _places(graph: Graph) -> dict[str, tuple[int, int]]:
    """Left upper corners. A node's column is the longest way to it from a node that nothing waits for."""
    columns = _columns(graph)
    filled: dict[int, int] = {}
    places = {}
    for name in graph.arcs:
        column = columns[name]
        row = filled.get(column, 0)
        filled[column] = row + 1
        places[name] = (_MARGIN + column * (_WIDTH + _GAP_X), _MARGIN + row * (_HEIGHT + _GAP_Y))
    return places


def _columns(graph: Graph) -> dict[str, int]:
    component = {name: index for index, members in enumerate(graph.cyclic_components) for name in members}
    depth: dict[str, int] = {}
    # What reaches more comes first, so each node is placed after everything that waits for it; ties are cycles.
    order = sorted(graph.arcs, key=lambda name: -len(reachable(graph.arcs, name)))
    rank = {name: number for number, name in enumerate(order)}
    for name in order:
        depth.setdefault(name, 0)
        for target in graph.arcs[name]:
            together = component.get(name, -1) == component.get(target, -2)
            if target != name and (not together or rank[target] > rank[name]):
                depth[target] = max(depth.get(target, 0), depth[name] + 1)
    return depth


def _edge(start: tuple[int, int], end: tuple[int, int], mark: str) -> str:
    (x1, y1), (x2, y2) = start, end
    half = _HEIGHT // 2
    if start == end:
        path = f"M{x1 + 150} {y1} c10 -22 40 -22 40 0"
    elif x2 > x1:
        middle = (x1 + _WIDTH + x2) // 2
        path = f"M{x1 + _WIDTH} {y1 + half} C{middle} {y1 + half} {middle} {y2 + half} {x2} {y2 + half}"
    elif x2 == x1:
        bulge = x1 + _WIDTH + 20 + min(60, abs(y2 - y1) // 6)
        path = f"M{x1 + _WIDTH} {y1 + half + 8} C{bulge} {y1 + half + 8} {bulge} {y2 + half - 8} {x2 + _WIDTH} {y2 + half - 8}"
    else:
        middle = (x1 + x2 + _WIDTH) // 2
        path = f"M{x1} {y1 + half + 8} C{middle} {y1 + half + 8} {middle} {y2 + half + 8} {x2 + _WIDTH} {y2 + half + 8}"
    return f'<path class="edge{mark}" d="{path}" marker-end="url(#tip)"/>'


def _node(graph: Graph, name: str, place: tuple[int, int], mark: str) -> str:
    x, y = place
    resource = graph.template.resources.get(name)
    kind = escape(resource.type if resource else "made by SAM")
    shown = escape(name if len(name) <= 25 else f"{name[:24]}…")
    return (
        f'<g class="node{mark}"><title>{escape(name)} ({kind})</title>'
        f'<rect x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}"/>'
        f'<text class="id" x="{x + 10}" y="{y + 19}">{shown}</text>'
        f'<text class="type" x="{x + 10}" y="{y + 35}">{kind}</text></g>'
    )
