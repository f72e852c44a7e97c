"""What of a stack is read back again and again."""

from __future__ import annotations

import json
from typing import Any

from cloud import Stack


def attributes(stack: Stack, queue: str) -> dict[str, str]:
    found: dict[str, str] = stack.cloud("sqs").get_queue_attributes(QueueUrl=stack.id(queue), AttributeNames=["All"])[
        "Attributes"
    ]
    return found


def statements(policy: str | dict[str, Any]) -> list[dict[str, Any]]:
    document = json.loads(policy) if isinstance(policy, str) else policy
    found: list[dict[str, Any]] = document["Statement"]
    return found


def function_settings(stack: Stack, function: str) -> dict[str, Any]:
    found: dict[str, Any] = stack.cloud("lambda").get_function_configuration(FunctionName=stack.id(function))
    return found


def role_policy(stack: Stack, role: str, policy: str) -> list[dict[str, Any]]:
    found = stack.cloud("iam").get_role_policy(RoleName=stack.id(role), PolicyName=policy)
    return statements(found["PolicyDocument"])


def role_statements(stack: Stack, role: str) -> list[dict[str, Any]]:
    """The statements of all policies that stand in a role itself."""
    names = stack.cloud("iam").list_role_policies(RoleName=stack.id(role))["PolicyNames"]
    return [each for name in names for each in role_policy(stack, role, name)]
