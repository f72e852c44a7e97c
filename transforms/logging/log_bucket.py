"""The one bucket of a stack that takes the access logs of everything else: a fitting one that is there, or a new one."""

from __future__ import annotations

import re
from collections.abc import Sequence as List
from dataclasses import dataclass
from typing import Any

from remediator.api import (
    MAX_RESOURCES,
    CannotEdit,
    Context,
    EditBuilder,
    Mapping,
    Resource,
    Template,
    intrinsic,
    reachable,
    references,
    text_of,
)
from remediator.transforms.logging.deliveries import BUCKET, deliveries
from remediator.transforms.wiring.links import inside
from remediator.transforms.wiring.resource_policies import extension, policies, statements

DAYS = 365
"""How long logs are kept: as long as PCI DSS 10.5.1 asks, which CloudTrail and Security Hub also take as their measure."""

_NAME = re.compile(r"(access|server|central|shared|s3|alb|elb|logs?|logging|bucket|storage|archive|target|\d)+", re.IGNORECASE)
_AUDITS = ("AWS::CloudTrail::Trail", "AWS::Config::DeliveryChannel")
_LOGGED = (
    BUCKET,
    "AWS::CloudFront::Distribution",
    "AWS::EC2::VPC",
    "AWS::ElasticLoadBalancing::LoadBalancer",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::MSK::Cluster",
    "AWS::Redshift::Cluster",
)
_UNFIT = (
    "NotificationConfiguration",
    "ObjectLockConfiguration",
    "ObjectLockEnabled",
    "ReplicationConfiguration",
    "WebsiteConfiguration",
)
REASON = "The bucket takes the logs of others; an access log of its own would only fill it."


@dataclass(frozen=True, slots=True)
class Target:
    """Where logs go: the logical id of a bucket, and the resource to be added where it is not there yet."""

    logical_id: str
    bucket: Resource | None
    template: Template
    new: dict[str, Any] | None = None

    def add(self, builder: EditBuilder) -> str:
        """Adds the bucket where it is missing; gives its logical id."""
        if self.new is not None:
            if len(self.template.resources) + 2 > MAX_RESOURCES:
                raise CannotEdit("there is no room for a log bucket and its policy")
            builder.add_resource(self.logical_id, self.new, after=next(reversed(self.template.resources)))
        return self.logical_id


def log_bucket(context: Context, user: Resource) -> Target:
    """The bucket that takes the logs of a resource."""
    template = context.template
    for bucket in template.resources.values():
        if bucket.type == BUCKET and bucket is not user and _fits(context, bucket, user):
            return Target(bucket.logical_id, bucket, template)
    return _new(template, "LogBucket", _bucket("BucketOwnerEnforced"))


def list_bucket(context: Context, user: Resource) -> Target:
    """The bucket that takes the logs that CloudFront writes by access control lists."""
    template = context.template
    for bucket in template.resources.values():
        by_list = [each for each in deliveries(template, bucket) if each.row.get("acl")] if bucket.type == BUCKET else []
        if by_list and _is_free(context, bucket, user):
            return Target(bucket.logical_id, bucket, template)
    return _new(template, "DistributionLogBucket", _bucket("BucketOwnerPreferred"))


def is_log_bucket(template: Template, bucket: Resource) -> bool:
    """Whether a bucket is there for the access logs of others: buckets log there, or whoever else does and nobody uses it for
    more, or its name says so and nobody uses it at all. One that a trail or AWS Config writes to is not: who reads or
    changes evidence is worth a log."""
    found = deliveries(template, bucket)
    if any(each.source.type == BUCKET for each in found):
        return True
    named = _NAME.fullmatch(bucket.logical_id) and "log" in bucket.logical_id.lower()
    apart = all(each.source.type not in _AUDITS for each in found)
    return apart and bool(found or named) and not _is_used(template, bucket, [each.source for each in found])


def _is_used(template: Template, bucket: Resource, besides: List[Resource]) -> bool:
    """Whether anything but its policy and those that log there has to do with a bucket."""
    names = {bucket.logical_id, *(each.logical_id for each in besides)}
    others = [each for each in template.resources.values() if each.type != "AWS::S3::BucketPolicy"]
    named = (
        each.target for one in others if one.logical_id not in names for each in references(one.node, template.source.text)
    )
    return any(target.partition(".")[0] == bucket.logical_id for target in named)


def _fits(context: Context, bucket: Resource, user: Resource) -> bool:
    if any(each.row.get("acl") for each in deliveries(context.template, bucket)):
        return False
    return is_log_bucket(context.template, bucket) and _is_free(context, bucket, user)


def _is_free(context: Context, bucket: Resource, user: Resource) -> bool:
    """Whether a bucket may take logs at all, and those of a resource."""
    if bucket.condition not in (None, user.condition) or user.logical_id in reachable(context.graph.arcs, bucket.logical_id):
        return False
    if any(True for name in _UNFIT for _ in inside(bucket.property(name))):
        return False
    return has_aes(bucket) and _is_open(context.template, bucket)


def has_aes(bucket: Resource) -> bool:
    """Whether the default encryption of a bucket is the one with keys of S3, written or not."""
    written = bucket.property("BucketEncryption")
    texts = {text_of(each) for each in inside(written, *_ALGORITHM)} if written else {"AES256"}
    return texts == {"AES256"}


_ALGORITHM = ("ServerSideEncryptionConfiguration", "ServerSideEncryptionByDefault", "SSEAlgorithm")


def _is_open(template: Template, bucket: Resource) -> bool:
    """Whether statements may be added to the policy of a bucket, and no other one refuses what logs services write."""
    if not _is_extensible(template, bucket):
        return False
    for policy in policies(template, bucket):
        if policy.condition not in (None, bucket.condition):
            return False
        for statement in statements(policy):
            if not isinstance(statement, Mapping) or intrinsic(statement):
                return False
            if text_of(statement.get("Effect")) != "Allow" and not _is_about_transport(statement):
                return False
    return True


def _is_extensible(template: Template, bucket: Resource) -> bool:
    extend = extension(template, bucket, [{"Effect": "Allow"}], "log services")
    if isinstance(extend, str):
        return False
    try:
        extend(EditBuilder(template))
    except CannotEdit:
        return False
    return True


def _is_about_transport(statement: Mapping) -> bool:
    keys = {key for each in inside(statement.get("Condition")) if isinstance(each, Mapping) for key in _condition_keys(each)}
    return bool(keys) and keys <= {"aws:securetransport", "s3:tlsversion"}


def _condition_keys(condition: Mapping) -> set[str]:
    return {key.lower() for operator in condition.entries for key in _keys(operator.value)}


def _keys(node: object) -> frozenset[str]:
    return node.keys if isinstance(node, Mapping) else frozenset()


def _new(template: Template, name: str, resource: dict[str, Any]) -> Target:
    """A new bucket. Where all that may log is under one condition, so is the bucket."""
    conditions = {each.condition for each in template.resources.values() if each.type in _LOGGED}
    condition = conditions.pop() if len(conditions) == 1 else None
    resource = {"Type": BUCKET, **({"Condition": condition} if condition else {}), **resource}
    free = EditBuilder(template).new_logical_id(name)
    return Target(free, None, template, resource)


def _bucket(ownership: str) -> dict[str, Any]:
    return {
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Metadata": suppression(REASON),
        "Properties": {
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
            },
            "LifecycleConfiguration": {
                "Rules": [
                    {
                        "Id": "Expire",
                        "Status": "Enabled",
                        "ExpirationInDays": DAYS,
                        "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
                        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
                    }
                ]
            },
            "OwnershipControls": {"Rules": [{"ObjectOwnership": ownership}]},
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": True,
                "BlockPublicPolicy": True,
                "IgnorePublicAcls": True,
                "RestrictPublicBuckets": True,
            },
            "VersioningConfiguration": {"Status": "Enabled"},
        },
    }


def suppression(reason: str) -> dict[str, Any]:
    """The metadata that tells checkov and cfn_nag why a bucket keeps no access log of its own."""
    return {
        "checkov": {"skip": [{"id": "CKV_AWS_18", "comment": reason}]},
        "cfn_nag": {"rules_to_suppress": [{"id": "W35", "reason": reason}]},
    }
