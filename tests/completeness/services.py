"""Who encrypts with a key of the template what it keeps itself: log groups, trails, builds and machines."""

from __future__ import annotations

from collections.abc import Iterator

from completeness.encryption import BOTH, Keys
from completeness.texts import Template, at

Found = Iterator[tuple[str, str, str]]

_ROLES = (
    # type, path to the key, property with the role that uses it
    ("AWS::CodeBuild::Project", "EncryptionKey", "ServiceRole"),
    ("AWS::CodePipeline::Pipeline", "ArtifactStore.EncryptionKey.Id", "RoleArn"),
)


def gaps(template: Template, keys: Keys) -> Found:
    yield from _log_groups(template, keys)
    yield from _trails(template, keys)
    yield from _builds(template, keys)
    yield from _machines(template, keys)


def _on_key(template: Template, keys: Keys, kind: str, path: str) -> Iterator[tuple[str, str]]:
    """The resources of a type, with the keys at a path."""
    for name, properties in template.of(kind):
        for value in at(properties, *path.split(".")):
            yield from ((name, key) for key in keys.of(value))


def _log_groups(template: Template, keys: Keys) -> Found:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html"""
    for group, key in _on_key(template, keys, "AWS::Logs::LogGroup", "KmsKeyId"):
        arn = template.arn(group)
        known = [{"kms:EncryptionContext:aws:logs:arn": each} for each in (arn, f"{arn}:*")]
        for action in BOTH:
            if not any(keys.lets_service(key, "logs", action, each) for each in known):
                yield group, key, f"{action} for logs"


def _trails(template: Template, keys: Keys) -> Found:
    """https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html"""
    for trail, key in _on_key(template, keys, "AWS::CloudTrail::Trail", "KMSKeyId"):
        for action in ("kms:GenerateDataKey", "kms:DescribeKey"):
            if not keys.lets_service(key, "cloudtrail", action, {"aws:SourceArn": template.arn(trail)}):
                yield trail, key, f"{action} for cloudtrail"


def _builds(template: Template, keys: Keys) -> Found:
    for kind, path, role in _ROLES:
        for name, key in _on_key(template, keys, kind, path):
            for identity in template.meant(template.properties(name).get(role), "AWS::IAM::Role"):
                for action in BOTH:
                    if not keys.lets_identity(key, identity, action, {}):
                        yield name, key, f"{action} for {identity}"


def _machines(template: Template, keys: Keys) -> Found:
    """Groups that start machines with encrypted volumes in the name of a role of their own, which only the key can let in.

    https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html
    """
    volumes = dict(_on_key(template, keys, "AWS::EC2::LaunchTemplate", "LaunchTemplateData.BlockDeviceMappings.Ebs.KmsKeyId"))
    for group, properties in template.of("AWS::AutoScaling::AutoScalingGroup"):
        direct = at(properties, "LaunchTemplate", "LaunchTemplateId")
        mixed = at(properties, "MixedInstancesPolicy", "LaunchTemplate", "LaunchTemplateSpecification", "LaunchTemplateId")
        for launch in template.meant([*direct, *mixed], "AWS::EC2::LaunchTemplate"):
            key = volumes.get(launch)
            statements = [each for each in keys.policies[key] or () if each.has_action("kms:CreateGrant")] if key else []
            if key and not any("AWSServiceRoleForAutoScaling" in one for each in statements for one in each.principals):
                yield group, key, "kms:CreateGrant for the role of autoscaling"
