"""IAM005: rights to pass any role to any service."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from remediator.api import (
    Applicability,
    CannotEdit,
    Context,
    EditBuilder,
    Example,
    Finding,
    Pass,
    Remedy,
    Sequence,
    intrinsic,
    text_of,
)
from remediator.transforms.cycles.names import as_sub_text
from remediator.transforms.permissions.conditioned import keys, require
from remediator.transforms.permissions.passed_roles import PASS_ROLE, passed, services_of
from remediator.transforms.permissions.proposal import Proposed
from remediator.transforms.permissions.removal import remove_item
from remediator.transforms.permissions.statements import PolicyStatement, is_boundary, policy_statements
from remediator.transforms.permissions.writing import writable
from remediator.transforms.wiring.links import inside
from remediator.transforms.wiring.sources import arn_value

_KEY = "iam:PassedToService"
_OWN = "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/*"
_PART = r"(?:\$\{[^}]*\}|[^:])*"
_ANY = re.compile(rf"\*|arn:{_PART}:iam::{_PART}:(?:\*|role/\*)")

_TEMPLATE = """\
Resources:
  Nightly:
    Type: AWS::Events::Rule
    Properties:
      ScheduleExpression: cron(0 3 * * ? *)
      Targets:
        - Id: report
          Arn: !GetAtt Cluster.Arn
          RoleArn: !GetAtt NightlyRole.Arn
          EcsParameters:
            TaskDefinitionArn: !Ref Report
  Cluster:
    Type: AWS::ECS::Cluster
  Report:
    Type: AWS::ECS::TaskDefinition
    Properties:
      TaskRoleArn: !GetAtt ReportRole.Arn
      ContainerDefinitions:
        - Name: report
          Image: public.ecr.aws/docker/library/busybox:stable
          Memory: 128
  ReportRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Service: ecs-tasks.amazonaws.com}
            Action: sts:AssumeRole
  NightlyRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Service: events.amazonaws.com}
            Action: sts:AssumeRole
      Policies:
        - PolicyName: run
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: ecs:RunTask
                Resource: !Ref Report
              - Effect: Allow
                Action: iam:PassRole
"""
_BEFORE = '                Resource: "*"\n'
_AFTER = """\
                Resource: !GetAtt ReportRole.Arn
                Condition:
                  StringEquals:
                    iam:PassedToService: ecs-tasks.amazonaws.com
"""


@dataclass(frozen=True, slots=True)
class _Limit:
    """Roles, as ARNs for ``Fn::Sub``; services that they may be passed to, and how those are compared."""

    roles: tuple[str, ...]
    services: tuple[str, ...]
    operator: str = "StringEquals"


class PassRoleToAnything(Pass):
    """A statement allows `iam:PassRole` on any role: whoever holds it gives the most powerful role of the account to a
    service, and acts through that service with all of its rights.

    Where the template shows all that the holder does, the statement is limited to the roles that it passes: those of the
    tasks that a rule, a schedule or a state machine runs, that a pipeline deploys, and so on, with a condition that they are
    passed to the services only that they let in.

    Where that is not known, an unsafe fix limits the statement to the services that the holder's other actions can give a
    role to (`ecs:RunTask`: `ecs-tasks.amazonaws.com`), and the report asks where there are none. A condition on
    `iam:PassedToService` that is there already stays, and `iam:PassRole` among other actions gets a statement of its own.
    """

    code = "IAM005"
    name = "pass-role-to-anything"
    profile = "secure"
    answers = ("F38", "F40")
    stage = 5
    sources = (
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_PassedToService",
    )
    examples = (Example("A rule that runs a task", _TEMPLATE + _BEFORE, _TEMPLATE + _AFTER),)

    def run(self, context: Context) -> Iterator[Finding]:
        for statement in policy_statements(context.template):
            if not _passes_any(statement) or is_boundary(context.template, statement.resource):
                continue
            remedy = _remedy(context, statement)
            if remedy is not None:
                resource = statement.resource
                at = statement.node.get("Action") or statement.node
                message = f"{resource.logical_id} allows that any role is passed"
                related = tuple(each.path for each in (resource, *statement.holders))
                yield self.finding(context.template, statement.path, at, message, remedy, related)


def _passes_any(statement: PolicyStatement) -> bool:
    named = any((action or "").lower() == PASS_ROLE.lower() for action in statement.actions)
    resources = [as_sub_text(node) or "" for node in inside(statement.node.get("Resource"))]
    return statement.allows and named and any(_ANY.fullmatch(text) for text in resources)


def _remedy(context: Context, statement: PolicyStatement) -> Remedy | str | None:
    """How a statement is limited; the question where that is not known; None where its author limited it."""
    condition = keys(statement.node.get("Condition"))
    known = set(condition) if condition is not None else None
    limited = known is None or _KEY.lower() in known
    if known and len(statement.actions) > 1:
        return None if limited else "which roles are passed, and to which service? Its condition is about all of its actions"
    exact = passed(context, statement) if known is not None else None
    proposed = writable(context, statement.resource, [Proposed((PASS_ROLE,), exact.roles, exact.needs)]) if exact else None
    if exact and isinstance(proposed, list):
        limit = _Limit(proposed[0].resources, () if limited else exact.services, exact.operator)
        return Remedy(
            f"let {statement.resource.logical_id} allow the roles only that are passed",
            lambda builder: _write(builder, statement, limit),
            "the template shows all that its holder does, and which roles it passes",
        )
    return None if limited else _to_services(context, statement)


def _to_services(context: Context, statement: PolicyStatement) -> Remedy | str:
    """A limit to the services that the holder can be meant to pass roles to."""
    name, services = statement.resource.logical_id, services_of(context, statement)
    if isinstance(services, str):
        return f"which roles does {name} have to pass, and to which service? {services}"
    return Remedy(
        f"let {name} allow that roles are passed to {' and '.join(services)} only",
        lambda builder: _write(builder, statement, _Limit((_OWN,), services)),
        "its holder can't pass roles to any service that its other rights are not about",
        Applicability.UNSAFE,
    )


def _write(builder: EditBuilder, statement: PolicyStatement, limit: _Limit) -> None:
    """Limits a right to pass roles, in a statement of its own."""
    resource, service = _one_or_all([arn_value(text) for text in limit.roles]), _one_or_all(limit.services)
    node, path, actions = statement.node, statement.path, statement.node.get("Action")
    if not isinstance(actions, Sequence) or intrinsic(actions) or len(actions.items) == 1:
        builder.set_entry(node, "Resource", resource, path)
        if limit.services:
            require(builder, node, path, _KEY, service, limit.operator)
        return
    if statement.listed is None or any(entry.merged for entry in node.entries):
        raise CannotEdit("there is no place for a second statement")
    index = next(at for at, each in enumerate(actions.items) if (text_of(each) or "").lower() == PASS_ROLE.lower())
    remove_item(builder, node, "Action", index, path)
    condition = {"Condition": {limit.operator: {_KEY: service}}} if limit.services else {}
    listed = statement.listed  # its items up to this one: what is appended comes right behind it
    here = Sequence(listed.start, listed.end, listed.items[: statement.index + 1], listed.flow)
    builder.append_item(here, {"Effect": "Allow", "Action": PASS_ROLE, "Resource": resource, **condition}, path[:-1])


def _one_or_all(values: Iterable[object]) -> object:
    found = list(values)
    return found[0] if len(found) == 1 else found
