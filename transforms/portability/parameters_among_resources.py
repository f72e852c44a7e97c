"""POR006: parameters that stand among the resources."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from remediator.api import (
    SPREAD,
    Context,
    Copy,
    EditBuilder,
    Example,
    Finding,
    Mapping,
    Moved,
    Node,
    Pass,
    Ref,
    Reference,
    Remedy,
    Resource,
    Template,
    intrinsic,
    text_of,
)

_TYPE = re.compile(
    r"String|Number|CommaDelimitedList|(?:List<)?AWS::(?:EC2|Route53)::\w+::(?:Id|KeyName|Name|GroupName)>?|List<\w+>"
    r"|AWS::SSM::Parameter::(?:Name|Value<.+>)"
)
_ATTRIBUTES = frozenset(
    ["Type", "Default", "Description", "NoEcho", "AllowedPattern", "AllowedValues", "ConstraintDescription"]
)
_LIMITS = frozenset(["MinLength", "MaxLength", "MinValue", "MaxValue"])
_VALUE_KEYS = ("Default", "Name", "Value")
"""The properties that people give such a parameter, for the value that it is to have."""

BEFORE = """\
Resources:
  Image:
    Type: AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>
    Default: /aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64
  Server:
    Type: AWS::EC2::Instance
    Properties:
      ImageId: !Ref Image
"""
AFTER = """\
Parameters:
  Image:
    Type: AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>
    Default: /aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64
Resources:
  Server:
    Type: AWS::EC2::Instance
    Properties:
      ImageId: !Ref Image
"""


class ParameterAmongResources(Pass):
    """What has the type of a parameter, such as `AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>`, stands among the
    resources, and CloudFormation knows no resource of that type.

    It moves to the parameters, with its comments. `Ref` goes on returning its value; an `Fn::GetAtt` of it becomes `Ref`.
    A value that is written as a property becomes the default.
    """

    code = "POR006"
    name = "parameter-among-resources"
    profile = "deploy"
    answers = ("E3001", "E3006", "F3006")
    sources = ("https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html",)
    examples = (Example("The latest image", BEFORE, AFTER),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for resource in template.resources.values():
            if not _TYPE.fullmatch(resource.type):
                continue
            message = f"{resource.logical_id} is a parameter among the resources"
            yield self.finding(template, resource.path, resource.node, message, _remedy(template, resource))


def _remedy(template: Template, resource: Resource) -> Remedy | str:
    name = resource.logical_id
    value = _value(resource)
    if value is None:
        return f"what should the parameter {name} be? Not all that it has has a place in a parameter"
    if name in template.parameters:
        return f"should it be the parameter {name}, which is there already?"

    def make(builder: EditBuilder) -> None:
        builder.add_to_section("Parameters", name, value)
        builder.remove_entry(template.resources_node, name, ("Resources",), moved=((resource.node.start, resource.node.end),))
        for reference in template.references:
            if reference.target == name:
                _refer(builder, reference)

    why = "the template can't be deployed with it among the resources, and references go on returning its value"
    return Remedy(f"move {name} to the parameters", make, why)


def _value(resource: Resource) -> dict[str, Any] | None:
    """The definition of the parameter; None where something in the resource has no place in one."""
    entries = resource.node.keys - {"Properties", "DependsOn"}
    properties = resource.node.get("Properties")
    if entries - _ATTRIBUTES - _LIMITS:
        return None
    moved = Moved(resource.node, without=frozenset(["Properties", "DependsOn"]))
    if properties is None:
        return {SPREAD: moved}
    texts = _given(properties)
    if texts is None or len(texts) != 1 or "Default" in entries:
        return None
    return {SPREAD: moved, "Default": Copy(texts[0])}


def _given(properties: Node) -> list[Node] | None:
    """The values among the properties; None where there is anything else."""
    if not isinstance(properties, Mapping) or intrinsic(properties) or properties.keys - {*_VALUE_KEYS, "Type", "Description"}:
        return None
    return [node for key in _VALUE_KEYS if (node := properties.get(key)) is not None and text_of(node)]


def _refer(builder: EditBuilder, reference: Reference) -> None:
    if reference.kind == "GetAtt":
        builder.replace(reference.node, Ref(reference.target), reference.path[:-1])
    elif reference.kind == "Sub" and reference.attribute and reference.start is not None and reference.end is not None:
        builder.replace_text(reference.start, reference.end, f"${{{reference.target}}}", reference.path)
    elif reference.kind == "DependsOn":
        builder.drop_depends_on(builder.template.resources[str(reference.path[1])], reference.target)
