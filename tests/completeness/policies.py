"""Statements of policies, and what they allow. Deny is not weighed: it is only ever narrower than what is looked for here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from completeness.texts import Template, at, spread, text

_IDENTITIES = {"AWS::IAM::Role": "Roles", "AWS::IAM::User": "Users", "AWS::IAM::Group": "Groups"}

_MANAGED = {
    # AWS managed policies that people use, by what they allow on everything
    "AdministratorAccess": ("*",),
    "PowerUserAccess": ("*",),
    "AmazonS3FullAccess": ("s3:*",),
    "AmazonS3ReadOnlyAccess": ("s3:Get*", "s3:List*"),
    "AmazonDynamoDBFullAccess": ("dynamodb:*",),
    "AmazonSQSFullAccess": ("sqs:*",),
    "AmazonSNSFullAccess": ("sns:*",),
    "AmazonKinesisFullAccess": ("kinesis:*",),
    "SecretsManagerReadWrite": ("secretsmanager:*",),
    "AWSLambdaSQSQueueExecutionRole": ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
    "AWSLambdaKinesisExecutionRole": ("kinesis:Get*", "kinesis:Describe*", "kinesis:List*", "kinesis:SubscribeToShard"),
    "AWSLambdaDynamoDBExecutionRole": ("dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream"),
    "AWSKeyManagementServicePowerUser": ("kms:CreateKey", "kms:Describe*", "kms:List*"),
}

Known = dict[str, str]
"""What a call is known to carry, by condition key: ARNs in canonical form, or other texts."""


@dataclass(frozen=True)
class Statement:
    """A statement that allows something."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    principals: tuple[str, ...] = ()
    """``service:NAME`` or the text of a principal of AWS."""
    conditions: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    """Operator, key and values."""

    def has_action(self, action: str) -> bool:
        return any(fnmatchcase(action.lower(), each.lower()) for each in self.actions)

    def has_resource(self, template: Template, arn: str) -> bool:
        return any(template.matches(each, arn) for each in self.resources)

    def holds(self, template: Template, known: Known) -> bool:
        """Whether its conditions can hold for a call; of what is not known of the call, it is taken that they do."""
        return all(_holds(template, *each, known) for each in self.conditions)


def _holds(template: Template, operator: str, key: str, values: tuple[str, ...], known: Known) -> bool:
    said = next((value for name, value in known.items() if name.lower() == key.lower()), None)
    name = operator.rpartition(":")[2].removesuffix("IfExists")
    if said is None or name not in ("StringEquals", "StringLike", "ArnEquals", "ArnLike"):
        return True
    return any(template.matches(each, said) for each in values)


def allowed(document: Any) -> Iterator[Statement]:
    """The statements of a policy document that allow something."""
    for each in at(document, "Statement"):
        if isinstance(each, dict) and text(each.get("Effect")) == "Allow":
            yield Statement(
                tuple(map(text, spread(each.get("Action")))) or (("*",) if "NotAction" in each else ()),
                tuple(map(text, spread(each.get("Resource")))) or (("*",) if "NotResource" in each else ()),
                tuple(_principals(each.get("Principal"))) or (("*",) if "NotPrincipal" in each else ()),
                tuple(_conditions(each.get("Condition"))),
            )


def _principals(value: Any) -> Iterator[str]:
    for each in spread(value):
        if not isinstance(each, dict) or len(each) != 1 or not (each.keys() & {"AWS", "Service", "Federated", "CanonicalUser"}):
            if isinstance(each, dict) and each.keys() & {"AWS", "Service"}:
                for kind, inner in each.items():
                    yield from _principals({kind: inner})
            elif isinstance(each, str):
                yield each
            continue
        ((kind, inner),) = each.items()
        for one in spread(inner):
            yield f"service:{service_name(text(one))}" if kind == "Service" else text(one)


def service_name(principal: str) -> str:
    """A service without suffix and Region: ``logs`` for ``logs.${AWS::Region}.amazonaws.com``."""
    name = re.sub(r"\.(amazonaws\.com(\.cn)?|\$URLSuffix)$", "", principal)
    return name if name.startswith(("delivery.logs", "logdelivery.", "events.", "logging.")) else name.partition(".")[0]


def _conditions(value: Any) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for block in spread(value):
        for operator, keys in block.items() if isinstance(block, dict) else ():
            for key, values in keys.items() if isinstance(keys, dict) else ():
                yield operator, key, tuple(map(text, spread(values)))


def identities(template: Template) -> dict[str, list[Statement]]:
    """What each role, user and group of the template may do, by its own and attached policies."""
    found: dict[str, list[Statement]] = {}
    for name, properties in template.of(*_IDENTITIES):
        found[name] = [each for document in at(properties, "Policies", "PolicyDocument") for each in allowed(document)]
        for attached in spread(properties.get("ManagedPolicyArns")):
            found[name] += managed(template, attached)
    for _, properties in template.of("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy"):
        statements = list(allowed(properties.get("PolicyDocument")))
        for key, kinds in (("Roles", "Role"), ("Users", "User"), ("Groups", "Group"), ("RoleName", "Role")):
            for one in template.meant(properties.get(key), f"AWS::IAM::{kinds}"):
                found[one] += statements
    for name, properties in template.of("AWS::IAM::User"):
        for group in template.meant(properties.get("Groups"), "AWS::IAM::Group"):
            found[name] += found[group]
    return found


def managed(template: Template, attached: Any) -> Iterator[Statement]:
    """What a managed policy allows: one of the template, or one of AWS's."""
    for name in template.meant(attached, "AWS::IAM::ManagedPolicy"):
        yield from allowed(template.properties(name).get("PolicyDocument"))
    actions = _MANAGED.get(text(attached).rpartition("/")[2])
    if actions:
        yield Statement(actions, ("*",))


def resource_policies(template: Template) -> dict[str, list[Statement]]:
    """What the policies of buckets, queues, topics and secrets allow, by the resource."""
    found: dict[str, list[Statement]] = {}
    for kind, key, target in (
        ("AWS::S3::BucketPolicy", "Bucket", "AWS::S3::Bucket"),
        ("AWS::SQS::QueuePolicy", "Queues", "AWS::SQS::Queue"),
        ("AWS::SNS::TopicPolicy", "Topics", "AWS::SNS::Topic"),
        ("AWS::SecretsManager::ResourcePolicy", "SecretId", "AWS::SecretsManager::Secret"),
    ):
        for _, properties in template.of(kind):
            document = properties.get("PolicyDocument", properties.get("ResourcePolicy"))
            for store in template.meant(properties.get(key), target):
                found.setdefault(store, []).extend(allowed(document))
    return found


def may(template: Template, statements: Iterable[Statement], action: str, arn: str, known: Known | None = None) -> bool:
    """Whether statements allow an action on a resource."""
    return any(
        each.has_action(action) and each.has_resource(template, arn) and each.holds(template, known or {})
        for each in statements
    )


def lets(statements: Iterable[Statement], principal: str, action: str, template: Template, known: Known) -> bool:
    """Whether a resource's own policy lets a principal do something; ``*`` in it lets everybody."""
    return any(
        (principal in each.principals or "*" in each.principals) and each.has_action(action) and each.holds(template, known)
        for each in statements
    )
