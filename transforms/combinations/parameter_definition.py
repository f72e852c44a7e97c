"""COM013: parameters that are defined in a way that CloudFormation does not know."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from remediator.api import (
    Applicability,
    Context,
    EditBuilder,
    Entry,
    Example,
    Finding,
    Mapping,
    Pass,
    Path,
    Remedy,
    Scalar,
    Sequence,
    Template,
    intrinsic,
    table,
    text_of,
)
from remediator.transforms.schema.likeness import nearest

_ATTRIBUTES = (
    "AllowedPattern",
    "AllowedValues",
    "ConstraintDescription",
    "Default",
    "Description",
    "MaxLength",
    "MaxValue",
    "MinLength",
    "MinValue",
    "NoEcho",
    "Type",
)
_STORED = re.compile(r"AWS::SSM::Parameter::Value<(.+)>")
_LIST = re.compile(r"List<(AWS::.+)>")

_BEFORE = """\
Parameters:
  Stage:
    Default: test
    AllowedValue: [test, live]
  Size:
    Type: Integer
    Default: 2
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties:
      DisplayName: !Sub ${Stage} ${Size}
"""
_AFTER = """\
Parameters:
  Stage:
    Type: String
    Default: test
    AllowedValues: [test, live]
  Size:
    Type: Number
    Default: 2
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties:
      DisplayName: !Sub ${Stage} ${Size}
"""


class ParameterDefinition(Pass):
    """A parameter has no type, or one that does not exist, or an attribute that parameters don't have, or a list where a text
    belongs; CloudFormation refuses the template.

    A type that is missing becomes `String`, which is safe where the default is a text; `Integer`, `Boolean` and their like
    become what CloudFormation has for them. An attribute gets the name that it plainly should have. One that means nothing to
    CloudFormation can only go: what it was meant to do was never done, so that it is unsafe.
    """

    code = "COM013"
    name = "parameter-definition"
    profile = "deploy"
    answers = ("E2001", "E2002")
    sources = ("https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html",)
    examples = (Example("Three of them", _BEFORE, _AFTER),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        section = template.section("Parameters")
        if section is None or template.has_custom_macro:
            return
        for entry in section.entries:
            definition = entry.value
            if isinstance(definition, Mapping) and not intrinsic(definition) and "Fn::Transform" not in definition.keys:
                yield from self._type(template, entry, definition)
                yield from self._attributes(template, entry, definition)
                yield from self._shapes(template, entry, definition)

    def _type(self, template: Template, entry: Entry, definition: Mapping) -> Iterator[Finding]:
        name, node = entry.key.value, definition.get("Type")
        path: Path = ("Parameters", name)
        if node is None:
            if not any(nearest(key, ["Type"]) for key in definition.keys - set(_ATTRIBUTES)) and definition.entries:
                remedy = _string(definition, path)
                yield self.finding(template, (*path, "Type"), entry, f"parameter {name} has no type", remedy)
            return
        written = text_of(node)
        if written is None or _is_type(written):
            return
        new = _meant(written)
        why = "it is what CloudFormation has for it"
        remedy_or_question: Remedy | str = f"which type should {name} have?"
        if new:
            remedy_or_question = Remedy(f"write {new}", lambda b: b.replace(node, new, (*path, "Type")), why)
        yield self.finding(template, (*path, "Type"), node, f"parameters have no type {written}", remedy_or_question)

    def _attributes(self, template: Template, entry: Entry, definition: Mapping) -> Iterator[Finding]:
        name, path = entry.key.value, ("Parameters", entry.key.value)
        for attribute in definition.entries:
            key = attribute.key.value
            if key in _ATTRIBUTES:
                continue
            message = f"parameter {name} has {key}, which parameters don't have"
            yield self.finding(template, (*path, key), attribute, message, _attribute(definition, attribute, path))

    def _shapes(self, template: Template, entry: Entry, definition: Mapping) -> Iterator[Finding]:
        name = entry.key.value
        default, allowed = definition.get("Default"), definition.get("AllowedValues")
        if isinstance(default, Sequence) and not intrinsic(default):
            path: Path = ("Parameters", name, "Default")
            texts = [item.value for item in default.items if isinstance(item, Scalar) and not item.tag]
            remedy: Remedy | str = f"which text is the default of {name}?"
            kind = text_of(definition.get("Type")) or ""
            if len(texts) == len(default.items) and kind.startswith(("List<", "CommaDelimitedList")):
                joined = ",".join(texts)
                remedy = Remedy(
                    f"write {joined}",
                    lambda b: b.set_entry(definition, "Default", joined, path[:-1]),
                    "a list is a text with commas",
                )
            yield self.finding(template, path, default, f"the default of {name} is a list, and has to be a text", remedy)
        if isinstance(allowed, Scalar) and not intrinsic(allowed):
            path = ("Parameters", name, "AllowedValues")
            remedy = Remedy("write a list", lambda b: _listed(b, allowed, path), "it says the same")
            yield self.finding(template, path, allowed, f"AllowedValues of {name} is no list", remedy)


def _string(definition: Mapping, path: Path) -> Remedy:
    known = isinstance(definition.get("Default"), Scalar)
    why = "its default is a text" if known else "it may have been meant for a list"
    level = Applicability.SAFE if known else Applicability.UNSAFE
    return Remedy("write Type: String", lambda b: b.insert_entry(definition, "Type", "String", path), why, level)


def _attribute(definition: Mapping, entry: Entry, path: Path) -> Remedy:
    key = entry.key.value
    meant = nearest(key, list(_ATTRIBUTES))
    if meant and meant not in definition.keys:
        return Remedy(f"call it {meant}", lambda b: b.rename_key(entry, meant, path), "nothing else can be meant")
    why = "it means nothing to CloudFormation, and what it was meant to do is not done"
    return Remedy(f"remove {key}", lambda b: b.remove_entry(definition, key, path), why, Applicability.UNSAFE)


def _listed(builder: EditBuilder, node: Scalar, path: Path) -> None:
    values = [each.strip() for each in node.value.split(",")]
    builder.replace(node, values, path)


@cache
def _types() -> frozenset[str]:
    rows = table("parameter_types")["types"]
    lists = [f"List<{each}>" for each in rows["specific"]]
    return frozenset((*rows["plain"], *rows["specific"], *rows["stored"], *lists))


def _is_type(written: str) -> bool:
    stored = _STORED.fullmatch(written)
    return written in _types() or (stored is not None and stored[1] in _types())


def _meant(written: str) -> str | None:
    """The type that is plainly meant."""
    low = written.strip().lower()
    same = [each for each in _types() if each.lower() == low]
    if same:
        return same[0]
    alias: str | None = table("parameter_types")["aliases"].get(low)
    if alias:
        return alias
    listed = _LIST.fullmatch(written.strip())
    inner = _meant(listed[1]) if listed else None
    return f"List<{inner}>" if inner else nearest(written, sorted(_types()))
