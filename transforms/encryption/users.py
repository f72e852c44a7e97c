"""Who uses the data of a store: identities by their policies, and by the settings of what runs under them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from remediator.api import Context, Mapping, Node, Resource, Sequence, Template, intrinsic, table, text_of, walk
from remediator.transforms.encryption.allowances import SERVERLESS, Allowance, Allowed, allowance, allowed, is_identity, setting
from remediator.transforms.encryption.covers import covers, refers
from remediator.transforms.wiring.follow import below
from remediator.transforms.wiring.links import functions, inside, meant
from remediator.transforms.wiring.resource_policies import KINDS, policies, statements

_ROLE = "AWS::IAM::Role"
_PROFILE = "AWS::IAM::InstanceProfile"
_HOLDS_ROLE = re.compile(r"(?:role(?:_?arn|s)?|credentials|iaminstanceprofile)$", re.IGNORECASE)
_TELLS = ("AWS::Lambda::Permission", "AWS::Events::Rule", "AWS::CodePipeline::Pipeline")
"""What makes something act on objects of a bucket whose name it gets with the event."""
_CONTROLS = (
    "AWS::ApplicationAutoScaling::ScalableTarget",
    "AWS::Budgets::BudgetsAction",
    "AWS::Chatbot::MicrosoftTeamsChannelConfiguration",
    "AWS::Chatbot::SlackChannelConfiguration",
    "AWS::CloudTrail::Trail",
    "AWS::SNS::Subscription",
)
"""What has a role for something else than the data of the stores that it names."""
_OTHERS = ("MonitoringRoleArn", "CloudWatchLogsRoleArn", "CloudWatchRoleArn", "AutoScalingRole", "ServiceLinkedRoleARN")
"""Roles for logs, metrics and scaling."""
_TEXTS = {"Environment", "Variables", "Tags", "Metadata"}
"""Where a key that is called like a role's is somebody else's word."""


@dataclass(frozen=True, slots=True)
class Use:
    """An identity that uses a store, whether it reads or writes, and the actions on the key that this takes."""

    identity: Resource
    kinds: frozenset[str]
    actions: tuple[str, ...]


def uses(context: Context, store: Resource) -> list[Use]:
    """Who of the template uses a store, and how; one for each identity."""
    row = table("key_users").get(store.type)
    if row is None:
        return []
    found: dict[str, set[str]] = {}
    for identity, kinds in (*_by_policy(context, store, row), *_by_setting(context.template, store)):
        found.setdefault(identity.logical_id, set()).update(kinds)
    result = []
    for name, kinds in found.items():
        actions = tuple(sorted({action for kind in kinds for action in row[kind]}))
        if actions:
            result.append(Use(context.template.resources[name], frozenset(kinds), actions))
    return result


def _by_policy(context: Context, store: Resource, row: dict[str, Any]) -> Iterator[tuple[Resource, set[str]]]:
    """By what identities are allowed: a policy that names the store, or any; one of AWS's counts only with what is wired."""
    template = context.template
    for identity in template.resources.values():
        if not is_identity(template, identity):
            continue
        found = allowed(template, identity)
        kinds: set[str] = set()
        for each in found.allowances:
            if covers(template, each, store):
                kinds |= set() if each.general else _kinds(each, row)
        wired = wired_by(context, identity, store) if _may_do_more(found, row, kinds) else None
        if wired:
            for each in found.allowances:
                kinds |= _kinds(each, row) if each.general else set()
            kinds |= set() if found.known else {"read", "write"}
        kinds |= _let_in(template, store, identity, row)
        if kinds:
            yield identity, kinds


def _may_do_more(found: Allowed, row: dict[str, Any], kinds: set[str]) -> bool:
    return kinds != {"read", "write"} and (
        not found.known or any(each.general and _kinds(each, row) for each in found.allowances)
    )


def _kinds(each: Allowance, row: dict[str, Any]) -> set[str]:
    return {kind for kind in ("read", "write") if any(each.allows(action) for action in row[f"{kind}s"])}


def _let_in(template: Template, store: Resource, identity: Resource, row: dict[str, Any]) -> set[str]:
    """What the store's own policy lets an identity do."""
    kinds: set[str] = set()
    for policy in policies(template, store) if store.type in KINDS else ():
        for statement in statements(policy):
            if not isinstance(statement, Mapping) or intrinsic(statement) or text_of(statement.get("Effect")) == "Deny":
                continue
            if any(identity in meant(template, node, identity.type) for node in inside(statement.get("Principal"), "AWS")):
                kinds |= _kinds(allowance(statement), row)
    return kinds


def _by_setting(template: Template, store: Resource) -> Iterator[tuple[Resource, set[str]]]:
    for user, row in settings(template):
        if "store" in row and any(store in meant(template, node, store.type) for node in values(template, user, row["store"])):
            for identity in identities(template, user, row["role"]):
                yield identity, set(row["use"])


def settings(template: Template) -> Iterator[tuple[Resource, dict[str, Any]]]:
    """The resources whose settings make a role use something, each with the row that says so."""
    for user in template.resources.values():
        for row in table("key_wiring").values():
            if user.type in row["users"]:
                yield user, row


def values(template: Template, resource: Resource, path: str) -> Iterator[Node]:
    """The values at a path of properties, in which ``*`` is any key."""
    first, _, rest = path.partition(".")
    found = [setting(template, resource, first)]
    for key in rest.split(".") if rest else ():
        found = [inner for node in found for inner in below(node, key)]
    for node in found:
        yield from inside(node)


def identities(template: Template, user: Resource, path: str) -> list[Resource]:
    """The identities that a path leads to: roles, or SAM functions whose role SAM makes."""
    hop, _, last = path.rpartition(">")
    found: list[Resource] = []
    for owner in [user] if not hop else [each for node in values(template, user, hop) for each in functions(template, node)]:
        if owner.type in SERVERLESS and is_identity(template, owner):
            found.append(owner)
        else:
            found += [role for node in values(template, owner, last) for role in meant(template, node, _ROLE)]
    return list({each.logical_id: each for each in found}.values())


# What runs under a role


def wired_by(context: Context, identity: Resource, store: Resource) -> Resource | None:
    """What runs under an identity and names a store."""
    template = context.template
    if identity.type in SERVERLESS:
        return identity if touches(template, identity, store) else None
    for user in template.resources.values():
        held = held_roles(template, user, store) if touches(template, user, store) else ()
        if any(identity in roles(template, node) for node in held):
            return user
    return None


def held_roles(template: Template, user: Resource, store: Resource) -> Iterator[Node]:
    """The values of a resource that give it a role under which it may use a store."""
    if user.properties is None or user.type.startswith("AWS::IAM::"):
        return
    shared = setting(template, user, "Role") if user.type in SERVERLESS else None
    if shared and user.property("Role") is None:
        yield shared
    for path, node in walk(user.properties):
        key = next((step for step in reversed(path) if isinstance(step, str)), "")
        if not _HOLDS_ROLE.search(key) or (isinstance(node, Sequence) and not intrinsic(node)):
            continue
        if not _TEXTS & set(path) and not _is_for_something_else(user.type, key, store.type):
            yield node


def _is_for_something_else(user: str, key: str, store: str) -> bool:
    if user == "AWS::ECS::TaskDefinition" and key == "ExecutionRoleArn":
        return store != "AWS::SecretsManager::Secret"
    return user in _CONTROLS or key in (
        "MonitoringRoleArn",
        "CloudWatchLogsRoleArn",
        "CloudWatchRoleArn",
        "AutoScalingRole",
        "ServiceLinkedRoleARN",
    )


def roles(template: Template, node: Node) -> list[Resource]:
    """The roles that a value means, through instance profiles too."""
    found = meant(template, node, _ROLE, _PROFILE)
    profiles = [each for each in found if each.type == _PROFILE]
    through = [role for profile in profiles for role in meant(template, profile.property("Roles"), _ROLE)]
    return [*(each for each in found if each.type == _ROLE), *through]


def touches(template: Template, user: Resource, store: Resource) -> bool:
    """Whether what a resource runs has to do with a store: it names it, or is told of its objects, or built from them."""
    if names(template, user, store):
        return True
    if store.type != "AWS::S3::Bucket":
        return False
    told = [store.property("NotificationConfiguration")]
    told += [each.properties for each in template.resources.values() if each.type in _TELLS and names(template, each, store)]
    return any(refers(template, node, user) for node in told)


def names(template: Template, user: Resource, store: Resource) -> bool:
    """Whether a resource names a store in its properties: by reference, or by the name that the store states."""
    if refers(template, user.properties, store) or refers(template, setting(template, user, "Environment"), store):
        return True
    key = table("physical_names").get(store.type, {}).get("name")
    if user.properties is None or not key or store.property(str(key)) is None:
        return False
    environments = inside(user.properties, "Environment", "Variables")
    return any(
        store in meant(template, entry.value, store.type)
        for node in environments
        if isinstance(node, Mapping)
        for entry in node.entries
    )
