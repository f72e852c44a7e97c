"""Bucket notifications: the order that they need, and the last resort where nothing else breaks a cycle through one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from remediator.api import (
    Applicability,
    Edge,
    GetAtt,
    Mapping,
    Ref,
    Resource,
    Sequence,
    Sub,
    UpdateEffect,
    intrinsic,
    meaning,
    references,
    text_of,
)
from remediator.transforms.cycles import names
from remediator.transforms.cycles.component import COSTS, Component, Cut, Plan, condition_of

_PATH = ("Properties", "NotificationConfiguration", "LambdaConfigurations")


def order(component: Component, plan: Plan) -> list[str]:
    """Lets each bucket of the component wait for the permission that its notification needs, where that is possible.

    S3 checks at creation that it may invoke the function; without the wait a stack fails now and then.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-s3-bucket-notificationconfiguration.html
    """
    steps = []
    for bucket, function in _notified(component, plan):
        for permission in _permissions(component, function):
            name, source = permission.logical_id, _source_of(component, plan, permission, bucket)
            alive = permission.condition in (None, bucket.condition)  # a bucket can't wait for what may not be there
            if source is None or not alive or name in plan.arcs[bucket.logical_id]:
                continue
            kept = plan.arcs[name]
            plan.arcs[name] = kept - {bucket.logical_id} if source else kept
            if not plan.wait(bucket, name):
                plan.arcs[name] = kept
                continue
            for edge, rebuilt in source:
                names.write(plan.builder, edge, rebuilt)
            steps.append(f"let {bucket.logical_id} wait for {name}, which its notification needs")
    return steps


def _notified(component: Component, plan: Plan) -> list[tuple[Resource, str]]:
    """The buckets of the component that still notify a function once the cuts are made, each with the function."""
    pairs = {
        (edge.source, edge.target): bucket
        for edge in component.edges
        if (bucket := component.resource(edge.source)) and bucket.type == "AWS::S3::Bucket"
        if edge.property_path[:3] == _PATH and edge.target in plan.arcs[edge.source]
    }
    return [(bucket, function) for (_, function), bucket in pairs.items()]


def _permissions(component: Component, function: str) -> Iterator[Resource]:
    text = component.template.source.text
    for resource in component.template.resources.values():
        if resource.type == "AWS::Lambda::Permission" and text_of(resource.property("Principal")) == "s3.amazonaws.com":
            named = resource.property("FunctionName")
            if named and function in [each.target for each in references(named, text)]:
                yield resource


def _source_of(
    component: Component, plan: Plan, permission: Resource, bucket: Resource
) -> list[tuple[Edge, names.Rebuilt]] | None:
    """What to write where the permission's source names the bucket; None where that is all that can't be written out."""
    found = []
    for edge in component.graph.edges:
        ends = (edge.source, edge.target)
        if ends == (permission.logical_id, bucket.logical_id) and bucket.logical_id in plan.arcs[permission.logical_id]:
            rebuilt = names.rebuild(component.template, bucket, edge.reference.attribute)
            if rebuilt is None or rebuilt.waits_for or not _is_source(edge):
                return None
            found.append((edge, rebuilt))
    return found


def _is_source(edge: Edge) -> bool:
    return edge.property_path[:2] == ("Properties", "SourceArn") and edge.reference.start is not None


# EventBridge says the same in another form, so the rule puts it back into the form that the function reads.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html (2026-11)
_INPUT_PATHS = {
    "bucket": "$.detail.bucket.name",
    "key": "$.detail.object.key",
    "size": "$.detail.object.size",
    "etag": "$.detail.object.etag",
    "region": "$.region",
    "time": "$.time",
}
_RECORD = (
    '{"Records": [{"eventSource": "aws:s3", "awsRegion": <region>, "eventTime": <time>, "eventName": "%s", '
    '"s3": {"bucket": {"name": <bucket>, "arn": "arn:${AWS::Partition}:s3:::<bucket>"}, '
    '"object": {"key": <key>, "size": <size>, "eTag": <etag>}}}]}'
)
_RISK = "the function gets the object's key as it is, where a notification has it URL-encoded, and the events a little later"


@dataclass(frozen=True, slots=True)
class _Notification:
    index: int
    function: str
    event: str
    pattern: dict[str, Any]


def cuts(component: Component) -> Iterator[Cut]:
    """For a bucket whose notification closes a cycle: an EventBridge rule in its place. Only events of created objects."""
    for name in component.members:
        bucket = component.resource(name)
        if bucket is None or bucket.type != "AWS::S3::Bucket":
            continue
        edges = {i for i, e in enumerate(component.edges) if e.source == name and e.property_path[:3] == _PATH}
        found = [_notification(bucket, component.edges[index]) for index in sorted(edges)]
        complete = [each for each in found if each]
        served = [component.resource(each.function) for each in complete]
        unconditional = all(each and condition_of(bucket, each) is not None for each in served)
        if edges and len(complete) == len(found) and unconditional:
            yield Cut(
                frozenset(edges),
                COSTS["replace a bucket notification by an EventBridge rule"],
                f"let EventBridge deliver the events of {name} in place of its notification",
                _maker(component, bucket, complete),
                applicability=Applicability.UNSAFE,
                effect=UpdateEffect.INTERRUPTION,
                risk=_RISK,
            )


def _notification(bucket: Resource, edge: Edge) -> _Notification | None:
    configuration = bucket.property("NotificationConfiguration")
    items = configuration.get("LambdaConfigurations") if isinstance(configuration, Mapping) else None
    index = edge.property_path[3]
    if not isinstance(items, Sequence) or items.tag or not isinstance(index, int):
        return None
    item = items.items[index]
    if not isinstance(item, Mapping) or intrinsic(item):
        return None
    event = text_of(item.get("Event"))
    keys = _key_pattern(meaning(item)) if event == "s3:ObjectCreated:*" else None
    if event is None or keys is None:
        return None
    detail: dict[str, Any] = {"bucket": {"name": [Ref(bucket.logical_id)]}}
    if keys:
        detail["object"] = {"key": keys}
    pattern = {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": detail}
    return _Notification(index, edge.target, event.removeprefix("s3:"), pattern)


def _key_pattern(configuration: dict[str, Any]) -> list[Any] | None:
    """The filter of a notification as an event pattern: empty for none, None where it can't be written as one."""
    if "Filter" not in configuration:
        return []
    try:
        rules = configuration["Filter"]["S3Key"]["Rules"]
        wanted = {str(rule["Name"]).lower(): rule["Value"] for rule in rules}
    except (KeyError, TypeError):
        return None
    if len(wanted) != len(rules) or not all(isinstance(value, str) for value in wanted.values()) or not wanted:
        return None
    if wanted.keys() == {"prefix", "suffix"}:
        if any(mark in value for value in wanted.values() for mark in "*\\"):
            return None
        return [{"wildcard": f"{wanted['prefix']}*{wanted['suffix']}"}]
    return [wanted] if wanted.keys() <= {"prefix", "suffix"} else None


def _maker(component: Component, bucket: Resource, notifications: list[_Notification]) -> Any:
    def make(plan: Plan) -> None:
        configuration = bucket.property("NotificationConfiguration")
        if not isinstance(configuration, Mapping):
            return
        path = (*bucket.path, "Properties", "NotificationConfiguration")
        items = configuration.get("LambdaConfigurations")
        enabled = {"EventBridgeEnabled": True}
        everything = isinstance(items, Sequence) and len({each.index for each in notifications}) == len(items.items)
        there = configuration.entry("EventBridgeConfiguration") is not None
        if everything and not there:
            plan.builder.replace_entry(configuration, "LambdaConfigurations", "EventBridgeConfiguration", enabled, path)
        else:
            for each in notifications:
                plan.builder.remove_item(configuration, "LambdaConfigurations", each.index, path)
            if not there:
                plan.builder.insert_entry(configuration, "EventBridgeConfiguration", enabled, path)
        for each in notifications:
            function = component.resource(each.function)
            if function:
                _add_rule(plan, bucket, each, condition_of(bucket, function) or {})

    return make


def _add_rule(plan: Plan, bucket: Resource, notification: _Notification, condition: dict[str, str]) -> None:
    builder = plan.builder
    rule_id = builder.new_logical_id(f"{bucket.logical_id}To{notification.function}Rule")
    permission_id = builder.new_logical_id(f"{rule_id}Permission")
    target = {
        "Id": notification.function,
        "Arn": GetAtt(notification.function, "Arn"),
        "InputTransformer": {
            "InputPathsMap": _INPUT_PATHS,
            "InputTemplate": Sub(_RECORD % notification.event),
        },
    }
    rule = {"EventPattern": notification.pattern, "Targets": [target]}
    permission = {
        "Action": "lambda:InvokeFunction",
        "FunctionName": GetAtt(notification.function, "Arn"),
        "Principal": "events.amazonaws.com",
        "SourceArn": GetAtt(rule_id, "Arn"),
    }
    builder.add_resource(rule_id, {"Type": "AWS::Events::Rule", **condition, "Properties": rule}, after=bucket.logical_id)
    builder.add_resource(
        permission_id, {"Type": "AWS::Lambda::Permission", **condition, "Properties": permission}, after=bucket.logical_id
    )
    plan.add(rule_id, {bucket.logical_id, notification.function})
    plan.add(permission_id, {rule_id, notification.function})
