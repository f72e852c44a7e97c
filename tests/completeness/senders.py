"""Services that send to queues and topics, as the template wires it: whether those let them, and their keys."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from completeness.encryption import BOTH, Keys, locked
from completeness.policies import Known, lets, resource_policies
from completeness.texts import Template, at, spread, text

QUEUE, TOPIC = "AWS::SQS::Queue", "AWS::SNS::Topic"
SEND = {QUEUE: "sqs:SendMessage", TOPIC: "sns:Publish"}

Found = Iterator[tuple[str, str, str]]


@dataclass(frozen=True)
class Sender:
    """A service that sends to a queue or topic of the template; ``known``: what its calls carry."""

    service: str
    source: str
    target: str
    known: Known
    by_itself: bool = False
    """Whether the policy that a topic has from the start lets it in."""


_PATHS = (
    # type, path to the target, service
    ("AWS::S3::Bucket", "NotificationConfiguration.QueueConfigurations.Queue", "s3"),
    ("AWS::S3::Bucket", "NotificationConfiguration.TopicConfigurations.Topic", "s3"),
    ("AWS::Events::Rule", "Targets.Arn", "events"),
    ("AWS::Events::Rule", "Targets.DeadLetterConfig.Arn", "events"),
    ("AWS::CloudWatch::Alarm", "AlarmActions", "cloudwatch"),
    ("AWS::CloudWatch::Alarm", "OKActions", "cloudwatch"),
    ("AWS::CloudWatch::Alarm", "InsufficientDataActions", "cloudwatch"),
    ("AWS::CloudWatch::CompositeAlarm", "AlarmActions", "cloudwatch"),
    ("AWS::Budgets::Budget", "NotificationsWithSubscribers.Subscribers.Address", "budgets"),
    ("AWS::CloudTrail::Trail", "SnsTopicName", "cloudtrail"),
    ("AWS::Config::DeliveryChannel", "SnsTopicARN", "config"),
    ("AWS::RDS::EventSubscription", "SnsTopicArn", "events.rds"),
    ("AWS::Backup::BackupVault", "Notifications.SNSTopicArn", "backup"),
    ("AWS::SNS::Topic", "Subscription.Endpoint", "sns"),
)
_IN_ACCOUNT = ("cloudwatch", "config", "events.rds")
"""Services that act in the name of the account, which the policy of a new topic lets publish."""


def senders(template: Template) -> Iterator[Sender]:
    for kind, path, service in _PATHS:
        for name, properties in template.of(kind):
            for value in _targets(properties, path):
                for target in template.meant(value, QUEUE, TOPIC):
                    yield Sender(service, name, target, {"aws:SourceArn": template.arn(name)}, service in _IN_ACCOUNT)
    for name, properties in template.of("AWS::SNS::Subscription"):
        topics = template.meant(properties.get("TopicArn"), TOPIC)
        known = {"aws:SourceArn": template.arn(topics[0])} if topics else {}
        failed = [redrive_target(each) for each in spread(properties.get("RedrivePolicy"))]
        for queue in template.meant([properties.get("Endpoint"), *failed], QUEUE):
            yield Sender("sns", name, queue, known)


def _targets(properties: dict[str, Any], path: str) -> Iterator[Any]:
    """The values at a path; not the target of a rule that acts under a role instead."""
    first, *rest = path.split(".")
    for owner in at(properties, first):
        under_role = isinstance(owner, dict) and "RoleArn" in owner and rest == ["Arn"]
        yield from () if under_role else at(owner, *rest)


def redrive_target(policy: Any) -> Any:
    """The dead-letter target of a redrive policy, which may be a text in JSON."""
    if isinstance(policy, str):
        try:
            policy = json.loads(policy)
        except ValueError:
            return None
    return policy.get("deadLetterTargetArn") if isinstance(policy, dict) else None


def send_gaps(template: Template) -> Found:
    """Services that the policy of a queue or topic does not let in. EventBridge reads no conditions in that of a topic:
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html"""
    policies = resource_policies(template)
    for each in senders(template):
        if each.by_itself and each.target not in policies:
            continue
        action = SEND[template.type_of(each.target)]
        statements = policies.get(each.target, [])
        if each.service == "events" and action == "sns:Publish":
            statements = [one for one in statements if not one.conditions]
        if not lets(statements, f"service:{each.service}", action, template, each.known) and not (
            each.by_itself and _account_may_publish(template, each.target)
        ):
            yield each.source, each.target, f"{each.service} {action}"


def _account_may_publish(template: Template, topic: str) -> bool:
    """Whether a topic's policy repeats the statement that a topic has from the start."""
    owned = {"aws:SourceOwner": "$AccountId", "aws:SourceAccount": "$AccountId"}
    return lets(resource_policies(template).get(topic, ()), "*", "sns:Publish", template, owned)


def sender_key_gaps(template: Template, keys: Keys) -> Found:
    """Services that can't use the key of what they send to; none of them can use a key that AWS manages."""
    on_key = locked(template, keys)
    for each in senders(template):
        for key in on_key.get(each.target, ()):
            for action in BOTH:
                if not keys.lets_service(key, each.service, action, each.known):
                    yield each.source, each.target, f"{action} for {each.service}"
        for value in at(template.properties(each.target), "KmsMasterKeyId"):
            if text(value).endswith(("alias/aws/sqs", "alias/aws/sns")):
                yield each.source, each.target, f"{each.service} can't use the key that AWS manages"
