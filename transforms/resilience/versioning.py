"""RES002: buckets in which what is overwritten or deleted is gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from remediator.api import (
    Applicability,
    Context,
    EditBuilder,
    Example,
    Finding,
    Mapping,
    Node,
    Pass,
    Remedy,
    Resource,
    Scalar,
    Sequence,
    Template,
    intrinsic,
    references,
    table,
    text_of,
    walk,
)
from remediator.transforms.settings.rule import add_entries
from remediator.transforms.settings.slots import Slot, slots
from remediator.transforms.wiring.follow import at

_LIFECYCLE = "LifecycleConfiguration"
_PARTIAL = ("Prefix", "TagFilters", "ObjectSizeGreaterThan", "ObjectSizeLessThan")
"""What makes a lifecycle rule one about some of the objects."""

_BEFORE = """\
Resources:
  Invoices:
    Type: AWS::S3::Bucket
"""
_AFTER = (
    _BEFORE
    + """\
    Properties:
      VersioningConfiguration:
        Status: Enabled
      LifecycleConfiguration:
        Rules:
          - Id: ExpireOldVersions
            Status: Enabled
            NoncurrentVersionExpiration:
              NoncurrentDays: 90
"""
)


class BucketWithoutVersioning(Pass):
    """A bucket keeps no old versions of its objects: what is overwritten or deleted by mistake, or by somebody's malice, is
    gone.

    Versioning is turned on, and a lifecycle rule deletes old versions after 90 days, so that they do not pile up; sooner where
    a rule deletes every object of the bucket sooner anyway. The rule joins those that are there. Log buckets are no exception:
    it is logs that somebody has a reason to overwrite.

    It is unsafe where the template listens for the events of objects that are deleted for good, which versioning replaces by
    others; where a custom resource may empty the bucket before the stack goes, which leaves the versions; where lifecycle rules
    are made by a condition, so that old versions would stay for ever; and where versioning is suspended in so many words. Left
    alone: what a parameter or a condition decides, and the lifecycle of buckets that have versions already.
    """

    code = "RES002"
    name = "bucket-without-versioning"
    profile = "secure"
    stage = 3
    answers = ("CKV_AWS_21",)
    sources = (
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-expire-general-considerations.html",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html",
    )
    examples = (Example("A bucket", _BEFORE, _AFTER),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for bucket in template.resources.values():
            for slot in slots(bucket, "VersioningConfiguration.Status") if bucket.type == "AWS::S3::Bucket" else ():
                if slot.varies or not (slot.node is None or text_of(slot.node) == "Suspended"):
                    continue
                message = f"{bucket.logical_id} keeps no old versions of its objects"
                path = (*slot.path, *slot.rest)
                where = slot.node or bucket.key
                yield self.finding(template, path, where, message, _remedy(template, bucket, slot))


def _remedy(template: Template, bucket: Resource, slot: Slot) -> Remedy:
    if slot.node is not None:
        node = slot.node
        risk = "versioning is suspended, maybe on purpose; old versions pile up unless a lifecycle rule deletes them"
        return Remedy("turn versioning on", lambda b: b.replace(node, "Enabled", slot.path), risk, Applicability.UNSAFE)
    risk = _risk(template, bucket)
    why = "reading and writing stay as they are, and old versions are deleted after a while"
    level = Applicability.UNSAFE if risk else Applicability.SAFE
    return Remedy("keep old versions, and delete them later", lambda b: _version(b, bucket, slot), risk or why, level)


def _risk(template: Template, bucket: Resource) -> str:
    """Whom versioning would take something from; empty for nobody."""
    if _expires(bucket) is None:
        return "old versions pile up, because nobody can tell what the lifecycle rules of the bucket are"
    notifications = bucket.property("NotificationConfiguration")
    told = {each.value for _, each in walk(notifications) if isinstance(each, Scalar)} if notifications else set()
    if lost := sorted(told & set(table("bucket_versions")["events"]["gone"])):
        return f"the events {' and '.join(lost)} that the template listens for come as others from then on"
    for other in template.resources.values():
        if _may_empty(template, other, bucket):
            return f"{other.logical_id}, which may empty the bucket before the stack is deleted, leaves the versions in it"
    return ""


def _may_empty(template: Template, other: Resource, bucket: Resource) -> bool:
    custom = other.type.startswith(("Custom::", "AWS::CloudFormation::CustomResource"))
    if not custom or other.type in table("bucket_versions")["emptying"]["complete"]:
        return False
    return any(each.target == bucket.logical_id for each in references(other.node, template.source.text))


def _expires(bucket: Resource) -> bool | None:
    """Whether a lifecycle rule deletes old versions already; None where nobody can tell."""
    lifecycle = bucket.property(_LIFECYCLE)
    if lifecycle is None:
        return False
    rules = lifecycle.get("Rules") if isinstance(lifecycle, Mapping) and not intrinsic(lifecycle) else None
    if not isinstance(rules, Sequence) or intrinsic(rules) or not rules.items:
        return None
    if any(isinstance(each, Mapping) and not intrinsic(each) and _deletes_versions(each) for each in rules.items):
        return True
    return None if any(not isinstance(each, Mapping) or intrinsic(each) for each in rules.items) else False


def _deletes_versions(rule: Mapping) -> bool:
    return any(key.startswith("NoncurrentVersionExpiration") for key in rule.keys)


def _version(builder: EditBuilder, bucket: Resource, slot: Slot) -> None:
    """Turns versioning on, and adds the rule that deletes old versions where none does."""
    path = (*bucket.path, "Properties")
    rule = _rule(bucket) if _expires(bucket) is False else None
    new: dict[str, Any] = {}
    if len(slot.rest) == 1:
        add_entries(builder, slot, {"Status": "Enabled"})
    else:
        new["VersioningConfiguration"] = {"Status": "Enabled"}
    rules = next(_rules(bucket), None)
    if rule and rules is not None:
        builder.append_item(rules, rule, (*path, _LIFECYCLE, "Rules"))
    elif rule:
        new[_LIFECYCLE] = {"Rules": [rule]}
    if bucket.properties is None:
        add_entries(builder, slot, {"Properties": new})
    elif new:
        add_entries(builder, replace(slot, owner=bucket.properties, home=path), new)


def _rules(bucket: Resource) -> Iterator[Sequence]:
    lifecycle = bucket.property(_LIFECYCLE)
    rules = lifecycle.get("Rules") if isinstance(lifecycle, Mapping) else None
    if isinstance(rules, Sequence):
        yield rules


def _rule(bucket: Resource) -> dict[str, Any]:
    row = table("bucket_versions")["expiry"]
    taken = {text_of(each) for each in at(bucket, f"{_LIFECYCLE}.Rules.Id")}
    name = {} if row["id"] in taken else {"Id": row["id"]}
    days = min([row["days"], *_lifetimes(bucket)])
    return {**name, "Status": "Enabled", "NoncurrentVersionExpiration": {"NoncurrentDays": days}}


def _lifetimes(bucket: Resource) -> Iterator[int]:
    """The days after which rules delete every object of the bucket."""
    for rules in _rules(bucket):
        for rule in rules.items:
            if isinstance(rule, Mapping) and text_of(rule.get("Status")) == "Enabled" and not rule.keys & {*_PARTIAL}:
                yield from _days(rule.get("ExpirationInDays"))


def _days(node: Node | None) -> Iterator[int]:
    if isinstance(node, Scalar) and not node.tag and node.value.isdigit() and int(node.value) > 0:
        yield int(node.value)
