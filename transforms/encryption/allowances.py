"""What the identities of a template are allowed, and on what: roles, users, groups, and what SAM makes a role for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from remediator.api import Mapping, Node, Resource, Template, intrinsic, table, text_of
from remediator.transforms.cycles.names import as_sub_text
from remediator.transforms.encryption.via import services_of
from remediator.transforms.wiring.links import inside, meant, texts
from remediator.transforms.wiring.managed import granted
from remediator.transforms.wiring.sam import for_all

SERVERLESS = ("AWS::Serverless::Function", "AWS::Serverless::StateMachine")
"""Resources whose role SAM makes from their ``Policies``, where they name none."""
_MEMBERS = {"AWS::IAM::Role": "Roles", "AWS::IAM::User": "Users", "AWS::IAM::Group": "Groups"}
"""For each type of identity, the property of a policy of its own that lists such identities."""
_SINGLE = {
    "AWS::IAM::RolePolicy": ("AWS::IAM::Role", "RoleName"),
    "AWS::IAM::UserPolicy": ("AWS::IAM::User", "UserName"),
    "AWS::IAM::GroupPolicy": ("AWS::IAM::Group", "GroupName"),
}
_AWS_POLICY = re.compile(r"(?:arn:(?:aws[\w-]*|\$\{AWS::Partition\}):iam::aws:policy/(?:.*/)?)?([\w+=,.@-]+)")


@dataclass(frozen=True, slots=True)
class Allowance:
    """Actions that are allowed, as patterns, on some resources; ``resources`` None is on anything."""

    actions: tuple[str, ...]
    resources: tuple[Node, ...] | None
    general: bool = False
    """Whether it comes from a policy of AWS's, which names no resources of the template's."""
    not_actions: tuple[str, ...] = ()
    via: tuple[str, ...] = ()
    """The services through which calls have to come, as patterns; empty for any."""

    def allows(self, action: str) -> bool:
        if self.not_actions:
            return not _matches(self.not_actions, action)
        return _matches(self.actions, action)


@dataclass(frozen=True, slots=True)
class Allowed:
    """All that an identity is allowed as far as the template tells."""

    allowances: tuple[Allowance, ...]
    known: bool
    """Whether nothing else can be: no policy that is made by an expression, or that somebody else wrote."""


def is_identity(template: Template, resource: Resource) -> bool:
    """Whether a resource has policies; a SAM function has where SAM makes its role."""
    if resource.type in SERVERLESS:
        return resource.properties is not None and setting(template, resource, "Role") is None
    return resource.type in _MEMBERS


def setting(template: Template, resource: Resource, name: str) -> Node | None:
    """A property of a resource; that of a SAM function may stand in the section ``Globals``."""
    return resource.property(name) or for_all(template, resource, name)


def allowed(template: Template, identity: Resource) -> Allowed:
    """What an identity is allowed by its own policies."""
    found = list(_found(template, identity))
    return Allowed(tuple(each for each in found if each), None not in found)


def kept_by_boundary(template: Template, identity: Resource, actions: list[str]) -> str | None:
    """Why an identity can't be allowed some actions: its permissions boundary in the template does not allow them."""
    for policy in meant(template, identity.property("PermissionsBoundary"), "AWS::IAM::ManagedPolicy"):
        found = list(_documents(policy.properties, "PolicyDocument"))
        kept = [action for action in actions if not any(each is None or each.allows(action) for each in found)]
        if kept:
            return f"{policy.logical_id}, the permissions boundary of {identity.logical_id}, does not allow {', '.join(kept)}"
    return None


def _found(template: Template, identity: Resource) -> Iterator[Allowance | None]:
    """Each allowance, and None for what can't be known."""
    if identity.type in SERVERLESS:
        for policy in inside(identity.property("Policies")):
            yield from _of_function(template, policy)
        return
    for policy in inside(identity.property("Policies")):
        yield from _documents(policy, "PolicyDocument")
    for arn in inside(identity.property("ManagedPolicyArns")):
        yield from _managed(template, arn)
    for owner in template.resources.values():
        if owner.type in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
            named = inside(owner.property(_MEMBERS[identity.type]))
        elif _SINGLE.get(owner.type, ("", ""))[0] == identity.type:
            named = inside(owner.property(_SINGLE[owner.type][1]))
        else:
            continue
        if any(identity in meant(template, node, identity.type) for node in named):
            yield from _documents(owner.properties, "PolicyDocument")


def _documents(policy: Node | None, key: str) -> Iterator[Allowance | None]:
    if not isinstance(policy, Mapping) or intrinsic(policy):
        yield None
        return
    for document in inside(policy.get(key)):
        yield from statements(document)


def statements(document: Node | None) -> Iterator[Allowance | None]:
    """The allowances of a policy document; None for a statement that is not written out."""
    if not isinstance(document, Mapping) or intrinsic(document):
        yield None
        return
    for statement in inside(document, "Statement"):
        if not isinstance(statement, Mapping) or intrinsic(statement):
            yield None
        elif (text_of(statement.get("Effect")) or "Allow") == "Allow":
            yield allowance(statement)


def allowance(statement: Mapping) -> Allowance:
    """What an allowing statement allows."""
    resources = None if statement.get("NotResource") else tuple(inside(statement.get("Resource")))
    actions, kept_out = tuple(texts(statement.get("Action"))), tuple(texts(statement.get("NotAction")))
    return Allowance(actions, resources, not_actions=kept_out, via=services_of(statement))


def _managed(template: Template, arn: Node) -> Iterator[Allowance | None]:
    own = meant(template, arn, "AWS::IAM::ManagedPolicy")
    if own:
        yield from _documents(own[0].properties, "PolicyDocument")
        return
    match = _AWS_POLICY.fullmatch(as_sub_text(arn) or "")
    actions = granted(match.group(1)) if match else None
    yield None if actions is None else Allowance(actions, None, general=True)


def _of_function(template: Template, policy: Node) -> Iterator[Allowance | None]:
    """An item of a SAM function's policies: a statement, a policy template with its parameter, or a policy's name."""
    if not isinstance(policy, Mapping) or intrinsic(policy):
        yield from _managed(template, policy)
    elif policy.get("Statement"):
        yield from statements(policy)
    else:
        for entry in policy.entries:
            row = table("sam_policies").get(entry.key.value)
            if row:
                yield Allowance(tuple(row["actions"]), tuple(inside(entry.value, row["parameter"])))


def _matches(patterns: tuple[str, ...], action: str) -> bool:
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)
