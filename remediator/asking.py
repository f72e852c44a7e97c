"""Asking for a value that only a person knows: a parameter without default, typed as the property needs it."""

from __future__ import annotations

import re
from typing import Any

from remediator.builder import EditBuilder
from remediator.render import Ref
from remediator.schemas import Shape

_TYPES = {
    "AWS::EC2::Image.Id": "AWS::EC2::Image::Id",
    "AWS::EC2::SecurityGroup.Id": "AWS::EC2::SecurityGroup::Id",
    "AWS::EC2::SecurityGroup.Ids": "List<AWS::EC2::SecurityGroup::Id>",
    "AWS::EC2::Subnet.Id": "AWS::EC2::Subnet::Id",
    "AWS::EC2::Subnet.Ids": "List<AWS::EC2::Subnet::Id>",
    "AWS::EC2::VPC.Id": "AWS::EC2::VPC::Id",
    "DestinationSecurityGroupId": "AWS::EC2::SecurityGroup::Id",
    "HostedZoneId": "AWS::Route53::HostedZone::Id",
    "ImageId": "AWS::EC2::Image::Id",
    "KeyName": "AWS::EC2::KeyPair::KeyName",
    "SecurityGroupId": "AWS::EC2::SecurityGroup::Id",
    "SecurityGroupIds": "List<AWS::EC2::SecurityGroup::Id>",
    "SourceSecurityGroupId": "AWS::EC2::SecurityGroup::Id",
    "SubnetId": "AWS::EC2::Subnet::Id",
    "SubnetIds": "List<AWS::EC2::Subnet::Id>",
    "Subnets": "List<AWS::EC2::Subnet::Id>",
    "VPCId": "AWS::EC2::VPC::Id",
    "VPCSecurityGroups": "List<AWS::EC2::SecurityGroup::Id>",
    "VPCZoneIdentifier": "List<AWS::EC2::Subnet::Id>",
    "VpcId": "AWS::EC2::VPC::Id",
    "VpcSecurityGroupIds": "List<AWS::EC2::SecurityGroup::Id>",
}
"""AWS-specific parameter types by the format of a property, or by its name where its schema gives none.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html (2026-11)"""

_SECRET = re.compile(r"(Password|Secret|Secret(Access)?Key|Token)$")
_MAX_CHOICES = 30


def parameter_for(name: str, shape: Shape | None, description: str) -> dict[str, Any] | None:
    """The definition of a parameter for a property; None where a parameter can't hold such a value (an object)."""
    types = shape.types if shape else frozenset({"string"})
    special = _TYPES.get(shape.schema.get("format", name) if shape else name)
    if special is not None and special.startswith("List") == ("array" in types):
        return {"Type": special, "Description": description}
    definition: dict[str, Any] = {"Type": "String", "Description": description}
    if "object" in types or ("array" in types and not _are_texts(shape)):
        return None
    if "array" in types:
        definition["Type"] = "CommaDelimitedList"
    elif types & {"integer", "number"} and "string" not in types:
        definition["Type"] = "Number"
    if _SECRET.search(name):
        definition["NoEcho"] = True
    choices = ("true", "false") if types == {"boolean"} else shape.enum if shape else ()
    if 1 < len(choices) <= _MAX_CHOICES:
        definition["AllowedValues"] = list(choices)
    return definition


def _are_texts(shape: Shape | None) -> bool:
    """Whether the items of a list are such as a parameter may hold."""
    types = shape.items.types if shape and shape.items else frozenset[str]()
    return not types & {"array", "object"}


def asked(builder: EditBuilder, wish: str, definition: dict[str, Any]) -> Ref:
    """Adds a parameter that asks for a value, and refers to it."""
    name = builder.new_logical_id(wish)
    builder.add_to_section("Parameters", name, definition)
    return Ref(name)
