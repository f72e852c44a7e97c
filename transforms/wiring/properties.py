"""One more property of a resource."""

from __future__ import annotations

from remediator.api import EditBuilder, Resource


def set_property(builder: EditBuilder, resource: Resource, key: str, value: object) -> None:
    """Adds a property at the end, with ``Properties`` where a resource has none."""
    properties = resource.properties
    if properties is None:
        builder.insert_entry(resource.node, "Properties", {key: value}, resource.path, after="Type")
        return
    last = properties.entries[-1].key.value if properties.entries else None
    builder.insert_entry(properties, key, value, (*resource.path, "Properties"), after=last)
