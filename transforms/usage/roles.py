"""What a role is needed for: who of the template acts with it, what for, and what of that the template does not show."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from weakref import WeakKeyDictionary

from remediator.api import Context, Mapping, Resource, iam, table
from remediator.transforms.usage import known_rights
from remediator.transforms.usage.builds import build
from remediator.transforms.usage.containers import execution, software
from remediator.transforms.usage.functions import function
from remediator.transforms.usage.holders import handed_out, in_policy
from remediator.transforms.usage.integrations import integration
from remediator.transforms.usage.mentions import Mention, made_by_sam, mentions, own
from remediator.transforms.usage.needs import Gap, Need, Usage
from remediator.transforms.usage.pipelines import pipeline
from remediator.transforms.usage.principals import Principal, principals
from remediator.transforms.usage.reading import Found, Use
from remediator.transforms.usage.recorders import recorder
from remediator.transforms.usage.state_machines import state_machine
from remediator.transforms.usage.targets import authorizer, target
from remediator.transforms.usage.wired import wired

_READERS: dict[str, Callable[[Use], Found]] = {
    "authorizer": authorizer,
    "build": build,
    "execution": execution,
    "function": function,
    "integration": integration,
    "pipeline": pipeline,
    "recorder": recorder,
    "software": software,
    "state machine": state_machine,
    "target": target,
}
_MADE: dict[str, tuple[str, str]] = {
    "AWS::Serverless::Function": ("Role", "lambda"),
    "AWS::Serverless::StateMachine": ("Role", "states"),
}
_KNOWN: WeakKeyDictionary[Context, dict[str, Usage]] = WeakKeyDictionary()
"""What has been worked out already; several rules ask about the same roles of the same template."""


def usages(context: Context) -> dict[str, Usage]:
    """The usage of each role of the template by logical id, and of each SAM resource for which SAM makes a role."""
    found = (usage(context, each) for each in context.template.resources.values() if _has_role(context, each))
    return {each.role.logical_id: each for each in found}


def usage(context: Context, role: Resource) -> Usage:
    """The usage of a role, or of the role that SAM makes for a resource."""
    known = _KNOWN.setdefault(context, {})
    if role.logical_id not in known:
        known[role.logical_id] = _usage(context, role)
    return known[role.logical_id]


def _has_role(context: Context, resource: Resource) -> bool:
    return resource.type == "AWS::IAM::Role" or made_by_sam(context, resource)


def _usage(context: Context, role: Resource) -> Usage:
    let_in, found = _trust(role)
    services = frozenset(each.service for each in let_in)
    users: dict[str, Resource] = {}
    acting: set[str] = set()
    for mention in _mentions(context, role):
        row = _place(mention)
        if row is None:
            of_policy = in_policy(context, role, mention)
            found += handed_out(context, role, mention, users) if of_policy is None else of_policy
            acting |= {"ec2"} if mention.user.type == "AWS::IAM::InstanceProfile" else set()
        elif not row.get("passive"):
            users[mention.user.logical_id] = mention.user
            acting |= set(row["as"])
            found += _of_place(Use(context, mention, services), row)
    found += _idle(let_in, acting)
    found += [*_hidden(context, role), *_exported(context, role)]
    needs = _with_known_rights(context, role, [each for each in found if isinstance(each, Need)])
    gaps = {(each.reason, each.at): each for each in found if isinstance(each, Gap)}
    return Usage(role, tuple(users.values()), tuple(needs), tuple(gaps.values()))


def _mentions(context: Context, role: Resource) -> Iterator[Mention]:
    if role.type in _MADE:
        yield own(role, _MADE[role.type][0])
    yield from mentions(context, role) if role.type == "AWS::IAM::Role" else ()


def _trust(role: Resource) -> tuple[list[Principal], list[Need | Gap]]:
    """The services that the role lets in, and a gap for everybody else."""
    path = (*role.path, "Properties", "AssumeRolePolicyDocument")
    found = list(principals(role.property("AssumeRolePolicyDocument"), path))
    if role.type in _MADE and not found:
        found = [Principal(_MADE[role.type][1], "SAM", role.node, role.path)]
    others = [Gap(f"{each.who} may assume {role.logical_id}", each.path, each.node.start) for each in found if not each.service]
    if not found:
        others.append(Gap(f"the template does not say who may assume {role.logical_id}", role.path, role.key.start))
    return [each for each in found if each.service], list(others)


def _place(mention: Mention) -> dict[str, Any] | None:
    """What is known of the place of a mention; policies that name a role name it somewhere below their statements."""
    rows = table("role_places").get(mention.user.type, {})
    if mention.place in rows:
        return dict(rows[mention.place])
    for place, row in rows.items():
        if row.get("passive") and mention.place.startswith(f"{place}."):
            return dict(row)
    return None


def _of_place(use: Use, row: dict[str, Any]) -> list[Need | Gap]:
    found = list(wired(use.context, use.mention))
    if "reader" in row:
        found += _READERS[row["reader"]](use)
    if "open" in row:
        found.append(Gap(f"{use.user.logical_id} {row['open']}", use.mention.path, use.mention.at))
    return found


def _idle(let_in: list[Principal], acting: set[str]) -> list[Need | Gap]:
    """Services that are let in, and as which nothing in the template acts."""
    idle = [each for each in let_in if each.service not in acting]
    return [Gap(f"nothing in the template uses it as {each.who}", each.path, each.node.start) for each in idle]


def _hidden(context: Context, role: Resource) -> list[Need | Gap]:
    """Parts of the template that are not written out: loops that name the role, and what a macro or an include adds."""
    template = context.template
    loops = [
        each
        for each in template.references
        if each.target == role.logical_id and each.path[0] == "Resources" and each.path[1] not in template.resources
    ]
    found: list[Need | Gap] = [Gap(f"{each.path[1]} makes resources that use it", each.path, each.node.start) for each in loops]
    include = template.root.entry("Fn::Transform") or template.resources_node.entry("Fn::Transform")
    if include or template.has_custom_macro:
        at = include.key.start if include else role.key.start
        found.append(Gap(f"a macro adds to the template, and what it adds may use {role.logical_id}", role.path, at))
    return found


def _exported(context: Context, role: Resource) -> list[Need | Gap]:
    """Outputs that other stacks import."""
    outputs = context.template.section("Outputs")
    found: list[Need | Gap] = []
    for each in context.template.references:
        if each.path[:1] == ("Outputs",) and each.target == role.logical_id and len(each.path) > 1:
            output = outputs.get(str(each.path[1])) if outputs else None
            if isinstance(output, Mapping) and output.get("Export") is not None:
                reason = f"other stacks may use {role.logical_id}, which the output {each.path[1]} exports"
                found.append(Gap(reason, each.path[:2], each.node.start))
    return found


def _with_known_rights(context: Context, role: Resource, needs: list[Need]) -> list[Need]:
    """The needs with those of other passes, each once, on ``*`` where IAM takes nothing else."""
    needs = [*needs, *known_rights.of_settings(context, role, {each.action for each in needs})]
    needs += [*known_rights.of_stores(context, needs), *known_rights.of_keys(context, role)]
    needs += [*known_rights.of_strangers(context, needs), *known_rights.of_hidden_keys(context, needs)]
    needs += [*known_rights.of_transforms(needs)]
    found: dict[tuple[str, tuple[str, ...]], Need] = {}
    for each in needs:
        known = iam.action(each.action)
        resources = ("*",) if known and not known.resources else each.resources
        need = Need(each.action, resources, each.user, each.why, each.path, each.at, each.essential)
        earlier = found.get((need.action, need.resources))
        if earlier is None or (need.essential and not earlier.essential):
            found[need.action, need.resources] = need
    return list(found.values())
