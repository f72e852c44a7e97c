"""PUB005: servers that the whole internet reaches past their load balancer."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Context, Example, Finding, Pass, Resource, Template, text_of
from remediator.transforms.public_access.clients import BALANCERS, COMPUTE, groups_of, protected, registered
from remediator.transforms.public_access.narrowing import let_in
from remediator.transforms.public_access.traffic import GROUP, RANGES, is_world, protocol, risk, rules

_BEFORE = """\
Parameters:
  Vpc:
    Type: AWS::EC2::VPC::Id
  Subnets:
    Type: List<AWS::EC2::Subnet::Id>
  Image:
    Type: AWS::EC2::Image::Id
Resources:
  Balancers:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: The load balancer of the shop
      VpcId: !Ref Vpc
  Servers:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: The servers of the shop
      VpcId: !Ref Vpc
      SecurityGroupIngress:
        - Description: HTTP from anywhere
          IpProtocol: tcp
          FromPort: 80
          ToPort: 80
          CidrIp: 0.0.0.0/0
  Balancer:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties:
      Subnets: !Ref Subnets
      SecurityGroups:
        - !Ref Balancers
  Server:
    Type: AWS::EC2::Instance
    Properties:
      ImageId: !Ref Image
      SecurityGroupIds:
        - !Ref Servers
  Targets:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties:
      Port: 80
      Protocol: HTTP
      VpcId: !Ref Vpc
      Targets:
        - Id: !Ref Server
"""
_AFTER = _BEFORE.replace("CidrIp: 0.0.0.0/0", "SourceSecurityGroupId: !GetAtt Balancers.GroupId").replace(
    "HTTP from anywhere", "HTTP from Balancers"
)


class ServerOpenPastItsBalancer(Pass):
    """Servers behind a load balancer let the whole internet in as well, past its certificate, its logs and its firewall.

    As an unsafe fix, their security group lets in only that of the load balancer; where the template has one group for all of
    its load balancers, that is, and it does not refer to the servers' group itself. Whoever calls a server by its own address
    is shut out.

    The groups of load balancers are left alone, and so are those of servers that are not registered with one. Ports of
    administration and of databases are the business of PUB004.
    """

    code = "PUB005"
    name = "server-open-past-its-balancer"
    profile = "secure"
    stage = 3
    answers = ("CKV_AWS_260", "W2")
    sources = (
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-register-targets.html#target-security-groups",
    )
    examples = (Example("A server that is open to everybody", _BEFORE, _AFTER, unsafe=True),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        fronts = _fronts(template)
        behind = {each.logical_id for each in _behind(template)} - {each.logical_id for each in fronts} if fronts else set()
        for rule in rules(template):
            key = next((each for each in RANGES if is_world(text_of(rule.body.get(each)))), None)
            if not rule.inward or rule.group is None or rule.group.logical_id not in behind or key is None:
                continue
            if protocol(rule) == "tcp" and not risk(rule):
                message = f"the whole internet reaches the servers of {rule.group.logical_id} past their load balancer"
                if len(fronts) == 1:
                    why = "whoever calls the servers by their own addresses is shut out"
                    remedy = let_in(context, rule, key, fronts[0], why)
                else:
                    remedy = "the security group of which load balancer should be let in?"
                yield self.finding(template, rule.path, rule.body, message, remedy)


def _fronts(template: Template) -> list[Resource]:
    """The security groups of the load balancers."""
    found = [group for each in template.resources.values() for group in groups_of(template, each, BALANCERS)]
    return list({group.logical_id: group for group in found}.values())


def _behind(template: Template) -> Iterator[Resource]:
    """The security groups that nothing but servers has, each of them registered with a load balancer."""
    servers = registered(template)
    for group in template.resources.values():
        if group.type == GROUP:
            having = [each.logical_id for each in protected(template, group, COMPUTE)]
            if having and servers.issuperset(having):
                yield group
