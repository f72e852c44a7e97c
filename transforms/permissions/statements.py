"""The statements of identities' policies: where each stands, and which roles it holds for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from remediator.api import Mapping, Node, Path, Resource, Sequence, Template, intrinsic, text_of
from remediator.transforms.wiring.links import inside, meant

ROLE = "AWS::IAM::Role"
GENERATED = ("AWS::Serverless::Function", "AWS::Serverless::StateMachine")
"""Types for which SAM makes a role with the policies that they list; such a resource stands for that role."""

_INLINE = (ROLE, "AWS::IAM::User", "AWS::IAM::Group")
_APART = {
    "AWS::IAM::Policy": ("Roles", ("Users", "Groups")),
    "AWS::IAM::ManagedPolicy": ("Roles", ("Users", "Groups")),
    "AWS::IAM::RolePolicy": ("RoleName", ()),
    "AWS::IAM::UserPolicy": ("", ("UserName",)),
    "AWS::IAM::GroupPolicy": ("", ("GroupName",)),
}
"""Policies that are resources of their own: the property that names roles, and those that name other identities."""


@dataclass(frozen=True, slots=True)
class PolicyStatement:
    """A statement that says what somebody may do.

    ``resource``: in whose text it stands. ``holders``: the roles of the template that have it, among them functions and state
    machines for which SAM makes a role. ``others``: whether somebody else has it, or may have it, too: users, groups, roles
    that the template does not show. ``listed``: the list in which it stands as item ``index``; None where it stands alone.
    """

    resource: Resource
    holders: tuple[Resource, ...]
    others: bool
    document: Mapping
    document_path: Path
    node: Mapping
    path: Path
    listed: Sequence | None = None
    index: int = 0

    @property
    def allows(self) -> bool:
        return text_of(self.node.get("Effect")) == "Allow"

    @property
    def actions(self) -> list[str | None]:
        """Its actions in order, both branches of ``Fn::If`` included; None for one that is no plain text."""
        return [text_of(each) for each in inside(self.node.get("Action"))]


def policy_statements(template: Template) -> Iterator[PolicyStatement]:
    """The statements of all policies that say what their holders may do, in the order of the template."""
    for resource in template.resources.values():
        if resource.properties is None:
            continue
        holders, others = _holders(template, resource)
        for path, document in _documents(resource, resource.properties):
            statements = document.get("Statement")
            if statements is None:
                continue
            for at, node, listed, index in _items(statements, (*path, "Statement")):
                yield PolicyStatement(resource, holders, others, document, path, node, at, listed, index)


def is_boundary(template: Template, policy: Resource) -> bool:
    """Whether a managed policy is there to limit what others grant: it is somebody's permissions boundary, or nobody's policy
    and denies something or is called a boundary."""
    if policy.type != "AWS::IAM::ManagedPolicy":
        return False
    for each in template.resources.values():
        if policy in meant(template, each.property("PermissionsBoundary"), policy.type):
            return True
    if attached(template, policy) or any(policy.property(key) for key in ("Roles", "Users", "Groups")):
        return False
    named = f"{policy.logical_id} {text_of(policy.property('ManagedPolicyName')) or ''}"
    effects = [text_of(effect) for effect in inside(policy.property("PolicyDocument"), "Statement", "Effect")]
    return "boundar" in named.lower() or "Deny" in effects


def attached(template: Template, policy: Resource) -> list[Resource]:
    """The identities that list a managed policy among their own."""
    found = []
    for each in template.resources.values():
        arns = [*inside(each.property("ManagedPolicyArns")), *inside(each.property("Policies"))]
        if each.type in (*_INLINE, *GENERATED) and any(policy in meant(template, arn, policy.type) for arn in arns):
            found.append(each)
    return found


def _holders(template: Template, resource: Resource) -> tuple[tuple[Resource, ...], bool]:
    """The roles that have the policies of a resource, and whether others may have them, too."""
    if resource.type in (ROLE, *GENERATED):
        return (resource,), False
    if resource.type not in _APART:
        return (), True
    key, further = _APART[resource.type]
    others = any(resource.property(each) for each in further)
    found: dict[str, Resource] = {}
    for node in inside(resource.property(key)):
        roles = meant(template, node, ROLE)
        found.update({each.logical_id: each for each in roles})
        others = others or not roles
    if resource.type == "AWS::IAM::ManagedPolicy":
        listing = attached(template, resource)
        found.update({each.logical_id: each for each in listing if each.type in (ROLE, *GENERATED)})
        others = others or len(found) == 0 or any(each.type not in (ROLE, *GENERATED) for each in listing)
        others = others or _is_given_away(template, resource)
    return tuple(found.values()), others or not found


def _is_given_away(template: Template, policy: Resource) -> bool:
    """Whether a policy is among the outputs, for whoever wants to attach it."""
    return any(each.target == policy.logical_id and each.path[:1] == ("Outputs",) for each in template.references)


def _documents(resource: Resource, properties: Mapping) -> Iterator[tuple[Path, Mapping]]:
    """The policy documents of an identity, or of a policy that is a resource of its own."""
    path = (*resource.path, "Properties")
    if resource.type in (*_INLINE, *GENERATED):
        steps = ["Policies"] if resource.type in GENERATED else ["Policies", "PolicyDocument"]
        yield from ((at, node) for at, node, _, _ in _items(properties, path, *steps))
    elif resource.type in _APART:
        yield from ((at, node) for at, node, _, _ in _items(properties, path, "PolicyDocument"))


_Item = tuple[Path, Mapping, Sequence | None, int]


def _items(node: Node, path: Path, *keys: str, listed: Sequence | None = None, index: int = 0) -> Iterator[_Item]:
    """The mappings below some keys, with the list in which each stands; both branches of ``Fn::If`` are gone through."""
    call = intrinsic(node)
    if call and call.name == "Fn::If" and isinstance(call.argument, Sequence):
        for number, branch in enumerate(call.argument.items[1:], 1):
            yield from _items(branch, (*path, "Fn::If", number), *keys)
    elif isinstance(node, Sequence) and not call:
        for number, item in enumerate(node.items):
            yield from _items(item, (*path, number), *keys, listed=node, index=number)
    elif isinstance(node, Mapping) and not call:
        inner = node.get(keys[0]) if keys else None
        if not keys:
            yield path, node, listed, index
        elif inner is not None:
            yield from _items(inner, (*path, keys[0]), *keys[1:])
