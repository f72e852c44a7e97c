"""CRE015: queues and topics whose policy does not let in the service that sends to them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from remediator.api import (
    Applicability,
    Context,
    Example,
    Finding,
    Mapping,
    Node,
    Pass,
    Ref,
    Remedy,
    Resource,
    Template,
    intrinsic,
    meaning,
    references,
    table,
    text_of,
)
from remediator.transforms.cycles.names import as_sub_text
from remediator.transforms.wiring.follow import at
from remediator.transforms.wiring.links import inside, meant
from remediator.transforms.wiring.resource_policies import arn, extension, policies, statements
from remediator.transforms.wiring.sources import arn_value, source_arn

_BEFORE = """\
Resources:
  Hourly:
    Type: AWS::Events::Rule
    Properties:
      ScheduleExpression: rate(1 hour)
      Targets:
        - Id: jobs
          Arn: !GetAtt Jobs.Arn

  Jobs:
    Type: AWS::SQS::Queue
"""
_ADDED = """
  JobsPolicy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues:
        - !Ref Jobs
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              Service: events.amazonaws.com
            Action: sqs:SendMessage
            Resource: !GetAtt Jobs.Arn
            Condition:
              ArnEquals:
                aws:SourceArn: !GetAtt Hourly.Arn
"""


@dataclass(frozen=True, slots=True)
class _Sender:
    """Something that makes a service send to a target, and where it says so."""

    source: Resource
    target: Resource
    node: Node
    row: dict[str, Any]


class SendPermissionMissing(Pass):
    """A bucket, a rule or a topic sends to a queue or topic of the template whose policy does not let that service in. A bucket
    is refused while the stack is created (*Unable to validate the following destination configurations*); of the others
    nothing arrives.

    The policy gets a statement for that one service, limited to that one source, or to the account where a bucket has
    no name to write out. Where there is no policy, one is added; that of a topic keeps what every topic allows its owner.
    CRE002 makes the bucket wait for it. For a rule and a topic it is an unsafe fix, because EventBridge reads no
    conditions there, so that nothing limits the statement to that rule.

    Left alone: queues and topics that are not in the template, and policies that are for several of them.
    """

    code = "CRE015"
    name = "send-permission-missing"
    profile = "deploy"
    sources = tuple(dict.fromkeys(row["source"] for row in table("senders").values()))
    examples = (Example("A rule that fills a queue", _BEFORE, _BEFORE + _ADDED),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        found: dict[str, list[_Sender]] = {}
        for sender in _senders(template):
            if not any(_admits(template, policy, sender) for policy in policies(template, sender.target)):
                found.setdefault(sender.target.logical_id, []).append(sender)
        for target, senders in found.items():
            first = senders[0]
            path = (*first.source.path, "Properties", *first.row["names"].split("."))
            related = (template.resources[target].path, *(each.source.path for each in senders[1:]))
            remedy = _remedy(template, template.resources[target], senders)
            profile = "secure" if all("profile" in each.row for each in senders) else ""
            yield self.finding(template, path, first.node, _message(senders), remedy, related, profile)


def _senders(template: Template) -> Iterator[_Sender]:
    for source in template.resources.values():
        for row in table("senders").values():
            if source.type != row["from"] or ("unless" in row and any(True for _ in at(source, row["unless"]))):
                continue
            for node in at(source, row["names"]):
                for target in meant(template, node, row["to"]):
                    yield _Sender(source, target, node, row)


def _admits(template: Template, policy: Resource, sender: _Sender) -> bool:
    """Whether a policy lets a service in for a source, or may do so."""
    found = statements(policy)
    return not found or any(_is_for(each, sender.row["service"]) and _covers(template, each, sender) for each in found)


def _covers(template: Template, statement: Node, sender: _Sender) -> bool:
    """Whether a statement is for a source: its conditions name the source, or no other resource of the template."""
    conditions = statement.get("Condition") if isinstance(statement, Mapping) else None
    anchors = {sender.source.logical_id, *re.findall(r"\$\{(\w+)", source_arn(sender.source, sender.row) or "")}
    named = {each.target for each in references(conditions, template.source.text)} if conditions else set()
    return not named & template.resources.keys() or bool(named & anchors)


def _is_for(statement: Node, service: str) -> bool:
    if not isinstance(statement, Mapping) or intrinsic(statement):
        return True
    principal = statement.get("Principal")
    if principal is None or text_of(statement.get("Effect")) == "Deny":
        return False
    if not isinstance(principal, Mapping) or intrinsic(principal):
        return True
    if "Condition" not in [entry.key.value for entry in statement.entries] and meaning(principal) == {"AWS": "*"}:
        return True
    names = [as_sub_text(each) or "*" for each in inside(principal, "Service")]
    return any(name.partition(".")[0] in ("*", service.partition(".")[0]) or name.startswith("${") for name in names)


def _message(senders: list[_Sender]) -> str:
    first = senders[0]
    fails = first.row.get("fails")
    result = f"creation fails ({fails})" if fails else "nothing arrives"
    return f"{first.target.logical_id} does not let {first.row['service']} in for {first.source.logical_id}: {result}"


def _remedy(template: Template, target: Resource, senders: list[_Sender]) -> Remedy | str:
    new = [_statement(each) for each in {_key(each): each for each in senders}.values()]
    make = extension(template, target, new, senders[0].row["service"], sources=[each.source for each in senders])
    if isinstance(make, str):
        return make
    services = list(dict.fromkeys(str(each.row["service"]) for each in senders))
    step = f"let {', '.join(services)} send to {target.logical_id}"
    open_to = [str(each.row["unlimited"]) for each in senders if "unlimited" in each.row]
    if open_to:
        return Remedy(step, make, open_to[0], Applicability.UNSAFE)
    return Remedy(step, make, "the service may send for that source, as the template asks, and nobody else")


def _key(sender: _Sender) -> tuple[str, str]:
    return sender.row["service"], source_arn(sender.source, sender.row) or ""


def _statement(sender: _Sender) -> dict[str, Any]:
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": sender.row["service"]},
        "Action": sender.row["action"],
        "Resource": arn(sender.target),
    }
    source = source_arn(sender.source, sender.row)
    exact = {"ArnEquals": {"aws:SourceArn": arn_value(source)}} if source else {}
    account = {"StringEquals": {"aws:SourceAccount": Ref("AWS::AccountId")}}
    limits = {**exact, **(account if not source or sender.source.type == "AWS::S3::Bucket" else {})}
    return statement if "unlimited" in sender.row else {**statement, "Condition": limits}
