"""Paths of properties, as the tables write them: where they lead, and what stands there."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Mapping, Node, Resource, Scalar, Template, references
from remediator.transforms.wiring.links import functions, inside

Texts = dict[str, list[str]]
"""For paths of properties, the texts looked for there; ``*`` for anything."""


def at(resource: Resource, path: str) -> Iterator[Node]:
    """The values at a path of properties."""
    return inside(resource.properties, *path.split("."))


def below(node: Node | None, key: str) -> Iterator[Node]:
    """The values at a key of a value, ``*`` for any key."""
    if key != "*":
        yield from inside(node, key)
        return
    for each in inside(node):
        if isinstance(each, Mapping):
            yield from (entry.value for entry in each.entries)


def follow(template: Template, start: Resource, path: str) -> Iterator[Node]:
    """The values at the end of a path, which goes on at each ``>`` in the resource that is named there."""
    *hops, last = path.split(">")
    here = [start]
    for hop in hops:
        here = [each for resource in here for node in at(resource, hop) for each in _named(template, node)]
    for resource in here:
        yield from at(resource, last)


def _named(template: Template, node: Node) -> list[Resource]:
    names = [each.target for each in references(node, template.source.text)]
    found = [template.resources[name] for name in names if name in template.resources]
    return [*found, *(each for each in functions(template, node) if each not in found)]


def fits(resource: Resource, where: Texts | None, unless: Texts | None = None) -> bool:
    """Whether a resource says one of the wanted texts, and none of the unwanted ones."""
    wanted = where is None or any(_says(resource, path, texts) for path, texts in where.items())
    return wanted and not any(_says(resource, path, texts) for path, texts in (unless or {}).items())


def _says(resource: Resource, path: str, texts: list[str]) -> bool:
    for node in at(resource, path):
        if "*" in texts or (isinstance(node, Scalar) and node.tag is None and node.value.lower() in map(str.lower, texts)):
            return True
    return False
