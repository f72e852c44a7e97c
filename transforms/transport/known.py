"""The resources that a pass may look at."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Context, Resource


def of_type(context: Context, *types: str) -> Iterator[Resource]:
    """The resources of some types, except those to which a macro may add what seems to be missing."""
    template = context.template
    if template.resources_node.entry("Fn::Transform"):
        return
    for each in template.resources.values():
        if each.type in types and not (each.properties and each.properties.entry("Fn::Transform")):
            yield each
