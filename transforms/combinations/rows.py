"""The rows of the tables ``excluded_properties`` and ``missing_companions``: what they are about, and where they hold.

Both tables have, by resource type and a name:

``also``     other resource types for which the row holds
``at``       the properties below which the mapping stands, without list indexes; by default the properties themselves
``when``     what the values of properties match (``*`` stands for anything; see ``known`` for ``->`` and ``@``)
``unless``   what they do not match
``beside``   the properties that have to be there
``without``  the properties that must not be there

Properties of properties are written with dots.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from remediator.api import Context, Mapping, Path, Place, Resource, Template, intrinsic, table
from remediator.transforms.combinations.known import Known, holds, inner, is_absent, is_set, refuted

Row = dict[str, Any]


def matches(context: Context, name: str) -> Iterator[tuple[Resource, Place, Mapping, Row, Known]]:
    """Each row of a table with each mapping of the template in which it holds."""
    rows = _by_type(name)
    for resource, place in context.places:
        node = place.node
        if resource.type not in rows or not isinstance(node, Mapping) or intrinsic(node) or "Fn::Transform" in node.keys:
            continue
        for row in rows[resource.type]:
            if row.get("at", "") == _names(place.path):
                known = _holds(context.template, node, row)
                if known:
                    yield resource, place, node, row, known


@cache
def _by_type(name: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for kind, rows in table(name).items():
        for row in rows.values():
            for each in (kind, *row.get("also", ())):
                found.setdefault(each, []).append(row)
    return found


def _names(path: Path) -> str:
    return ".".join(step for step in path[3:] if isinstance(step, str) and step != "Fn::If")


def _holds(template: Template, node: Mapping, row: Row) -> Known:
    if not all(is_set(inner(node, name)) for name in row.get("beside", ())):
        return Known.NO
    if not all(is_absent(inner(node, name)) for name in row.get("without", ())):
        return Known.NO
    if not all(refuted(template, inner(node, name), patterns) for name, patterns in row.get("unless", {}).items()):
        return Known.NO
    found = [holds(template, inner(node, name), patterns) for name, patterns in row.get("when", {}).items()]
    return min(found, default=Known.YES)


def listed(names: Iterable[str], last_word: str = "and") -> str:
    """Names as people write a list of them."""
    *most, last = names
    return f"{', '.join(most)} {last_word} {last}" if most else last
