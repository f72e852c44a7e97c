"""Rights to keys for an identity: into the statement about the key that is there, an inline policy, or one of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Mapping as Table
from typing import Any

from remediator.api import (
    CannotEdit,
    Context,
    EditBuilder,
    GetAtt,
    Mapping,
    Path,
    Ref,
    Resource,
    Sequence,
    Template,
    intrinsic,
    reachable,
    text_of,
    to_value,
    walk,
)
from remediator.transforms.encryption.allowances import SERVERLESS
from remediator.transforms.wiring.grants import add_to_list, statement
from remediator.transforms.wiring.links import condition_of, inside, meant

_NAME = "use-key"
_MEMBERS = {"AWS::IAM::Role": "Roles", "AWS::IAM::User": "Users", "AWS::IAM::Group": "Groups"}
_ATTACHED = (*_MEMBERS.values(), "RoleName", "UserName", "GroupName")

Rights = Table[str, list[str]]
"""For each key, the actions that an identity lacks."""


def obstacle(context: Context, identity: Resource, rights: Rights) -> str | None:
    """Why an identity can't be given rights to keys; None where it can."""
    keys = [context.template.resources[name] for name in rights]
    if identity.type not in SERVERLESS:
        fitting = all(condition_of(identity, key) is not None for key in keys)
        return None if fitting else f"the key exists under another condition than {identity.logical_id}; what should it say?"
    for key in keys:
        if key.condition not in (None, identity.condition):
            return f"{key.logical_id} exists only under a condition; what should {identity.logical_id} say without it?"
        if identity.logical_id in reachable(context.graph.arcs, key.logical_id):
            return f"{key.logical_id} waits for {identity.logical_id}, which so can't name it"
    return None


def grant(context: Context, builder: EditBuilder, identity: Resource, rights: Rights) -> None:
    """Gives an identity the actions that it lacks, on exactly the keys in question."""
    left = _completed(context, builder, identity, rights)
    if identity.type in SERVERLESS:  # what SAM makes has no name that another policy could give
        if left:
            _add_to_function(builder, identity, _statements(left))
        return
    names = _free_names(context.template, identity)
    writable = _may(context, lambda trial: add_to_list(trial, identity, "Policies", [{}]))
    within = {name: each for name, each in left.items() if writable and _fits_inside(context, identity, name)}
    if within:
        document = {"Version": "2012-10-17", "Statement": _statements(within)}
        add_to_list(builder, identity, "Policies", [{"PolicyName": next(names), "PolicyDocument": document}])
    apart = {name: each for name, each in left.items() if name not in within}
    for condition in dict.fromkeys(_condition(context, identity, name) for name in apart):
        same = {name: each for name, each in apart.items() if _condition(context, identity, name) == condition}
        _add_policy(builder, identity, next(names), condition, _statements(same))


def _completed(context: Context, builder: EditBuilder, identity: Resource, rights: Rights) -> Rights:
    """The rights that are left when statements about a key, where there are, are completed."""
    left: dict[str, list[str]] = {}
    for name, actions in rights.items():
        found = next(_statements_about(context.template, identity, name), None)
        if found and _may(context, lambda trial, at=found, new=actions: _extend(trial, at[0], at[1], new)):  # type: ignore[misc]
            _extend(builder, *found, actions)
        else:
            left[name] = actions
    return left


def _statements(rights: Rights) -> list[dict[str, Any]]:
    return [statement(actions, [GetAtt(name, "Arn")]) for name, actions in rights.items()]


def _may(context: Context, write: Callable[[EditBuilder], None]) -> bool:
    """Whether something can be written in the layout at hand."""
    trial = EditBuilder(context.template)
    try:
        write(trial)
        trial.finish()
    except CannotEdit:
        return False
    return True


def _fits_inside(context: Context, identity: Resource, name: str) -> bool:
    """Whether an identity's own policies can name a key: without a cycle, and where it exists."""
    key = context.template.resources[name]
    free = identity.logical_id not in reachable(context.graph.arcs, name)
    return free and key.condition in (None, identity.condition)


def _condition(context: Context, identity: Resource, name: str) -> str:
    return (condition_of(identity, context.template.resources[name]) or {}).get("Condition", "")


def _free_names(template: Template, identity: Resource) -> Iterator[str]:
    """Names that no inline policy of an identity has: one of its own resource is inline, too."""
    taken = {text_of(name) for policy in inside(identity.property("Policies")) for name in inside(policy, "PolicyName")}
    for policy in template.resources.values():
        members = [node for key in _ATTACHED for node in inside(policy.property(key))]
        if any(identity in meant(template, node, identity.type) for node in members):
            taken |= {text_of(name) for name in inside(policy.property("PolicyName"))}
    return (name for name in (_NAME, *(f"{_NAME}-{number}" for number in range(2, 99))) if name not in taken)


def _add_policy(builder: EditBuilder, identity: Resource, name: str, condition: str, new: list[dict[str, Any]]) -> None:
    user = identity.type == "AWS::IAM::User"
    value: dict[str, Any] = {"Type": "AWS::IAM::UserPolicy" if user else "AWS::IAM::Policy"}
    value |= {"Condition": condition} if condition else {}
    member = {"UserName": Ref(identity.logical_id)} if user else {_MEMBERS[identity.type]: [Ref(identity.logical_id)]}
    value["Properties"] = {
        "PolicyName": name,
        **member,
        "PolicyDocument": {"Version": "2012-10-17", "Statement": new},
    }
    builder.add_resource(builder.new_logical_id(f"{identity.logical_id}KeyPolicy"), value, after=identity.logical_id)


def _add_to_function(builder: EditBuilder, function: Resource, new: list[dict[str, Any]]) -> None:
    """SAM makes the role of the function with these statements in it."""
    listed, document = function.property("Policies"), {"Version": "2012-10-17", "Statement": new}
    if listed is None or isinstance(listed, Sequence):
        add_to_list(builder, function, "Policies", [document])
    elif intrinsic(listed):
        raise CannotEdit("Policies is made by an expression")
    else:
        builder.replace(listed, [to_value(listed), document], (*function.path, "Properties", "Policies"))


# Statements that are there


def _statements_about(template: Template, identity: Resource, key: str) -> Iterator[tuple[Mapping, Path]]:
    """The statements of an identity's own, and of nobody else's, that allow actions on nothing but a key."""
    for owner in template.resources.values():
        if owner is not identity and not _is_only_for(template, owner, identity):
            continue
        for path, node in walk(owner.properties, (*owner.path, "Properties")) if owner.properties else ():
            if isinstance(node, Mapping) and not intrinsic(node) and _is_about(template, node, key):
                yield node, path


def _is_only_for(template: Template, policy: Resource, identity: Resource) -> bool:
    if policy.type != "AWS::IAM::Policy":
        return False
    members = [node for name in _MEMBERS.values() for node in inside(policy.property(name))]
    return len(members) == 1 and identity in meant(template, members[0], identity.type)


def _is_about(template: Template, node: Mapping, key: str) -> bool:
    resources = list(inside(node.get("Resource")))
    actions = node.get("Action")
    listed = isinstance(actions, Sequence) and not actions.tag and all(text_of(each) for each in actions.items)
    return (
        text_of(node.get("Effect")) == "Allow"
        and node.get("Condition") is None
        and len(resources) == 1
        and [each.logical_id for each in meant(template, resources[0], "AWS::KMS::Key")] == [key]
        and (listed or text_of(actions) is not None)
        and all((text_of(each) or "").startswith("kms:") for each in inside(actions))
    )


def _extend(builder: EditBuilder, node: Mapping, path: Path, actions: list[str]) -> None:
    listed = node.get("Action")
    assert listed is not None
    if isinstance(listed, Sequence):
        for action in actions:
            builder.append_item(listed, action, (*path, "Action"))
    else:
        builder.replace(listed, [text_of(listed), *actions], (*path, "Action"))
