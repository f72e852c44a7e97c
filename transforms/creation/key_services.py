"""The services that use each key of the template under their own name, and whether its policy lets them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from remediator.api import Mapping, Resource, Template, intrinsic, meaning, table, text_of
from remediator.transforms.cycles.names import as_sub_text
from remediator.transforms.encryption.keys import keys
from remediator.transforms.wiring.follow import at, fits, follow
from remediator.transforms.wiring.links import inside, meant
from remediator.transforms.wiring.resource_policies import KINDS, statements

_DOMAIN = re.compile(r"\.(?:amazonaws\.com(?:\.cn)?|amazonaws\.\$\{AWS::URLSuffix\}|\$\{AWS::URLSuffix\})$")
_REGION = re.compile(r"\.(?:\$\{AWS::Region\}|[a-z]{2}(?:-[a-z]+)+-\d)$")


@dataclass(frozen=True, slots=True)
class Need:
    """A service that uses a key on behalf of a resource."""

    user: Resource
    row: dict[str, Any]


def needs_of(template: Template) -> dict[str, list[Need]]:
    """The services that use each key of the template."""
    found: dict[str, list[Need]] = {}
    for user in template.resources.values():
        for row in table("key_needs").values():
            if user.type in row["users"] and _counts(template, user, row):
                for node in (node for path in _paths(row) for node in follow(template, user, path)):
                    for key in keys(template, node):
                        found.setdefault(key.logical_id, []).append(Need(user, row))
        for key, row in _let_in(template, user):
            found.setdefault(key.logical_id, []).append(Need(user, row))
    return found


def _counts(template: Template, user: Resource, row: dict[str, Any]) -> bool:
    """Whether a row holds for a resource, and the service acts in its own name."""
    return fits(user, row.get("where")) and fits(user, row.get("also")) and not _under_role(template, row)


def _under_role(template: Template, row: dict[str, Any]) -> bool:
    """Whether the service acts under a role of the template, which then needs the right."""
    found = [
        meant(template, node, "AWS::IAM::Role")
        for each in template.resources.values()
        for kind, path in row.get("under", {}).items()
        if each.type == kind
        for node in at(each, path)
    ]
    return bool(found) and all(found)


def _paths(row: dict[str, Any]) -> list[str]:
    return [row["key"]] if isinstance(row["key"], str) else list(row["key"])


def _let_in(template: Template, policy: Resource) -> Iterator[tuple[Resource, dict[str, Any]]]:
    """The services that the policy of a store lets in, with the key of the store."""
    for kind, (policies, owners, _) in KINDS.items():
        store_key = table("key_users")[kind]["key"]
        for node in at(policy, owners) if policy.type == policies else ():
            for store in meant(template, node, kind):
                used = [key for each in at(store, store_key) for key in keys(template, each)]
                for name in services(policy) if used else ():
                    row = row_for(name, store_key)
                    yield from ((key, row) for key in used if row and not _under_role(template, row))


def services(policy: Resource) -> Iterator[str]:
    """The services that a policy lets do anything."""
    for statement in statements(policy):
        if isinstance(statement, Mapping) and text_of(statement.get("Effect")) != "Deny":
            for node in inside(statement.get("Principal"), "Service"):
                yield as_sub_text(node) or ""


def row_for(service: str, store_key: str) -> dict[str, Any] | None:
    """What a service needs of the key of a store that has its key at a path."""
    for row in table("key_needs").values():
        if row["service"] == service and any(path.endswith(f">{store_key}") for path in _paths(row)):
            return dict(row)
    return None


def admitted(statements: list[Mapping], row: dict[str, Any]) -> bool:
    """Whether a service may do what it has to, or somebody may who may be that service."""
    admitting = [each for each in statements if _admits(each, row["service"])]
    return bool(admitting) and all(any(_allows(each, action) for each in admitting) for action in row.get("essential", ()))


def lacking(statements: list[Mapping], need: Need) -> Need:
    """A need without the actions that statements about the service allow in any case."""
    there = [each for each in statements if _admits(each, need.row["service"]) and each.get("Condition") is None]
    left = [name for name in need.row["actions"] if not any(_allows(each, name.removesuffix("*")) for each in there)]
    return Need(need.user, {**need.row, "actions": left or need.row["actions"]})


def _allows(statement: Mapping, action: str) -> bool:
    found = [text_of(each) for each in inside(statement.get("Action"))]
    return statement.get("NotAction") is not None or any(
        each is None or fnmatchcase(action.lower(), each.lower()) for each in found
    )


def enough(missing: list[Need]) -> list[Need]:
    """One need for each statement: none that another one without a condition, or with the same, covers."""
    unlike = {(need.row["service"], *need.row["actions"], str(need.row.get("condition"))): need for need in missing}
    return [
        each
        for each in unlike.values()
        if not any(_covers(other.row, each.row) for other in unlike.values() if other is not each)
    ]


def _covers(wide: dict[str, Any], narrow: dict[str, Any]) -> bool:
    return (
        wide["service"] == narrow["service"]
        and wide.get("condition") in (None, narrow.get("condition"))
        and (len(wide["actions"]), "condition" not in wide) > (len(narrow["actions"]), "condition" not in narrow)
        and all(any(fnmatchcase(action, pattern) for pattern in wide["actions"]) for action in narrow["actions"])
    )


def _admits(statement: Mapping, service: str) -> bool:
    """Whether a statement is for a service, or for somebody who may be that service."""
    principal = statement.get("Principal")
    if principal is None or text_of(statement.get("Effect")) == "Deny":
        return False
    if meaning(principal) == "*" or not isinstance(principal, Mapping) or intrinsic(principal):
        return True
    if "*" in [as_sub_text(each) for each in inside(principal, "AWS")]:
        return True
    return any(_may_be(as_sub_text(each), service) for each in inside(principal, "Service"))


def _may_be(name: str | None, service: str) -> bool:
    label = _label(name or "*")
    return label in ("*", _label(service)) or "$" in label


def _label(service: str) -> str:
    """A service principal without its domain, and without the Region that some have."""
    return _REGION.sub("", _DOMAIN.sub("", service))
