"""What a role of the template is allowed to do, as far as the template tells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from remediator.api import Mapping, Node, Resource, Template, intrinsic, references, table, text_of
from remediator.transforms.cycles.names import as_sub_text
from remediator.transforms.wiring.links import inside, meant

_AWS_POLICY = re.compile(r"arn:(?:aws[\w-]*|\$\{AWS::Partition\}):iam::aws:policy/(?:.*/)?([^/]+)")
_ATTACHED = {"AWS::IAM::Policy": "Roles", "AWS::IAM::ManagedPolicy": "Roles", "AWS::IAM::RolePolicy": "RoleName"}
"""Policies of their own: the property that names the roles."""


def allowed(template: Template, role: Resource, target: Resource | None = None) -> list[str] | None:
    """The actions that a role is allowed, wildcards included, on anything at all; None where that can't be known.

    With a target, without the statements that are for other resources only.
    """
    found: list[str] = []
    for actions in (*_inline(template, role, target), *_managed(template, role, target), *_attached(template, role, target)):
        if actions is None:
            return None
        found += actions
    return found


def missing(patterns: list[str], actions: list[str]) -> list[str]:
    """The actions that no pattern allows."""
    return [each for each in actions if not any(fnmatchcase(each.lower(), pattern.lower()) for pattern in patterns)]


def _inline(template: Template, role: Resource, target: Resource | None) -> Iterator[list[str] | None]:
    for policy in inside(role.property("Policies")):
        known = isinstance(policy, Mapping) and intrinsic(policy) is None
        yield _actions(template, policy.get("PolicyDocument"), target) if known and isinstance(policy, Mapping) else None


def _managed(template: Template, role: Resource, target: Resource | None) -> Iterator[list[str] | None]:
    for arn in inside(role.property("ManagedPolicyArns")):
        own = meant(template, arn, "AWS::IAM::ManagedPolicy")
        match = _AWS_POLICY.fullmatch(as_sub_text(arn) or "")
        if own:
            yield _actions(template, own[0].property("PolicyDocument"), target)
        elif match and match.group(1) in table("managed_grants")["known"]["policies"]:
            rows = table("managed_grants").items()
            yield [action for action, row in rows if match.group(1) in row["policies"] and ":" in action]
        else:
            yield None


def _attached(template: Template, role: Resource, target: Resource | None) -> Iterator[list[str] | None]:
    for policy in template.resources.values():
        for node in inside(policy.property(_ATTACHED.get(policy.type, ""))):
            named = meant(template, node, "AWS::IAM::Role")
            if role in named:
                yield _actions(template, policy.property("PolicyDocument"), target)
            elif not named and text_of(node) is None:
                yield None


def _actions(template: Template, document: Node | None, target: Resource | None) -> list[str] | None:
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
        if text_of(statement.get("Effect")) == "Allow" and _may_be_for(template, statement.get("Resource"), target):
            found += [action for action in actions if action]
    return found


def _may_be_for(template: Template, resources: Node | None, target: Resource | None) -> bool:
    """Whether a statement is, or may be, for a resource of the template: all but what names other ones only."""
    if target is None or resources is None:
        return True
    for node in inside(resources):
        named = {each.target for each in references(node, template.source.text)} & template.resources.keys()
        text = as_sub_text(node)
        last = (text or "*").rpartition(":")[2]
        if target in meant(template, node, target.type) or (not named and ("*" in last or "?" in last or "$" in last)):
            return True
    return False
