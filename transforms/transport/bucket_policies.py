"""TLS001: buckets that answer requests in plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from remediator.api import (
    Applicability,
    Context,
    Example,
    Finding,
    Mapping,
    Node,
    Pass,
    Reference,
    Remedy,
    Resource,
    Template,
    intrinsic,
    meaning,
    reachable,
    text_of,
    walk,
)
from remediator.transforms.transport.known import of_type
from remediator.transforms.wiring.follow import at
from remediator.transforms.wiring.links import inside, meant, texts
from remediator.transforms.wiring.resource_policies import arn, extension, objects, policies, statements

_BUCKET = "AWS::S3::Bucket"
_SID = "DenyInsecureTransport"
_KEYS = ("aws:securetransport", "s3:tlsversion")
"""The condition keys that tell how a request came, in lower case: IAM does not look at the case of keys."""

_STACKS = ("AWS::CloudFormation::Stack", "AWS::Serverless::Application")
_PLAIN_ADDRESS = re.compile(r"http://[\w.-]*/?$")

_BEFORE = """\
Resources:
  Reports:
    Type: AWS::S3::Bucket
"""
_ADDED = """\
  ReportsPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Reports
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Sid: DenyInsecureTransport
            Effect: Deny
            Principal: "*"
            Action: s3:*
            Resource:
              - !GetAtt Reports.Arn
              - !Sub "${Reports.Arn}/*"
            Condition:
              Bool:
                aws:SecureTransport: "false"
"""


class PlainRequestsAllowed(Pass):
    """A bucket answers requests that come without TLS, so what it holds can be read, and changed, on the way.

    Its policy gets a statement that denies such requests; where there is no policy, one is added. SDKs, the command line, the
    console and the services that deliver to a bucket all use HTTPS. Where the template itself lets others in without it (a
    distribution that serves viewers over HTTP and hands their requests on as they come, or a bucket that everybody may read),
    it is an unsafe fix.

    Left alone: websites, whose endpoints speak HTTP only; buckets with any statement about `aws:SecureTransport` or
    `s3:TlsVersion` that denies; and policies whose statements are made by an expression.
    """

    code = "TLS001"
    name = "plain-requests-allowed"
    profile = "secure"
    stage = 3
    sources = (
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteEndpoints.html",
        "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-https-cloudfront-to-s3-origin.html",
    )
    answers = ("AwsSolutions-S10",)
    examples = (Example("A bucket without a policy", _BEFORE, _BEFORE + _ADDED),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for bucket in of_type(context, _BUCKET):
            if bucket.property("WebsiteConfiguration") is not None:
                continue
            found = list(policies(template, bucket))
            if not any(_settles(each) for each in found):
                message = f"{bucket.logical_id} answers requests that come without TLS"
                related = tuple(each.path for each in found)
                yield self.finding(template, bucket.path, bucket.key, message, _remedy(context, bucket, found), related)


def _settles(policy: Resource) -> bool:
    """Whether a policy denies plain requests, or may do so for all we know."""
    found = statements(policy)
    return not found or any(_denies(each) for each in found)


def _denies(statement: Node) -> bool:
    if not isinstance(statement, Mapping) or intrinsic(statement):
        return True
    condition = statement.get("Condition")
    if condition is None or text_of(statement.get("Effect")) == "Allow":
        return False
    keys = {str(step).lower() for path, _ in walk(condition) for step in path}
    return intrinsic(condition) is not None or bool(keys.intersection(_KEYS))


def _remedy(context: Context, bucket: Resource, found: list[Resource]) -> Remedy | str:
    template, name = context.template, bucket.logical_id
    for policy in found:
        if policy.condition not in (None, bucket.condition):
            return f"{policy.logical_id} exists only under a condition; which policy should {name} have without it?"
        if policy.logical_id in reachable(context.graph.arcs, name):
            return f"{name} waits for {policy.logical_id}, which so can't name it"
    make = extension(template, bucket, [_statement(bucket, found)], "nobody without TLS", sources=[bucket])
    if isinstance(make, str):
        return make
    step = f"let nobody use {name} without TLS"
    plain = _plain_distribution(template, bucket)
    if plain:
        risk = f"{plain.logical_id} hands on requests that come without TLS, and those fail from now on"
        return Remedy(step, make, risk, Applicability.UNSAFE)
    nested = [each.path[1] for each in template.references if _is_nested(template, each, bucket)]
    if nested and not found:
        risk = f"{nested[0]} may have a policy for the bucket already, and a bucket has only one"
        return Remedy(step, make, risk, Applicability.UNSAFE)
    caller = _plain_caller(template, bucket)
    if caller:
        return Remedy(step, make, f"{caller} calls the bucket by http://, which fails from now on", Applicability.UNSAFE)
    if _is_open(bucket, found):
        risk = "everybody may read the bucket, and whoever does so by http:// no longer can"
        return Remedy(step, make, risk, Applicability.UNSAFE)
    return Remedy(step, make, "SDKs, tools and the services that use a bucket do so over HTTPS")


def _statement(bucket: Resource, found: list[Resource]) -> dict[str, Any]:
    taken = {sid for policy in found for sid in map(text_of, at(policy, "PolicyDocument.Statement.Sid"))}
    return {
        "Sid": next(each for each in (_SID, *(f"{_SID}{number}" for number in range(2, 99))) if each not in taken),
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn(bucket), objects(bucket)],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def _plain_distribution(template: Template, bucket: Resource) -> Resource | None:
    """A distribution that takes requests without TLS and sends them to a bucket as they come.

    With an origin access control CloudFront uses HTTPS in any case, because it signs the request.
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html (2026-11)
    """
    for each in template.resources.values():
        if each.type != "AWS::CloudFront::Distribution":
            continue
        for origin in at(each, "DistributionConfig.Origins"):
            if isinstance(origin, Mapping) and meant(template, origin.get("DomainName"), _BUCKET) == [bucket]:
                signed = origin.get("OriginAccessControlId") is not None
                if "http-only" in map(text_of, inside(origin, "CustomOriginConfig", "OriginProtocolPolicy")):
                    return each
                if not signed and _serves_plainly(each, text_of(origin.get("Id"))):
                    return each
    return None


def _is_nested(template: Template, reference: Reference, bucket: Resource) -> bool:
    """Whether a reference hands a bucket to a nested stack."""
    user = template.resources.get(str(reference.path[1])) if reference.path[0] == "Resources" else None
    return reference.target == bucket.logical_id and user is not None and user.type in _STACKS


def _plain_caller(template: Template, bucket: Resource) -> str | None:
    """A resource of the template with an address that begins with http:// and leads to a bucket."""
    text = template.source.text
    for each in template.references:
        outside = each.target != bucket.logical_id or each.path[0] != "Resources" or each.start is None
        if not outside and _PLAIN_ADDRESS.search(text, max((each.start or 0) - 40, 0), each.start or 0):
            return str(each.path[1])
    return None


def _serves_plainly(distribution: Resource, origin: str | None) -> bool:
    behaviours = [
        each for key in ("DefaultCacheBehavior", "CacheBehaviors") for each in at(distribution, f"DistributionConfig.{key}")
    ]
    return any(
        text_of(each.get("ViewerProtocolPolicy")) == "allow-all" and text_of(each.get("TargetOriginId")) in (None, origin)
        for each in behaviours
        if isinstance(each, Mapping)
    )


def _is_open(bucket: Resource, found: list[Resource]) -> bool:
    """Whether everybody may read a bucket."""
    listed = any(text.startswith("PublicRead") for text in texts(bucket.property("AccessControl")))
    return listed or any(_lets_in_everybody(each) for policy in found for each in statements(policy))


def _lets_in_everybody(statement: Node) -> bool:
    if not isinstance(statement, Mapping) or text_of(statement.get("Effect")) != "Allow" or statement.get("Condition"):
        return False
    principal = statement.get("Principal")
    return principal is not None and ("*" in (text_of(each) for each in inside(principal, "AWS")) or meaning(principal) == "*")
