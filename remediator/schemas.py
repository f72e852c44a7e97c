"""What CloudFormation knows of each resource type: properties, values, attributes; and the walk of a resource along it.

The data is ``knowledge/schemas.zip``, made by ``scripts/make_schemas.py``; a type is read when it is first asked for.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from typing import Any

from remediator.findings import UpdateEffect
from remediator.intrinsics import intrinsic, is_no_value
from remediator.nodes import Mapping, Node, Path, Sequence
from remediator.template import Resource

_ALTERNATIVES = ("allOf", "anyOf", "oneOf")


class Shape:
    """What a value may be at one place. Alternatives (``oneOf`` …) are seen as one shape with all of their properties."""

    def __init__(self, document: dict[str, Any], schema: dict[str, Any]) -> None:
        self._document = document
        self._parts = tuple(_parts(document, schema, 0))
        self.schema: dict[str, Any] = self._parts[0]

    @cached_property
    def properties(self) -> dict[str, Shape]:
        found: dict[str, Shape] = {}
        for part in self._parts:
            for name, schema in part.get("properties", {}).items():
                found.setdefault(name, Shape(self._document, schema))
        return found

    @cached_property
    def closed(self) -> bool:
        """Whether an object has the properties of the schema and no others."""
        if self.schema.get("additionalProperties") is False and "patternProperties" not in self.schema:
            return True  # whatever its alternatives ask for besides
        named = [part for part in self._parts if "properties" in part or "patternProperties" in part]
        return bool(named) and all(
            part.get("additionalProperties") is False and "patternProperties" not in part for part in named
        )

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The properties that an object needs whatever else it has."""
        return tuple(self.schema.get("required", ()))

    @cached_property
    def types(self) -> frozenset[str]:
        """The JSON types that the schema allows; empty where it does not say."""
        found: set[str] = set()
        for part in self._parts:
            kind = part.get("type", ())
            found.update([kind] if isinstance(kind, str) else kind)
        return frozenset(found)

    @cached_property
    def enum(self) -> tuple[str, ...]:
        """The values that the schema lists, as text; empty where it lists none."""
        return tuple(_text(value) for part in self._parts for value in part.get("enum", ()))

    @cached_property
    def items(self) -> Shape | None:
        for part in self._parts:
            if isinstance(part.get("items"), dict):
                return Shape(self._document, part["items"])
        return None

    def at(self, *names: str) -> Shape | None:
        """The shape of a property of a property; lists are stepped into."""
        shape: Shape | None = self
        for name in names:
            shape = shape.items if shape and shape.items else shape
            shape = shape.properties.get(name) if shape else None
        return shape


def _parts(document: dict[str, Any], schema: dict[str, Any], depth: int) -> Iterator[dict[str, Any]]:
    """A schema and its alternatives, with references followed."""
    while "$ref" in schema and depth < 20:
        target: Any = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step.replace("~1", "/")]
        schema, depth = target, depth + 1
    yield schema
    for word in _ALTERNATIVES:
        for option in schema.get(word, ()):
            if isinstance(option, dict) and depth < 20:
                yield from _parts(document, option, depth + 1)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True)
class ResourceType:
    """The definition of a resource type. ``attributes``: what ``Fn::GetAtt`` returns, dots included."""

    name: str
    document: dict[str, Any]

    @cached_property
    def shape(self) -> Shape:
        return Shape(self.document, self.document)

    @cached_property
    def attributes(self) -> tuple[str, ...]:
        return tuple(self.document["attributes"])

    @cached_property
    def read_only(self) -> frozenset[str]:
        """The properties that AWS sets, as dotted paths."""
        return self._pointers("readOnlyProperties")

    @cached_property
    def create_only(self) -> frozenset[str]:
        """The properties whose update requires replacement, as dotted paths."""
        return self._pointers("createOnlyProperties")

    def update_effect(self, *properties: str) -> UpdateEffect:
        """What changing top-level properties does to a deployed resource, as far as the schema tells."""
        return UpdateEffect.REPLACEMENT if self.create_only.intersection(properties) else UpdateEffect.NONE

    def _pointers(self, key: str) -> frozenset[str]:
        return frozenset(p.removeprefix("/properties/").replace("/", ".") for p in self.document.get(key, ()))


@cache
def _archive() -> zipfile.ZipFile:
    return zipfile.ZipFile(resources.files("remediator.knowledge").joinpath("schemas.zip").open("rb"))


@cache
def type_names() -> frozenset[str]:
    """Every resource type that CloudFormation and SAM have in us-east-1."""
    return frozenset(name.replace("/", "::") for name in _archive().namelist() if "/" in name)


@cache
def resource_type(name: str) -> ResourceType | None:
    """The definition of a type; None for custom resources, modules, third-party types and those that do not exist."""
    if name not in type_names():
        return None
    return ResourceType(name, json.loads(_archive().read(name.replace("::", "/"))))


@dataclass(frozen=True, slots=True)
class Place:
    """A value in the properties of a resource, and what may stand there."""

    path: Path
    node: Node
    shape: Shape


def places(resource: Resource) -> Iterator[Place]:
    """Every value of a resource's properties that its type describes, outermost first.

    Both branches of an ``Fn::If`` are gone through; any other intrinsic is a value of its own. What ``AWS::NoValue``
    removes, and what the schema does not know, is left out.
    """
    kind = resource_type(resource.type)
    if kind is not None and resource.properties is not None:
        yield from _places((*resource.path, "Properties"), resource.properties, kind.shape)


def _places(path: Path, node: Node, shape: Shape) -> Iterator[Place]:
    call = intrinsic(node)
    if call and call.name == "Fn::If" and isinstance(call.argument, Sequence):
        for index, branch in enumerate(call.argument.items[1:], 1):
            if not is_no_value(branch):
                yield from _places((*path, "Fn::If", index), branch, shape)
        return
    yield Place(path, node, shape)
    if call:
        return
    if isinstance(node, Mapping):
        for entry in node.entries:
            inner = shape.properties.get(entry.key.value)
            if inner is not None and not is_no_value(entry.value):
                yield from _places((*path, entry.key.value), entry.value, inner)
    elif isinstance(node, Sequence) and shape.items is not None:
        items = shape.items
        for index, item in enumerate(node.items):
            if not is_no_value(item):
                yield from _places((*path, index), item, items)
