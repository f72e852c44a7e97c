"""COM018: texts and lists that are too short or too long, or texts of another form."""

from __future__ import annotations

import re
from collections.abc import Iterator

from remediator.api import (
    Context,
    Example,
    Finding,
    Mapping,
    Origin,
    Pass,
    Path,
    Place,
    Remedy,
    Resource,
    Sequence,
    intrinsic,
    origins,
    show,
    table,
)
from remediator.transforms.values.texts import retext

_NEEDLESS = {
    ("AWS::Lambda::Url", "Cors.AllowMethods", "OPTIONS"): "Lambda answers what a browser asks beforehand (OPTIONS) by itself",
}
"""Items that a list can't have and does not need.
https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html#urls-cors (2026-11)"""
_SAM = "AWS::Serverless::"

_BEFORE = """\
Resources:
  Hello:
    Type: AWS::Lambda::Url
    Properties:
      AuthType: NONE
      TargetFunctionArn: !ImportValue hello
      Cors:
        AllowMethods: [GET, OPTIONS]
"""


class WrongLength(Pass):
    """A text is shorter or longer than its property allows, or of another form; or a list has too few items or too many.

    Space around a text goes where that is all that is wrong. A list without items goes where the property may be left out, and
    `OPTIONS` from the methods of a function's URL, which answers such requests by itself. What a text should be instead,
    and which items a list should lose, is a question.

    Left alone: texts with variables, the defaults of parameters, which somebody may replace, and what the types of SAM take
    otherwise than CloudFormation's.
    """

    code = "COM018"
    name = "wrong-length"
    profile = "deploy"
    answers = ("E3031", "E3032", "E3033", "F3031", "F3032", "F3033")
    sources = ("https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html",)
    examples = (Example("A method that needs no permission", _BEFORE, _BEFORE.replace("[GET, OPTIONS]", "[GET]")),)

    def run(self, context: Context) -> Iterator[Finding]:
        owners: dict[Path, Place] = {}
        for resource, place in context.places:
            owners[place.path] = place
            if resource.type.startswith(_SAM):
                continue
            if isinstance(place.node, Sequence) and not intrinsic(place.node):
                yield from self._list(context, place, place.node, owners.get(place.path[:-1]))
            else:
                yield from self._text(context, resource, place, owners.get(place.path[:-1]))

    def _list(self, context: Context, place: Place, node: Sequence, owner: Place | None) -> Iterator[Finding]:
        least, most = place.shape.schema.get("minItems", 0), place.shape.schema.get("maxItems", len(node.items))
        if any(intrinsic(item) for item in node.items) or least <= len(node.items) <= most:
            return
        limit = f"at least {least}" if len(node.items) < least else f"at most {most}"
        message = f"{show(place.path[1:])} has {len(node.items)} items, and takes {limit}"
        yield self.finding(context.template, place.path, node, message, _emptied(place, node, owner) or _which(place, node))

    def _text(self, context: Context, resource: Resource, place: Place, owner: Place | None) -> Iterator[Finding]:
        if not {"maxLength", "minLength", "pattern"} & place.shape.schema.keys() or place.shape.types - {"string"}:
            return
        if _is_name(resource, place):
            return
        for origin in origins(context.template, place.node, place.path):
            value, wrong = origin.node.value, _wrong(origin.node.value, place)
            if not wrong or origin.shared or origin.node.kind != "str" or "{{resolve:" in value:
                continue
            message = f"{value[:40]!r} {wrong} {show(place.path[1:])}"
            question = f"which {show(place.path[3:])} should {resource.logical_id} have?"
            remedy = _needless(resource, place, owner) or _trimmed(place, origin) or question
            yield self.finding(context.template, origin.path, origin.node, message, remedy, (resource.path,))


def _is_name(resource: Resource, place: Place) -> bool:
    """Whether a text is the name of its resource, which VAL001 and VAL002 look at, or an id, which VAL011 does."""
    names = {table(each).get(resource.type, {}).get("property") for each in ("lower_case_names", "name_lengths")}
    return place.path[3] in names or "format" in place.shape.schema


def _wrong(value: str, place: Place) -> str:
    """What is wrong with a text, as the middle of a sentence."""
    schema = place.shape.schema
    if len(value) > schema.get("maxLength", len(value)):
        return f"has {len(value)} characters, and {schema['maxLength']} are the most of"
    if len(value) < schema.get("minLength", 0):
        return f"has {len(value)} characters, and {schema['minLength']} are the least of"
    try:
        return "" if re.search(schema.get("pattern", ""), value) else "is not of the form of"
    except re.error:
        return ""  # JavaScript's patterns have what Python's have not


def _trimmed(place: Place, origin: Origin) -> Remedy | None:
    text = origin.node.value.strip()
    if text == origin.node.value or not text or _wrong(text, place):
        return None
    return Remedy("remove the space around it", lambda b: retext(b, origin.node, text, origin.path), "nothing else is wrong")


def _needless(resource: Resource, place: Place, owner: Place | None) -> Remedy | None:
    names = [step for step in place.path[3:] if isinstance(step, str)]
    value = getattr(place.node, "value", None)
    why = _NEEDLESS.get((resource.type, ".".join(names), str(value)))
    listed = owner.node if owner else None
    if why is None or owner is None or not isinstance(listed, Sequence) or not isinstance(place.path[-1], int):
        return None
    mapping, index = _holder(resource, owner), place.path[-1]
    if mapping is None:
        return None
    path, key = owner.path[:-1], str(owner.path[-1])
    return Remedy(f"remove {value}", lambda b: b.remove_item(mapping, key, index, path), why)


def _holder(resource: Resource, owner: Place) -> Mapping | None:
    """The mapping that has a list at one of its keys."""
    node = resource.properties
    for step in owner.path[3:-1]:
        inner = node.get(str(step)) if node else None
        node = inner if isinstance(inner, Mapping) and not intrinsic(inner) else None
    return node


def _emptied(place: Place, node: Sequence, owner: Place | None) -> Remedy | None:
    """A list without items says nothing, where the property may be left out."""
    name = str(place.path[-1])
    if node.items or owner is None or not isinstance(owner.node, Mapping) or name in owner.shape.required:
        return None
    mapping, path = owner.node, owner.path
    return Remedy(f"remove {name}", lambda b: b.remove_entry(mapping, name, path), "there is nothing in it")


def _which(place: Place, node: Sequence) -> str:
    many = len(node.items) > place.shape.schema.get("minItems", 0)
    return f"which items should {place.path[-1]} {'lose' if many else 'have'}?"
