"""Mentions of a role that are no service's: instance profiles, policies about the role, and texts that others read."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Context, Mapping, Node, Resource, show, text_of
from remediator.transforms.usage.mentions import Mention, mentions
from remediator.transforms.usage.needs import Gap, Need
from remediator.transforms.usage.principals import principals
from remediator.transforms.wiring.links import inside, meant, texts

_PROFILE = "AWS::IAM::InstanceProfile"
_RUNNERS = frozenset(("codepipeline", "events", "pipes", "scheduler", "states"))
"""Services that hand over a role only to what they start with it, which then names the role itself."""
_STATEMENTS = ("PolicyDocument.Statement.", "Policies.PolicyDocument.Statement.", "Policies.Statement.")


def in_policy(context: Context, role: Resource, mention: Mention) -> list[Need | Gap] | None:
    """What follows from a policy of an identity that names the role; None where it is not in one."""
    if not mention.place.startswith(_STATEMENTS) or not mention.user.type.startswith(("AWS::IAM::", "AWS::Serverless::")):
        return [] if _is_trust(mention) else None
    statement = mention.trail[mention.keys.index("Statement") + 1]
    actions = [each.lower() for each in texts(statement.get("Action"))] if isinstance(statement, Mapping) else ["*"]
    denied = isinstance(statement, Mapping) and text_of(statement.get("Effect")) == "Deny"
    passes = any(each in ("*", "iam:*", "iam:pass*", "iam:passrole") for each in actions)
    if denied or not passes or _only_runs(context, mention):
        return []
    return [Gap(f"{mention.user.logical_id} lets somebody hand {role.logical_id} to a service", mention.path, mention.at)]


def _is_trust(mention: Mention) -> bool:
    """Whether it is a trust policy: the role is named as somebody who may assume another one."""
    return mention.user.type == "AWS::IAM::Role" and mention.keys[:1] == ("AssumeRolePolicyDocument",)


def _only_runs(context: Context, mention: Mention) -> bool:
    """Whether only services act with a policy that start what has the role."""
    holders = [mention.user] if mention.user.type == "AWS::IAM::Role" else _attached(context, mention.user)
    if mention.user.type == "AWS::Serverless::StateMachine":
        return True
    found = [principals(each.property("AssumeRolePolicyDocument"), each.path) for each in holders]
    return bool(holders) and all(each.service in _RUNNERS for listed in found for each in listed)


def _attached(context: Context, policy: Resource) -> list[Resource]:
    nodes: list[Node] = [*inside(policy.property("Roles")), *inside(policy.property("RoleName"))]
    if any(policy.property(key) is not None for key in ("Users", "Groups", "UserName", "GroupName")):
        return []
    return [role for node in nodes for role in meant(context.template, node, "AWS::IAM::Role")]


def handed_out(context: Context, role: Resource, mention: Mention, users: dict[str, Resource]) -> list[Need | Gap]:
    """What follows from a mention that no table knows: the instances of a profile, or somebody who is told of the role."""
    if mention.user is role:
        return []
    if mention.user.type == _PROFILE:
        return list(_instances(context, mention.user, users))
    users[mention.user.logical_id] = mention.user
    where = show(mention.keys)
    reason = f"what {mention.user.logical_id} does with it is not known ({mention.user.type}, {where})"
    return [Gap(reason, mention.path, mention.at)]


def _instances(context: Context, profile: Resource, users: dict[str, Resource]) -> Iterator[Gap]:
    found = [each for each in mentions(context, profile) if each.user is not profile]
    for each in found:
        users[each.user.logical_id] = each.user
        yield Gap(f"{each.user.logical_id} runs software that is not in the template", each.path, each.at)
    if not found:
        yield Gap(f"nothing in the template uses {profile.logical_id}", profile.path, profile.key.start)
