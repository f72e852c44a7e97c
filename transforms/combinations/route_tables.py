"""COM005: subnets with two route tables."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Context, Example, Finding, Pass, Remedy, Resource, Template, meaning

_TYPE = "AWS::EC2::SubnetRouteTableAssociation"

_BEFORE = """\
Resources:
  FirstRoutes:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties:
      SubnetId: !ImportValue subnet
      RouteTableId: !ImportValue routes

  FirstRoutesAgain:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties:
      SubnetId: !ImportValue subnet
      RouteTableId: !ImportValue routes

  Topic:
    Type: AWS::SNS::Topic
"""
_AGAIN = """\
  FirstRoutesAgain:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties:
      SubnetId: !ImportValue subnet
      RouteTableId: !ImportValue routes

"""


class RouteTables(Pass):
    """A subnet is associated with a route table twice, and can be only once: the second one fails, or takes the place of the
    first.

    The second one goes where both say the same and nothing refers to it. Two route tables for one subnet are a question.

    Left alone: associations under different conditions.
    """

    code = "COM005"
    name = "two-route-tables"
    profile = "deploy"
    answers = ("E3022",)
    sources = ("https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html",)
    examples = (Example("The same twice", _BEFORE, _BEFORE.replace(_AGAIN, "")),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        first: dict[str, Resource] = {}
        for resource in template.resources.values():
            subnet = resource.property("SubnetId") if resource.type == _TYPE else None
            if subnet is None:
                continue
            other = first.setdefault(str(meaning(subnet)), resource)
            if other is not resource and other.condition == resource.condition:
                message = f"{resource.logical_id} is for the same subnet as {other.logical_id}"
                remedy = _remedy(template, other, resource)
                yield self.finding(template, resource.path, resource.key, message, remedy, (other.path,))


def _remedy(template: Template, one: Resource, other: Resource) -> Remedy | str:
    tables = [str(meaning(node)) for each in (one, other) if (node := each.property("RouteTableId"))]
    mentioned = any(each.target == other.logical_id and each.kind != "DependsOn" for each in template.references)
    if len(set(tables)) != 1 or mentioned:
        return f"which route table should the subnet have, that of {one.logical_id} or that of {other.logical_id}?"
    return Remedy(f"remove {other.logical_id}", lambda b: b.remove_resource(other), f"{one.logical_id} says the same")
