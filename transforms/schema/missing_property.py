"""SCH002: properties that the resource type needs and that are not there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from remediator.api import (
    Applicability,
    Context,
    EditBuilder,
    Finding,
    Mapping,
    Pass,
    Path,
    Place,
    Ref,
    Remedy,
    Resource,
    Template,
    asked,
    intrinsic,
    is_no_value,
    parameter_for,
    references,
    resource_type,
    show,
    table,
    text_of,
    walk,
)
from remediator.transforms.schema import examples
from remediator.transforms.schema.likeness import completed, nearest

_NOTHING = Mapping(0, 0, (), flow=True)
_MANY = 100
"""More items than a list has; the number of an item plus this is that of no other one."""


class MissingProperty(Pass):
    """A resource lacks a property that its type requires, always or beside another property that is there.

    It is written where it can have only one sensible value: the table `forced_values` has them, and a schema that allows
    a single value. A role, an image, a network are asked for; a property that stands there under another name is
    the business of SCH001.
    """

    code = "SCH002"
    name = "missing-property"
    profile = "deploy"
    answers = ("E3003", "E3021", "F3003", "F3021")
    sources = ("https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html",)
    examples = examples.MISSING_PROPERTY

    def run(self, context: Context) -> Iterator[Finding]:
        for resource, place in (*context.places, *_bare(context)):
            node = place.node
            if not isinstance(node, Mapping) or intrinsic(node) or "Fn::Transform" in node.keys:
                continue
            beside = resource.node.keys if len(place.path) == 3 else frozenset[str]()  # SCH009 moves it in
            for name, because in _missing(resource.type, place, node):
                if name in beside:
                    continue
                path = (*place.path, name)
                message = f"{show(path[1:])} is missing; {resource.type} needs it{because}"
                at = resource.key if len(place.path) == 3 else node
                yield self.finding(context.template, path, at, message, _remedy(context.template, resource, place, name))


def _bare(context: Context) -> Iterator[tuple[Resource, Place]]:
    """The properties of resources that have none at all."""
    for resource in () if context.template.has_custom_macro else context.template.resources.values():
        kind = resource_type(resource.type)
        made = any(nearest(key, ["Properties"]) or key.startswith("Fn::") for key in resource.node.keys)
        if kind is not None and not made:
            yield resource, Place((*resource.path, "Properties"), _NOTHING, kind.shape)


def _missing(kind: str, place: Place, node: Mapping) -> Iterator[tuple[str, str]]:
    """What is missing, and because of what."""
    needed = dict.fromkeys(place.shape.required, "")
    for name, others in place.shape.schema.get("dependentRequired", {}).items():
        if name in node.keys and not is_no_value(node.get(name)):
            needed.update({other: f" beside {name}" for other in others if other not in needed})
    for name, because in needed.items():
        if name not in node.keys and not _misnamed(kind, place, node, name):
            yield name, because


def _misnamed(kind: str, place: Place, node: Mapping, name: str) -> bool:
    """Whether the property is there, but under another name or a level too high."""
    known = place.shape.properties
    inner = known[name].properties if name in known else {}
    moved = table("property_moves").get(kind, {})
    for key in node.keys - known.keys():
        row = moved.get(".".join((*_names(place.path), key)), {})
        if key in inner or nearest(key, [name]) or completed(key, [name]) or row.get("to") == name:
            return True
    return False


def _names(path: Path) -> tuple[str, ...]:
    return tuple(step for step in path[3:] if isinstance(step, str) and step != "Fn::If")


def _remedy(template: Template, resource: Resource, place: Place, name: str) -> Remedy | str:
    row = table("forced_values").get(resource.type, {}).get(".".join((*_names(place.path), name)))
    shape = place.shape.properties.get(name)
    if row is None and shape is not None and len(shape.enum) == 1:
        row = {"value": shape.enum[0], "why": "the type allows no other value"}
    value = _value(template, resource, place, row) if row else None
    node = place.node
    if row is None or value is None or not isinstance(node, Mapping):
        return _asked(resource, place, name)
    return Remedy(
        f"write {name} of {resource.logical_id}",
        lambda b: _write(b, resource, place, name, value),
        f"{row['why']}; without it the template can't be deployed",
    )


def _asked(resource: Resource, place: Place, name: str) -> Remedy | str:
    """A parameter that asks for the value, as an unsafe fix: whoever deploys has to know it."""
    node, question = place.node, f"which {name} should {resource.logical_id} have?"
    kind = resource_type(resource.type)
    own = kind is not None and f"/properties/{name}" in kind.document.get("primaryIdentifier", ())  # no existing thing's name
    definition = parameter_for("" if own else name, place.shape.properties.get(name), f"{name} of {resource.logical_id}")
    if definition is None or not isinstance(node, Mapping):
        return question
    return Remedy(
        f"ask for {name} of {resource.logical_id} with a parameter",
        lambda b: _write(b, resource, place, name, asked(b, f"{resource.logical_id}{name}", definition)),
        f"whoever deploys has to answer: {question}",
        Applicability.UNSAFE,
    )


def _write(builder: EditBuilder, resource: Resource, place: Place, name: str, value: Any) -> None:
    assert isinstance(place.node, Mapping)
    if place.node is _NOTHING:
        builder.set_entry(resource.node, "Properties", {name: value}, resource.path)
    else:
        builder.set_entry(place.node, name, value, place.path)


def _value(template: Template, resource: Resource, place: Place, row: dict[str, Any]) -> Any:
    if "only" in row:
        return _only(template, resource, row["only"])
    if "by_type" in row:
        return _by_type(template, resource, row)
    steps = zip(place.path, place.path[1:], strict=False)
    number = max((step for before, step in steps if isinstance(step, int) and before != "Fn::If"), default=0) + 1
    taken = {text_of(node) for _, node in walk(resource.node)}
    while f"{resource.logical_id}{number}" in taken:
        number += _MANY
    return _filled(row["value"], resource.logical_id, number)


def _filled(pattern: Any, logical_id: str, number: int) -> Any:
    if isinstance(pattern, dict):
        return {key: _filled(part, logical_id, number) for key, part in pattern.items()}
    return pattern.replace("$id", logical_id).replace("$n", str(number)) if isinstance(pattern, str) else pattern


def _only(template: Template, resource: Resource, types: list[str]) -> Ref | None:
    """A reference to the one resource or parameter of some types, if it is there whenever the resource is."""
    found = [each.logical_id for each in template.resources.values() if each.type in types]
    section = template.section("Parameters")
    for entry in section.entries if section else ():
        definition = entry.value
        if isinstance(definition, Mapping) and text_of(definition.get("Type")) in types:
            found.append(entry.key.value)
    if len(found) != 1:
        return None
    there = template.resources.get(found[0])
    if there is not None and there.condition not in (None, resource.condition):
        return None
    return Ref(found[0])


def _by_type(template: Template, resource: Resource, row: dict[str, Any]) -> str | None:
    node = resource.property(row["of"])
    for reference in references(node, template.source.text) if node else ():
        target = template.resources.get(reference.target)
        if reference.kind == "Ref" and target is not None:
            value: str | None = row["by_type"].get(target.type)
            return value
    return None
