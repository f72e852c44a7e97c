"""AWS's managed policies on the roles of a template, and which of them give away whole services."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from remediator.api import Mapping, Node, Path, Resource, Scalar, Sequence, iam, intrinsic
from remediator.transforms.cycles.names import as_sub_text
from remediator.transforms.wiring.managed import as_list, statements_of

_ARN = re.compile(r"arn:(?:aws[\w-]*|\$\{AWS::Partition\}):iam::aws:policy/((?:[\w+=,.@-]+/)*[\w+=,.@-]+)")
_BARE = re.compile(r"(?:[\w+=,.@-]+/)*[\w+=,.@-]+")
_PRESCRIBED = ("service-role/", "aws-service-role/")
"""Paths of policies that AWS's documentation prescribes for what a service does by itself."""
_WHOLE = re.compile(r"\*|[\w-]+:\*")


@dataclass(frozen=True, slots=True)
class Attached:
    """A managed policy of AWS's that a role has. ``index``: where in the list of its policies; ``name``: with its path."""

    name: str
    index: int
    node: Node
    path: Path
    document: dict[str, Any]

    @property
    def short(self) -> str:
        return self.name.rpartition("/")[2]


def policy_list(role: Resource) -> tuple[str, Sequence] | None:
    """The property of a role, or of what SAM makes a role for, that lists managed policies."""
    key = "ManagedPolicyArns" if role.type.startswith("AWS::IAM::") else "Policies"
    node = role.property(key)
    return (key, node) if isinstance(node, Sequence) and node.tag is None else None


def aws_policies(role: Resource) -> Iterator[Attached]:
    """AWS's managed policies that a role surely has, and whose text is known."""
    for index, (path, node) in enumerate(listed_policies(role)):
        name = _name(role, node)
        document = iam.managed_policy(name) if name else None
        if name and document:
            yield Attached(name, index, node, path, document)


def listed_policies(role: Resource) -> Iterator[tuple[Path, Node]]:
    """The managed policies of a role, among others; SAM takes one by itself, too."""
    found, path = policy_list(role), (*role.path, "Properties")
    single = role.property("Policies")
    if found:
        yield from (((*path, found[0], index), node) for index, node in enumerate(found[1].items))
    elif isinstance(single, Scalar) and not role.type.startswith("AWS::IAM::"):
        yield (*path, "Policies"), single


def _name(role: Resource, node: Node) -> str | None:
    text = as_sub_text(node)
    match = _ARN.fullmatch(text or "")
    if match:
        return match.group(1)
    by_name = not role.type.startswith("AWS::IAM::") and not isinstance(node, Mapping) and intrinsic(node) is None
    return text if by_name and text and _BARE.fullmatch(text) else None


def whole_services(policy: Attached) -> list[str]:
    """What a policy gives whole: ``*``, ``s3:*``; nothing for one that a service needs for its own work."""
    if policy.name.startswith(_PRESCRIBED):
        return []
    found = []
    for statement in statements_of(policy.document):
        if statement.get("Effect") == "Allow" and "*" in as_list(statement.get("Resource")):
            found += ["*"] if "NotAction" in statement else [*filter(_WHOLE.fullmatch, as_list(statement.get("Action")))]
    return list(dict.fromkeys(found))
