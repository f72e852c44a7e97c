"""Whether the policy of a bucket lets a log service write, as far as the template tells, and the statements that do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Sequence as List
from fnmatch import fnmatchcase
from typing import Any

from remediator.api import GetAtt, Mapping, Node, Resource, Template, intrinsic, meaning, references, text_of
from remediator.transforms.cycles.names import as_sub_text
from remediator.transforms.logging.deliveries import Delivery
from remediator.transforms.wiring.links import inside, meant
from remediator.transforms.wiring.resource_policies import objects, policies, statements
from remediator.transforms.wiring.rights import allowed, missing
from remediator.transforms.wiring.sources import arn_value

_SUFFIX = re.compile(r"\.(?:amazonaws\.com(?:\.cn)?|\$\{AWS::URLSuffix\})$")
_VARIABLE = re.compile(r"\$\{[^}]*\}|\d{12}")
_PUT = "s3:PutObject"
_WRITES_BY_LIST = "LogDeliveryWrite"


def is_admitted(template: Template, bucket: Resource, delivery: Delivery) -> bool:
    """Whether a bucket lets the service of a delivery in, or may do so."""
    if text_of(bucket.property("AccessControl")) == _WRITES_BY_LIST and delivery.row["service"].startswith("logging.s3"):
        return True
    if any(_may(policy, template, delivery) for policy in policies(template, bucket)):
        return True
    return "role" in delivery.row and _has_role(template, *delivery.row["role"])


def _may(policy: Resource, template: Template, delivery: Delivery) -> bool:
    needed = {_PUT, *(each for each in delivery.row.get("actions", ()) if each != "s3:ListBucket")}
    found = statements(policy)
    for each in found:
        if not isinstance(each, Mapping) or intrinsic(each) or each.get("NotAction") or each.get("Principal") is None:
            if isinstance(each, Mapping) and text_of(each.get("Effect")) == "Deny":
                continue
            return True
        if text_of(each.get("Effect")) != "Deny" and _is_for(each, template, delivery):
            needed -= set(_granted(each, needed, delivery))
    return not found or not needed


def _is_for(statement: Mapping, template: Template, delivery: Delivery) -> bool:
    principal = statement.get("Principal")
    if not isinstance(principal, Mapping) or intrinsic(principal):
        return True
    names = [_SUFFIX.sub("", as_sub_text(each) or "*") for each in inside(principal, "Service")]
    if any(name in ("*", _SUFFIX.sub("", delivery.row["service"])) or name.startswith("${") for name in names):
        return True
    return any(_may_be_service(template, each, delivery) for each in inside(principal, "AWS"))


def _may_be_service(template: Template, node: Node, delivery: Delivery) -> bool:
    """Whether an account may be the one under which a service acts in older Regions, or everybody."""
    if meaning(node) == "*":
        return True
    named = [each.target.partition(".")[0] for each in references(node, template.source.text)]
    own = any(name in template.resources or name == "AWS::AccountId" for name in named)
    return delivery.row.get("account", False) and not own


def _granted(statement: Mapping, needed: set[str], delivery: Delivery) -> Iterator[str]:
    patterns = [text_of(each) or "*" for each in inside(statement.get("Action"))]
    for action in needed:
        if not missing(patterns, [action]) and (action != _PUT or _covers(statement, delivery)):
            yield action


def _covers(statement: Mapping, delivery: Delivery) -> bool:
    key = _key(delivery)
    named = [as_sub_text(each) for each in inside(statement.get("Resource"))]
    return key is None or any(text is None or _reaches(text, key) for text in named)


def _key(delivery: Delivery) -> str | None:
    """The keys that a service writes, as a pattern; None where that can't be known."""
    if delivery.prefix is None:
        return str(delivery.row["objects"])
    prefix = as_sub_text(delivery.prefix)
    if prefix is None:
        return None
    glue = "" if delivery.row["objects"] == "*" else "/"
    return f"{prefix.strip('/') if glue else prefix}{glue}{delivery.row['objects']}".removeprefix("/")


def _reaches(text: str, key: str) -> bool:
    """Whether the ARN pattern of a statement takes in some of the keys, or may do so."""
    _, slash, pattern = text.partition("/")
    if not slash:
        return text.endswith("*")
    plain = key.replace("${AWS::AccountId}", "000000000000")
    if pattern == key or "${" in plain:
        return True
    loose = _VARIABLE.sub("*", pattern)
    return fnmatchcase(plain, loose) or fnmatchcase(loose.replace("*", "000000000000"), plain.replace("000000000000", "*"))


def _has_role(template: Template, kind: str, key: str) -> bool:
    """Whether the service acts under a role that may write, or may do so."""
    users = [each for each in template.resources.values() if each.type == kind]
    for user in users:
        roles = meant(template, user.property(key), "AWS::IAM::Role")
        linked = "AWSServiceRoleFor" in str(meaning(node)) if (node := user.property(key)) else False
        patterns = allowed(template, roles[0]) if roles else ([] if linked else None)
        if patterns is None or not missing(patterns, [_PUT]):
            return True
    return not users


def admission(template: Template, bucket: Resource, found: List[Delivery]) -> list[dict[str, Any]]:
    """The statements that let the services of some deliveries in, a pair a service."""
    taken = {
        text_of(sid) for policy in policies(template, bucket) for each in statements(policy) for sid in inside(each, "Sid")
    }
    by_service: dict[str, list[Delivery]] = {}
    for each in found:
        by_service.setdefault(each.row["service"], []).append(each)
    return [each for group in by_service.values() for each in _pair(bucket, group, taken)]


def _pair(bucket: Resource, group: list[Delivery], taken: set[str | None]) -> Iterator[dict[str, Any]]:
    row = group[0].row
    head = {"Effect": "Allow", "Principal": {"Service": row["service"]}}
    limit = {operator: {key: arn_value(text) for key, text in each.items()} for operator, each in row.get("limit", {}).items()}
    if "actions" in row:
        actions = row["actions"] if len(row["actions"]) > 1 else row["actions"][0]
        check = {**_sid(row["check"], taken), **head, "Action": actions, "Resource": GetAtt(bucket.logical_id, "Arn")}
        yield {**check, "Condition": limit} if limit else check
    keys = list(dict.fromkeys(_key(each) or "*" for each in group))
    keys = ["*"] if "*" in keys or row["objects"] == "*" else keys
    named = [objects(bucket, key) for key in keys]
    write = {**_sid(row["write"], taken), **head, "Action": _PUT, "Resource": named if len(named) > 1 else named[0]}
    if row.get("owner"):
        limit = {**limit, "StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", **limit.get("StringEquals", {})}}
    yield {**write, "Condition": limit} if limit else write


def _sid(text: str, taken: set[str | None]) -> dict[str, str]:
    return {} if text in taken else {"Sid": text}
