"""Where failures go: whether the sender may send, the queue can take it, and no queue is its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from completeness.encryption import BOTH, Keys, via
from completeness.policies import may
from completeness.senders import QUEUE, SEND, TOPIC, redrive_target
from completeness.texts import Template, at, spread, text

Found = Iterator[tuple[str, str, str]]

_UNDER_ROLE = (
    # type, path to the target, path to the role; > for the function that is named there
    ("AWS::Lambda::Function", "DeadLetterConfig.TargetArn", "Role"),
    ("AWS::Lambda::EventInvokeConfig", "DestinationConfig.OnFailure.Destination", "FunctionName>Role"),
    ("AWS::Lambda::EventInvokeConfig", "DestinationConfig.OnSuccess.Destination", "FunctionName>Role"),
    ("AWS::Lambda::EventSourceMapping", "DestinationConfig.OnFailure.Destination", "FunctionName>Role"),
    ("AWS::Scheduler::Schedule", "Target.DeadLetterConfig.Arn", "Target.RoleArn"),
    ("AWS::Pipes::Pipe", "SourceParameters.KinesisStreamParameters.DeadLetterConfig.Arn", "RoleArn"),
    ("AWS::Pipes::Pipe", "SourceParameters.DynamoDBStreamParameters.DeadLetterConfig.Arn", "RoleArn"),
)


def sender_gaps(template: Template, keys: Keys) -> Found:
    """Roles that may not send to the target that the failures of what they run go to, or can't use its key."""
    for name, role, target in _senders(template):
        action, arn = SEND[template.type_of(target)], template.arn(target)
        if not may(template, keys.identities[role], action, arn):
            yield role, target, f"{action} for {name}"
        for key in [found for value in at(template.properties(target), "KmsMasterKeyId") for found in keys.of(value)]:
            for each in BOTH:
                if not keys.lets_identity(key, role, each, via(arn)):
                    yield role, target, f"{each} for dead letters of {name}"


def _senders(template: Template) -> Iterator[tuple[str, str, str]]:
    """Who sends dead letters under a role: the resource, the role and the target."""
    for kind, path, role in _UNDER_ROLE:
        for name, properties in template.of(kind):
            targets = template.meant(list(at(properties, *path.split("."))), QUEUE, TOPIC)
            for each in _roles(template, properties, role) if targets else ():
                yield from ((name, each, target) for target in targets)


def _roles(template: Template, properties: dict[str, Any], path: str) -> list[str]:
    owner, _, rest = path.rpartition(">")
    if owner:
        functions = template.meant(list(at(properties, owner)), "AWS::Lambda::Function")
        return [role for each in functions for role in _roles(template, template.properties(each), rest)]
    return template.meant(list(at(properties, *rest.split("."))), "AWS::IAM::Role")


def queue_gaps(template: Template) -> Found:
    """Dead-letter queues that can't take what is sent to them, or are their own."""
    for name, properties in template.of(QUEUE):
        for policy in spread(properties.get("RedrivePolicy")):
            for target in template.meant(redrive_target(policy), QUEUE):
                yield from _unfit(template, name, target)
    for kind, path in (
        ("AWS::Lambda::Function", "DeadLetterConfig.TargetArn"),
        ("AWS::Events::Rule", "Targets.DeadLetterConfig.Arn"),
    ):
        for name, properties in template.of(kind):
            for target in template.meant(list(at(properties, *path.split("."))), QUEUE):
                if _is_fifo(template.properties(target)):
                    yield name, target, "a FIFO queue can't take these dead letters"


def _unfit(template: Template, name: str, target: str) -> Found:
    """What keeps a queue's dead letters from their target."""
    if target == name:
        yield name, target, "is its own dead-letter queue"
    if _is_fifo(template.properties(name)) != _is_fifo(template.properties(target)):
        yield name, target, "a FIFO queue needs one for its dead letters, and no other does"
    for policy in at(template.properties(target), "RedriveAllowPolicy"):
        permission = text(policy.get("redrivePermission")) if isinstance(policy, dict) else "allowAll"
        sources = template.meant(policy.get("sourceQueueArns"), QUEUE) if isinstance(policy, dict) else []
        if permission == "denyAll" or (permission == "byQueue" and name not in sources):
            yield name, target, "the dead-letter queue does not take from it"


def _is_fifo(properties: dict[str, Any]) -> bool:
    return text(properties.get("FifoQueue", False)) == "true"
