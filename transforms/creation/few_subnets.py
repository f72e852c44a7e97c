"""CRE012: load balancers and subnet groups in one subnet, where AWS wants two zones."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Context, Example, Finding, Mapping, Node, Pass, Resource, Sequence, Template, intrinsic, text_of
from remediator.transforms.wiring.links import meant

_LISTS = {
    "AWS::ElasticLoadBalancingV2::LoadBalancer": ("Subnets", "SubnetMappings"),
    "AWS::RDS::DBSubnetGroup": ("SubnetIds",),
    "AWS::DocDB::DBSubnetGroup": ("SubnetIds",),
    "AWS::Neptune::DBSubnetGroup": ("SubnetIds",),
}
_SUBNET = "AWS::EC2::Subnet"


class TooFewSubnets(Pass):
    """An application load balancer or a subnet group of a database has only one subnet, and creation fails: AWS wants
    subnets in at least two Availability Zones.

    There is no fix: which other subnet it should use, or which range a new one gets, only the author knows. The report names
    the subnets that the template has.
    """

    code = "CRE012"
    name = "too-few-subnets"
    profile = "deploy"
    answers = ("E3680",)
    sources = (
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html",
        "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html",
    )
    examples = (
        Example(
            "One subnet",
            """\
Parameters:
  Subnet:
    Type: AWS::EC2::Subnet::Id
Resources:
  Web:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties:
      Subnets: [!Ref Subnet]
""",
        ),
    )

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for resource in template.resources.values():
            for key in _LISTS.get(resource.type, ()):
                listed = resource.property(key)
                if isinstance(listed, Sequence) and intrinsic(listed) is None and _is_single(listed) and _counts(resource):
                    message = f"{resource.logical_id} has one subnet and needs two, in different Availability Zones"
                    path = (*resource.path, "Properties", key)
                    yield self.finding(template, path, listed, message, _question(template, resource, listed))


def _is_single(listed: Sequence) -> bool:
    """Whether a list has one subnet; an item that may be several, or none, is no single one."""
    if len(listed.items) != 1:
        return False
    item: Node | None = listed.items[0]
    if isinstance(item, Mapping) and intrinsic(item) is None:
        item = item.get("SubnetId")
    call = intrinsic(item) if item else None
    return item is not None and (call is None or call.name in ("Ref", "Fn::GetAtt", "Fn::Sub", "Fn::Select"))


def _counts(resource: Resource) -> bool:
    kind = resource.property("Type")
    return kind is None or text_of(kind) == "application"


def _question(template: Template, resource: Resource, listed: Sequence) -> str:
    named = [each.logical_id for each in meant(template, listed, _SUBNET)]
    others = [each.logical_id for each in template.resources.values() if each.type == _SUBNET and each.logical_id not in named]
    known = f" The template has {', '.join(others)}." if others else ""
    return f"which second subnet should {resource.logical_id} use?{known}"
