"""Who writes logs into a bucket of the template: whether its policy, its access control and its encryption let it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from completeness.encryption import WRITE, Keys, locked
from completeness.policies import Statement, lets, resource_policies
from completeness.texts import Template, at, spread, text

Found = Iterator[tuple[str, str, str]]

BUCKET = "AWS::S3::Bucket"
_BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
_PATHS = (
    # type, path to the bucket, service
    (BUCKET, "LoggingConfiguration.DestinationBucketName", "logging.s3"),
    ("AWS::CloudTrail::Trail", "S3BucketName", "cloudtrail"),
    ("AWS::Config::DeliveryChannel", "S3BucketName", "config"),
    ("AWS::EC2::FlowLog", "LogDestination", "delivery.logs"),
    ("AWS::ElasticLoadBalancing::LoadBalancer", "AccessLoggingPolicy.S3BucketName", "elb"),
)
_NO_CUSTOMER_KEY = ("logging.s3", "elb")
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html,
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html"""


def gaps(template: Template, keys: Keys) -> Found:
    policies = resource_policies(template)
    for name, bucket, service in deliveries(template):
        if not _lets_write(template, keys, policies.get(bucket, []), name, bucket, service):
            by_itself = service == "delivery.logs" and bucket not in policies
            yield name, bucket, f"{service} may not write{', unless it adds a policy itself' if by_itself else ''}"
        yield from _unfit(template, keys, name, bucket, service)
    for name, properties in template.of("AWS::CloudFront::Distribution"):
        for bucket in buckets(template, list(at(properties, "DistributionConfig", "Logging", "Bucket"))):
            owned = {text(each) for each in at(template.properties(bucket), "OwnershipControls", "Rules", "ObjectOwnership")}
            if not owned & {"BucketOwnerPreferred", "ObjectWriter"}:
                yield name, bucket, "CloudFront writes logs by access control lists, which are disabled"


def deliveries(template: Template) -> Iterator[tuple[str, str, str]]:
    """Who writes logs into a bucket: the resource, the bucket and the service."""
    for kind, path, service in _PATHS:
        for name, properties in template.of(kind):
            yield from ((name, each, service) for each in buckets(template, list(at(properties, *path.split(".")))))
    for name, properties in template.of(_BALANCER):
        attributes = [each for each in spread(properties.get("LoadBalancerAttributes")) if isinstance(each, dict)]
        found = {text(each.get("Key")): each.get("Value") for each in attributes}
        if text(found.get("access_logs.s3.enabled")) == "true":
            service = "delivery.logs" if text(properties.get("Type")) == "network" else "elb"
            yield from ((name, each, service) for each in buckets(template, found.get("access_logs.s3.bucket")))


def buckets(template: Template, value: Any) -> list[str]:
    """The buckets that a value means, which may have a prefix behind the name."""
    found = template.meant(value, BUCKET)
    if found:
        return found
    wanted = {template.canonical(text(each)).removeprefix("arn:s3:").partition("/")[0] for each in spread(value)}
    return [name for name, _ in template.of(BUCKET) if template.name(name) in wanted - {""}]


def _lets_write(template: Template, keys: Keys, statements: list[Statement], name: str, bucket: str, service: str) -> bool:
    """Whether a bucket lets a service write, by its policy, by a canned list, or by the role of Config."""
    if service == "logging.s3" and text(template.properties(bucket).get("AccessControl")) == "LogDeliveryWrite":
        return True
    fitting = [each for each in statements if _reaches(template, each, bucket)]
    if service == "elb":
        writing = [each for each in fitting if each.has_action("s3:PutObject")]
        return any(_is_load_balancing(one) for each in writing for one in each.principals)
    known = {"aws:SourceArn": template.arn(name)} if service in ("cloudtrail", "config") else {}
    if service == "config":
        own = [each for role in _recorders(template) for each in keys.identities[role]]
        if any(each.has_action("s3:PutObject") and _reaches(template, each, bucket) for each in own):
            return True
    return lets(fitting, f"service:{service}", "s3:PutObject", template, known)


def _reaches(template: Template, statement: Statement, bucket: str) -> bool:
    """Whether a statement covers some objects of a bucket, under whatever prefix."""
    arn = template.arn(bucket)
    return any(
        template.canonical(each).startswith(f"{arn}/") or template.matches(each, f"{arn}/x") for each in statement.resources
    )


def _is_load_balancing(principal: str) -> bool:
    """Either the service, or the account that writes in older Regions: from a mapping, or as a number."""
    foreign = principal.endswith(":root") and not principal.endswith(":$AccountId:root")
    return principal in ("service:logdelivery.elasticloadbalancing", "?", "*") or foreign or principal.isdigit()


def _unfit(template: Template, keys: Keys, name: str, bucket: str, service: str) -> Found:
    """Encryption with a key that the service can't use, be it any or this one."""
    mine = locked(template, keys).get(bucket, [])
    if service in _NO_CUSTOMER_KEY:
        if mine or _is_on_kms(template, bucket):
            yield name, bucket, f"{service} can't write into a bucket that is encrypted with KMS"
        return
    roles = _recorders(template) if service == "config" else []
    for key in mine:
        for action in WRITE:
            by_role = any(keys.lets_identity(key, role, action, {}) for role in roles)
            if not by_role and not keys.lets_service(key, service, action, {}):
                yield name, bucket, f"{action} for {service}"


def _recorders(template: Template) -> list[str]:
    """The roles of the template under which Config records and delivers."""
    roles = [properties.get("RoleARN") for _, properties in template.of("AWS::Config::ConfigurationRecorder")]
    return template.meant(roles, "AWS::IAM::Role")


def _is_on_kms(template: Template, bucket: str) -> bool:
    path = ("BucketEncryption", "ServerSideEncryptionConfiguration", "ServerSideEncryptionByDefault", "SSEAlgorithm")
    return any(text(each).startswith("aws:kms") for each in at(template.properties(bucket), *path))
