"""What a role may do by the policies that no rule about wide rights takes from it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from remediator.api import Context, Node, Resource, Sequence, Template, iam, text_of
from remediator.transforms.cycles.names import as_sub_text
from remediator.transforms.encryption.allowances import setting
from remediator.transforms.permissions.full_access_policies import (
    Attached,
    aws_policies,
    whole_services,
)
from remediator.transforms.permissions.overlap import are_apart, covers, matches, spelled_out
from remediator.transforms.permissions.statements import PolicyStatement, policy_statements
from remediator.transforms.references.conditions import implies, is_guarded
from remediator.transforms.usage.needs import Need
from remediator.transforms.wiring.managed import as_list, statements_of

BASIC_ROLE = "service-role/AWSLambdaBasicExecutionRole"
"""What AWS offers for the role of any function."""
VPC_ROLE = "service-role/AWSLambdaVPCAccessExecutionRole"
"""The same for a function in a network."""
WHOLE = re.compile(r"\*|[\w-]+:\*")
"""Actions that are all of a service, or of all."""


@dataclass(frozen=True, slots=True)
class Grant:
    """Actions, as patterns, on resources, as texts of ``Fn::Sub`` that may have wildcards."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]

    def allows(self, template: Template, need: Need) -> bool:
        wide = [spelled_out(template, text) for text in self.resources]
        narrow = [spelled_out(template, text) for text in need.resources or ("*",)]
        return self.means(need) and all(any(covers(one, other) for one in wide) for other in narrow)

    def means(self, need: Need) -> bool:
        return any(matches(pattern, need.action) for pattern in self.actions)


def grants(context: Context, role: Resource) -> list[Grant]:
    """What a role surely may do, whole services aside."""
    policies = [each.document for each in aws_policies(role) if not whole_services(each)]
    found = [grant for document in (*policies, *_added_by_sam(context, role)) for grant in of_document(document)]
    for statement in policy_statements(context.template):
        if any(each.logical_id == role.logical_id for each in statement.holders) and _is_certain(context, statement, role):
            found += _of_statement(statement)
    return found


def is_held(template: Template, held: Iterable[Grant], need: Need) -> bool:
    return any(grant.allows(template, need) for grant in held)


def is_meant(held: Iterable[Grant], need: Need) -> bool:
    """Whether what a role may do is what somebody needs, who is not known to need it for something in particular."""
    return not need.resources and any(grant.means(need) for grant in held)


def may_come_from(policy: Attached, need: Need, needs: Iterable[Need]) -> bool:
    """Whether it may be that a managed policy of AWS's allows what somebody needs, be it under a condition.

    ``needs``: all that the role is needed for; a right to pass roles to a service that none of them is about is for something
    else.
    """
    for statement in statements_of(policy.document):
        named, kept_out = as_list(statement.get("Action")), as_list(statement.get("NotAction"))
        meant = any(matches(each, need.action) for each in named)
        meant = meant or (bool(kept_out) and not any(matches(each, need.action) for each in kept_out))
        wide = as_list(statement.get("Resource")) or ["*"]
        apart = need.resources and all(are_apart(each, other, frozenset()) for each in need.resources for other in wide)
        if statement.get("Effect") == "Allow" and meant and not apart and not _passes_elsewhere(statement, need, needs):
            return True
    return False


def _passes_elsewhere(statement: dict[str, Any], need: Need, needs: Iterable[Need]) -> bool:
    """Whether a statement lets roles be passed to services only that a role is not needed for."""
    conditions = statement.get("Condition", {}).values() if need.action == "iam:PassRole" else ()
    names = [name for keys in conditions for name in as_list(keys.get("iam:PassedToService"))]
    services = [name.partition(".")[0] for name in names]
    prefixes = {each.action.partition(":")[0] for each in needs} - {"iam"}
    near = any(one.startswith(other) or other.startswith(one) for one in services for other in prefixes)
    return bool(services) and not near and "*" not in services


def _added_by_sam(context: Context, role: Resource) -> Iterator[dict[str, Any]]:
    """The policies of the role that SAM makes for a function, whatever the function lists.

    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html (2026-11)
    """
    if role.type == "AWS::Serverless::Function":
        document = iam.managed_policy(VPC_ROLE if setting(context.template, role, "VpcConfig") else BASIC_ROLE)
        yield from (document,) if document else ()


def of_document(document: dict[str, Any]) -> Iterator[Grant]:
    """What a managed policy of AWS's surely allows; its ARNs have the wildcards that those of a template's policies have."""
    for statement in statements_of(document):
        if statement.get("Effect") == "Allow" and "Condition" not in statement and "Action" in statement:
            yield Grant(tuple(as_list(statement["Action"])), tuple(as_list(statement.get("Resource"))))


def _is_certain(context: Context, statement: PolicyStatement, role: Resource) -> bool:
    """Whether a statement holds whenever its role is there."""
    condition = statement.resource.condition
    shared = condition is None or (role.condition is not None and implies(context.template, role.condition, condition))
    bound = any(statement.node.get(key) for key in ("Condition", "NotAction", "NotResource"))
    return statement.allows and shared and not bound and not is_guarded(statement.path)


def _of_statement(statement: PolicyStatement) -> Iterator[Grant]:
    actions = [text_of(each) for each in written(statement.node.get("Action"))]
    texts = [as_sub_text(each) for each in written(statement.node.get("Resource"))]
    yield Grant(
        tuple(action for action in actions if action and not WHOLE.fullmatch(action)), tuple(text for text in texts if text)
    )


def written(node: Node | None) -> tuple[Node, ...]:
    """The items of a list, or the one value that stands there instead; what ``Fn::If`` decides stands as it is."""
    if isinstance(node, Sequence) and node.tag is None:
        return node.items
    return (node,) if node else ()
