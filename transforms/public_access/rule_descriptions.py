"""PUB003: rules of security groups that do not say what they are for."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Context, EditBuilder, Example, Finding, Pass, Remedy, Scalar, UpdateEffect
from remediator.transforms.public_access.traffic import Rule, described, rules

_BEFORE = """\
Resources:
  Balancers:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: The load balancers of the shop
      SecurityGroupIngress:
        - IpProtocol: tcp
          FromPort: 443
          ToPort: 443
          CidrIp: 0.0.0.0/0
"""


class RuleWithoutDescription(Pass):
    """A rule of a security group has no description, so that nobody knows later whether it may go.

    It gets one that says what it lets through and for whom, made from its protocol, ports and peer: *HTTPS from anywhere*,
    *PostgreSQL from AppSecurityGroup*, *All traffic to anywhere*. Rules that are resources of their own get one too.

    Rules with a description keep it. What an expression stands for is named by its parameter or resource, or left out.
    """

    code = "PUB003"
    name = "security-group-rule-without-description"
    profile = "secure"
    stage = 3
    answers = ("CKV_AWS_23", "W36")
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroupingress.html",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpRange.html",
    )
    examples = (Example("A rule for a load balancer", _BEFORE, f"{_BEFORE}          Description: HTTPS from anywhere\n"),)

    def run(self, context: Context) -> Iterator[Finding]:
        for rule in rules(context.template):
            there = rule.body.get("Description")
            if rule.body.entries and (there is None or (isinstance(there, Scalar) and not there.tag and not there.value)):
                message = f"a rule of {rule.holder.logical_id} has no description"
                yield self.finding(context.template, rule.path, rule.body, message, _remedy(rule))


def _remedy(rule: Rule) -> Remedy:
    text = described(rule)

    def make(builder: EditBuilder) -> None:
        builder.set_entry(rule.body, "Description", text, rule.path)

    effect = UpdateEffect.INTERRUPTION if rule.inline else UpdateEffect.NONE
    return Remedy(f"describe the rule: {text}", make, "a description lets nobody in or out", effect=effect)
