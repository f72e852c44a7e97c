"""Cutting at a role: the inline policy that closes the cycle becomes an ``AWS::IAM::Policy`` of its own.

The policy waits for the role and for what it names; nothing waits for the policy, except what needs its rights at
creation (``let_users_wait``). The rights are the same, to the letter.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-policy.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from remediator.api import (
    SPREAD,
    Arcs,
    EditBuilder,
    Mapping,
    Moved,
    Ref,
    Resource,
    Sequence,
    Template,
    UpdateEffect,
    carried_comments,
    carried_metadata,
    comments_beside,
    intrinsic,
    meaning,
    moving_comments,
    table,
    text_of,
)
from remediator.transforms.cycles.component import COSTS, Component, Cut, Plan

_OWNERS = {"AWS::IAM::Role": "Roles", "AWS::IAM::User": "Users", "AWS::IAM::Group": "Groups"}


@dataclass(frozen=True, slots=True)
class InlinePolicy:
    owner: Resource
    index: int
    body: Mapping


def cuts(component: Component) -> Iterator[Cut]:
    by_policy: dict[tuple[str, int], tuple[InlinePolicy, set[int]]] = {}
    for index, edge in enumerate(component.edges):
        owner, path = component.resource(edge.source), edge.property_path
        policy = _policy(owner, path) if owner and not edge.implied else None
        if policy:
            by_policy.setdefault((edge.source, policy.index), (policy, set()))[1].add(index)
    for policy, edges in by_policy.values():
        yield _cut(policy, frozenset(edges))


def _policy(owner: Resource, path: tuple[str | int, ...]) -> InlinePolicy | None:
    if owner.type not in _OWNERS or len(path) < 3 or path[1] != "Policies" or not isinstance(path[2], int):
        return None
    policies = owner.property("Policies")
    body = policies.items[path[2]] if isinstance(policies, Sequence) and not policies.tag else None
    if isinstance(body, Mapping) and intrinsic(body) is None and {"PolicyName", "PolicyDocument"} <= _keys(body):
        return InlinePolicy(owner, path[2], body)
    return None


def _keys(mapping: Mapping) -> set[str]:
    return {entry.key.value for entry in mapping.entries if not entry.merged}


def _cut(policy: InlinePolicy, edges: frozenset[int]) -> Cut:
    name = text_of(policy.body.get("PolicyName"))
    called = f"the inline policy {name}" if name else f"inline policy {policy.index + 1}"

    return Cut(
        edges,
        COSTS["move an inline policy to a resource of its own"],
        f"move {called} of {policy.owner.logical_id} to an AWS::IAM::Policy of its own",
        lambda plan: _move(plan, policy),
        effect=UpdateEffect.INTERRUPTION,
    )


def _move(plan: Plan, policy: InlinePolicy) -> None:
    owner, builder = policy.owner, plan.builder
    sequence = owner.property("Policies")
    if owner.properties is None or not isinstance(sequence, Sequence):
        return
    value: dict[str, Any] = {"Type": "AWS::IAM::Policy", **carried_metadata(owner)}
    if owner.condition:
        value["Condition"] = owner.condition
    value["Properties"] = {SPREAD: Moved(policy.body), _OWNERS[owner.type]: [Ref(owner.logical_id)]}
    logical_id = policy_id(builder, policy)
    above = comments_beside(builder.source, sequence, policy.index, policy.body)
    inner = carried_comments(builder.template, owner, policy.body)
    builder.add_resource(logical_id, value, after=owner.logical_id, comments=above, inner=inner)
    builder.add_comments(owner, moving_comments(builder.template, owner, policy.body))
    builder.remove_item(owner.properties, "Policies", policy.index, (*owner.path, "Properties"), moved=True)
    plan.add(logical_id, {owner.logical_id, *named_in(builder.template, policy.body)})
    let_users_wait(plan, owner.logical_id, logical_id, policy.body)


def policy_id(builder: EditBuilder, policy: InlinePolicy) -> str:
    """A logical id from the role's and the policy's name: ``LoaderRole`` and ``s3-read`` give ``LoaderRoleS3ReadPolicy``."""
    name = text_of(policy.body.get("PolicyName")) or ""
    words = re.split(r"[^A-Za-z0-9]+", name)
    camel = "".join(word[:1].upper() + word[1:] for word in words)
    camel = camel.removeprefix(policy.owner.logical_id)
    return builder.new_logical_id(f"{policy.owner.logical_id}{camel.removesuffix('Policy')}Policy")


def let_users_wait(plan: Plan, owner: str, policy_id: str, body: Mapping) -> None:
    """What uses the owner's rights while it is created waits for the policy, as far as that makes no new cycle."""
    services = _services(body)
    for name in _users(plan.builder.template, plan.arcs, owner):
        resource = plan.builder.template.resources[name]
        if _uses_at_creation(resource, services):
            plan.wait(resource, policy_id)


def named_in(template: Template, body: Mapping) -> Iterator[str]:
    for reference in template.references:
        inside = body.start <= reference.node.start and reference.node.end <= body.end
        if inside and reference.target in template.resources:
            yield reference.target


def _services(body: Mapping) -> frozenset[str]:
    """The service prefixes of a policy's actions, such as ``s3``; ``*`` where it has an action for all."""
    document = body.get("PolicyDocument")
    found: set[str] = set()

    def collect(value: Any) -> None:
        if isinstance(value, dict):
            for key, item in value.items():
                if key in ("Action", "NotAction"):
                    found.update(str(a).partition(":")[0] for a in (item if isinstance(item, list) else [item]))
                else:
                    collect(item)
        elif isinstance(value, list):
            for item in value:
                collect(item)

    collect(meaning(document) if document else {})
    return frozenset(found)


def _users(template: Template, arcs: Arcs, owner: str) -> list[str]:
    """Everything that acts under a role: what references it, and what uses that in turn."""
    carriers = table("creation_rights")["carriers"]["types"]
    users: dict[str, None] = {}
    queue = [owner]
    while queue:
        target = queue.pop(0)
        for name, targets in arcs.items():
            resource = template.resources.get(name)
            if target in targets and resource and name not in users and name != owner:
                users[name] = None
                if resource.type in carriers:
                    queue.append(name)
    return list(users)


def _uses_at_creation(resource: Resource, services: frozenset[str]) -> bool:
    kind = "Custom::*" if resource.type.startswith("Custom::") else resource.type
    row = table("creation_rights").get(kind)
    if row is None or kind == "carriers":
        return False
    for name, needed in row.get("properties", {}).items():
        if resource.property(name) is not None and (services & set(needed) or "*" in services):
            return True
    return bool(row.get("always")) and ("any" in row["always"] or bool(services & {*row["always"], "*"}))
