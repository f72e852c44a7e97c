"""CRE005: resources that may be created before something that they need and do not mention."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from remediator.api import (
    Context,
    Example,
    Finding,
    Pass,
    Remedy,
    Resource,
    Template,
    reachable,
    table,
)
from remediator.transforms.cycles.names import as_sub_text
from remediator.transforms.wiring.follow import at, fits, follow
from remediator.transforms.wiring.links import FUNCTIONS, functions, meant
from remediator.transforms.wiring.waits import Order, add_waits, listed

_BEFORE = """\
Resources:
  Trail:
    Type: AWS::CloudTrail::Trail
    Properties:
      IsLogging: true
      S3BucketName: !Ref Logs

  Logs:
    Type: AWS::S3::Bucket

  LogsPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Logs
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Service: cloudtrail.amazonaws.com}
            Action: s3:GetBucketAcl
            Resource: !GetAtt Logs.Arn
          - Effect: Allow
            Principal: {Service: cloudtrail.amazonaws.com}
            Action: s3:PutObject
            Resource: !Sub ${Logs.Arn}/AWSLogs/${AWS::AccountId}/*
"""


_RACE = """\
Resources:
  Balancer:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties:
      Scheme: internet-facing
      Subnets: [!Ref SubnetA, !Ref SubnetB]

  SubnetA:
    Type: AWS::EC2::Subnet
    Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24}

  SubnetB:
    Type: AWS::EC2::Subnet
    Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24}

  Vpc:
    Type: AWS::EC2::VPC
    Properties: {CidrBlock: 10.0.0.0/16}

  Gateway:
    Type: AWS::EC2::InternetGateway

  Attachment:
    Type: AWS::EC2::VPCGatewayAttachment
    Properties: {VpcId: !Ref Vpc, InternetGatewayId: !Ref Gateway}
"""


class CreationOrder(Pass):
    """A resource needs another one that it does not mention, so CloudFormation may create it too early, and it fails.

    Which pairs there are, and how to see that two resources belong together, is a table: a trail and the policy of its
    bucket, a route and the attachment of its gateway, a service and the listener of its target group, a deployment and the
    methods of its API, a custom resource and the policy of its function's role, and so on. The one that needs the
    other gets a `DependsOn`, unless it waits for it already by another way.

    Left alone: pairs where the wait would close a cycle, and where the other one exists under a condition of its own.
    Templates with a cycle come first.
    """

    code = "CRE005"
    name = "creation-order"
    profile = "deploy"
    races = False
    """Whether it looks after the pairs that mostly come in the right order by chance."""
    sources = tuple(dict.fromkeys(row["source"] for row in table("creation_waits").values()))
    examples = (
        Example(
            "A trail and the policy of its bucket",
            _BEFORE,
            _BEFORE.replace("CloudTrail::Trail\n", "CloudTrail::Trail\n    DependsOn: LogsPolicy\n"),
        ),
    )

    def run(self, context: Context) -> Iterator[Finding]:
        if context.graph.cyclic_components:
            return
        order = Order(context)
        for waiting in context.template.resources.values():
            reasons = dict(_reasons(context, waiting, self.races))
            awaited = order.missing(waiting, [context.template.resources[name] for name in reasons])
            if awaited:
                yield self._finding(context.template, waiting, awaited, reasons)

    def _finding(self, template: Template, waiting: Resource, awaited: list[Resource], reasons: dict[str, str]) -> Finding:
        why = "; ".join(dict.fromkeys(reasons[each.logical_id] for each in awaited))
        remedy = Remedy(
            f"let {waiting.logical_id} wait for {listed(awaited)}",
            lambda builder: add_waits(builder, waiting, awaited),
            "nothing changes but the order of creation",
        )
        message = f"{waiting.logical_id} may be created before {listed(awaited)}: {why}"
        return self.finding(template, (*waiting.path, "DependsOn"), waiting.key, message, remedy)


class CreationRace(CreationOrder):
    """A resource needs another one that it does not mention, and mostly comes late enough by chance: a load balancer, a NAT
    gateway or an address, and the attachment of the internet gateway to the VPC.

    The same as CRE005, for pairs that AWS's own templates often leave to chance, too. Most of their deployments succeed, so
    `--profile deploy` leaves them alone.
    """

    code = "CRE016"
    name = "creation-race"
    profile = "secure"
    races = True
    sources = tuple(dict.fromkeys(row["source"] for row in table("creation_waits").values() if "race" in row))
    examples = (
        Example(
            "A load balancer and the gateway of its VPC",
            _RACE,
            _RACE.replace("V2::LoadBalancer\n", "V2::LoadBalancer\n    DependsOn: Attachment\n"),
        ),
    )


def _reasons(context: Context, waiting: Resource, races: bool) -> Iterator[tuple[str, str]]:
    """What a resource has to wait for, and why."""
    for row in table("creation_waits").values():
        if row.get("race", False) is not races or not _is_of(waiting, row["waits"]):
            continue
        if fits(waiting, row.get("where"), row.get("unless")):
            found = list(_partners(context.template, waiting, row))
            if "any" in row:
                found = [] if reachable(context.graph.arcs, waiting.logical_id).intersection(found) else found[:1]
            yield from ((name, row["why"]) for name in found)


def _partners(template: Template, waiting: Resource, row: dict[str, Any]) -> Iterator[str]:
    """The resources that a row of the table puts before a resource."""
    shared = {each.logical_id for path in row.get("names", ()) for each in _shared(template, waiting, path, row)}
    for other in template.resources.values():
        if other.type not in row["before"] or not fits(other, row.get("before_where")):
            continue
        if _belongs(template, other, shared, row) and _is_part(waiting, other, row):
            yield other.logical_id


def _is_of(resource: Resource, types: list[str]) -> bool:
    return resource.type in types or ("Custom::*" in types and resource.type.startswith("Custom::"))


def _shared(template: Template, resource: Resource, path: str, row: dict[str, Any]) -> Iterator[Resource]:
    """The resources of the row's kind that a path of properties leads to."""
    kinds = (row["kind"],) if "kind" in row else tuple(row["before"])
    for node in follow(template, resource, path):
        yield from functions(template, node) if kinds[0] in FUNCTIONS else meant(template, node, *kinds)


def _belongs(template: Template, other: Resource, shared: set[str], row: dict[str, Any]) -> bool:
    """Whether another resource names the same as the waiting one, or is itself what that names."""
    if "names" not in row:
        return True
    if "by" not in row:
        return other.logical_id in shared
    return any(each.logical_id in shared for path in row["by"] for each in _shared(template, other, path, row))


def _is_part(waiting: Resource, other: Resource, row: dict[str, Any]) -> bool:
    """Whether a text of the other one stands in a text of the waiting one, where that is asked for."""
    if "part" not in row:
        return True
    whole, part = (
        [as_sub_text(node) for node in at(each, path)] for each, path in zip((waiting, other), row["part"], strict=True)
    )
    return any(one and two and one in two for one in part for two in whole)
