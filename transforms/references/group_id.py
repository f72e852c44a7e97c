"""REF016: ids of security groups where names are asked for."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import (
    Context,
    Entry,
    Example,
    Finding,
    Mapping,
    Pass,
    Path,
    Remedy,
    Resource,
    Sequence,
    intrinsic,
    references,
    show,
)

_HOLDERS = {"AWS::EC2::Instance": (), "AWS::EC2::LaunchTemplate": ("LaunchTemplateData",)}
_NAMES, _IDS = "SecurityGroups", "SecurityGroupIds"

_GROUP = """
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: web
      VpcId: !Ref Vpc
"""
_BEFORE = """\
Resources:
  Server:
    Type: AWS::EC2::Instance
    Properties:
      LaunchTemplate: {LaunchTemplateName: web, Version: "1"}
      SecurityGroups:
        - !Ref Group
"""


class GroupId(Pass):
    """An instance names its security groups by `SecurityGroups`, which takes names, in the default VPC only; `Ref` of a group
    with a `VpcId` returns its id.

    The property becomes `SecurityGroupIds`, where every group in the list is one of the template with a `VpcId`.
    """

    code = "REF016"
    name = "group-id-for-name"
    profile = "deploy"
    answers = ("E1041",)
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-instance.html",
    )
    examples = (Example("A group of a VPC", _BEFORE + _GROUP, _BEFORE.replace(_NAMES, _IDS) + _GROUP),)

    def run(self, context: Context) -> Iterator[Finding]:
        for resource in context.template.resources.values():
            path: Path = (*resource.path, "Properties", *_HOLDERS.get(resource.type, ()))
            holder = _holder(resource)
            entry = holder.entry(_NAMES) if holder else None
            if holder is not None and entry is not None and _all_ids(context, entry.value):
                message = f"{show((*path, _NAMES)[1:])} has ids of groups, where names are asked for"
                yield self.finding(context.template, (*path, _NAMES), entry, message, _remedy(holder, entry, path))


def _remedy(holder: Mapping, entry: Entry, path: Path) -> Remedy | str:
    if holder.entry(_IDS):
        return f"{_IDS} is there, too: which groups hold?"
    return Remedy(f"call it {_IDS}", lambda b: b.rename_key(entry, _IDS, path), "Ref returns the id of a group in a VPC")


def _holder(resource: Resource) -> Mapping | None:
    node = resource.properties if resource.type in _HOLDERS else None
    for step in _HOLDERS.get(resource.type, ()):
        inner = node.get(step) if node else None
        node = inner if isinstance(inner, Mapping) and not intrinsic(inner) else None
    return node


def _all_ids(context: Context, node: object) -> bool:
    """Whether a list has nothing but groups of the template that have a VPC, by ``Ref`` or ``GroupId``."""
    if not isinstance(node, Sequence) or intrinsic(node) or not node.items:
        return False
    for item in node.items:
        found = list(references(item, context.template.source.text))
        group = context.template.resources.get(found[0].target) if len(found) == 1 and intrinsic(item) else None
        if group is None or group.type != "AWS::EC2::SecurityGroup" or group.property("VpcId") is None:
            return False
        if found[0].kind not in ("Ref", "GetAtt") or found[0].attribute not in (None, "GroupId"):
            return False
    return True
