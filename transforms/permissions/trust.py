"""IAM006: roles that a service may take on behalf of any account."""

from __future__ import annotations

import re
from collections.abc import Iterator

from remediator.api import (
    Context,
    Example,
    Finding,
    Mapping,
    Node,
    Pass,
    Path,
    Ref,
    Remedy,
    Resource,
    Sequence,
    intrinsic,
    table,
    text_of,
)
from remediator.transforms.cycles.names import as_sub_text
from remediator.transforms.permissions.conditioned import keys, require
from remediator.transforms.usage.mentions import mentions
from remediator.transforms.wiring.links import inside

_ROLE = "AWS::IAM::Role"
_REGION = r"(?:[a-z]{2}(?:-[a-z]+)+-\d|\$\{AWS::Region\})"
_SERVICE = re.compile(rf"([\w.-]+?)(?:\.{_REGION})?\.(?:amazonaws\.com(?:\.cn)?|\$\{{AWS::URLSuffix\}})")
_LIMITS = ("aws:source", "sts:externalid", "aws:principal")
"""Beginnings of condition keys that say on whose behalf a service may come."""

_BEFORE = """\
Resources:
  FlowRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              Service: states.amazonaws.com
            Action: sts:AssumeRole
"""
_CONDITION = """\
            Condition:
              StringEquals:
                aws:SourceAccount: !Ref AWS::AccountId
"""


class TrustWithoutSource(Pass):
    """A role lets a service in without a word about on whose behalf it may come.

    Whoever can make the service use the role's ARN for something of theirs, in an account of theirs, acts with this role: the
    service is a *confused deputy*. The fix is a condition on `aws:SourceAccount`: the service may take the role for resources
    of this account only. It is made for services for which AWS documents that they send this key when they take a role; for
    others the condition would shut them out.

    Statements that let somebody else in as well, and those that have a condition on the source already, are left alone.
    """

    code = "IAM006"
    name = "trust-without-source"
    profile = "secure"
    stage = 5
    sources = (
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html#cross-service-confused-deputy-prevention",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourceaccount",
    )
    examples = (Example("A role of a state machine", _BEFORE, _BEFORE + _CONDITION),)

    def run(self, context: Context) -> Iterator[Finding]:
        for role in context.template.resources.values():
            document = role.property("AssumeRolePolicyDocument") if role.type == _ROLE else None
            path = (*role.path, "Properties", "AssumeRolePolicyDocument", "Statement")
            statements = document.get("Statement") if isinstance(document, Mapping) and not intrinsic(document) else None
            for at, statement in _plain(statements, path):
                services = _services(statement) if _takes_role(statement) else []
                known = services and all(_says_so(context, role, service) for service in services)
                if known and not _is_limited(statement.get("Condition")):
                    yield self._found(context, role, statement, at, " and ".join(services))

    def _found(self, context: Context, role: Resource, statement: Mapping, path: Path, who: str) -> Finding:
        remedy = Remedy(
            f"let {role.logical_id} be taken for resources of this account only",
            lambda builder: require(builder, statement, path, "aws:SourceAccount", Ref("AWS::AccountId")),
            f"{who} names the account of the resource that it works for, and a role can be given to resources of its own "
            "account only",
        )
        message = f"{role.logical_id} can be taken by {who} on behalf of any account"
        at = next(entry.key for entry in statement.entries if entry.key.value == "Principal")
        return self.finding(context.template, path, at, message, remedy)


def _plain(node: Node | None, path: Path) -> Iterator[tuple[Path, Mapping]]:
    """The statements that are written out, one alone or those of a list."""
    if isinstance(node, Mapping) and not intrinsic(node):
        yield path, node
    elif isinstance(node, Sequence) and not intrinsic(node):
        for index, item in enumerate(node.items):
            if isinstance(item, Mapping) and not intrinsic(item):
                yield (*path, index), item


def _services(statement: Mapping) -> list[str]:
    """The services that a statement lets in, without their domain; none where it lets in anybody else."""
    principal = statement.get("Principal")
    if not isinstance(principal, Mapping) or [entry.key.value for entry in principal.entries] != ["Service"]:
        return []
    named = [_SERVICE.fullmatch(as_sub_text(node) or "") for node in inside(principal.get("Service"))]
    return [match.group(1) for match in named if match] if all(named) else []


def _takes_role(statement: Mapping) -> bool:
    actions = [(text_of(each) or "").lower() for each in inside(statement.get("Action"))]
    return text_of(statement.get("Effect")) == "Allow" and "sts:assumerole" in actions


def _says_so(context: Context, role: Resource, service: str) -> bool:
    """Whether a service says on whose behalf it takes a role, for everything that it is seen to use this one for."""
    row = table("trust_sources").get(service)
    if row is None or "users" not in row:
        return row is not None
    found = [each for each in mentions(context, role) if each.user is not role]
    if any(each.target == role.logical_id and each.path[:1] == ("Outputs",) for each in context.template.references):
        return False
    uses = [each for each in found if not each.user.type.startswith("AWS::IAM::")]
    return bool(uses) and all(each.place in row["users"].get(each.user.type, ()) for each in uses)


def _is_limited(condition: Node | None) -> bool:
    """Whether a condition says on whose behalf a service may come, or may say it."""
    known = keys(condition)
    return known is None or any(key.startswith(_LIMITS) for key in known)
