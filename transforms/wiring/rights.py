"""What a role of the template is allowed to do, as far as the template tells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from remediator.api import Mapping, Node, Resource, Template, intrinsic, table, text_of
from remediator.transforms.cycles.names import as_sub_text
from remediator.transforms.wiring.links import inside, meant

_AWS_POLICY = re.compile(r"arn:(?:aws[\w-]*|\$\{AWS::Partition\}):iam::aws:policy/(?:.*/)?([^/]+)")
_ATTACHED = {"AWS::IAM::Policy": "Roles", "AWS::IAM::ManagedPolicy": "Roles", "AWS::IAM::RolePolicy": "RoleName"}
"""Policies of their own: the property that names the roles."""


def allowed(template: Template, role: Resource) -> list[str] | None:
    """The actions that a role is allowed on anything at all, wildcards included; None where that can't be known."""
    found: list[str] = []
    for actions in (*_inline(role), *_managed(template, role), *_attached(template, role)):
        if actions is None:
            return None
        found += actions
    return found


def missing(patterns: list[str], actions: list[str]) -> list[str]:
    """The actions that no pattern allows."""
    return [each for each in actions if not any(fnmatchcase(each.lower(), pattern.lower()) for pattern in patterns)]


def _inline(role: Resource) -> Iterator[list[str] | None]:
    for policy in inside(role.property("Policies")):
        known = isinstance(policy, Mapping) and intrinsic(policy) is None
        yield _actions(policy.get("PolicyDocument")) if known and isinstance(policy, Mapping) else None


def _managed(template: Template, role: Resource) -> Iterator[list[str] | None]:
    for arn in inside(role.property("ManagedPolicyArns")):
        own = meant(template, arn, "AWS::IAM::ManagedPolicy")
        match = _AWS_POLICY.fullmatch(as_sub_text(arn) or "")
        if own:
            yield _actions(own[0].property("PolicyDocument"))
        elif match and match.group(1) in table("managed_grants")["known"]["policies"]:
            rows = table("managed_grants").items()
            yield [action for action, row in rows if match.group(1) in row["policies"] and ":" in action]
        else:
            yield None


def _attached(template: Template, role: Resource) -> Iterator[list[str] | None]:
    for policy in template.resources.values():
        for node in inside(policy.property(_ATTACHED.get(policy.type, ""))):
            named = meant(template, node, "AWS::IAM::Role")
            if role in named:
                yield _actions(policy.property("PolicyDocument"))
            elif not named and text_of(node) is None:
                yield None


def _actions(document: Node | None) -> list[str] | None:
    """The actions that a policy allows; None where it is not written out."""
    statements = list(inside(document, "Statement"))
    if not isinstance(document, Mapping) or not statements:
        return None
    found: list[str] = []
    for statement in statements:
        if not isinstance(statement, Mapping) or intrinsic(statement) or statement.get("NotAction"):
            return None
        actions = [text_of(each) for each in inside(statement.get("Action"))]
        if None in actions or text_of(statement.get("Effect")) is None:
            return None
        if text_of(statement.get("Effect")) == "Allow":
            found += [action for action in actions if action]
    return found
