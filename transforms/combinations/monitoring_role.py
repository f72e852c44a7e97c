"""COM006: databases with enhanced monitoring and no role for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from remediator.api import (
    Applicability,
    Context,
    EditBuilder,
    Example,
    Finding,
    GetAtt,
    Pass,
    Ref,
    Remedy,
    Resource,
    Sub,
    Template,
    meaning,
    origins,
)
from remediator.transforms.combinations.known import is_absent
from remediator.transforms.combinations.rows import listed
from remediator.transforms.wiring.capabilities import has_iam
from remediator.transforms.wiring.links import condition_of

_TYPES = ("AWS::RDS::DBInstance", "AWS::RDS::DBCluster")
_PRINCIPAL = "monitoring.rds.amazonaws.com"
_POLICY = "arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"

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
      MonitoringInterval: 60

  Deploy:
    Type: AWS::IAM::User
"""
_ROLE = """
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
_AFTER = _BEFORE.replace("Interval: 60\n", "Interval: 60\n      MonitoringRoleArn: !GetAtt OrdersMonitoringRole.Arn\n" + _ROLE)


class MonitoringWithoutRole(Pass):
    """A database has an interval for enhanced monitoring and no role with which RDS may write what it sees: RDS refuses it.

    The template's role that trusts `monitoring.rds.amazonaws.com` is given, or a new one with the policy that AWS has for
    this. A role in a template that has none needs `CAPABILITY_IAM` at the next deployment, so that it is unsafe there.

    Left alone: intervals of which nobody knows whether they are 0.
    """

    code = "COM006"
    name = "monitoring-without-role"
    profile = "deploy"
    answers = ("E3689",)
    sources = ("https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.OS.Enabling.html",)
    examples = (Example("A database", _BEFORE, _AFTER),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        if template.has_custom_macro:
            return
        watched = [each for each in template.resources.values() if _is_watched(template, each)]
        if watched:
            names = listed([each.logical_id for each in watched])
            path = (*watched[0].path, "Properties", "MonitoringInterval")
            at = watched[0].property("MonitoringInterval")
            assert at is not None
            related = tuple(each.path for each in watched[1:])
            message = f"{names} has a MonitoringInterval and no MonitoringRoleArn"
            yield self.finding(template, path, at, message, _remedy(template, watched), related)


def _is_watched(template: Template, resource: Resource) -> bool:
    node = resource.property("MonitoringInterval") if resource.type in _TYPES else None
    if node is None or not is_absent(resource.property("MonitoringRoleArn")):
        return False
    found = [each.node.value for each in origins(template, node, ())]
    return bool(found) and all(value.isdigit() and int(value) > 0 for value in found)


def _remedy(template: Template, watched: list[Resource]) -> Remedy:
    roles = [each for each in template.resources.values() if each.type == "AWS::IAM::Role"]
    fitting = [each for each in roles if _PRINCIPAL in str(meaning(each.node)) and each.condition is None]
    if fitting:
        name = fitting[0].logical_id
        return Remedy(f"give {name} as MonitoringRoleArn", lambda b: _give(b, watched, name), "RDS may assume this role")
    acknowledged = has_iam(template.resources.values())
    why = "the role lets RDS write what the monitoring sees to CloudWatch Logs, and nothing else"
    risk = "" if acknowledged else "; the deployment needs CAPABILITY_IAM from now on"
    level = Applicability.SAFE if acknowledged else Applicability.UNSAFE
    return Remedy("add a role for the monitoring", lambda b: _add(b, watched), why + risk, level)


def _give(builder: EditBuilder, watched: list[Resource], role: str) -> None:
    for each in watched:
        assert each.properties is not None
        path = (*each.path, "Properties")
        builder.insert_entry(each.properties, "MonitoringRoleArn", GetAtt(role, "Arn"), path, after="MonitoringInterval")


def _add(builder: EditBuilder, watched: list[Resource]) -> None:
    wish = f"{watched[0].logical_id}MonitoringRole" if len(watched) == 1 else "DatabaseMonitoringRole"
    name = builder.new_logical_id(wish)
    account = {"StringEquals": {"aws:SourceAccount": Ref("AWS::AccountId")}}
    trust = {"Effect": "Allow", "Principal": {"Service": _PRINCIPAL}, "Action": "sts:AssumeRole", "Condition": account}
    role: dict[str, Any] = {"Type": "AWS::IAM::Role"}
    conditions = {each.condition for each in watched}
    role |= (condition_of(*watched) or {}) if len(conditions) == 1 else {}
    role["Properties"] = {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "ManagedPolicyArns": [Sub(_POLICY)],
    }
    builder.add_resource(name, role, after=watched[-1].logical_id)
    _give(builder, watched, name)
