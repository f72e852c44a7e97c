"""Letting clients of a load balancer in on one more port: those that its security groups let in on another one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from remediator.api import (
    Copy,
    EditBuilder,
    Mapping,
    Node,
    Resource,
    Scalar,
    Sequence,
    Template,
    intrinsic,
    is_no_value,
    text_of,
)
from remediator.transforms.wiring.follow import at
from remediator.transforms.wiring.links import meant

_GROUP = "AWS::EC2::SecurityGroup"
_RULE = "AWS::EC2::SecurityGroupIngress"
_ANY = ("-1", "all")
_TCP = ("tcp", "6")


@dataclass(frozen=True, slots=True)
class _Rule:
    """A rule that lets somebody in: inline in a group, or a resource of its own."""

    values: Mapping
    group: Resource
    own: Resource | None = None


def opening(template: Template, balancer: Resource, old: int, new: int) -> Callable[[EditBuilder], None] | str:
    """How the groups of a load balancer let in on a new port whom they let in on an old one, or the question why it can't be
    known that they do."""
    question = f"do the security groups of {balancer.logical_id} let in port {new}?"
    listed = balancer.property("SecurityGroups")
    if not isinstance(listed, Sequence) or intrinsic(listed):
        return question
    if _is_stopped(template, old, new):
        return f"do the network access lists let in port {new}?"
    copies: list[_Rule] = []
    for node in listed.items:
        groups = meant(template, node, _GROUP)
        rules = list(_rules(template, groups[0])) if len(groups) == 1 else []
        if any(_covers(each, new) for each in rules):
            continue
        same = [each for each in rules if _is_for(each, old)]
        if not same:
            return question
        copies += same

    def make(builder: EditBuilder) -> None:
        for each in copies:
            _copy(builder, each, new)

    return make


def secure_name(name: str) -> str:
    """A name for something about HTTPS that is like the name of the same for HTTP."""
    changed = re.sub(r"(?i)http(?!s)", lambda found: f"{found.group()}{'S' if found.group().isupper() else 's'}", name, count=1)
    return changed if changed != name else f"{name}Https"


def _rules(template: Template, group: Resource) -> Iterator[_Rule]:
    listed = group.property("SecurityGroupIngress")
    for item in listed.items if isinstance(listed, Sequence) and not intrinsic(listed) else ():
        if isinstance(item, Mapping) and not intrinsic(item) and not is_no_value(item):
            yield _Rule(item, group)
    for each in template.resources.values():
        if each.type == _RULE and each.properties and group in meant(template, each.property("GroupId"), _GROUP):
            yield _Rule(each.properties, group, each)


def _is_stopped(template: Template, old: int, new: int) -> bool:
    """Whether network access lists let in on the old port in particular, and nowhere on the new one."""
    ranges = []
    for each in template.resources.values():
        if each.type == "AWS::EC2::NetworkAclEntry" and text_of(each.property("RuleAction")) == "allow":
            found = [_number(next(at(each, f"PortRange.{key}"), None)) for key in ("From", "To")]
            ranges.append((found[0] or 0, found[1] if found[1] is not None else 65535))
    return (old, old) in ranges and not any(first <= new <= last for first, last in ranges)


def _number(node: Node | None) -> int | None:
    known = isinstance(node, Scalar) and node.tag is None and re.fullmatch(r"-?\d{1,5}", node.value)
    return int(node.value) if known and isinstance(node, Scalar) else None


def _protocol(rule: _Rule) -> str:
    node = rule.values.get("IpProtocol")
    return node.value.lower() if isinstance(node, Scalar) and node.tag is None else ""


def _covers(rule: _Rule, port: int) -> bool:
    first, last = _number(rule.values.get("FromPort")), _number(rule.values.get("ToPort"))
    return _protocol(rule) in _ANY or (first is not None and last is not None and first <= port <= last)


def _is_for(rule: _Rule, port: int) -> bool:
    ports = _number(rule.values.get("FromPort")), _number(rule.values.get("ToPort"))
    return _protocol(rule) in _TCP and ports == (port, port)


def _copy(builder: EditBuilder, rule: _Rule, port: int) -> None:
    values: dict[str, Any] = {entry.key.value: Copy(entry.value) for entry in rule.values.entries}
    values |= {"FromPort": port, "ToPort": port}
    described = text_of(rule.values.get("Description"))
    if described is not None:
        words = re.sub(r"(?i)\bport 80\b", f"port {port}", re.sub(r"\bHTTP\b", "HTTPS", described))
        values["Description"] = words if words != described else f"{described} (HTTPS)"
    elif "Description" not in values:
        values["Description"] = "HTTPS from clients of the load balancer"
    listed = rule.group.property("SecurityGroupIngress")
    if rule.own is None and isinstance(listed, Sequence):
        builder.append_item(listed, values, (*rule.group.path, "Properties", "SecurityGroupIngress"))
    elif rule.own is not None:
        name = builder.new_logical_id(secure_name(rule.own.logical_id))
        condition = {"Condition": rule.own.condition} if rule.own.condition else {}
        builder.add_resource(name, {"Type": _RULE, **condition, "Properties": values}, after=rule.own.logical_id)
