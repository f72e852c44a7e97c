"""What IAM and AWS's SDKs know: actions and their resources, the rights behind API operations, AWS's managed policies.

Read from files in ``knowledge`` service by service, when first asked for; scripts in ``scripts/`` make them.
"""

from __future__ import annotations

import json
import re
import zipfile
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from remediator.knowledge import table

_ABOUT = "about.json"


@dataclass(frozen=True, slots=True)
class Action:
    """One action. ``level``: ``Read``, ``Write``, ``List``, ``Tagging`` or ``Permissions management``.

    ``resources``: the resource types that it can be limited to (``object``), with whether each is required; none where IAM
    takes only ``*``. Where none of several is required, one of them is meant (an object of a bucket or of an access point).
    ``conditions``: the condition keys that it knows.
    """

    name: str
    level: str
    resources: tuple[tuple[str, bool], ...]
    conditions: tuple[str, ...]


def action(name: str) -> Action | None:
    """An action by its name, in whatever case; None where the data does not have it."""
    prefix, _, rest = name.lower().partition(":")
    spelled = _spelled(prefix).get(rest)
    return _action(prefix, spelled) if spelled else None


def matching(pattern: str) -> tuple[Action, ...]:
    """The actions that a pattern such as ``s3:Get*`` or ``*`` means, in alphabetical order."""
    return _matching("*:*" if pattern == "*" else pattern.lower())


def dependent(action: str) -> tuple[str, ...]:
    """The actions that AWS documents as needed beside one: ``ecs:RunTask`` needs ``iam:PassRole``."""
    prefix, _, rest = action.lower().partition(":")
    spelled = _spelled(prefix).get(rest)
    row: list[Any] = _service(prefix)["actions"][spelled] if spelled else []
    return tuple(row[3]) if len(row) > 3 else ()


@cache
def services() -> frozenset[str]:
    """The prefixes of actions: ``s3``, ``states`` …"""
    return frozenset(_archive("iam_actions").namelist()) - {_ABOUT}


@cache
def names(service: str) -> frozenset[str] | None:
    """The names of a service's actions in lower case, those of which nothing else is known too; None for an unknown service."""
    return frozenset((*_spelled(service), *_service(service)["others"])) if service in services() else None


def arn_forms(service: str, kind: str) -> tuple[str, ...]:
    """The ARNs of a resource type of a service: ``arn:${Partition}:s3:::${BucketName}/${ObjectName}``."""
    form = _service(service)["resources"].get(kind)
    return (form,) if form else ()


def managed_policy(name: str) -> dict[str, Any] | None:
    """The document of one of AWS's managed policies, by name or ``path/name``; None where the data does not have it.

    Policies of service-linked roles, which can't be attached, are not in the data.
    """
    name = name.rpartition("/")[2]
    groups = _policy_groups()
    index = bisect_right(groups, name)
    document: dict[str, Any] | None = _policies(groups[index - 1]).get(name) if index else None
    return document


def operations(client: str) -> frozenset[str] | None:
    """The API operations of a client of boto3 (``dynamodb``: ``PutItem`` …); None where there is no such client."""
    model = _client(client)
    return frozenset(model["operations"]) if model else None


def needed(client: str, operation: str) -> tuple[str, ...] | None:
    """The actions that an API operation needs of its caller (``s3``, ``HeadObject``: ``s3:GetObject``); empty where it needs
    none (``sts``, ``GetCallerIdentity``); None where the data can't tell.

    That is what it needs whatever it is told; where it does different things by what it is told (``TransactWriteItems``), what
    all of them need. ``also_needed`` has the rest.
    """
    model = _client(client)
    if model is None or operation not in model["operations"]:
        return None
    row = table("sdk_actions").get(client, {})
    if operation in row:
        return None if isinstance(row[operation], str) else tuple(row[operation])
    if operation in model.get("unsigned", ()):
        return ()
    prefix = row.get("prefix", model["prefix"])
    found = action(f"{prefix}:{operation}") or action(f"{prefix}:{model.get('methods', {}).get(operation)}")
    return (found.name,) if found else None


def also_needed(client: str, operation: str) -> tuple[str, ...]:
    """The actions that some parameters make an API operation need besides: a version of an object, tags, a role to pass on."""
    known = needed(client, operation) or ()
    told = table("sdk_actions").get(client, {}).get("also", {}).get(operation, ())
    passing = ("iam:PassRole",) if operation in (_client(client) or {}).get("passing", ()) else ()
    found = dict.fromkeys((*told, *passing, *(each for name in known for each in dependent(name))))
    return tuple(name for name in found if name not in known)


@cache
def _archive(name: str) -> zipfile.ZipFile:
    return zipfile.ZipFile(resources.files("remediator.knowledge").joinpath(f"{name}.zip").open("rb"))


@cache
def _service(prefix: str) -> dict[str, Any]:
    """What is known of a service: its actions, their conditions, its resource types, names of other actions."""
    if prefix not in services():
        return {"actions": {}, "conditions": [], "resources": {}, "others": []}
    row: dict[str, Any] = json.loads(_archive("iam_actions").read(prefix))
    return row


@cache
def _spelled(prefix: str) -> dict[str, str]:
    """For each action of a service in lower case, how it is written."""
    return {name.lower(): name for name in _service(prefix)["actions"]}


@cache
def _action(prefix: str, name: str) -> Action:
    service = _service(prefix)
    level, kinds, conditions, *_ = service["actions"][name]
    return Action(
        f"{prefix}:{name}",
        level,
        tuple((kind.removesuffix("!"), kind.endswith("!")) for kind in kinds),
        tuple(service["conditions"][index] for index in conditions),
    )


@cache
def _matching(pattern: str) -> tuple[Action, ...]:
    prefix, _, rest = pattern.partition(":")
    wanted = _pattern(prefix)
    known = sorted(each for each in services() if wanted.fullmatch(each)) if set("*?") & set(prefix) else [prefix]
    wanted = _pattern(rest)
    found = (_action(each, name) for each in known for lower, name in _spelled(each).items() if wanted.fullmatch(lower))
    return tuple(sorted(found, key=lambda each: each.name.lower()))


@cache
def _pattern(text: str) -> re.Pattern[str]:
    """A pattern of IAM, which has no more wildcards than these two."""
    return re.compile(re.escape(text).replace(r"\*", ".*").replace(r"\?", "."))


@cache
def _policy_groups() -> list[str]:
    """The members of the archive of policies, each named after the first of its policies."""
    return sorted(set(_archive("managed_policies").namelist()) - {_ABOUT})


@cache
def _policies(group: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_archive("managed_policies").read(group))
    return found


@cache
def _client(name: str) -> dict[str, Any] | None:
    if name == _ABOUT or name not in _archive("sdk_operations").NameToInfo:
        return None
    row: dict[str, Any] = json.loads(_archive("sdk_operations").read(name))
    return {**row, "operations": frozenset(row["operations"])}
