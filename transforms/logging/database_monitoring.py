"""LOG016: databases that nobody watches from inside."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import (
    Applicability,
    Context,
    EditBuilder,
    Example,
    Finding,
    Node,
    Pass,
    Remedy,
    Resource,
    Scalar,
    Template,
)
from remediator.transforms.wiring.capabilities import has_iam
from remediator.transforms.wiring.properties import set_property

_BEFORE = """\
Resources:
  Orders:
    Type: AWS::RDS::DBInstance
    Properties:
      DBInstanceClass: db.m8g.large
      Engine: postgres
      AllocatedStorage: "100"
      ManageMasterUserPassword: true
      MasterUsername: orders

  Deploy:
    Type: AWS::IAM::User
"""
_ADDED = """\
      MonitoringInterval: 60
      MonitoringRoleArn: !GetAtt OrdersMonitoringRole.Arn

  OrdersMonitoringRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              Service: monitoring.rds.amazonaws.com
            Action: sts:AssumeRole
            Condition:
              StringEquals:
                aws:SourceAccount: !Ref AWS::AccountId
      ManagedPolicyArns:
        - !Sub "arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
"""


class DatabaseWithoutMonitoring(Pass):
    """A database has no enhanced monitoring: what its operating system does, and which process takes what, is not recorded.

    It is turned on, once a minute. COM006 gives the database the role that RDS needs for it. A role in a template that has
    none needs `CAPABILITY_IAM` at the next deployment, so that it is unsafe there, and so it is where the interval is 0 in
    so many words.

    Left alone: intervals that a parameter or a condition decides.
    """

    code = "LOG016"
    name = "database-without-monitoring"
    profile = "secure"
    stage = 3
    companions = ("COM006", "CRE003")
    answers = ("CKV_AWS_118",)
    sources = ("https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.OS.Enabling.html",)
    examples = (Example("A database", _BEFORE, _BEFORE.replace("\n  Deploy", _ADDED + "\n  Deploy")),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for each in template.resources.values():
            interval = each.property("MonitoringInterval")
            if each.type == "AWS::RDS::DBInstance" and each.properties is not None and _is_off(interval):
                path = (*each.path, "Properties", "MonitoringInterval")
                message = f"{each.logical_id} has no enhanced monitoring"
                yield self.finding(template, path, interval or each.key, message, _remedy(template, each, interval))


def _is_off(interval: Node | None) -> bool:
    return interval is None or (isinstance(interval, Scalar) and interval.tag is None and interval.value.strip() == "0")


def _remedy(template: Template, each: Resource, interval: Node | None) -> Remedy:
    def make(builder: EditBuilder) -> None:
        if interval is None:
            set_property(builder, each, "MonitoringInterval", 60)
        else:
            builder.replace(interval, 60, (*each.path, "Properties", "MonitoringInterval"))

    step = f"record what the operating system of {each.logical_id} does, once a minute"
    if interval is not None:
        return Remedy(step, make, "it is switched off, maybe on purpose", Applicability.UNSAFE)
    if not _has_role(template, each):
        why = "the role that RDS needs for it makes the deployment need CAPABILITY_IAM from now on"
        return Remedy(step, make, why, Applicability.UNSAFE)
    return Remedy(step, make, "the database goes on without interruption; only the storage of the metrics costs something")


def _has_role(template: Template, each: Resource) -> bool:
    """Whether the database has a role for it, or may get one without a new capability."""
    if each.property("MonitoringRoleArn") is not None:
        return True
    return has_iam(template.resources.values())
