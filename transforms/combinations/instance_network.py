"""COM011: instances with network interfaces, and subnets and security groups beside them."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import (
    Context,
    Copy,
    EditBuilder,
    Example,
    Finding,
    Mapping,
    Node,
    Pass,
    Path,
    Place,
    Remedy,
    Sequence,
    intrinsic,
    meaning,
)
from remediator.transforms.combinations.known import inner, is_absent, is_set

_MOVES = {
    "AWS::EC2::Instance": ("", {"SecurityGroupIds": "GroupSet", "SubnetId": "SubnetId"}),
    "AWS::EC2::LaunchTemplate": ("LaunchTemplateData", {"SecurityGroupIds": "Groups"}),
}
"""Where the properties stand, and what they are called at an interface.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html (2026-11)"""

_BEFORE = """\
Resources:
  Web:
    Type: AWS::EC2::LaunchTemplate
    Properties:
      LaunchTemplateData:
        ImageId: "{{resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64}}"
        SecurityGroupIds:
          - !ImportValue web-group
        NetworkInterfaces:
          - DeviceIndex: 0
            AssociatePublicIpAddress: false
"""
_AFTER = """\
Resources:
  Web:
    Type: AWS::EC2::LaunchTemplate
    Properties:
      LaunchTemplateData:
        ImageId: "{{resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64}}"
        NetworkInterfaces:
          - DeviceIndex: 0
            AssociatePublicIpAddress: false
            Groups:
              - !ImportValue web-group
"""


class BesideTheInterface(Pass):
    """An instance, or a launch template, has network interfaces, and beside them security groups or a subnet: EC2 refuses that
    (*Network interfaces and an instance-level security groups may not be specified on the same request*).

    They move into the interface, where the same groups and subnet hold. Where the interface has the same, they go; where it has
    others, or there are several interfaces, the report asks.

    Left alone: interfaces that exist already (`NetworkInterfaceId`), and what stands under a condition.
    """

    code = "COM011"
    name = "beside-the-interface"
    profile = "deploy"
    answers = ("E3020",)
    sources = ("https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html",)
    examples = (Example("Security groups", _BEFORE, _AFTER),)

    def run(self, context: Context) -> Iterator[Finding]:
        for resource, place in context.places:
            at, moves = _MOVES.get(resource.type, ("", {}))
            node = place.node
            if ".".join(map(str, place.path[3:])) != at or not isinstance(node, Mapping) or intrinsic(node):
                continue
            interfaces = node.get("NetworkInterfaces")
            if not isinstance(interfaces, Sequence) or intrinsic(interfaces) or not interfaces.items:
                continue
            for name, new in moves.items():
                value = node.get(name)
                if value is not None and is_set(value):
                    message = f"{resource.logical_id} has {name} beside NetworkInterfaces"
                    remedy = _remedy(place, node, interfaces, name, new)
                    yield self.finding(context.template, (*place.path, name), value, message, remedy)


def _remedy(place: Place, node: Mapping, interfaces: Sequence, name: str, new: str) -> Remedy | str:
    interface, value = interfaces.items[0], node.get(name)
    question = f"for which network interface is {name} meant?"
    if len(interfaces.items) > 1 or not isinstance(interface, Mapping) or intrinsic(interface) or value is None:
        return question
    if not is_absent(interface.get("NetworkInterfaceId")):
        return f"the interface exists already; does it have its {new}, so that {name} can go?"
    there = inner(interface, new)
    gone = f"remove {name}"
    if there is not None and not is_absent(there):
        if meaning(there) != meaning(value):
            return f"does {name} hold, or {new} of the interface?"
        return Remedy(gone, lambda b: b.remove_entry(node, name, place.path), "the interface has the same")
    return Remedy(
        f"move {name} into the network interface",
        lambda b: _move(b, place, node, interface, name, new, value),
        "it holds for the only interface, and EC2 takes it from there",
    )


def _move(builder: EditBuilder, place: Place, node: Mapping, interface: Mapping, name: str, new: str, value: Node) -> None:
    path: Path = (*place.path, "NetworkInterfaces", 0)
    builder.set_entry(interface, new, Copy(value), path)
    builder.remove_entry(node, name, place.path)
