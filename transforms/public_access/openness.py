"""Which statements of a policy let everybody in, and what is public about a bucket. No passes here."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Mapping, Node, Resource, Template, intrinsic, origins, text_of
from remediator.transforms.wiring.links import inside
from remediator.transforms.wiring.resource_policies import policies, statements

PUBLIC_LISTS = ("PublicRead", "PublicReadWrite", "AuthenticatedRead")

_LIMITS = frozenset(
    each.lower()
    for each in (
        "aws:PrincipalAccount",
        "aws:PrincipalArn",
        "aws:PrincipalOrgID",
        "aws:PrincipalOrgPaths",
        "aws:PrincipalServiceName",
        "aws:SourceAccount",
        "aws:SourceArn",
        "aws:SourceIp",
        "aws:SourceOrgID",
        "aws:SourceOrgPaths",
        "aws:SourceOwner",
        "aws:SourceVpc",
        "aws:SourceVpcArn",
        "aws:SourceVpce",
        "aws:userid",
        "aws:username",
        "aws:VpcSourceIp",
        "elasticfilesystem:AccessedViaMountTarget",
        "elasticfilesystem:AccessPointArn",
        "es:SourceIp",
        "kms:CallerAccount",
        "kms:ViaService",
        "lambda:FunctionUrlAuthType",
        "s3:DataAccessPointAccount",
        "s3:DataAccessPointArn",
        "sns:Endpoint",
        "sns:Protocol",
    )
)
"""Condition keys that limit who is let in, or from where.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html (2026-11)"""


def everybody(statement: Node) -> Node | None:
    """The principal ``*`` of a statement that allows something to anyone at all; None where it is limited or not known."""
    if not isinstance(statement, Mapping) or intrinsic(statement) or text_of(statement.get("Effect")) != "Allow":
        return None
    condition = statement.get("Condition")
    if condition is not None and (not isinstance(condition, Mapping) or intrinsic(condition) or _is_limited(condition)):
        return None
    principal = statement.get("Principal")
    named = principal.get("AWS") if isinstance(principal, Mapping) and not intrinsic(principal) else principal
    return next((each for each in inside(named) if text_of(each) == "*"), None)


def _is_limited(condition: Mapping) -> bool:
    for operator in condition.entries:
        keys = operator.value.entries if isinstance(operator.value, Mapping) and not intrinsic(operator.value) else None
        if keys is None or any(entry.key.value.lower() in _LIMITS for entry in keys):
            return True
    return False


def reasons_to_be_public(template: Template, bucket: Resource) -> Iterator[str]:
    """What the template says of a bucket that only makes sense when everybody may read it."""
    if bucket.property("WebsiteConfiguration") is not None:
        yield "is a website"
    node = bucket.property("AccessControl")
    lists = [each.node.value for each in origins(template, node, ())] if node else []
    yield from (f"has the access control list {each}" for each in lists if each in PUBLIC_LISTS)
    for policy in policies(template, bucket):
        if any(everybody(statement) for statement in statements(policy)):
            yield f"is open to everybody by {policy.logical_id}"
