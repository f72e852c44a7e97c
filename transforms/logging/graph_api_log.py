"""LOG018: GraphQL APIs that keep no log."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import (
    Applicability,
    Context,
    EditBuilder,
    Example,
    Finding,
    GetAtt,
    Mapping,
    Pass,
    Ref,
    Remedy,
    Resource,
    Scalar,
    Sub,
    Template,
    intrinsic,
    meaning,
)
from remediator.transforms.logging.new_log import COSTS
from remediator.transforms.wiring.capabilities import has_iam
from remediator.transforms.wiring.properties import set_property

_PRINCIPAL = "appsync.amazonaws.com"
_POLICY = "AWSAppSyncPushToCloudWatchLogs"
_ARN = f"arn:${{AWS::Partition}}:iam::aws:policy/service-role/{_POLICY}"

_BEFORE = """\
Resources:
  Shop:
    Type: AWS::AppSync::GraphQLApi
    Properties:
      Name: shop
      AuthenticationType: AWS_IAM

  Deploy:
    Type: AWS::IAM::User
"""
_ADDED = """\
      LogConfig:
        CloudWatchLogsRoleArn: !GetAtt GraphQLLogRole.Arn
        FieldLogLevel: ERROR
"""
_ROLE = """
  GraphQLLogRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              Service: appsync.amazonaws.com
            Action: sts:AssumeRole
            Condition:
              StringEquals:
                aws:SourceAccount: !Ref AWS::AccountId
      ManagedPolicyArns:
        - !Sub "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSAppSyncPushToCloudWatchLogs"
"""


class GraphQLApiWithoutLog(Pass):
    """A GraphQL API keeps no log, or none of the fields that fail.

    It logs the errors of its fields, with the role of the template that has the policy of AWS for this, or with a new one. A
    role in a template that has none needs `CAPABILITY_IAM` at the next deployment, so that it is unsafe there; and so it is
    where the level is `NONE` in so many words.

    Left alone: what a parameter or a condition decides.
    """

    code = "LOG018"
    name = "graphql-api-without-log"
    profile = "secure"
    stage = 3
    answers = ("CKV_AWS_193", "CKV_AWS_194")
    sources = ("https://docs.aws.amazon.com/appsync/latest/devguide/monitoring.html",)
    examples = (Example("An API", _BEFORE, _BEFORE.replace("\n  Deploy", _ADDED + "\n  Deploy") + _ROLE),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for api in template.resources.values():
            config = api.property("LogConfig") if api.type == "AWS::AppSync::GraphQLApi" else None
            if api.type == "AWS::AppSync::GraphQLApi" and api.properties is not None and config is None:
                path = (*api.path, "Properties", "LogConfig")
                yield self.finding(template, path, api.key, f"{api.logical_id} keeps no log", _logged(template, api))
            elif isinstance(config, Mapping) and not intrinsic(config):
                level = config.get("FieldLogLevel")
                if level is None or (isinstance(level, Scalar) and level.tag is None and level.value == "NONE"):
                    path = (*api.path, "Properties", "LogConfig", "FieldLogLevel")
                    message = f"{api.logical_id} keeps no log of the fields that fail"
                    yield self.finding(template, path, level or config, message, _raised(api, config))


def _raised(api: Resource, config: Mapping) -> Remedy:
    path = (*api.path, "Properties", "LogConfig")
    why = "it is switched off, maybe on purpose"
    step = f"log the fields of {api.logical_id} that fail"
    return Remedy(step, lambda builder: builder.set_entry(config, "FieldLogLevel", "ERROR", path), why, Applicability.UNSAFE)


def _logged(template: Template, api: Resource) -> Remedy:
    roles = [each for each in template.resources.values() if each.type == "AWS::IAM::Role" and each.condition is None]
    fitting = [each for each in roles if _POLICY in str(meaning(each.node)) and _PRINCIPAL in str(meaning(each.node))]

    def make(builder: EditBuilder) -> None:
        role = fitting[0].logical_id if fitting else _add_role(builder, template)
        set_property(builder, api, "LogConfig", {"CloudWatchLogsRoleArn": GetAtt(role, "Arn"), "FieldLogLevel": "ERROR"})

    step = f"log the errors of {api.logical_id}"
    if has_iam(template.resources.values()):
        return Remedy(step, make, COSTS)
    why = "the role that AppSync needs for it makes the deployment need CAPABILITY_IAM from now on"
    return Remedy(step, make, why, Applicability.UNSAFE)


def _add_role(builder: EditBuilder, template: Template) -> str:
    name = builder.new_logical_id("GraphQLLogRole")
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": _PRINCIPAL},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": Ref("AWS::AccountId")}},
    }
    properties = {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "ManagedPolicyArns": [Sub(_ARN)],
    }
    builder.add_resource(name, {"Type": "AWS::IAM::Role", "Properties": properties}, after=next(reversed(template.resources)))
    return name
