"""What AWS's managed policies allow."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from remediator.api import iam


@cache
def granted(policy: str) -> tuple[str, ...] | None:
    """The actions, as patterns, that one of AWS's managed policies allows on anything at all; None for an unknown policy.

    A statement counts whatever its conditions are, as it does where somebody else wrote it. What the policy denies
    everywhere without condition is left out.
    """
    document = iam.managed_policy(policy)
    if document is None:
        return None
    allowed: dict[str, None] = {}
    denied = []
    for statement in statements_of(document):
        if statement["Effect"] == "Allow":
            allowed.update(dict.fromkeys(as_list(statement.get("Action"))))
            if "NotAction" in statement:
                allowed.update(dict.fromkeys(_without(["*"], as_list(statement["NotAction"]))))
        elif "Action" in statement and "Condition" not in statement and "*" in as_list(statement.get("Resource")):
            denied += as_list(statement["Action"])
    return tuple(_without(allowed, denied) if denied else allowed)


def _without(patterns: Iterable[str], taken: list[str]) -> list[str]:
    """The actions that patterns mean without those that others mean; patterns stay where they have nothing in common."""
    if "*" in taken:
        return []
    lost = {action.name for pattern in taken for action in iam.matching(pattern)}
    services = {name.partition(":")[0] for name in lost}
    found: list[str] = []
    for pattern in patterns:
        if pattern == "*":
            found += [f"{service}:*" for service in sorted(iam.services() - services)]
            rest = (each.name for service in sorted(services) for each in iam.matching(f"{service}:*"))
            found += [name for name in rest if name not in lost]
        elif pattern.partition(":")[0].lower() in services:
            found += [action.name for action in iam.matching(pattern) if action.name not in lost]
        else:
            found.append(pattern)
    return found


def statements_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    return as_list(document["Statement"])


def as_list(value: Any) -> list[Any]:
    """What IAM takes as one or as a list of several."""
    return value if isinstance(value, list) else [] if value is None else [value]
