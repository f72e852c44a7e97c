"""PUB011: nodes of a cluster that the whole internet may log in to."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import (
    Applicability,
    Context,
    EditBuilder,
    Example,
    Finding,
    Mapping,
    Pass,
    Path,
    Ref,
    Remedy,
    Template,
    UpdateEffect,
    asked,
    text_of,
)
from remediator.transforms.settings.slots import slots

_WISH = "NodeSshSecurityGroupIds"
_DEFINITION = {
    "Type": "List<AWS::EC2::SecurityGroup::Id>",
    "Description": "Security groups from which people log in to the nodes",
}

_BEFORE = """\
Parameters:
  Subnets:
    Type: List<AWS::EC2::Subnet::Id>
  NodeRole:
    Type: String
Resources:
  Nodes:
    Type: AWS::EKS::Nodegroup
    Properties:
      ClusterName: shop
      NodeRole: !Ref NodeRole
      Subnets: !Ref Subnets
      RemoteAccess:
        Ec2SshKey: operators
"""
_PARAMETER = """\
  NodeSshSecurityGroupIds:
    Type: List<AWS::EC2::SecurityGroup::Id>
    Description: Security groups from which people log in to the nodes
"""
_AFTER = _BEFORE.replace("Resources:\n", f"{_PARAMETER}Resources:\n") + (
    "        SourceSecurityGroups: !Ref NodeSshSecurityGroupIds\n"
)


class NodesOpenToTheWorld(Pass):
    """A node group names a key pair for logins but no security group, and EKS opens port 22 of its nodes to the whole internet.

    From where people log in only the author knows; as an unsafe fix a parameter asks for security groups. The node group is
    replaced by it, nodes and all.
    """

    code = "PUB011"
    name = "nodes-open-to-the-world"
    profile = "secure"
    stage = 3
    answers = ("CKV_AWS_100",)
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-eks-nodegroup-remoteaccess.html",
    )
    examples = (Example("Nodes with a key pair", _BEFORE, _AFTER, unsafe=True),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for group in template.resources.values():
            for slot in slots(group, "RemoteAccess?") if group.type == "AWS::EKS::Nodegroup" else ():
                access = slot.node
                if isinstance(access, Mapping) and access.entry("Ec2SshKey") and not access.entry("SourceSecurityGroups"):
                    message = f"the whole internet may try to log in to the nodes of {group.logical_id}"
                    yield self.finding(template, slot.path, access, message, _remedy(template, access, slot.path))


def _remedy(template: Template, access: Mapping, path: Path) -> Remedy:
    def make(builder: EditBuilder) -> None:
        there = template.parameter(_WISH)
        known = there is not None and text_of(there.get("Description")) == _DEFINITION["Description"]
        groups = Ref(_WISH) if known else asked(builder, _WISH, _DEFINITION)
        builder.set_entry(access, "SourceSecurityGroups", groups, path)

    risk = "the node group is replaced by a new one, and whoever logs in from elsewhere is shut out"
    step = "ask from which security groups people log in"
    return Remedy(step, make, risk, Applicability.UNSAFE, UpdateEffect.REPLACEMENT)
