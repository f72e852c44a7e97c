"""The decisions of IAM over the identity policies of a role: an explicit deny wins, then an allow, else no.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html (2026-11)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from completeness.texts import Template, at, spread, text

from least_privilege.requests import Request

Documents = Callable[[str], Any]
"""The document of one of AWS's managed policies by name; None for one that is not known."""

_ATTACHED = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy")
_OWN_ACCOUNT = re.compile(r"aws:(?:Resource|Principal|Source)Account", re.IGNORECASE)


@dataclass(frozen=True)
class Statement:
    effect: str
    actions: tuple[str, ...]
    but_actions: tuple[str, ...]
    resources: tuple[str, ...]
    but_resources: tuple[str, ...]
    conditions: tuple[str, ...]
    """The keys that its conditions look at."""

    def covers(self, template: Template, request: Request) -> bool:
        action, arn = request.action.lower(), request.arn
        by_action = _any(self.actions, action) or (bool(self.but_actions) and not _any(self.but_actions, action))
        by_resource = any(_reaches(template, each, arn) for each in self.resources)
        if self.but_resources:
            by_resource = not any(_reaches(template, each, arn) for each in self.but_resources)
        return by_action and by_resource

    @property
    def always(self) -> bool:
        """Whether its conditions hold for every request to what is in the stack's own account."""
        return all(_OWN_ACCOUNT.fullmatch(key) for key in self.conditions)


@dataclass(frozen=True)
class Role:
    """A role with everything that its policies say. ``known``: whether the template says all of it."""

    template: Template
    logical_id: str
    statements: tuple[Statement, ...]
    known: bool

    def may(self, request: Request) -> bool:
        """Whether a request is allowed for certain: what depends on a condition is not."""
        covering = [each for each in self.statements if each.covers(self.template, request)]
        if any(each.effect == "Deny" for each in covering):
            return False
        return any(each.effect == "Allow" and each.always for each in covering)

    def might(self, request: Request) -> bool:
        """Whether a request is allowed under some condition."""
        return any(each.effect == "Allow" and each.covers(self.template, request) for each in self.statements)


def roles(template: Template, managed: Documents) -> dict[str, Role]:
    """The roles of a template by logical id; those that SAM makes, by the id of the function or state machine."""
    found = {}
    for name, properties in template.of("AWS::IAM::Role", "AWS::Serverless::Function", "AWS::Serverless::StateMachine"):
        if template.type_of(name) != "AWS::IAM::Role" and "Role" in properties:
            continue
        documents = list(_documents(template, name, properties, managed))
        statements = tuple(each for document in documents for each in _statements(document))
        found[name] = Role(template, name, statements, None not in documents)
    return found


def _documents(template: Template, name: str, properties: dict[str, Any], managed: Documents) -> Iterator[Any]:
    for policy in spread(properties.get("Policies")):
        if isinstance(policy, dict) and "PolicyDocument" in policy:
            yield policy["PolicyDocument"]
        elif isinstance(policy, dict) and "Statement" in policy:
            yield policy
        else:
            yield _named(template, policy, managed)
    for arn in spread(properties.get("ManagedPolicyArns")):
        yield _named(template, arn, managed)
    for _, attached in template.of(*_ATTACHED):
        owners = [attached.get("Roles"), attached.get("RoleName")]
        if any(name in template.meant(each, "AWS::IAM::Role") for each in owners):
            yield attached.get("PolicyDocument")


def _named(template: Template, arn: Any, managed: Documents) -> Any:
    own = template.meant(arn, "AWS::IAM::ManagedPolicy")
    return template.properties(own[0]).get("PolicyDocument") if own else managed(text(arn).rpartition("/")[2])


def _statements(document: Any) -> Iterator[Statement]:
    for each in at(document, "Statement"):
        if isinstance(each, dict):
            yield Statement(
                text(each.get("Effect")),
                _texts(each, "Action"),
                _texts(each, "NotAction"),
                _texts(each, "Resource"),
                _texts(each, "NotResource"),
                tuple(key for block in at(each, "Condition") for keys in block.values() for key in keys),
            )


def _texts(statement: dict[str, Any], key: str) -> tuple[str, ...]:
    return tuple(text(value) for value in spread(statement.get(key)))


def _any(patterns: tuple[str, ...], action: str) -> bool:
    return any(fnmatchcase(action, pattern.lower()) for pattern in patterns)


def _reaches(template: Template, pattern: str, arn: str) -> bool:
    """Whether a resource of a statement covers an ARN; an action without resource is only on ``*``."""
    return pattern == "*" or (arn != "*" and template.matches(pattern, arn))
