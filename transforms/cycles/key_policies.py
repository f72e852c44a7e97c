"""Cutting at a key policy: a role named as principal becomes the account under a condition on the role's ARN.

A principal must exist when the key is created, a condition need not. The account as principal hands the decision to
IAM, so the role also gets the same actions on the key in a policy of its own; the condition keeps everyone else out.
https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn (2026-11)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from remediator.api import (
    Edge,
    GetAtt,
    Mapping,
    Path,
    Ref,
    Resource,
    Sequence,
    Sub,
    intrinsic,
    to_value,
)
from remediator.transforms.cycles.component import COSTS, Component, Cut, Plan, condition_of
from remediator.transforms.cycles.names import rebuild

_ACCOUNT = Sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")


def cuts(component: Component) -> Iterator[Cut]:
    for index, edge in enumerate(component.edges):
        key, role = component.resource(edge.source), component.resource(edge.target)
        if key is None or role is None or (key.type, role.type) != ("AWS::KMS::Key", "AWS::IAM::Role"):
            continue
        statement = _statement(key, edge.property_path)
        rebuilt = rebuild(component.template, role, "Arn")
        if statement is None or rebuilt is None or condition_of(key, role) is None or not _only_principal(statement, edge):
            continue
        yield Cut(
            frozenset({index}),
            COSTS["name a role in a key policy by condition"],
            f"let the key policy of {key.logical_id} name {role.logical_id} by aws:PrincipalArn, "
            "and give the role the same actions on the key in a policy of its own",
            _maker(key, role, statement, edge, rebuilt.value),
            adds=tuple((edge.source, name) for name in rebuilt.waits_for),
        )


def _statement(key: Resource, path: Path) -> Mapping | None:
    """The statement of a key policy that a path leads into, where it may be changed."""
    if path[1:3] != ("KeyPolicy", "Statement") or path[4:6] != ("Principal", "AWS") or not isinstance(path[3], int):
        return None
    policy = key.property("KeyPolicy")
    statements = policy.get("Statement") if isinstance(policy, Mapping) else None
    statement = statements.items[path[3]] if isinstance(statements, Sequence) and not statements.tag else None
    if isinstance(statement, Mapping) and intrinsic(statement) is None and statement.entry("Condition") is None:
        return statement
    return None


def _only_principal(statement: Mapping, edge: Edge) -> bool:
    """Whether the role's ARN is all that the statement's principal says."""
    principal = statement.get("Principal")
    named = principal.get("AWS") if isinstance(principal, Mapping) and len(principal.entries) == 1 else None
    if isinstance(named, Sequence) and named.tag is None and len(named.items) == 1:
        named = named.items[0]
    return named == edge.reference.node and edge.reference.kind == "GetAtt"


def _maker(key: Resource, role: Resource, statement: Mapping, edge: Edge, arn: Any) -> Any:
    path: Path = (*key.path, "Properties", "KeyPolicy", "Statement")

    def make(plan: Plan) -> None:
        builder = plan.builder
        builder.replace(edge.reference.node, _ACCOUNT, path)
        last = statement.entries[-1].key.value
        condition = {"ArnEquals": {"aws:PrincipalArn": arn}}
        builder.insert_entry(statement, "Condition", condition, path, after=last)
        action = statement.get("Action")
        rights = {
            "Effect": "Allow",
            "Action": to_value(action) if action else "kms:*",
            "Resource": GetAtt(key.logical_id, "Arn"),
        }
        name = builder.new_logical_id(f"{role.logical_id}{key.logical_id}Policy")
        value: dict[str, Any] = {"Type": "AWS::IAM::Policy", **(condition_of(key, role) or {})}
        value["Properties"] = {
            "PolicyName": name,
            "PolicyDocument": {"Version": "2012-10-17", "Statement": [rights]},
            "Roles": [Ref(role.logical_id)],
        }
        builder.add_resource(name, value, after=role.logical_id)
        plan.add(name, {role.logical_id, key.logical_id})

    return make
