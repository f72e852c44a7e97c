"""Asking for what an undefined name should have been: a parameter typed as its places need it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from remediator.api import EditBuilder, Ref, parameter_for, table
from remediator.transforms.references import kinds
from remediator.transforms.references.naming import spoken, thing, words
from remediator.transforms.references.uses import LOGICAL_ID, Use, put_variable, refer, rename

_TYPES = {
    "AWS::EC2::Image.Id": "AWS::EC2::Image::Id",
    "AWS::EC2::SecurityGroup.Id": "AWS::EC2::SecurityGroup::Id",
    "AWS::EC2::SecurityGroup.Ids": "List<AWS::EC2::SecurityGroup::Id>",
    "AWS::EC2::Subnet.Id": "AWS::EC2::Subnet::Id",
    "AWS::EC2::Subnet.Ids": "List<AWS::EC2::Subnet::Id>",
    "AWS::EC2::VPC.Id": "AWS::EC2::VPC::Id",
}
"""Parameter types whose values CloudFormation checks, by the format in the schemas.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html (2026-11)"""

_SECRET = ("password", "passphrase", "token")
_MAX_CHOICES = 12
_ACTIONS = ("AlarmActions", "OKActions", "InsufficientDataActions", "NotificationARN", "TopicArn")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One value to ask for, and the mentions that it answers."""

    wish: str
    definition: dict[str, Any]
    members: tuple[Use, ...]

    def ask(self, builder: EditBuilder) -> None:
        name = builder.new_logical_id(self.wish)
        builder.add_to_section("Parameters", name, self.definition)
        for use in self.members:
            if use.reference.kind == "GetAtt":
                refer(builder, use.reference, Ref(name))
            elif use.reference.attribute:
                put_variable(builder, use.reference, f"${{{name}}}")
            elif name != use.reference.target:
                rename(builder, use.reference, name)


def wanted(name: str, members: list[Use]) -> list[Wanted] | None:
    """What has to be asked for in place of a name: a value for each attribute; None where no parameter could hold it."""
    found = []
    for attribute in dict.fromkeys(use.reference.attribute for use in members):
        group = tuple(use for use in members if use.reference.attribute == attribute)
        definition = _definition(name, attribute, group)
        if definition is None:
            return None
        plain = name if LOGICAL_ID.fullmatch(name) else "".join(word.capitalize() for word in words(name))
        found.append(Wanted(plain + (attribute or "").replace(".", ""), definition, group))
    return found


def _definition(name: str, attribute: str | None, group: tuple[Use, ...]) -> dict[str, Any] | None:
    description = _description(name, attribute, group)
    if any(use.place[-2:] in (("Fn::Select", 1), ("Fn::Join", 1)) for use in group):
        return {"Type": "CommaDelimitedList", "Description": description}
    definition: dict[str, Any] = {"Type": "String", "Description": description}
    shaped = [_shaped(use, description) for use in group if use.alone and use.shape]
    if None in shaped:
        return None
    if shaped and all(each == shaped[0] for each in shaped):
        definition = shaped[0] or definition
    elif any(each and kinds.is_list(each["Type"]) for each in shaped):
        return None
    last = words(name)[-1:]
    if attribute is None and (last and last[0] in _SECRET) and definition["Type"] == "String":
        definition["NoEcho"] = True
    return definition


def _shaped(use: Use, description: str) -> dict[str, Any] | None:
    """The definition that one place needs."""
    if use.shape is None:
        return None
    kind = next((_TYPES[each] for each in sorted(kinds.formats(use.shape)) if each in _TYPES), None)
    if kind:
        return {"Type": kind, "Description": description}
    if use.shape.items and use.shape.items.types == {"object"}:
        return None
    in_record = "AliasTarget" in use.place
    definition = parameter_for("" if in_record else use.property_name, use.shape, description)
    if definition and len(definition.get("AllowedValues", ())) > _MAX_CHOICES:
        del definition["AllowedValues"]
    if definition and kinds.is_list(definition["Type"]) and "array" not in use.shape.types:
        definition["Type"] = definition["Type"].removeprefix("List<").removesuffix(">")
    return definition


def _telling(group: tuple[Use, ...]) -> Use:
    """The mention that says most about what is wanted: one that stands alone in a place that the schemas know."""
    return next((use for use in group if use.alone and use.shape), group[0])


def _description(name: str, attribute: str | None, group: tuple[Use, ...]) -> str:
    """What the value is, for the person who is asked for it."""
    use = _telling(group)
    what = "ARN" if attribute == "Arn" else attribute or _returned(name, use)
    if what:
        whose = f" for {use.owner.logical_id}" if use.owner else ""
        return f"{what[0].upper()}{what[1:]} of the {thing(name)}{whose}"
    if use.alone and use.shape and use.owner and len(group) == 1:
        return f"{use.property_name} of {use.owner.logical_id}"
    text = spoken(name)
    return text[0].upper() + text[1:]


def _returned(name: str, use: Use) -> str | None:
    """Whether an ARN, an id or a name of something is wanted; None for a plain setting."""
    formats = kinds.formats(use.shape) if use.shape and use.alone else frozenset()
    if use.property_name in _ACTIONS or (use.shape and use.alone and kinds.wants_arn(use.property_name, use.shape)):
        return "ARN"
    ends = {each.rpartition(".")[2].removesuffix("s") for each in formats}
    if len(ends) == 1:
        return {"Id": "ID", "Arn": "ARN"}.get(ends.pop(), "name")
    value = _by_name(name)
    in_policy = use.property_name in ("Resource", "NotResource") and use.alone
    return "ARN" if in_policy and value and value != "name" else value


def _by_name(name: str) -> str | None:
    """What ``Ref`` returns for what a name says that it is, by its last words."""
    facts = table("references_words")
    returns: dict[str, str] = facts["returns"]
    parts = " ".join(facts["long"].get(word, word) for word in words(name)).split()
    return next((returns[end] for end in (" ".join(parts[-2:]), *parts[-1:]) if end in returns), None)
