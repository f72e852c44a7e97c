"""VAL011: texts in place of the ids of networks, subnets, security groups and images."""

from __future__ import annotations

import re
from collections.abc import Iterator

from remediator.api import (
    Applicability,
    Context,
    Example,
    Finding,
    Pass,
    Path,
    Place,
    Ref,
    Remedy,
    Resource,
    Scalar,
    intrinsic,
    resource_type,
)

_HEX = "([0-9a-fA-F]{8}|[0-9a-fA-F]{17})"
_KINDS = {
    "AWS::EC2::Image.Id": ("image", re.compile(rf"ami-{_HEX}|resolve:ssm:.+")),
    "AWS::EC2::SecurityGroup.Id": ("security group", re.compile(rf"sg-{_HEX}")),
    "AWS::EC2::Subnet.Id": ("subnet", re.compile(rf"subnet-{_HEX}")),
    "AWS::EC2::VPC.Id": ("VPC", re.compile(rf"vpc-{_HEX}")),
}
"""The formats of ids: what they are of, and what they look like."""
_PROPERTIES = {
    "SecurityGroupIds": "AWS::EC2::SecurityGroup.Id",
    "SubnetId": "AWS::EC2::Subnet.Id",
    "SubnetIds": "AWS::EC2::Subnet.Id",
    "Subnets": "AWS::EC2::Subnet.Id",
    "VpcId": "AWS::EC2::VPC.Id",
    "VpcSecurityGroupIds": "AWS::EC2::SecurityGroup.Id",
}
"""The formats of properties for which schemas do not always state one."""
_PLACEHOLDER = re.compile(r".*(placeholder|dummy|todo|change-?me|replace|your|x{3,}|example|none).*", re.IGNORECASE)

_BEFORE = """\
Parameters:
  Extra: {Type: String, Default: ''}
Conditions:
  HasExtra: !Not [!Equals [!Ref Extra, '']]
Resources:
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: service
  Hello:
    Type: AWS::EC2::Instance
    Properties:
      ImageId: '{{resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64}}'
      SecurityGroupIds:
        - !GetAtt Group.GroupId
        - !If [HasExtra, !Ref Extra, '']
"""


class PlaceholderId(Pass):
    """Where the id of a VPC, subnet, security group or image belongs there is an empty text or some word.

    In one branch of an `Fn::If` the empty text plainly means nothing, which CloudFormation writes as
    `!Ref AWS::NoValue`: the item leaves the list, or the optional property is not set. For words such as `sg-placeholder` the
    same is an unsafe fix. Everywhere else the report asks for the id.
    """

    code = "VAL011"
    name = "placeholder-id"
    profile = "deploy"
    answers = ("E1150", "E1151", "E1152", "E1154")
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/pseudo-parameter-reference.html",
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html",
    )
    examples = (
        Example("A group that may be missing", _BEFORE, _BEFORE.replace("Extra, '']\n", 'Extra, !Ref "AWS::NoValue"]\n')),
    )

    def run(self, context: Context) -> Iterator[Finding]:
        for resource, place in context.places:
            kind, pattern = _kind(place)
            node = place.node
            if pattern is None or not isinstance(node, Scalar) or intrinsic(node) or "{{resolve:" in node.value:
                continue
            if node.kind == "null" or pattern.fullmatch(node.value):
                continue
            said = f"“{node.value}”" if node.value else "an empty text"
            message = f"{said} is not the id of a {kind}, in {resource.logical_id}"
            yield self.finding(context.template, place.path, node, message, _remedy(resource, place, kind))


def _kind(place: Place) -> tuple[str, re.Pattern[str] | None]:
    """What an id at a place is of, by the format that the schema states, or by the name of the property."""
    name = next((step for step in reversed(place.path) if isinstance(step, str) and step != "Fn::If"), "")
    return _KINDS.get(str(place.shape.schema.get("format", _PROPERTIES.get(name))), ("", None))


def _remedy(resource: Resource, place: Place, kind: str) -> Remedy | str:
    text = place.node.value if isinstance(place.node, Scalar) else ""
    optional = place.path[-2:-1] == ("Fn::If",) and _may_go(resource, place.path)
    if not optional or (text and not _PLACEHOLDER.fullmatch(text)):
        return f"which {kind} does {resource.logical_id} use?"
    why = f"{text} stands for no {kind}, which is a guess" if text else f"an empty text in a branch means no {kind}"
    level = Applicability.UNSAFE if text else Applicability.SAFE
    return Remedy(f"leave the {kind} out there", lambda b: b.replace(place.node, Ref("AWS::NoValue"), place.path), why, level)


def _may_go(resource: Resource, path: Path) -> bool:
    """Whether a value is an item of a list, or a property that need not be there."""
    plain = [step for step, above in zip(path, ("", *path), strict=False) if step != "Fn::If" and above != "Fn::If"]
    if isinstance(plain[-1], int):
        return True
    *above, name = [str(step) for step in plain[3:] if isinstance(step, str)]
    kind = resource_type(resource.type)
    shape = kind.shape.at(*above) if kind else None
    shape = (shape.items or shape) if shape else None
    return shape is not None and name not in shape.required
