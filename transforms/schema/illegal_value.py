"""SCH005: values that are not among those that the schema lists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from remediator.api import (
    Applicability,
    Context,
    EditBuilder,
    Finding,
    Mapping,
    Origin,
    Pass,
    Path,
    Place,
    Remedy,
    Resource,
    Scalar,
    Sequence,
    Template,
    intrinsic,
    origins,
    show,
    table,
)
from remediator.transforms.schema import examples
from remediator.transforms.schema.likeness import nearest

_ELSEWHERE = frozenset([("AWS::SSM::Parameter", "Type"), ("AWS::CloudTrail::Trail", "Type")])
"""Properties that a pass of their own looks after."""

_SAFE = "it is another way to write what stands there, and the template can't be deployed with that"
SAM = "AWS::Serverless::"
"""The schemas of SAM's types are too loose to say that a value is wrong."""
_LIMITS = frozenset(["AllowedPattern", "MaxLength", "MaxValue", "MinLength", "MinValue"])
"""What else a parameter may ask of its value; a new default might break it."""
_SHOWN = 12
_LONGER = 1.05
"""Up to this factor a longer retention is what its author wanted: 2557 days for seven years, where he counted 2555."""


class IllegalValue(Pass):
    """A property has a value that is not among those that its schema lists, so the resource is refused.

    A value that is the same but for case and punctuation is spelt as it must be, and so are those that a table
    knows (`ON_DEMAND` is `PAY_PER_REQUEST`). A retention that is not in the list becomes the next longer one:
    nothing is deleted earlier than its author wanted. Everything else is asked for. Values that come from a parameter or a
    mapping are mended there, as long as nothing else uses them.
    """

    code = "SCH005"
    name = "illegal-value"
    profile = "deploy"
    answers = ("E3030", "F3030", "W3030")
    sources = ("https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html",)
    examples = examples.ILLEGAL_VALUE

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        owners: dict[Path, Place] = {}
        for resource, place in context.places:
            owners[place.path] = place
            name = place.path[-1]
            rows = table("value_aliases").get(resource.type, {}).get(_names(place.path), {})
            listed = place.shape.enum or rows
            if not listed or (resource.type, name) in _ELSEWHERE or resource.type.startswith(SAM):
                continue
            if isinstance(place.node, Sequence | Mapping) and not intrinsic(place.node):
                continue
            for origin in origins(template, place.node, place.path):
                if origin.node.value in rows or not _allowed(origin.node.value, place):
                    message = f"{origin.node.value} is no {_property(place.path)} of {resource.type}"
                    remedy = _remedy(template, resource, place, origin, owners)
                    yield self.finding(template, origin.path, origin.node, message, remedy, (resource.path,))


def _property(path: Path) -> str:
    return next(step for step in reversed(path) if isinstance(step, str) and not step.startswith("Fn::"))


def _allowed(value: str, place: Place) -> bool:
    insensitive = "enumCaseInsensitive" in place.shape.schema
    known = {text.lower() for text in place.shape.enum} if insensitive else set(place.shape.enum)
    if not known:
        return True
    return (value.lower() if insensitive else value) in known or value == "" or "{{resolve:" in value


def _remedy(template: Template, resource: Resource, place: Place, origin: Origin, places: dict[Path, Place]) -> Remedy | str:
    allowed = place.shape.enum
    question = f"which of {', '.join(allowed[:_SHOWN])}{' …' if len(allowed) > _SHOWN else ''} is meant?"
    if origin.shared and uses(template, origin.path) != 1:
        return f"{show(origin.path)} is used elsewhere too: {question}"
    row = table("value_aliases").get(resource.type, {}).get(_names(place.path), {}).get(origin.node.value)
    if row is not None and "item" in row:
        return _left_out(place, places, row["item"]) or question
    row = row or _row(place, origin.node.value)
    if row is None or not admitted(template, origin, row["to"]):
        return question
    return written(origin, row["to"], row.get("why", _SAFE), unsafe=row.get("unsafe", False))


def _row(place: Place, value: str) -> dict[str, Any] | None:
    """What the list itself tells of a value that is not in it, in the form of a row of the table."""
    allowed = list(place.shape.enum)
    squeezed = [each for each in allowed if _squeezed(each) == _squeezed(value)]
    meant = squeezed[0] if len(squeezed) == 1 else nearest(value, allowed, loosely=False)
    if meant is not None:
        return {"to": meant}
    longer = _longer(value, place) if _property(place.path) == "RetentionInDays" else None
    if longer is None:
        return None
    much = int(longer) > int(value) * _LONGER
    why = "it is the next longer one that there is; nothing is deleted earlier than asked for"
    return {"to": longer, "why": why + (", but much later" if much else ""), "unsafe": much}


def _left_out(place: Place, places: dict[Path, Place], why: str) -> Remedy | None:
    """The list without the item that the value is, or that is an object with the value in it."""
    path = place.path if isinstance(place.path[-1], int) else place.path[:-1]
    index, name, owner = path[-1], str(path[-2]), places.get(path[:-2])
    if owner is None or not isinstance(owner.node, Mapping) or not isinstance(index, int):
        return None
    mapping = owner.node
    return Remedy(f"leave it out of {name}", lambda b: b.remove_item(mapping, name, index, owner.path), why)


def _names(path: Path) -> str:
    return ".".join(step for step in path[3:] if isinstance(step, str) and not step.startswith("Fn::"))


def _squeezed(value: str) -> str:
    return re.sub(r"[^a-z0-9*]", "", value.lower())


def _longer(value: str, place: Place) -> str | None:
    if not value.isdigit() or int(value) == 0:  # elsewhere 0 means for ever, or not at all
        return None
    days = sorted(int(each) for each in place.shape.enum if each.isdigit())
    return next((str(each) for each in days if each >= int(value)), None)


def written(origin: Origin, value: str, why: str, *, unsafe: bool = False) -> Remedy:
    """Writes another value where one comes from, and among the values that its parameter allows."""
    new: Any = int(value) if value.isdigit() and origin.node.kind == "int" else value

    def make(builder: EditBuilder) -> None:
        builder.replace(origin.node, new, origin.path)
        _choose(builder, origin, value, new)

    level = Applicability.UNSAFE if unsafe else Applicability.SAFE
    return Remedy(f"write {value} for {origin.node.value} in {show(origin.path)}", make, why, level)


def _choose(builder: EditBuilder, origin: Origin, value: str, new: Any) -> None:
    """Writes the new value among those that the parameter allows, too, unless it is there."""
    definition = _definition(builder.template, origin)
    choices = _allowed_values(definition)
    for index, item in enumerate(choices):
        if definition and item.value == origin.node.value:
            if value in [other.value for other in choices]:
                builder.remove_item(definition, "AllowedValues", index, origin.path[:2])
            else:
                builder.replace(item, new, (*origin.path[:2], "AllowedValues", index))


def _definition(template: Template, origin: Origin) -> Mapping | None:
    return template.parameter(str(origin.path[1])) if origin.path[0] == "Parameters" else None


def _allowed_values(definition: Mapping | None) -> list[Scalar]:
    allowed = definition.get("AllowedValues") if definition else None
    return [item for item in allowed.items if isinstance(item, Scalar)] if isinstance(allowed, Sequence) else []


def admitted(template: Template, origin: Origin, value: str) -> bool:
    """Whether a parameter whose default is mended takes the new value."""
    definition = _definition(template, origin)
    if definition is None:
        return True
    allowed = [item.value for item in _allowed_values(definition)]
    return (not allowed or value in allowed or origin.node.value in allowed) and not _LIMITS & definition.keys


def uses(template: Template, path: Path) -> int:
    """How often a parameter or a mapping is mentioned."""
    if path[0] == "Parameters":
        return sum(1 for each in template.references if each.target == path[1])
    return len(re.findall(rf"FindInMap\W+{re.escape(str(path[1]))}\b", template.source.text))
