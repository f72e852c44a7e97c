"""Cutting between security groups: an inline rule that names another group becomes a resource of its own.

``AWS::EC2::SecurityGroupIngress`` and ``AWS::EC2::SecurityGroupEgress`` wait for both groups, and no group waits for
them. The rule keeps its peer, its ports and its protocol; it is never turned into a CIDR range.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroupingress.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from remediator.api import (
    MAX_RESOURCES,
    SPREAD,
    EditBuilder,
    GetAtt,
    Mapping,
    Moved,
    Resource,
    Sequence,
    UpdateEffect,
    carried_comments,
    carried_metadata,
    comments_beside,
    cyclic_components,
    intrinsic,
    is_no_value,
    moving_comments,
    text_of,
)
from remediator.transforms.cycles.component import COSTS, Component, Cut, Plan

GROUP = "AWS::EC2::SecurityGroup"

_PEER_KEYS = {"SecurityGroupIngress": "SourceSecurityGroupId", "SecurityGroupEgress": "DestinationSecurityGroupId"}

# Without any egress rule a group allows all traffic out, so one that matches nothing stays behind. This one is AWS's:
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html
# ("Remove the default rule", 2026-11)
_NOTHING = {"CidrIp": "127.0.0.1/32", "IpProtocol": "-1", "Description": "No other outbound traffic"}


@dataclass(frozen=True, slots=True)
class Rule:
    """An inline rule that can move: where it stands, and the condition under which it holds."""

    group: Resource
    direction: str
    index: int
    body: Mapping
    condition: str | None
    peer: str


def cuts(component: Component) -> Iterator[Cut]:
    """Groups that form a cycle by themselves lose all of its rules at once, both sides; others one rule at a time.

    Where both sides would be more resources than a template may have, one side has to do.
    """
    rules = {index: rule for index in range(len(component.edges)) if (rule := _rule(component, index))}
    arcs: dict[str, set[str]] = {name: set() for name in component.members}
    for index in rules:
        arcs[component.edges[index].source].add(component.edges[index].target)
    room = MAX_RESOURCES - len(component.template.resources)
    for family in cyclic_components(arcs):
        inside = {i: rules.pop(i) for i in list(rules) if _within(component, i, set(family))}
        moving = inside if _count(inside) <= room else _one_side(component, inside, family)
        if _count(moving) <= room:
            yield _cut(moving, always=True)
    places = {_place(rule) for rule in rules.values()}
    for place in sorted(places):
        yield _cut({i: rule for i, rule in rules.items() if _place(rule) == place}, always=False)


def why_not(component: Component, index: int) -> str:
    """What stands against moving the rule that makes an edge; empty where it is no rule between groups."""
    edge = component.edges[index]
    between_groups = component.type_of(edge.source) == GROUP == component.type_of(edge.target)
    if not between_groups or edge.property_path[1:2] not in (("SecurityGroupIngress",), ("SecurityGroupEgress",)):
        return ""
    if _rule(component, index) is None:
        return "the rule is part of an expression and can't be moved out of it"
    return f"its rules would be more than the {MAX_RESOURCES} resources that a template may have"


def _within(component: Component, index: int, family: set[str]) -> bool:
    return {component.edges[index].source, component.edges[index].target} <= family


def _place(rule: Rule) -> tuple[str, str, int]:
    return rule.group.logical_id, rule.direction, rule.index


def _count(rules: dict[int, Rule]) -> int:
    return len({_place(rule) for rule in rules.values()})


def _one_side(component: Component, rules: dict[int, Rule], family: tuple[str, ...]) -> dict[int, Rule]:
    """The rules that name an earlier group, or those that name a later one: the fewer. Without them there is no cycle."""
    order = {name: number for number, name in enumerate(family)}
    ahead = {i: order[component.edges[i].target] - order[component.edges[i].source] for i in rules}
    back = {i: rule for i, rule in rules.items() if ahead[i] <= 0}
    forth = {i: rule for i, rule in rules.items() if ahead[i] >= 0}
    return min(back, forth, key=_count)


def _cut(rules: dict[int, Rule], *, always: bool) -> Cut:
    moving = list({_place(rule): rule for rule in rules.values()}.values())
    groups = list(dict.fromkeys(rule.group.logical_id for rule in moving))
    if len(moving) > 1:
        step = f"move {len(moving)} rules of {_listed(groups)} that name groups of the cycle to resources of their own"
    else:
        peer = "itself" if moving[0].peer == groups[0] else moving[0].peer
        step = f"move the rule of {groups[0]} that names {peer} to a resource of its own"

    renamed = dict.fromkeys(pair for rule in moving for pair in _renamed(rule))
    step += "".join(f", with {right} for {wrong}" for wrong, right in renamed)

    def make(plan: Plan) -> None:
        for rule in moving:
            _move(plan.builder, rule)
        _guard_egress(plan.builder, moving)

    cost = COSTS["move a security-group rule to a resource of its own"] * len(moving)
    return Cut(frozenset(rules), cost, step, make, effect=UpdateEffect.INTERRUPTION, always=always)


def _listed(names: list[str]) -> str:
    if len(names) > 4:
        return f"{', '.join(names[:3])} and {len(names) - 3} more groups"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _rule(component: Component, index: int) -> Rule | None:
    """The movable inline rule that makes an edge; None where something else makes it."""
    edge = component.edges[index]
    group, path = component.resource(edge.source), edge.property_path
    if group is None or group.type != GROUP or component.type_of(edge.target) != GROUP or len(path) < 4:
        return None
    direction, position = str(path[1]), path[2]
    rules = group.property(direction) if direction in _PEER_KEYS else None
    if not isinstance(rules, Sequence) or rules.tag or not isinstance(position, int):
        return None
    body, condition = _body(rules.items[position])
    if body is None or (condition and group.condition not in (None, condition)):
        return None
    return Rule(group, direction, position, body, condition or group.condition, edge.target)


def _body(item: object) -> tuple[Mapping | None, str | None]:
    """The rule in a list item, and its condition where it is ``Fn::If: [condition, rule, AWS::NoValue]``."""
    if not isinstance(item, Mapping | Sequence):
        return None, None
    call = intrinsic(item)
    if call is None:
        return (item, None) if isinstance(item, Mapping) else (None, None)
    branches = call.argument
    if call.name == "Fn::If" and isinstance(branches, Sequence) and len(branches.items) == 3:
        condition, body, other = text_of(branches.items[0]), branches.items[1], branches.items[2]
        if condition and isinstance(body, Mapping) and intrinsic(body) is None and is_no_value(other):
            return body, condition
    return None, None


def _move(builder: EditBuilder, rule: Rule) -> None:
    inward = rule.direction == "SecurityGroupIngress"
    group = rule.group
    sequence, properties = group.property(rule.direction), group.properties
    if properties is None or not isinstance(sequence, Sequence):
        return
    rename = _renamed(rule)
    value: dict[str, Any] = {"Type": f"AWS::EC2::{rule.direction}"}
    value |= carried_metadata(group)
    if rule.condition:
        value["Condition"] = rule.condition
    value["Properties"] = {"GroupId": GetAtt(group.logical_id, "GroupId"), SPREAD: Moved(rule.body, rename=rename)}
    name = builder.new_logical_id(_logical_id(rule, inward))
    above = comments_beside(builder.source, sequence, rule.index, rule.body)
    inner = carried_comments(builder.template, group, rule.body)
    builder.add_resource(name, value, after=group.logical_id, comments=above, inner=inner)
    builder.add_comments(group, moving_comments(builder.template, group, rule.body))
    path = (*group.path, "Properties")
    builder.remove_item(properties, rule.direction, rule.index, path, moved=True)


def _renamed(rule: Rule) -> tuple[tuple[str, str], ...]:
    """The peer's key where the rule has that of the other direction, which no rule of its own direction knows."""
    right = _PEER_KEYS[rule.direction]
    wrong = next(key for key in _PEER_KEYS.values() if key != right)
    return ((wrong, right),) if rule.body.entry(wrong) and not rule.body.entry(right) else ()


def _logical_id(rule: Rule, inward: bool) -> str:
    own, peer = rule.group.logical_id, rule.peer
    for suffix in ("SecurityGroup", "SG", "Sg"):
        if peer.endswith(suffix) and own.endswith(suffix) and peer != suffix:
            peer = peer.removesuffix(suffix)
            break
    if rule.peer == own:
        peer = "Itself"
    return f"{own}{'IngressFrom' if inward else 'EgressTo'}{peer[:1].upper()}{peer[1:]}"


def _guard_egress(builder: EditBuilder, moved: list[Rule]) -> None:
    """Leaves a rule that matches nothing where the last unconditional egress rule of a group moves out."""
    for group in {rule.group.logical_id: rule.group for rule in moved}.values():
        rules = group.property("SecurityGroupEgress")
        gone = {rule.index for rule in moved if rule.group is group and rule.direction == "SecurityGroupEgress"}
        if not gone or not isinstance(rules, Sequence):
            continue
        left = [item for index, item in enumerate(rules.items) if index not in gone]
        if not left:
            builder.put_instead(rules, _NOTHING)
        elif all(intrinsic(item) is not None for item in left):
            builder.append_item(rules, _NOTHING, (*group.path, "Properties", "SecurityGroupEgress"))
