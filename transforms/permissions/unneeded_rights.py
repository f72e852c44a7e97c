"""What a role may do and never does, and what of that can go without leaving a comment about nothing behind."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

from remediator.api import Context, Resource, iam, text_of
from remediator.transforms.cycles.names import as_sub_text
from remediator.transforms.permissions.full_access_policies import Attached, aws_policies, policy_list
from remediator.transforms.permissions.held import WHOLE, may_come_from, written
from remediator.transforms.permissions.overlap import are_apart, distinct, matches
from remediator.transforms.permissions.removal import is_commented, obstacle
from remediator.transforms.permissions.statements import PolicyStatement
from remediator.transforms.permissions.work import Work, work_of
from remediator.transforms.references.conditions import is_guarded
from remediator.transforms.wiring.managed import as_list, statements_of

_KEPT = ("logs:*", "xray:*", "kms:*")
"""What Lambda, tracing and encryption need without anybody's asking for it."""


@dataclass(slots=True)
class Unneeded:
    """Whole statements, some actions of other statements, and managed policies; the reasons why they stay, if they do."""

    statements: list[PolicyStatement] = field(default_factory=list)
    actions: list[tuple[PolicyStatement, list[int]]] = field(default_factory=list)
    policies: list[Attached] = field(default_factory=list)
    reasons: dict[str, None] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        found = [action for each in self.statements for action in each.actions if action]
        for statement, indexes in self.actions:
            items = written(statement.node.get("Action"))
            found += [text_of(items[index]) or "" for index in indexes]
        return list(dict.fromkeys((*found, *(each.short for each in self.policies))))


def unneeded(context: Context, role: Resource, statements: list[PolicyStatement]) -> tuple[Unneeded, Unneeded]:
    """What can go from a role and its statements, and what stays: a comment beside it would be about nothing then."""
    going, staying = Unneeded(), Unneeded()
    for statement in statements:
        work = work_of(context, statement.holders)
        indexes = _indexes(context, statement, work) if work.is_written and not work.gaps else []
        if indexes and len(indexes) == len(written(statement.node.get("Action"))):
            going.statements.append(statement)
            continue
        commented = [index for index in indexes if is_commented(context.template, statement.node, "Action", index)]
        if commented:
            staying.reasons["a comment stands beside it"] = None
            staying.actions.append((statement, commented))
        indexes = [index for index in indexes if index not in commented]
        going.actions += [(statement, indexes)] if indexes else []
    for _, group in itertools.groupby(list(going.statements), lambda each: each.document_path):
        same = list(group)
        why = obstacle(context.template, same)
        if why:
            staying.reasons[why] = None
            staying.statements += same
            going.statements = [each for each in going.statements if each not in same]
    work = work_of(context, [role])
    for policy in _policies(role, work) if work.is_written and not work.gaps else ():
        if _is_commented(context, role, policy):
            staying.reasons["a comment stands beside it"] = None
            staying.policies.append(policy)
        else:
            going.policies.append(policy)
    return going, staying


def _indexes(context: Context, statement: PolicyStatement, work: Work) -> list[int]:
    """Which of the actions of a statement nothing needs."""
    node = statement.node
    if not statement.allows or node.get("NotAction") or node.get("NotResource") or is_guarded(statement.path):
        return []
    own = distinct(context.template)
    resources = [as_sub_text(each) or "*" for each in written(node.get("Resource"))] or ["*"]
    within = [
        need
        for need in work.needs
        if not need.resources or not all(are_apart(one, other, own) for one in need.resources for other in resources)
    ]
    actions = [text_of(each) for each in written(node.get("Action"))]
    return [
        index
        for index, action in enumerate(actions)
        if action
        and iam.matching(action)  # a name that IAM does not know is a mistake, and another one may be meant
        and not WHOLE.fullmatch(action)
        and not any(matches(kept, action) for kept in _KEPT)
        and not any(matches(action, need.action) for need in within)
    ]


def _policies(role: Resource, work: Work) -> Iterator[Attached]:
    """Managed policies of AWS's that only let their holder look, at nothing that is needed."""
    for policy in aws_policies(role) if policy_list(role) else ():
        if _only_looks(policy) and not any(may_come_from(policy, need, work.needs) for need in work.needs):
            yield policy


def _only_looks(policy: Attached) -> bool:
    actions = [action for statement in statements_of(policy.document) for action in as_list(statement.get("Action"))]
    return bool(actions) and {each.level for action in actions for each in iam.matching(action)} <= {"Read", "List"}


def _is_commented(context: Context, role: Resource, policy: Attached) -> bool:
    found = policy_list(role)
    return bool(role.properties and found and is_commented(context.template, role.properties, found[0], policy.index))
