"""Who is let in to a store by its own policy and can't be given a key of the template: the public, and other accounts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from remediator.api import Context, Mapping, Node, Resource, Template, intrinsic, table, text_of
from remediator.transforms.creation.key_services import row_for
from remediator.transforms.cycles.names import as_sub_text
from remediator.transforms.encryption.allowances import allowance
from remediator.transforms.encryption.covers import refers
from remediator.transforms.wiring.follow import at, fits
from remediator.transforms.wiring.links import inside, meant
from remediator.transforms.wiring.resource_policies import KINDS, policies, statements

_IDENTITIES = ("AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group")
_OWN_ACCOUNT = re.compile(r"arn:(?:[\w-]+|\$\{AWS::Partition\}):(?:iam|sts)::\$\{AWS::AccountId\}:(.+)")
_OTHER_POLICIES = {
    "AWS::Kinesis::ResourcePolicy": ("ResourceArn", "ResourcePolicy"),
    "AWS::S3::AccessPoint": ("Bucket", "Policy"),
}
"""Policies that nobody adds statements to: the property that names the store, and the one with the document."""
_LIMITS = {"aws:sourceaccount", "aws:sourceowner", "aws:principalaccount", "aws:sourcearn"}
"""Conditions that keep a statement for everybody within one account, or to what a service does for something in it."""
_ACCOUNT = re.compile(r"\$\{AWS::AccountId\}")


def strangers(template: Template, store: Resource) -> Iterator[str]:
    """Why a key of the template's would lock out somebody whom the store's policy, or its settings, let in."""
    if store.type == "AWS::S3::Bucket":
        yield from _of_bucket(template, store)
    row = table("key_users").get(store.type)
    for policy, statement in _policies(template, store) if row else ():
        if not isinstance(statement, Mapping) or intrinsic(statement):
            yield f"not all of {policy.logical_id} is written out, which may let somebody in who has no right to the key"
        elif row and text_of(statement.get("Effect")) != "Deny" and _is_about_data(statement, row):
            yield from _principals(template, store, policy, statement)


def _policies(template: Template, store: Resource) -> Iterator[tuple[Resource, Node]]:
    """The statements about who may use a store, each with the resource that it stands in."""
    for policy in policies(template, store) if store.type in KINDS else ():
        yield from ((policy, each) for each in statements(policy))
    yield from ((store, each) for each in at(store, "ResourcePolicy.PolicyDocument.Statement"))
    for policy in template.resources.values():
        owner, document = _OTHER_POLICIES.get(policy.type, ("", ""))
        if owner and store in meant(template, policy.property(owner), store.type):
            yield from ((policy, each) for each in at(policy, f"{document}.Statement"))


def _is_about_data(statement: Mapping, row: dict[str, list[str]]) -> bool:
    allowed = allowance(statement)
    return any(allowed.allows(action) for action in (*row["reads"], *row["writes"]))


def _principals(template: Template, store: Resource, policy: Resource, statement: Mapping) -> Iterator[str]:
    principal, key = statement.get("Principal"), str(table("key_users")[store.type]["key"])
    limited = _is_limited(template, statement)
    if principal is None or not isinstance(principal, Mapping) or intrinsic(principal):
        if not limited:
            yield f"{policy.logical_id} lets anybody use {store.logical_id}, and a key can't"
        return
    if principal.get("CanonicalUser") or principal.get("Federated"):
        yield f"{policy.logical_id} lets in somebody who can't use a key: from another account, or an origin access identity"
    for node in inside(principal, "AWS"):
        text = as_sub_text(node) or ""
        if text == "*" and not limited:
            yield f"{policy.logical_id} lets anybody use {store.logical_id}, and a key can't"
        elif text != "*" and not _is_own(template, node, text):
            yield f"{policy.logical_id} lets in {text or 'somebody'}, who is not in the template and would need the key"
    for node in inside(principal, "Service"):
        service = as_sub_text(node) or ""
        label = service.removesuffix(".amazonaws.com").removesuffix(".${AWS::URLSuffix}")
        because = _unsupported(f"{label}.amazonaws.com", store)
        if because:
            yield because.format(user=policy.logical_id)
        elif row_for(f"{label}.amazonaws.com", key) is None and label not in table("role_services")["known"]["services"]:
            yield f"{policy.logical_id} lets in {service or 'a service'}, of which it is not known how it would use a key"


def _unsupported(service: str, store: Resource) -> str:
    """Why a service that a store's policy lets in does not do with it what it does, once it is under a customer key."""
    rows = table("key_forbids").values()
    return next((str(row["because"]) for row in rows if row.get("service") == service and row["type"] == store.type), "")


def _is_own(template: Template, node: Node, text: str) -> bool:
    """Whether a principal is the account, which rules over the key too, or an identity of the template."""
    if meant(template, node, *_IDENTITIES):
        return True
    match = _OWN_ACCOUNT.fullmatch(text)
    return text == "${AWS::AccountId}" or (match is not None and match.group(1) == "root")


def _is_limited(template: Template, statement: Mapping) -> bool:
    """Whether a statement holds only within the account, or for one resource of the template."""
    condition = statement.get("Condition")
    for _, test in ((entry.key.value, entry.value) for entry in condition.entries) if isinstance(condition, Mapping) else ():
        for entry in test.entries if isinstance(test, Mapping) else ():
            if entry.key.value.lower() in _LIMITS and all(_is_here(template, node) for node in inside(entry.value)):
                return True
    return False


def _is_here(template: Template, node: Node) -> bool:
    text = as_sub_text(node) or ""
    return bool(_ACCOUNT.search(text)) or any(refers(template, node, each) for each in template.resources.values())


def _of_bucket(template: Template, bucket: Resource) -> Iterator[str]:
    if bucket.property("WebsiteConfiguration") is not None:
        yield f"{bucket.logical_id} is a website, whose visitors can't use a key"
    access = text_of(bucket.property("AccessControl")) or ""
    if access.startswith("Public") or access == "AuthenticatedRead":
        yield f"{bucket.logical_id} may be read by everybody, and a key can't be used by everybody"
    if access == "LogDeliveryWrite":
        yield f"{bucket.logical_id} takes access logs, and S3 delivers them only to buckets under keys of S3's own (SSE-S3)"
    rules = list(at(bucket, "ReplicationConfiguration.Rules"))
    if rules and not all(_replicates_keys(rule) for rule in rules):
        yield (
            f"{bucket.logical_id} is replicated, and what is under a customer key is replicated only with"
            " SourceSelectionCriteria.SseKmsEncryptedObjects and a ReplicaKmsKeyID"
        )
    for distribution in template.resources.values():
        if distribution.type == "AWS::CloudFront::Distribution":
            yield from _origins(template, bucket, distribution)


def _replicates_keys(rule: Node) -> bool:
    status = [text_of(each) for each in inside(rule, "SourceSelectionCriteria", "SseKmsEncryptedObjects", "Status")]
    return status == ["Enabled"] and any(
        True for _ in inside(rule, "Destination", "EncryptionConfiguration", "ReplicaKmsKeyID")
    )


def _origins(template: Template, bucket: Resource, distribution: Resource) -> Iterator[str]:
    for origin in at(distribution, "DistributionConfig.Origins"):
        if not isinstance(origin, Mapping) or bucket not in meant(template, origin.get("DomainName"), bucket.type):
            continue
        if origin.get("OriginAccessControlId") is None or origin.get("CustomOriginConfig") is not None:
            yield (
                f"{distribution.logical_id} reads it without an origin access control, which CloudFront needs for what is under"
                " a customer key"
            )


def forbidden(context: Context, store: Resource) -> Iterator[str]:
    """What AWS does not do with a store under a customer key, and the template asks for."""
    template = context.template
    for user in template.resources.values():
        for row in table("key_forbids").values():
            if (
                user.type not in row["users"]
                or row["type"] != store.type
                or not fits(user, row.get("where"), row.get("unless"))
            ):
                continue
            if any(store in meant(template, node, store.type) for node in at(user, row["store"])):
                yield str(row["because"]).format(user=user.logical_id)
        if user.type == "AWS::CloudFormation::Stack" and refers(template, user.property("Parameters"), store):
            yield f"it is handed to the nested stack {user.logical_id}, whose roles are not in this template"
