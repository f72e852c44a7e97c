"""SCH007: data resources that a trail can't select."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from remediator.api import (
    Applicability,
    Call,
    Context,
    EditBuilder,
    Finding,
    GetAtt,
    Mapping,
    Node,
    Pass,
    Path,
    Ref,
    Remedy,
    Resource,
    Sequence,
    Sub,
    Template,
    intrinsic,
    meaning,
    text_of,
    to_value,
)
from remediator.transforms.schema import examples

SELECTABLE = frozenset(["AWS::DynamoDB::Table", "AWS::Lambda::Function", "AWS::S3::Object"])
"""The types that basic event selectors take; the first source says so (2026-11)."""

_NAME = re.compile(r"\$\{(\w+)\}(/.*)?")
_EVERYTHING = re.compile(r"(arn:[^:]+:s3)(:::\*(/\*)?|:::/?)?")


class TrailData(Pass):
    """An event selector names a resource type that has no data events there, so CloudTrail refuses the trail.

    `AWS::S3::Bucket` becomes `AWS::S3::Object`, whose values are prefixes of object ARNs, not patterns: `arn:…:bucket/` for
    all objects of a bucket, `arn:aws:s3` for those of all buckets; where another entry selects the same, it goes. Types
    without data events, such as keys and roles, go where the selector includes management events: what is done to them
    is recorded as such.
    """

    code = "SCH007"
    name = "unselectable-trail-data"
    profile = "deploy"
    answers = ("E3030", "W3030")
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-cloudtrail-trail-dataresource.html",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html",
    )
    examples = examples.TRAIL_DATA

    def run(self, context: Context) -> Iterator[Finding]:
        for trail in context.template.resources.values():
            if trail.type == "AWS::CloudTrail::Trail":
                for selector, path in _items(trail.property("EventSelectors"), (*trail.path, "Properties", "EventSelectors")):
                    yield from self._selector(context.template, trail, selector, path)

    def _selector(self, template: Template, trail: Resource, selector: Mapping, path: Path) -> Iterator[Finding]:
        listed = selector.get("DataResources")
        items = list(_items(listed, (*path, "DataResources")))
        for item, where in items:
            kind = text_of(item.get("Type"))
            if kind is None or not isinstance(listed, Sequence) or (kind in SELECTABLE and not _no_prefixes(template, item)):
                continue
            message = f"{trail.logical_id} can't select data events of {kind}" + (" by pattern" if kind in SELECTABLE else "")
            if kind in ("AWS::S3::Bucket", "AWS::S3::Object"):
                others = [other for other, _ in items if other is not item]
                remedy = _objects(template, selector, path, item, where, others)
            else:
                remedy = _gone(selector, path, where, kind)
            yield self.finding(template, where, item, message, remedy)


def _no_prefixes(template: Template, item: Mapping) -> bool:
    """Whether the values of an entry for objects are not the prefixes of ARNs that CloudTrail wants."""
    values = item.get("Values")
    if text_of(item.get("Type")) != "AWS::S3::Object" or not isinstance(values, Sequence) or intrinsic(values):
        return False
    said = [to_value(value) for value in values.items]
    return any(_prefix(template, value) != value for value in said if "*" in str(value))


def _items(node: object, path: Path) -> Iterator[tuple[Mapping, Path]]:
    if isinstance(node, Sequence) and not intrinsic(node):
        for index, item in enumerate(node.items):
            if isinstance(item, Mapping) and not intrinsic(item):
                yield item, (*path, index)


def _objects(
    template: Template, selector: Mapping, path: Path, item: Mapping, where: Path, others: list[Mapping]
) -> Remedy | str:
    """The bucket's objects instead of the bucket, or nothing where they are selected already."""
    values = item.get("Values")
    kind = item.get("Type")
    if not isinstance(values, Sequence) or intrinsic(values) or kind is None:
        return "which buckets' objects should be selected?"
    wanted = [_prefix(template, to_value(value)) for value in values.items]
    if None in wanted:
        return "which buckets' objects should be selected?"
    if any(_selects(template, other, wanted) for other in others):
        index = int(where[-1])
        return Remedy(
            "remove the entry, whose objects another one selects already",
            lambda b: b.remove_item(selector, "DataResources", index, path),
            "the same events are selected by the entry of type AWS::S3::Object",
        )

    def make(builder: EditBuilder) -> None:
        if text_of(kind) != "AWS::S3::Object":
            builder.replace(kind, "AWS::S3::Object", (*where, "Type"))
        for index, (old, new) in enumerate(zip(values.items, wanted, strict=True)):
            if new in wanted[:index]:
                builder.remove_item(item, "Values", index, where)
            elif meaning(old) != _said(new):
                _write(builder, old, new, (*where, "Values", index))

    return Remedy(
        "select the objects by type AWS::S3::Object and the prefix of their ARNs",
        make,
        "the data events of a bucket are those of its objects; CloudTrail refuses what stands there",
    )


def _write(builder: EditBuilder, old: Node, new: Any, path: Path) -> None:
    """Writes a prefix; of a join only its last part."""
    call = intrinsic(old)
    if isinstance(new, Call) and call and isinstance(call.argument, Sequence):
        parts = call.argument.items[1]
        if isinstance(parts, Sequence):
            last = len(parts.items) - 1
            builder.replace(parts.items[last], new.argument[1][last], (*path, "Fn::Join", 1, last))
    else:
        builder.replace(old, new, path)


def _selects(template: Template, other: Mapping, wanted: list[Any]) -> bool:
    """Whether another entry selects the same objects."""
    values = other.get("Values")
    if text_of(other.get("Type")) != "AWS::S3::Object" or not isinstance(values, Sequence) or intrinsic(values):
        return False
    there = [_prefix(template, to_value(value)) for value in values.items]
    return all(value in there for value in wanted)


def _said(value: Any) -> Any:
    """What a value that was read comes out as in the meaning of a node."""
    if isinstance(value, GetAtt):
        return {"Fn::GetAtt": [value.name, value.attribute]}
    if isinstance(value, Call):
        return {value.name: _said(value.argument)}
    if isinstance(value, list):
        return [_said(item) for item in value]
    return {"Ref": value.name} if isinstance(value, Ref) else {"Fn::Sub": value.text} if isinstance(value, Sub) else value


def _prefix(template: Template, value: Any) -> Any:
    """The prefix of the ARNs of a bucket's objects; None where that is not known."""
    if isinstance(value, Ref):
        return _of_bucket(template, value.name, "/")
    if isinstance(value, GetAtt):
        other = template.resources.get(value.name)
        known = value.attribute == "Arn" and (other is None or other.type == "AWS::S3::Bucket")
        return Sub(f"${{{value.name}.Arn}}/") if known else None
    if isinstance(value, Sub):
        name = _NAME.fullmatch(value.text)
        if name:
            tail = _text(f"x{name.group(2) or '/'}")
            return _of_bucket(template, name.group(1), tail[1:]) if tail else None
        text = _text(value.text)
        return None if text is None else Sub(text)
    if isinstance(value, Call) and value.name == "Fn::Join" and isinstance(value.argument, list):
        return _joined(value.argument)
    return _text(value) if isinstance(value, str) and value.startswith("arn:") else None


def _of_bucket(template: Template, name: str, tail: str) -> Sub | None:
    """A prefix for a bucket of the template, or for one whose name is a parameter."""
    resource = template.resources.get(name)
    if resource is not None:
        return Sub(f"${{{name}.Arn}}{tail}") if resource.type == "AWS::S3::Bucket" else None
    known = name in template.parameters
    return Sub(f"arn:${{AWS::Partition}}:s3:::${{{name}}}{tail}") if known else None


def _joined(argument: list[Any]) -> Call | None:
    """A join whose last part is ``/*``, without the asterisk."""
    parts = argument[1] if len(argument) == 2 and argument[0] == "" else None
    if not isinstance(parts, list) or not isinstance(parts[-1], str) or not parts[-1].endswith("/*"):
        return None
    clean = [*parts[:-1], parts[-1].removesuffix("*")]
    return None if "*" in str(clean) else Call("Fn::Join", ["", clean])


def _text(text: str) -> str | None:
    whole = _EVERYTHING.fullmatch(text)
    if whole:
        return whole.group(1)
    text = text.removesuffix("*") if "/" in text else f"{text}/"
    return None if "*" in text else text


def _gone(selector: Mapping, path: Path, where: Path, kind: str) -> Remedy | str:
    managed = selector.get("IncludeManagementEvents")
    recorded = managed is None or meaning(managed) in (("bool", "true"), "true")
    if kind.startswith(("AWS::S3", "AWS::DynamoDB", "AWS::Lambda")):
        return f"data events of {kind} need AdvancedEventSelectors; which are meant?"
    index = int(where[-1])
    return Remedy(
        f"remove {kind} from the data resources",
        lambda b: _without(b, selector, path, index),
        "what is done to it is a management event, which the selector includes"
        if recorded
        else "the selector leaves out management events, so what is done to it is not recorded",
        Applicability.SAFE if recorded else Applicability.UNSAFE,
    )


def _without(builder: EditBuilder, selector: Mapping, path: Path, index: int) -> None:
    """Removes an entry; a selector of which nothing would be left says what it selects without it."""
    listed = selector.get("DataResources")
    if len(selector.entries) == 1 and isinstance(listed, Sequence) and len(listed.items) == 1:
        builder.replace_entry(selector, "DataResources", "IncludeManagementEvents", True, path)
    else:
        builder.remove_item(selector, "DataResources", index, path)
