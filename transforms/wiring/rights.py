"""What a role of the template is allowed to do, as far as the template tells."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from fnmatch import fnmatchcase

from remediator.api import PSEUDO_PARAMETERS, Mapping, Node, Resource, Template, intrinsic, references, text_of
from remediator.transforms.cycles.names import as_sub_text
from remediator.transforms.references.conditions import implies
from remediator.transforms.wiring.links import inside, meant
from remediator.transforms.wiring.managed import granted

_AWS_POLICY = re.compile(r"arn:(?:aws[\w-]*|\$\{AWS::Partition\}):iam::aws:policy/(?:.*/)?([^/]+)")
ATTACHED = {"AWS::IAM::Policy": "Roles", "AWS::IAM::ManagedPolicy": "Roles", "AWS::IAM::RolePolicy": "RoleName"}
"""Policies of their own: the property that names the roles."""


def allowed(
    template: Template,
    role: Resource,
    target: Resource | None = None,
    parties: Iterable[Resource] = (),
    late: Container[str] = (),
) -> list[str] | None:
    """The actions that a role is allowed, wildcards included, on anything at all; None where that can't be known.

    With a target, without the statements that are for other resources only. A policy under a condition counts where it is
    there whenever the role and the ``parties`` are, who need the right; or where one under another condition says the same,
    because the two may take turns. ``late``: policies that do not count, because they come when the right is needed already.
    """
    found: list[str] = []
    sometimes: dict[str, list[str]] = {}
    held = {each.condition for each in (role, *parties) if each.condition}
    for policy, actions in _granted(template, role, target):
        if actions is None:
            return None
        condition = policy.condition
        if policy.logical_id in late:
            continue
        if condition is None or any(implies(template, each, condition) for each in held):
            found += actions
        else:
            sometimes.setdefault(condition, []).extend(actions)
    for condition, actions in sometimes.items():
        others = [each for other, patterns in sometimes.items() if other != condition for each in patterns]
        found += [each for each in actions if not missing(others, [each])]
    return found


def missing(patterns: list[str], actions: list[str]) -> list[str]:
    """The actions that no pattern allows."""
    return [each for each in actions if not any(fnmatchcase(each.lower(), pattern.lower()) for pattern in patterns)]


_Granted = tuple[Resource, list[str] | None]
"""The resource that a policy stands in, and what it allows; None where it is not written out."""


def _granted(template: Template, role: Resource, target: Resource | None) -> Iterator[_Granted]:
    yield from _inline(template, role, target)
    yield from _managed(template, role, target)
    yield from _attached(template, role, target)


def _inline(template: Template, role: Resource, target: Resource | None) -> Iterator[_Granted]:
    for policy in inside(role.property("Policies")):
        known = isinstance(policy, Mapping) and intrinsic(policy) is None
        yield role, _actions(template, policy.get("PolicyDocument"), target) if known and isinstance(policy, Mapping) else None


def _managed(template: Template, role: Resource, target: Resource | None) -> Iterator[_Granted]:
    for arn in inside(role.property("ManagedPolicyArns")):
        own = meant(template, arn, "AWS::IAM::ManagedPolicy")
        match = _AWS_POLICY.fullmatch(as_sub_text(arn) or "")
        if own:
            yield own[0], _actions(template, own[0].property("PolicyDocument"), target)
        else:
            known = granted(match.group(1)) if match else None
            yield role, None if known is None else list(known)


def _attached(template: Template, role: Resource, target: Resource | None) -> Iterator[_Granted]:
    for policy in template.resources.values():
        for node in inside(policy.property(ATTACHED.get(policy.type, ""))):
            named = meant(template, node, "AWS::IAM::Role")
            if role in named:
                yield policy, _actions(template, policy.property("PolicyDocument"), target)
            elif not named and text_of(node) is None:
                yield policy, None


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
        named = {each.target for each in references(node, template.source.text)} - template.parameters - PSEUDO_PARAMETERS
        text = as_sub_text(node)
        last = (text or "*").rpartition(":")[2]
        if target in meant(template, node, target.type) or (not named and ("*" in last or "?" in last or "$" in last)):
            return True
    return False
