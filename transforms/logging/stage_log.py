"""LOG014: stages of APIs that keep no log of the requests."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import (
    Applicability,
    Context,
    EditBuilder,
    Example,
    Finding,
    GetAtt,
    Pass,
    Remedy,
    Resource,
    Template,
    text_of,
)
from remediator.transforms.logging.log_bucket import DAYS
from remediator.transforms.logging.new_log import COSTS, log_group
from remediator.transforms.settings.rule import set_for_all
from remediator.transforms.wiring.links import meant
from remediator.transforms.wiring.properties import set_property

_KEYS = {
    "AWS::ApiGateway::Stage": "AccessLogSetting",
    "AWS::Serverless::Api": "AccessLogSetting",
    "AWS::ApiGatewayV2::Stage": "AccessLogSettings",
    "AWS::Serverless::HttpApi": "AccessLogSettings",
}
_FIELDS = {
    "requestId": "$context.requestId",
    "ip": "$context.identity.sourceIp",
    "requestTime": "$context.requestTime",
    "httpMethod": "$context.httpMethod",
    "path": "$context.path",
    "routeKey": "$context.routeKey",
    "status": "$context.status",
    "protocol": "$context.protocol",
    "responseLength": "$context.responseLength",
}
"""The fields that AWS's example of a JSON format has; ``path`` is one of REST APIs, ``routeKey`` one of the others.
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html (2026-11)"""
_RISK = (
    "API Gateway writes it with the CloudWatch role of the account, which the template does not set; creation fails where "
    "the account has none"
)

_BEFORE = """\
Resources:
  Api:
    Type: AWS::ApiGatewayV2::Api
    Properties:
      Name: orders
      ProtocolType: HTTP

  Live:
    Type: AWS::ApiGatewayV2::Stage
    Properties:
      ApiId: !Ref Api
      StageName: $default
      AutoDeploy: true
"""
_ADDED = """\
      AccessLogSettings:
        DestinationArn: !GetAtt LiveAccessLogs.Arn
        Format: '{"requestId":"$context.requestId","ip":"$context.identity.sourceIp","requestTime":"$context.requestTime",\
"httpMethod":"$context.httpMethod","routeKey":"$context.routeKey","status":"$context.status",\
"protocol":"$context.protocol","responseLength":"$context.responseLength"}'

  LiveAccessLogs:
    Type: AWS::Logs::LogGroup
    Properties:
      RetentionInDays: 365
"""


class StageWithoutAccessLog(Pass):
    """A stage of an API keeps no log of the requests.

    It gets a log group, whose events are kept for a year, and writes an access log there, a line of JSON for each request.

    A stage of a REST or WebSocket API writes with the CloudWatch role of the account. Where the template does not set that
    role, the fix is unsafe, because creation fails in an account that has none; CRE006 asks then.

    Left alone: the default stage of a SAM API whose section `Globals` says it.
    """

    code = "LOG014"
    name = "stage-without-access-log"
    profile = "secure"
    stage = 3
    companions = ("CRE005",)
    answers = ("CKV_AWS_76", "CKV_AWS_95", "W46", "W69")
    sources = (
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html",
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html",
    )
    examples = (Example("A stage of an HTTP API", _BEFORE, _BEFORE + _ADDED),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for each in template.resources.values():
            key = _KEYS.get(each.type)
            if key is None or each.property(key) is not None or set_for_all(template, each, key):
                continue
            if each.properties is not None or each.node.entry("Properties") is None:
                message = f"{each.logical_id} keeps no log of the requests"
                yield self.finding(template, (*each.path, "Properties", key), each.key, message, _remedy(template, each, key))


def _remedy(template: Template, each: Resource, key: str) -> Remedy:
    http = each.type == "AWS::Serverless::HttpApi" or _is_http(template, each)
    skipped = "routeKey" if each.type in ("AWS::ApiGateway::Stage", "AWS::Serverless::Api") else "path"
    fields = ",".join(f'"{name}":"{value}"' for name, value in _FIELDS.items() if name != skipped)

    def make(builder: EditBuilder) -> None:
        group = log_group(builder, each, f"{each.logical_id}AccessLogs", DAYS)
        set_property(builder, each, key, {"DestinationArn": GetAtt(group, "Arn"), "Format": f"{{{fields}}}"})

    account = any(other.type == "AWS::ApiGateway::Account" for other in template.resources.values())
    sure = http or account
    level = Applicability.SAFE if sure else Applicability.UNSAFE
    return Remedy(f"log the requests to {each.logical_id}", make, COSTS if sure else _RISK, level)


def _is_http(template: Template, stage: Resource) -> bool:
    apis = meant(template, stage.property("ApiId"), "AWS::ApiGatewayV2::Api")
    return any(text_of(api.property("ProtocolType")) == "HTTP" for api in apis)
