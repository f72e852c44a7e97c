"""LOG003: buckets for the logs of CloudFront that take no access control lists."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import (
    Applicability,
    CannotEdit,
    Context,
    EditBuilder,
    Example,
    Finding,
    Mapping,
    Node,
    Pass,
    Remedy,
    Resource,
    Sequence,
    text_of,
)
from remediator.transforms.logging.deliveries import all_deliveries
from remediator.transforms.wiring.links import inside
from remediator.transforms.wiring.properties import set_property

_OWNERSHIP = {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
_OFF = "BucketOwnerEnforced"

_BEFORE = """\
Resources:
  Site:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        Origins:
          - {Id: site, DomainName: www.example.com, CustomOriginConfig: {OriginProtocolPolicy: https-only}}
        DefaultCacheBehavior:
          TargetOriginId: site
          ViewerProtocolPolicy: redirect-to-https
          CachePolicyId: 658327ea-f89d-4fab-a63d-7e88639e58f6
        Logging:
          Bucket: !GetAtt SiteLogs.RegionalDomainName

  SiteLogs:
    Type: AWS::S3::Bucket
    Properties:
      LifecycleConfiguration:
        Rules: [{Status: Enabled, ExpirationInDays: 90}]
"""
_ADDED = "      OwnershipControls:\n        Rules:\n          - ObjectOwnership: BucketOwnerPreferred\n"


class LogBucketWithoutLists(Pass):
    """A distribution writes its standard logs to a bucket that takes no access control lists, and creation fails: *The S3
    bucket that you specified for CloudFront logs does not enable ACL access*.

    CloudFront writes these logs by such a list, and since April 2023 they are off for new buckets unless
    `OwnershipControls` turns them on. It is added; where it turns them off, to turn them on is an unsafe fix. A bucket
    that has a list of its own is the business of CRE008.
    """

    code = "LOG003"
    name = "log-bucket-without-lists"
    profile = "deploy"
    sources = ("https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/AccessLogs.html",)
    examples = (Example("A distribution and its logs", _BEFORE, _BEFORE + _ADDED),)

    def run(self, context: Context) -> Iterator[Finding]:
        found = {bucket.logical_id: (each, bucket) for each, bucket in all_deliveries(context.template) if each.row.get("acl")}
        for delivery, bucket in found.values():
            remedy = _remedy(bucket)
            if remedy:
                message = (
                    f"{bucket.logical_id} takes no access control lists, by which the logs of {delivery.source.logical_id} come"
                )
                yield self.finding(context.template, bucket.path, bucket.key, message, remedy, (delivery.source.path,))


def _remedy(bucket: Resource) -> Remedy | None:
    written = bucket.property("OwnershipControls")
    step = f"turn lists on for {bucket.logical_id} by OwnershipControls"
    if written is None:
        if bucket.property("AccessControl") or (bucket.properties is None and bucket.node.entry("Properties")):
            return None
        why = "CloudFront can deliver then, and nobody else gets a right by it"
        return Remedy(step, lambda builder: set_property(builder, bucket, "OwnershipControls", _OWNERSHIP), why)
    if {text_of(each) for each in inside(written, "Rules", "ObjectOwnership")} != {_OFF}:
        return None
    why = "they are off on purpose, but the standard logs of CloudFront need them"
    return Remedy(step, lambda builder: _turn_on(builder, bucket, written), why, Applicability.UNSAFE)


def _turn_on(builder: EditBuilder, bucket: Resource, written: Node) -> None:
    rules = written.get("Rules") if isinstance(written, Mapping) else None
    rule = rules.items[0] if isinstance(rules, Sequence) and rules.items else None
    node = rule.get("ObjectOwnership") if isinstance(rule, Mapping) else None
    if node is None:
        raise CannotEdit("OwnershipControls is not written out")
    path = (*bucket.path, "Properties", "OwnershipControls", "Rules", 0, "ObjectOwnership")
    builder.replace(node, "BucketOwnerPreferred", path)
