"""PUB103: instances that ask for public addresses."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import (
    Applicability,
    Context,
    Example,
    Finding,
    Node,
    Pass,
    Path,
    Remedy,
    Resource,
    Scalar,
    Template,
    UpdateEffect,
)
from remediator.transforms.public_access.clients import registered
from remediator.transforms.settings.slots import slots

_PLACES = {
    "AWS::EC2::Instance": "NetworkInterfaces?.AssociatePublicIpAddress?",
    "AWS::EC2::LaunchTemplate": "LaunchTemplateData?.NetworkInterfaces?.AssociatePublicIpAddress?",
    "AWS::AutoScaling::LaunchConfiguration": "AssociatePublicIpAddress?",
}

_BEFORE = """\
Parameters:
  Image:
    Type: AWS::EC2::Image::Id
Resources:
  Servers:
    Type: AWS::EC2::LaunchTemplate
    Properties:
      LaunchTemplateData:
        ImageId: !Ref Image
        NetworkInterfaces:
          - DeviceIndex: 0
            AssociatePublicIpAddress: true
"""


class PublicAddress(Pass):
    """An instance, a launch template or a launch configuration asks for public addresses.

    Servers behind a load balancer need none where the template has a NAT gateway, by which they reach the internet themselves:
    there it is an unsafe fix to give them private ones. Otherwise the report asks, since the template does not tell whether
    the instances are to be reached, or only need a way out.
    """

    code = "PUB103"
    name = "public-address"
    profile = "secure"
    stage = 3
    answers = ("CKV_AWS_88",)
    sources = ("https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html",)
    examples = (Example("Servers of which the template says no more", _BEFORE),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for resource in template.resources.values():
            for slot in slots(resource, _PLACES[resource.type]) if resource.type in _PLACES else ():
                node = slot.node
                if isinstance(node, Scalar) and node.tag is None and node.value.lower() == "true":
                    message = f"{resource.logical_id} asks for a public address"
                    yield self.finding(template, slot.path, node, message, _remedy(template, resource, node, slot.path))


def _remedy(template: Template, resource: Resource, node: Node, path: Path) -> Remedy | str:
    way_out = any(each.type == "AWS::EC2::NatGateway" for each in template.resources.values())
    if not way_out or resource.logical_id not in registered(template):
        return "should the instances be reached from the internet, or have they another way out, such as a NAT gateway?"
    replaced = resource.type != "AWS::EC2::LaunchTemplate"
    return Remedy(
        f"give {resource.logical_id} private addresses",
        lambda builder: builder.replace(node, False, path),
        "in a subnet that does not lead to the NAT gateway the instances reach nothing outside, updates included",
        Applicability.UNSAFE,
        UpdateEffect.REPLACEMENT if replaced else UpdateEffect.NONE,
    )
