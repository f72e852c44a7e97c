"""SCH011: buckets that are to write their events to a log group, which S3 can't."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from remediator.api import (
    Applicability,
    Context,
    EditBuilder,
    Entry,
    Finding,
    Mapping,
    Node,
    Pass,
    Path,
    Ref,
    Remedy,
    Resource,
    Sequence,
    Sub,
    Template,
    intrinsic,
    meaning,
    text_of,
)
from remediator.transforms.schema import examples, moves

NAME = "CloudWatchConfigurations"

_REASONS = {
    "Put": "PutObject",
    "Post": "POST Object",
    "Copy": "CopyObject",
    "CompleteMultipartUpload": "CompleteMultipartUpload",
}
"""What EventBridge calls the calls that S3 notifications name. Third source (2026-11)."""
_KEYS = frozenset(["Event", "CloudWatchConfiguration", "LogGroupName", "LogGroupArn"])
_SERVICES = ["delivery.logs.amazonaws.com", "events.amazonaws.com"]
_WHY = "the events come to the log group as they were meant to, through EventBridge; S3 itself can't send them there"


@dataclass(frozen=True, slots=True)
class _Wish:
    """One event of a bucket that is to be written to a log group."""

    detail_type: str
    reasons: tuple[str, ...]
    group: Resource


class BucketLogEvents(Pass):
    """A bucket has `CloudWatchConfigurations`, a property that language models like and S3 does not have: it sends its events
    to queues, topics, functions and EventBridge, not to CloudWatch Logs.

    Where the log group is in the template, EventBridge takes the events there: the bucket sends its events to EventBridge,
    a rule passes on those that were asked for, and a resource policy lets it write to the group. Elsewhere the property is
    removed: as a safe fix where it names no place for the events, else as an unsafe one.
    """

    code = "SCH011"
    name = "bucket-events-to-log-group"
    profile = "deploy"
    answers = ("E3002", "F3002")
    sources = (
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html",
        "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-cloudwatchlogs-permissions",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventBridge.html",
    )
    examples = examples.BUCKET_LOG_EVENTS

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        if template.has_custom_macro:
            return
        for bucket in template.resources.values():
            if bucket.type != "AWS::S3::Bucket" or bucket.properties is None:
                continue
            for mapping, path in _places(bucket, bucket.properties):
                entry = mapping.entry(NAME)
                if entry is not None:
                    message = f"{bucket.logical_id} can't send its events to CloudWatch Logs by itself"
                    yield self.finding(template, (*path, NAME), entry, message, _remedy(template, bucket, mapping, path, entry))


def _places(bucket: Resource, properties: Mapping) -> Iterator[tuple[Mapping, Path]]:
    path: Path = (*bucket.path, "Properties")
    yield properties, path
    inner = properties.get("NotificationConfiguration")
    if isinstance(inner, Mapping) and not intrinsic(inner):
        yield inner, (*path, "NotificationConfiguration")


def _remedy(template: Template, bucket: Resource, mapping: Mapping, path: Path, entry: Entry) -> Remedy:
    wishes = _wishes(template, bucket, entry)
    if wishes and _room(bucket, mapping):
        groups = ", ".join(dict.fromkeys(wish.group.logical_id for wish in wishes))
        return Remedy(
            f"let EventBridge take the events of {bucket.logical_id} to {groups}",
            lambda b: _write(b, bucket, mapping, path, wishes),
            _WHY,
        )
    aimless = _aimless(entry)
    return Remedy(
        f"remove {NAME} of {bucket.logical_id}",
        lambda b: moves.drop(b, bucket, (*path, NAME)),
        "it names no place that the events should go to"
        if aimless
        else "the events that it names are not logged; S3 sends them to queues, topics, functions and EventBridge only",
        Applicability.SAFE if aimless else Applicability.UNSAFE,
    )


def _aimless(entry: Entry) -> bool:
    """Whether it only says which events, and not where to."""
    node = entry.value
    items = node.items if isinstance(node, Sequence) and not intrinsic(node) else ()
    return bool(items) and all(isinstance(item, Mapping) and item.keys <= {"Event", "Filter"} for item in items)


def _room(bucket: Resource, mapping: Mapping) -> bool:
    """Whether the bucket does not speak of EventBridge yet, and has its notifications where they belong."""
    whole = bucket.property("NotificationConfiguration")
    if mapping is whole:
        return "EventBridgeConfiguration" not in mapping.keys
    return whole is None


def _wishes(template: Template, bucket: Resource, entry: Entry) -> list[_Wish]:
    """What is asked for; nothing where part of it can't be said with EventBridge."""
    node = entry.value
    if not isinstance(node, Sequence) or intrinsic(node):
        return []
    found = [_wish(template, bucket, item) for item in node.items]
    return [wish for wish in found if wish] if all(found) else []


def _wish(template: Template, bucket: Resource, item: Any) -> _Wish | None:
    if (
        not isinstance(item, Mapping)
        or intrinsic(item)
        or not item.keys <= {"Event", "CloudWatchConfiguration", "LogGroupName"}
    ):
        return None
    inner = item.get("CloudWatchConfiguration")
    holder = inner if isinstance(inner, Mapping) and not intrinsic(inner) else item
    group = _group(template, holder.get("LogGroupName") or holder.get("LogGroupArn"))
    event = (text_of(item.get("Event")) or "").removeprefix("s3:").split(":")
    if (
        group is None
        or group.type != "AWS::Logs::LogGroup"
        or group.condition not in (None, bucket.condition)
        or len(event) != 2
    ):
        return None
    if event[0] == "ObjectCreated" and (event[1] == "*" or event[1] in _REASONS):
        return _Wish("Object Created", () if event[1] == "*" else (_REASONS[event[1]],), group)
    return _Wish("Object Deleted", (), group) if event == ["ObjectRemoved", "*"] else None


def _group(template: Template, name: Node | None) -> Resource | None:
    """The log group that is referred to, or that has the name that stands there."""
    call = intrinsic(name) if name else None
    if name is None or (call and call.name in ("Ref", "Fn::GetAtt")):
        return template.resources.get((text_of(call.argument) or "").partition(".")[0]) if call else None
    groups = (each for each in template.resources.values() if each.type == "AWS::Logs::LogGroup")
    named = [each for each in groups if (own := each.property("LogGroupName")) and meaning(own) == meaning(name)]
    return named[0] if len(named) == 1 else None


def _write(builder: EditBuilder, bucket: Resource, mapping: Mapping, path: Path, wishes: list[_Wish]) -> None:
    enabled: dict[str, Any] = {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}
    if path[-1] == "NotificationConfiguration":
        builder.replace_entry(mapping, NAME, *enabled.popitem(), path)
    else:
        builder.replace_entry(mapping, NAME, "NotificationConfiguration", enabled, path)
    condition = {"Condition": bucket.condition} if bucket.condition else {}
    for group in {wish.group.logical_id: wish.group for wish in wishes}.values():
        mine = [wish for wish in wishes if wish.group is group]
        rule_id = builder.new_logical_id(f"{bucket.logical_id}EventsTo{group.logical_id}")
        rule = {"Type": "AWS::Events::Rule", **condition, "Properties": _rule(bucket, group, mine)}
        builder.add_resource(rule_id, rule, after=bucket.logical_id)
        if not _may_write(builder.template, group):
            policy_id = builder.new_logical_id(f"{rule_id}Policy")
            policy = {"Type": "AWS::Logs::ResourcePolicy", **condition, "Properties": _policy(policy_id, group)}
            builder.add_resource(policy_id, policy, after=bucket.logical_id)


def _rule(bucket: Resource, group: Resource, wishes: list[_Wish]) -> dict[str, Any]:
    detail: dict[str, Any] = {"bucket": {"name": [Ref(bucket.logical_id)]}}
    reasons = [reason for wish in wishes for reason in wish.reasons]
    if reasons and all(wish.reasons for wish in wishes):
        detail["reason"] = reasons
    arn = f"arn:${{AWS::Partition}}:logs:${{AWS::Region}}:${{AWS::AccountId}}:log-group:${{{group.logical_id}}}"
    return {
        "EventPattern": {
            "source": ["aws.s3"],
            "detail-type": list(dict.fromkeys(wish.detail_type for wish in wishes)),
            "detail": detail,
        },
        "Targets": [{"Id": group.logical_id, "Arn": Sub(arn)}],
    }


def _policy(policy_id: str, group: Resource) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": _SERVICES},
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": f"${{{group.logical_id}.Arn}}",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return {"PolicyName": Sub(f"${{AWS::StackName}}-{policy_id}"), "PolicyDocument": Sub(document)}


def _may_write(template: Template, group: Resource) -> bool:
    """Whether a resource policy of the template lets EventBridge write to a log group already."""
    text = template.source.text
    for other in template.resources.values():
        said = text[other.node.start : other.node.end]
        if other.type == "AWS::Logs::ResourcePolicy" and "events.amazonaws.com" in said and group.logical_id in said:
            return True
    return False
