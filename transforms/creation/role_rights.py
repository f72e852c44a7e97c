"""CRE003: roles that lack a right which the settings of their own users need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from remediator.api import (
    Context,
    EditBuilder,
    Example,
    Finding,
    GetAtt,
    Node,
    Pass,
    Ref,
    Remedy,
    Resource,
    Sub,
    Template,
    reachable,
    table,
    text_of,
    to_value,
)
from remediator.transforms.encryption.allowances import kept_by_boundary
from remediator.transforms.wiring import rights
from remediator.transforms.wiring.follow import fits, follow
from remediator.transforms.wiring.grants import add_to_list, free_name, statement
from remediator.transforms.wiring.links import inside, meant

_ROLE = "AWS::IAM::Role"

_BEFORE = """\
Parameters:
  Group:
    Type: AWS::EC2::SecurityGroup::Id
  Subnet:
    Type: AWS::EC2::Subnet::Id
Resources:
  Sync:
    Type: AWS::Lambda::Function
    Properties:
      Handler: index.handler
      Runtime: python3.13
      Role: !GetAtt SyncRole.Arn
      VpcConfig:
        SecurityGroupIds: [!Ref Group]
        SubnetIds: [!Ref Subnet]
      Code:
        ZipFile: "def handler(event, context): pass"

  SyncRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Service: lambda.amazonaws.com}
            Action: sts:AssumeRole
      ManagedPolicyArns:
        - arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole
"""


@dataclass(frozen=True, slots=True)
class RoleNeed:
    """What a user of a role needs; of its actions, later only those that the role lacks."""

    name: str
    row: dict[str, Any]
    user: Resource
    actions: list[str]
    target: Node | None
    resource: Resource | None
    """The target, where it is in the template."""


class RoleLacksRight(Pass):
    """A role of the template lacks a right that its user needs because of its own settings: a function in a network may not
    create network interfaces, a state machine may not set up its logs, an event source may not read its queue.

    Most are refused while the stack is created. What AWS's documentation attaches a managed policy for gets that managed
    policy; everything else an inline policy with exactly the missing actions, for exactly the resource in question.

    Left alone: roles whose permissions boundary keeps them from it, and roles about which not everything is known, because
    they have a customer's managed policy, one from a parameter, or statements made by an expression. A statement on any
    resource counts, save where dead letters are sent: there it has to be one that may be for the queue. A policy of its own
    under a condition counts for what exists under that condition only, and one that waits for what asks for the right when
    it is created does not count.
    """

    code = "CRE003"
    name = "role-lacks-right"
    profile = "deploy"
    sources = tuple(dict.fromkeys(row["source"] for row in table("role_needs").values()))
    examples = (
        Example(
            "A function in a network",
            _BEFORE,
            _BEFORE + "        - arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole\n",
        ),
    )

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        needed = needs(template)
        for role in template.resources.values():
            lacking = _lacking(context, role, needed.get(role.logical_id, []))
            if lacking:
                related = tuple(each.user.path for each in lacking)
                remedy = _remedy(context, role, lacking)
                yield self.finding(template, role.path, role.key, _message(role, lacking), remedy, related)


def needs(template: Template) -> dict[str, list[RoleNeed]]:
    """What each role of the template is needed for."""
    found: dict[str, list[RoleNeed]] = {}
    for user in template.resources.values():
        for name, row in table("role_needs").items():
            if user.type not in row["users"] or not fits(user, row.get("where"), row.get("unless")):
                continue
            roles = [role for node in follow(template, user, row["role"]) for role in meant(template, node, _ROLE)]
            for need in _targets(template, user, name, row):
                for role in {each.logical_id: each for each in roles}:
                    found.setdefault(role, []).append(need)
    return found


def _targets(template: Template, user: Resource, name: str, row: dict[str, Any]) -> Iterator[RoleNeed]:
    if "target" not in row:
        yield RoleNeed(name, row, user, row["actions"], None, None)
        return
    for node in follow(template, user, row["target"]):
        for resource in meant(template, node, row["kind"]):
            yield RoleNeed(name, row, user, row["actions"], node, resource)


def _lacking(context: Context, role: Resource, needs: list[RoleNeed]) -> list[RoleNeed]:
    lacking: list[RoleNeed] = []
    for each in needs if role.properties else ():
        parties = [each.user, each.resource] if each.resource else [each.user]
        target = each.resource if each.row.get("exact") else None
        patterns = rights.allowed(context.template, role, target, parties, _late(context, each))
        if patterns is not None and rights.missing(patterns, each.row.get("essential", each.actions)):
            lacking.append(replace(each, actions=rights.missing(patterns, each.actions)))
    return lacking


def _late(context: Context, need: RoleNeed) -> set[str]:
    """The policies that wait for a user whose creation asks for the right. Cycles have to be mended first."""
    if "fails" not in need.row or context.graph.cyclic_components:
        return set()
    policies = [each.logical_id for each in context.template.resources.values() if each.type in rights.ATTACHED]
    return {name for name in policies if need.user.logical_id in reachable(context.graph.arcs, name)}


def _message(role: Resource, lacking: list[RoleNeed]) -> str:
    parts = []
    for each in {each.name: each for each in lacking}.values():
        fails = each.row.get("fails")
        parts.append(f"{', '.join(each.actions)} for {each.user.logical_id}" + (f" (creation fails: {fails})" if fails else ""))
    return f"{role.logical_id} lacks {'; '.join(parts)}"


def _remedy(context: Context, role: Resource, lacking: list[RoleNeed]) -> Remedy | str:
    for each in lacking:
        if each.resource and each.resource.condition not in (None, role.condition):
            return f"{each.resource.logical_id} exists only under a condition; what should {role.logical_id} say without it?"
        if each.resource and role.logical_id in reachable(context.graph.arcs, each.resource.logical_id):
            return f"{each.resource.logical_id} waits for {role.logical_id}, which so can't name it"
    bound = kept_by_boundary(context.template, role, [action for each in lacking for action in each.actions])
    if bound:
        return bound
    managed = list(dict.fromkeys(each.row["managed"] for each in lacking if "managed" in each.row))
    granted = _distinct(each for each in lacking if "managed" not in each.row)
    steps = [f"attach {name.rpartition('/')[2]}" for name in managed]
    steps += [f"allow {', '.join(each.actions)}" for each in {each.name: each for each in granted}.values()]

    def make(builder: EditBuilder) -> None:
        add_to_list(builder, role, "ManagedPolicyArns", [_arn(role, name) for name in managed])
        add_to_list(builder, role, "Policies", list(_policies(role, granted)))

    why = "the role gets what the settings of its users need, and nothing else"
    return Remedy(f"let {role.logical_id} do what its users need: {'; '.join(steps)}", make, why)


def _distinct(needs: Iterable[RoleNeed]) -> list[RoleNeed]:
    """The needs without those that ask for the same as an earlier one, such as two users that send to one queue."""
    found: dict[tuple[str, ...], RoleNeed] = {}
    for each in needs:
        found.setdefault((*each.actions, str(_target(each))), each)
    return list(found.values())


def _arn(role: Resource, name: str) -> Any:
    """The ARN of an AWS managed policy, written as the role's others are."""
    known = [text_of(each) or "" for each in inside(role.property("ManagedPolicyArns"))]
    prefix = next((text.partition("policy/")[0] for text in known if text.startswith("arn:")), None)
    return f"{prefix}policy/{name}" if prefix else Sub(f"arn:${{AWS::Partition}}:iam::aws:policy/{name}")


def _policies(role: Resource, granted: list[RoleNeed]) -> Iterator[dict[str, Any]]:
    """The inline policies that grant what is missing: one for each kind of need."""
    for name in dict.fromkeys(each.name for each in granted):
        same = [each for each in granted if each.name == name]
        targets = list({str(_target(each)): _target(each) for each in same}.values())
        document = {"Version": "2012-10-17", "Statement": [statement(same[0].actions, targets)]}
        yield {"PolicyName": free_name(role, name), "PolicyDocument": document}


def _target(need: RoleNeed) -> Any:
    """What a grant is for, as a value."""
    if need.target is None or need.resource is None:
        return "*"
    kind = need.row.get("resource", "value")
    if kind == "value":
        return to_value(need.target)
    return Ref(need.resource.logical_id) if kind == "Ref" else GetAtt(need.resource.logical_id, "Arn")
