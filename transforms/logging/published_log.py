"""LOG017: search domains and message brokers that publish no log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from remediator.api import Context, EditBuilder, Example, Finding, GetAtt, Pass, Remedy, Resource, Sub, text_of
from remediator.transforms.logging.log_bucket import DAYS
from remediator.transforms.logging.new_log import COSTS, log_group
from remediator.transforms.wiring.follow import fits
from remediator.transforms.wiring.properties import set_property

_DOMAINS = ("AWS::OpenSearchService::Domain", "AWS::Elasticsearch::Domain")
_BROKER = "AWS::AmazonMQ::Broker"

_BEFORE = """\
Resources:
  Search:
    Type: AWS::OpenSearchService::Domain
    Properties:
      EngineVersion: OpenSearch_2.19
"""
_AFTER = """\
Resources:
  Search:
    Type: AWS::OpenSearchService::Domain
    DependsOn: SearchLogsPolicy
    Properties:
      EngineVersion: OpenSearch_2.19
      LogPublishingOptions:
        ES_APPLICATION_LOGS:
          CloudWatchLogsLogGroupArn: !GetAtt SearchErrorLogs.Arn
          Enabled: true
  SearchErrorLogs:
    Type: AWS::Logs::LogGroup
    Properties:
      RetentionInDays: 365
  SearchLogsPolicy:
    Type: AWS::Logs::ResourcePolicy
    Properties:
      PolicyName: !Sub "${AWS::StackName}-Search"
      PolicyDocument: !Sub '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", \
"Principal": {"Service": "es.amazonaws.com"}, "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], \
"Resource": ["${SearchErrorLogs.Arn}"], "Condition": {"StringEquals": {"aws:SourceAccount": "${AWS::AccountId}"}}}]}'
"""


class ServiceWithoutLog(Pass):
    """A search domain publishes no log of its errors, and none of who did what; or a message broker publishes none.

    The domain gets log groups, whose events are kept for a year, and a policy that lets it write there, for which CRE005 makes
    it wait. The audit log is only published where fine-grained access control is on, because the service demands that. A
    broker with ActiveMQ names its log groups itself; those of RabbitMQ have no audit log.

    Left alone: whatever says something about its logs.
    """

    code = "LOG017"
    name = "service-without-log"
    profile = "secure"
    stage = 3
    companions = ("CRE005",)
    answers = ("CKV_AWS_84", "CKV_AWS_317", "CKV_AWS_197")
    sources = (
        "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/createdomain-configure-slow-logs.html",
        "https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/configure-logging-monitoring-activemq.html",
    )
    examples = (Example("A search domain", _BEFORE, _AFTER),)

    def run(self, context: Context) -> Iterator[Finding]:
        for each in context.template.resources.values():
            key = "LogPublishingOptions" if each.type in _DOMAINS else "Logs" if each.type == _BROKER else None
            if key is None or each.properties is None or each.property(key) is not None:
                continue
            if each.type == _BROKER and (text_of(each.property("EngineType")) or "").upper() != "ACTIVEMQ":
                continue
            path = (*each.path, "Properties", key)
            yield self.finding(context.template, path, each.key, f"{each.logical_id} publishes no log", _remedy(each))


def _remedy(each: Resource) -> Remedy:
    make = _broker if each.type == _BROKER else _domain
    return Remedy(f"let {each.logical_id} publish its logs", lambda builder: make(builder, each), COSTS)


def _domain(builder: EditBuilder, domain: Resource) -> None:
    kinds = {"ES_APPLICATION_LOGS": "ErrorLogs"}
    if fits(domain, {"AdvancedSecurityOptions.Enabled": ["true"]}):
        kinds["AUDIT_LOGS"] = "AuditLogs"
    groups = {kind: log_group(builder, domain, f"{domain.logical_id}{wish}", DAYS) for kind, wish in kinds.items()}
    value = {kind: {"CloudWatchLogsLogGroupArn": GetAtt(name, "Arn"), "Enabled": True} for kind, name in groups.items()}
    set_property(builder, domain, "LogPublishingOptions", value)
    _policy(builder, domain, "es.amazonaws.com", [f"${{{name}.Arn}}" for name in groups.values()])


def _broker(builder: EditBuilder, broker: Resource) -> None:
    set_property(builder, broker, "Logs", {"General": True, "Audit": True})
    groups = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/amazonmq/*"
    _policy(builder, broker, "mq.amazonaws.com", [groups])


def _policy(builder: EditBuilder, owner: Resource, service: str, groups: list[str]) -> None:
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": groups,
        "Condition": {"StringEquals": {"aws:SourceAccount": "${AWS::AccountId}"}},
    }
    if owner.type == _BROKER:
        del statement["Condition"]
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    condition = {"Condition": owner.condition} if owner.condition else {}
    properties = {"PolicyName": Sub(f"${{AWS::StackName}}-{owner.logical_id}"), "PolicyDocument": Sub(document)}
    resource = {"Type": "AWS::Logs::ResourcePolicy", **condition, "Properties": properties}
    builder.add_resource(builder.new_logical_id(f"{owner.logical_id}LogsPolicy"), resource, after=owner.logical_id)
