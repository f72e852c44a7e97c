"""CRE001: services that are told to invoke a function whose policy does not let them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from remediator.api import (
    Context,
    EditBuilder,
    Example,
    Finding,
    GetAtt,
    Mapping,
    Node,
    Pass,
    Ref,
    Remedy,
    Resource,
    Template,
    intrinsic,
    references,
    table,
    text_of,
    to_value,
)
from remediator.transforms.cycles.names import as_sub_text
from remediator.transforms.wiring.links import condition_of, functions, inside
from remediator.transforms.wiring.sources import arn_value, source_arn

_BEFORE = """\
Resources:
  Nightly:
    Type: AWS::Events::Rule
    Properties:
      ScheduleExpression: rate(1 day)
      Targets:
        - Id: report
          Arn: !GetAtt Report.Arn

  Report:
    Type: AWS::Lambda::Function
    Properties:
      Handler: index.handler
      Runtime: python3.13
      Role: !Sub arn:aws:iam::${AWS::AccountId}:role/report
      Code:
        ZipFile: "def handler(event, context): pass"
"""
_ADDED = """
  NightlyInvokesReportPermission:
    Type: AWS::Lambda::Permission
    Properties:
      Action: lambda:InvokeFunction
      FunctionName: !GetAtt Report.Arn
      Principal: events.amazonaws.com
      SourceArn: !GetAtt Nightly.Arn
"""


@dataclass(frozen=True, slots=True)
class _Call:
    """A function that a resource makes a service invoke, and the place where it says so."""

    source: Resource
    function: Resource
    node: Node
    row: dict[str, Any]
    arn: str | None
    """The SourceArn of the permission, as text for ``Fn::Sub``; None where it can't be written."""


class InvokePermissionMissing(Pass):
    """A bucket, rule, topic, API, log group or user pool is told to invoke a Lambda function, but the function's policy does
    not let that service in.

    Some are refused while the stack is created (a bucket with *Unable to validate the following destination
    configurations*); the others are created, and the function is never invoked. An `AWS::Lambda::Permission` is added
    for that one service, limited to that one source. A bucket or a load balancer has to be created after its permission,
    which can't name it then: a bucket's ARN is written out from its own name, and without one the permission is limited
    to the account. CRE002 and CRE005 make them wait.

    Left alone: functions that are not in the template, services that act under a role, and what SAM lets in by itself.
    """

    code = "CRE001"
    name = "invoke-permission-missing"
    profile = "deploy"
    sources = tuple(dict.fromkeys(row["source"] for row in table("invokers").values()))
    examples = (Example("A schedule", _BEFORE, _BEFORE + _ADDED),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        seen = set()
        for call in _calls(template):
            key = (call.function.logical_id, call.row["principal"], call.arn or call.source.logical_id)
            if key in seen or _is_allowed(template, call):
                continue
            seen.add(key)
            path = (*call.source.path, "Properties", *call.row["functions"][0].split("."))
            yield self.finding(template, path, call.node, _message(call), _remedy(template, call))


def _calls(template: Template) -> Iterator[_Call]:
    for source in template.resources.values():
        row = table("invokers").get(source.type)
        if row is None or source.properties is None or _acts_under_role(source.properties, row):
            continue
        for path in row["functions"]:
            for node in inside(source.properties, *path.split(".")):
                for function in functions(template, node):
                    yield _Call(source, function, node, row, source_arn(source, row))


def _acts_under_role(properties: Mapping, row: dict[str, Any]) -> bool:
    path = str(row.get("unless", ""))
    return bool(path) and any(True for _ in inside(properties, *path.split(".")))


def _is_allowed(template: Template, call: _Call) -> bool:
    """Whether a permission of the template, or one that SAM adds, lets the source in."""
    anchors = {call.source.logical_id, *re.findall(r"\$\{(\w+)", call.arn or "")}
    for permission in template.resources.values():
        if permission.type != "AWS::Lambda::Permission":
            continue
        principal = permission.property("Principal")
        service = (as_sub_text(principal) if principal else None) or "*"
        same = _label(service) in ("*", _label(call.row["principal"])) or "${" in _label(service)
        named = [each.logical_id for each in functions(template, permission.property("FunctionName"))]
        if same and (call.function.logical_id in named or not named) and _covers(template, permission, anchors):
            return True
    return _sam_allows(call)


def _label(service: str) -> str:
    return service.partition(".")[0]


def _covers(template: Template, permission: Resource, anchors: set[str]) -> bool:
    """Whether a permission is for a source: it names the source, or no other resource of the template."""
    node = permission.property("SourceArn")
    named = {each.target for each in references(node, template.source.text)} if node else set()
    return not named & template.resources.keys() or bool(named & anchors)


def _sam_allows(call: _Call) -> bool:
    kinds = [text_of(node) for node in inside(call.function.property("Events")) for node in _event_types(node)]
    return call.row.get("event") in kinds


def _event_types(events: Node) -> Iterator[Node]:
    for entry in events.entries if isinstance(events, Mapping) else ():
        yield from inside(entry.value, "Type")


def _message(call: _Call) -> str:
    service, fails = call.row["principal"], call.row.get("fails")
    result = f"creation fails ({fails})" if fails else "it is never invoked"
    return f"no permission lets {service} invoke {call.function.logical_id} for {call.source.logical_id}: {result}"


def _remedy(template: Template, call: _Call) -> Remedy | str:
    source, function = call.source, call.function
    condition = condition_of(source, function)
    if condition is None:
        return f"under which condition do both {source.logical_id} and {function.logical_id} exist?"
    named = [name for name in re.findall(r"\$\{(\w+)", call.arn or "") if name in template.resources]
    owner = named[0] if named else source.logical_id
    scope = f"for {owner}" if call.arn else "for sources in this account"

    def make(builder: EditBuilder) -> None:
        name = builder.new_logical_id(f"{owner}Invokes{function.logical_id}Permission")
        value = {"Type": "AWS::Lambda::Permission", **condition, "Properties": _permission(call)}
        builder.add_resource(name, value, after=function.logical_id)

    return Remedy(
        f"let {call.row['principal']} invoke {function.logical_id} {scope}",
        make,
        "the function may be invoked by that service for that source, as the template asks, and by nobody else",
    )


def _permission(call: _Call) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "Action": "lambda:InvokeFunction",
        "FunctionName": _function_name(call),
        "Principal": call.row["principal"],
    }
    if call.arn:
        properties["SourceArn"] = arn_value(call.arn)
    if call.row.get("account"):
        properties["SourceAccount"] = Ref("AWS::AccountId")
    return properties


def _function_name(call: _Call) -> Any:
    """The function as the source names it, an alias or version included."""
    named = intrinsic(call.node)
    if named and named.name == "Ref" and call.function.type != "AWS::Serverless::Function":
        return to_value(call.node)
    return GetAtt(call.function.logical_id, "Arn")
