"""What rules, schedules, pipes and subscriptions do with their role: they send something to a target."""

from __future__ import annotations

import re

from remediator.api import Node, table
from remediator.transforms.cycles.names import as_sub_text
from remediator.transforms.usage.reading import Found, Use, need, unknown
from remediator.transforms.usage.resource_texts import PART, arn_text, resource_of
from remediator.transforms.usage.stated import stated
from remediator.transforms.usage.wired import kind_of

_AT = {
    "AWS::Events::Rule": "Targets.Arn",
    "AWS::Scheduler::Schedule": "Target.Arn",
    "AWS::Pipes::Pipe": "Target",
    "AWS::Logs::SubscriptionFilter": "DestinationArn",
    "AWS::Logs::Destination": "TargetArn",
}
_UNIVERSAL = re.compile(rf"arn:{PART}:scheduler:::aws-sdk:(?P<client>[\w-]+):(?P<operation>\w+)(?:\.\w+)?")
"""https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html (2026-11)"""


def target(use: Use) -> Found:
    for node in use.near(_AT[use.user.type]):
        text = as_sub_text(node) or ""
        match = _UNIVERSAL.fullmatch(text)
        if match:
            yield from _universal(use, node, match["client"], match["operation"])
        else:
            yield from _of_kind(use, node)


def _of_kind(use: Use, node: Node) -> Found:
    arn = arn_text(use.context.template, node)
    row = kind_of(use.context, "role_targets", arn) if arn else None
    if arn is None or row is None:
        what = arn or "what an expression names"
        yield unknown(use, f"sends to {what}", node)
        return
    resource = resource_of(use.context.template, arn)
    resources = [form.replace("{}", arn) for form in row.get("resources", ["{}"])]
    for action in row["actions"]:
        yield need(use, action, resources, f"sends to {resource.logical_id if resource else arn}", node)


def _universal(use: Use, node: Node, client: str, operation: str) -> Found:
    """A schedule that calls an API by itself."""
    client = table("task_rights")["clients"].get(client, client)
    found = stated(use, client, operation[:1].upper() + operation[1:], None)
    if found is None:
        yield unknown(use, f"calls {operation} of {client}", node)
    for right in found or ():
        yield need(use, right.action, right.resources, f"calls {operation} of {client}", node, right.essential)


def authorizer(use: Use) -> Found:
    """The function behind an authorizer of an API."""
    for node in use.near("AuthorizerUri"):
        arn = function_in(as_sub_text(node) or "")
        if arn is None:
            yield unknown(use, "invokes what an expression names", node)
        else:
            yield need(use, "lambda:InvokeFunction", [arn], "invokes its function", node)


def function_in(uri: str) -> str | None:
    """The function of a URI of API Gateway: ``arn:aws:apigateway:…:lambda:path/2015-03-31/functions/ARN/invocations``."""
    match = re.search(r":lambda:path/+[\d-]+/functions/(.+)/invocations$", uri)
    return match[1] if match else None
