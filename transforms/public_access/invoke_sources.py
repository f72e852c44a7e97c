"""PUB007: services that may invoke a function for anybody, in whichever account."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from remediator.api import (
    Context,
    EditBuilder,
    Example,
    Finding,
    Mapping,
    Pass,
    Ref,
    Remedy,
    Resource,
    Template,
    reachable,
    table,
    text_of,
)
from remediator.transforms.wiring.links import functions, inside
from remediator.transforms.wiring.sources import arn_value, source_arn

_LIMITS = ("SourceArn", "SourceAccount", "PrincipalOrgID", "EventSourceToken")
_RESOURCES = re.compile(r"\$\{(\w+)[.}]")

_BEFORE = """\
Parameters:
  Rotator:
    Type: String
Resources:
  Rotation:
    Type: AWS::Lambda::Permission
    Properties:
      FunctionName: !Ref Rotator
      Action: lambda:InvokeFunction
      Principal: secretsmanager.amazonaws.com
"""


class InvokePermissionForAnybody(Pass):
    """A permission lets a service invoke a function without saying for whom, so that anybody can have the service do it from an
    account of their own.

    Where the template shows the one resource for which the service acts, the permission is limited to that; otherwise to the
    resources of this account: by `SourceAccount` for the services that state it, by a pattern of ARNs for the others. The old
    permission of a deployed stack goes when the new one is there.

    Permissions with a source, an account or an organization are left alone, and so are those for accounts.
    """

    code = "PUB007"
    name = "invoke-permission-for-anybody"
    profile = "secure"
    stage = 3
    answers = ("CKV_AWS_364",)
    sources = (
        "https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html",
    )
    examples = (Example("A function that rotates secrets", _BEFORE, f"{_BEFORE}      SourceAccount: !Ref AWS::AccountId\n"),)

    def run(self, context: Context) -> Iterator[Finding]:
        for permission in context.template.resources.values():
            properties = permission.properties if permission.type == "AWS::Lambda::Permission" else None
            service = text_of(properties.get("Principal")) if properties else None
            if properties is None or service is None or not service.endswith(".amazonaws.com"):
                continue
            if not any(properties.entry(name) for name in _LIMITS):
                message = f"{permission.logical_id} lets {service} invoke the function for anybody"
                remedy = _remedy(context, permission, properties, service)
                yield self.finding(context.template, permission.path, permission.key, message, remedy)


def _remedy(context: Context, permission: Resource, properties: Mapping, service: str) -> Remedy | str:
    row = table("invoke_scopes").get(service, {})
    arns = [] if row.get("account") else _sources(context.template, permission, service)
    arn = arns[0] if len(set(arns)) == 1 and not _is_circular(context, permission, arns[0]) else row.get("source_arn")
    value: Any
    if row.get("account"):
        key, value = "SourceAccount", Ref("AWS::AccountId")
    elif arn:
        key, value = "SourceArn", arn_value(str(arn))
    else:
        return f"for which resource should {service} invoke the function?"

    def make(builder: EditBuilder) -> None:
        builder.insert_entry(properties, key, value, (*permission.path, "Properties"), after=properties.entries[-1].key.value)

    return Remedy(f"limit {permission.logical_id} by {key}", make, "every source that the template shows is in this account")


def _sources(template: Template, permission: Resource, service: str) -> list[str]:
    """The ARNs of what the service invokes the function for; an empty text for one that has none that can be written."""
    called = functions(template, permission.property("FunctionName"))
    found: list[str] = []
    for source in template.resources.values():
        row = table("invokers").get(source.type, {})
        if row.get("principal") == service:
            nodes = [node for path in row["functions"] for node in inside(source.properties, *path.split("."))]
            if any(function in called for node in nodes for function in functions(template, node)):
                found.append(source_arn(source, row) or "")
    return found


def _is_circular(context: Context, permission: Resource, arn: str) -> bool:
    """Whether a source waits for the permission, exists under another condition, or has no ARN to write."""
    for name in _RESOURCES.findall(arn):
        named = context.template.resources.get(name)
        if permission.logical_id in reachable(context.graph.arcs, name):
            return True
        if named and named.condition not in (None, permission.condition):
            return True
    return not arn
