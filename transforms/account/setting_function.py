"""The function that makes the API calls for settings that CloudFormation has no resource type for.

CloudFormation tells the function of a custom resource what to do, and waits for its answer.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-custom-resources-lambda.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-lambda-function-code-cfnresponsemodule.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from remediator.api import GetAtt, Sub

CODE = """\
import boto3
import cfnresponse


def typed(value):  # CloudFormation passes text only; 0 stands for no limit, which the API takes as absent
    if isinstance(value, dict):
        return {name: typed(item) for name, item in value.items() if item != "0"}
    if value.lower() in ("true", "false"):
        return value.lower() == "true"
    return int(value) if value.isdecimal() and len(value) < 5 else value


def handler(event, context):
    status, reason = cfnresponse.SUCCESS, None
    try:
        if event["RequestType"] != "Delete":  # the setting is the account's and outlives the stack
            parameters = typed(event["ResourceProperties"])
            for name in ("ServiceToken", "ServiceTimeout"):
                parameters.pop(name, None)
            client = boto3.client(parameters.pop("Service"))
            getattr(client, parameters.pop("Operation"))(**parameters)
    except Exception as error:
        status, reason = cfnresponse.FAILED, str(error)
    cfnresponse.send(event, context, status, {}, event["LogicalResourceId"], reason=reason)
"""
"""Every path answers: a function that does not keeps the stack waiting until the ServiceTimeout.
An account id, all digits too, is longer than any number of these operations."""

_LOGS = "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
SECONDS = 300
"""How long CloudFormation waits for an answer; by itself it waits an hour."""


def role(rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """A role that may make the calls of some settings, and write logs."""
    actions: dict[str, None] = {}
    scoped: dict[str, str] = {}
    for row in rows:
        actions.update(dict.fromkeys(row["actions"]))
        scoped.update(row.get("scoped", {}))
    statements = [_allowed(list(actions), "*"), *(_allowed([action], Sub(arn)) for action, arn in scoped.items())]
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
            "ManagedPolicyArns": [Sub(_LOGS)],
            "Policies": [
                {"PolicyName": "AccountSettings", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}
            ],
        },
    }


def _allowed(actions: list[str], resource: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions[0] if len(actions) == 1 else actions, "Resource": resource}


_UNFIT = {
    "checkov": {
        "skip": [
            {"id": "CKV_AWS_115", "comment": "CloudFormation calls it once for each setting"},
            {"id": "CKV_AWS_117", "comment": "It calls APIs of AWS only, and reaches nothing in a VPC"},
        ]
    },
    "cfn_nag": {
        "rules_to_suppress": [
            {"id": "W89", "reason": "It calls APIs of AWS only, and reaches nothing in a VPC"},
            {"id": "W92", "reason": "CloudFormation calls it once for each setting"},
        ]
    },
}
"""What linters ask of functions in general, and why it does not fit this one."""


def function(role_name: str) -> dict[str, Any]:
    return {
        "Type": "AWS::Lambda::Function",
        "Metadata": _UNFIT,
        "Properties": {
            "Description": "Makes the API calls for account settings that have no resource type",
            "Runtime": "python3.13",
            "Handler": "index.handler",
            "Code": {"ZipFile": CODE},  # not the last: a text that ends without a line break would take the code's
            "Role": GetAtt(role_name, "Arn"),
            "Timeout": 60,
        },
    }
