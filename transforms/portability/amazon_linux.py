"""Which Amazon Linux a template means: what its comments, names and descriptions say of an image."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from remediator.api import Mapping, Origin, Path, Place, Resource, Scalar, Template, origins, table, walk

_ARM = re.compile(r"(?:a1|[a-z]+\d+[a-z]*g[a-z]*)\..+")
"""Instance types with Graviton processors: a ``g`` behind the generation.
https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html"""


def public_parameter(template: Template, uses: Iterable[tuple[Resource, Place]], sources: Iterable[Origin]) -> str | None:
    """The parameter that holds the newest image of the kind that is meant; None where nothing, or more than one, is said."""
    places = list(uses)
    said = [text for origin in sources for text in _said_along(template, origin.path)]
    for resource, place in places:
        said += _said_along(template, place.path)
        said += _scripts(resource)
    systems = [row for row in table("amazon_linux_images").values() if any(re.search(row["says"], text, re.I) for text in said)]
    processors = {each for resource, place in places for each in _processors(template, place)} or {"x86_64"}
    if len(systems) != 1 or len(processors) != 1:
        return None
    return str(systems[0][processors.pop()])


def _said_along(template: Template, path: Path) -> Iterator[str]:
    """The names along a path, the comments beside them, and the descriptions of what they name."""
    node = template.root
    for step in path:
        entry = node.entry(str(step)) if isinstance(node, Mapping) else None
        if entry is None:
            return
        yield entry.key.value
        yield from _comments(template, entry.start, entry.value.end if isinstance(entry.value, Scalar) else entry.key.end)
        description = entry.value.get("Description") if isinstance(entry.value, Mapping) else None
        if isinstance(description, Scalar):
            yield description.value
        if not isinstance(entry.value, Mapping):
            return
        node = entry.value


def _comments(template: Template, start: int, end: int) -> Iterator[str]:
    """The comment behind a node, and the comment lines right above it."""
    source = template.source
    if source.is_json:
        return
    behind = source.text[end : source.line_end(end)]
    if "#" in behind:
        yield behind
    line = source.line_start(start)
    while line > 0:
        above = source.line_start(line - 1)
        text = source.text[above:line].strip()
        if not text.startswith("#"):
            return
        yield text
        line = above


def _scripts(resource: Resource) -> Iterator[str]:
    """The start scripts of a resource, in which a command may be one that a single system has."""
    if resource.properties is not None:
        for path, node in walk(resource.properties):
            if isinstance(node, Scalar) and "UserData" in path:
                yield "\n".join(re.findall("amazon-linux-extras", node.value))


def _processors(template: Template, place: Place) -> Iterator[str]:
    """The processors of the instance types that stand beside an image."""
    beside = template.resources[str(place.path[1])].properties
    node = beside
    for step in place.path[3 : place.path.index("ImageId")]:
        inner = node.get(str(step)) if isinstance(node, Mapping) else None
        node = inner if isinstance(inner, Mapping) else None
    kind = node.get("InstanceType") if node else None
    for origin in origins(template, kind, ()) if kind else ():
        yield "arm64" if _ARM.fullmatch(origin.node.value) else "x86_64"
