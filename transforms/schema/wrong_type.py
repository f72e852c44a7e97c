"""SCH004: values of the wrong type: a list where an object is needed, a text where a list is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from remediator.api import (
    Context,
    Copy,
    Finding,
    Mapping,
    Node,
    Pass,
    Place,
    Remedy,
    Scalar,
    Sequence,
    Shape,
    Template,
    intrinsic,
    show,
    text_of,
)
from remediator.transforms.schema import examples
from remediator.transforms.schema.illegal_value import SAM
from remediator.transforms.schema.likeness import fits, names_fit, returned, scalar_fits

_SHORTHANDS = {("AWS::ApiGateway::Deployment", "StageDescription"): "Description"}
"""Objects with several properties that people write as the text of this one; the second source has them (2026-11)."""

_TEXTS = frozenset(["Fn::Sub", "Fn::Join", "Fn::Base64"])


class WrongType(Pass):
    """A property has a value of another type than its schema says.

    The value is written the other way where that says the same: tags as a list or as a map, a single value as a list of
    one, a list of one as a single value, the only property of an object as that object. Numbers, booleans and
    texts are left alone, for CloudFormation turns one into the other.
    """

    code = "SCH004"
    name = "wrong-type"
    profile = "deploy"
    answers = ("E3012", "F3012")
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-apigateway-deployment-stagedescription.html",
    )
    examples = examples.WRONG_TYPE

    def run(self, context: Context) -> Iterator[Finding]:
        for resource, place in context.places:
            if len(place.path) == 3 or resource.type.startswith(SAM) or not _mismatched(context.template, place):
                continue
            kind = (resource.type, str(place.path[-1]))
            message = f"{show(place.path[1:])} is {_noun(place.node)}; {resource.type} needs {_needed(place.shape)}"
            yield self.finding(
                context.template, place.path, place.node, message, _remedy(context.template, place, _SHORTHANDS.get(kind))
            )


def _mismatched(template: Template, place: Place) -> bool:
    node, shape = place.node, place.shape
    types, call = shape.types, intrinsic(node)
    if not types:
        return False
    if call:
        text = returned(node, template) == "string"
        return text and ((call.name in _TEXTS and types == {"object"} and shape.closed) or types == {"array"})
    if isinstance(node, Sequence):
        return "array" not in types
    if isinstance(node, Mapping):
        return "object" not in types and "Fn::Transform" not in node.keys and not any(k.startswith("Fn::") for k in node.keys)
    return node.kind != "null" and (types <= {"object", "array"}) and node.value != ""


def _noun(node: Node) -> str:
    return (
        "a list"
        if isinstance(node, Sequence)
        else "an object"
        if isinstance(node, Mapping) and not intrinsic(node)
        else "a text"
    )


def _needed(shape: Shape) -> str:
    nouns = {"array": "a list", "object": "an object", "string": "a text", "boolean": "true or false"}
    return " or ".join(nouns.get(kind, "a number") for kind in sorted(shape.types))


def _remedy(template: Template, place: Place, shorthand: str | None) -> Remedy | str:
    value = _written(template, place.node, place.shape, shorthand)
    if value is None:
        return f"how should {show(place.path[1:])} be written as {_needed(place.shape)}?"
    return Remedy(
        f"write {show(place.path[1:])} as {_needed(place.shape)}",
        lambda b: b.replace(place.node, value, place.path),
        "it says the same, in the type that CloudFormation takes",
    )


def _written(template: Template, node: Node, shape: Shape, shorthand: str | None) -> Any:
    """The same value in the type of the shape; None where that is not known."""
    if isinstance(node, Sequence) and "object" in shape.types and not shape.closed:
        return _as_map(node, shape)
    if isinstance(node, Mapping) and shape.items is not None and not intrinsic(node):
        return _as_list(template, node, shape.items)
    few = shape.schema.get("minItems", 0) < 2
    if shape.items is not None and few and not isinstance(node, Sequence) and fits(node, shape.items, template):
        return [Copy(node)]
    if isinstance(node, Sequence) and len(node.items) == 1 and fits(node.items[0], shape, template):
        return Copy(node.items[0])
    only = list(shape.properties) if len(shape.properties) == 1 else [shorthand] if shorthand else []
    if only and not isinstance(node, Sequence):
        inner = shape.properties[only[0]]
        if intrinsic(node) or (isinstance(node, Scalar) and scalar_fits(node, inner)):
            return {only[0]: Copy(node)}
    return None


def _as_map(node: Sequence, shape: Shape) -> dict[str, Any] | None:
    """A list of ``{Key: …, Value: …}`` as a map."""
    found: dict[str, Any] = {}
    for item in node.items:
        key = text_of(item.get("Key")) if isinstance(item, Mapping) else None
        value = item.get("Value") if isinstance(item, Mapping) else None
        if not key or value is None or key in found:
            return None
        found[key] = Copy(value)
    return found if names_fit(found, shape) else None


def _as_list(template: Template, node: Mapping, items: Shape) -> list[Any] | None:
    """A map as a list of ``{Key: …, Value: …}``, or the object as the only item of a list."""
    keys, values = (sorted(name for name in items.properties if name.endswith(word)) for word in ("Key", "Value"))
    if len(keys) == len(values) == 1 and not {*keys, *values} & node.keys:
        if not all(fits(_only(entry.value), items.properties[values[0]], template) for entry in node.entries):
            return None
        return [{keys[0]: entry.key.value, values[0]: Copy(_only(entry.value))} for entry in node.entries]
    return [{entry.key.value: Copy(entry.value) for entry in node.entries}] if fits(node, items, template) else None


def _only(node: Node) -> Node:
    """The only item of a list, or the value itself."""
    return node.items[0] if isinstance(node, Sequence) and len(node.items) == 1 and not intrinsic(node) else node
