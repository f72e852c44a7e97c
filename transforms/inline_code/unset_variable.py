"""FUN004: environment variables that code reads and nothing sets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from remediator.api import (
    Applicability,
    Behaviour,
    Context,
    EditBuilder,
    Entry,
    Example,
    Finding,
    GetAtt,
    InlineCode,
    Mapping,
    Pass,
    Ref,
    Remedy,
    Resource,
    VariableRead,
    behaviour,
    table,
)
from remediator.transforms.inline_code.edits import line, place
from remediator.transforms.inline_code.language import FUNCTIONS, fitting_code
from remediator.transforms.inline_code.variables import candidates, names_set, resemble

_BEFORE = """\
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions:
        - AttributeName: id
          AttributeType: S
      KeySchema:
        - AttributeName: id
          KeyType: HASH

  Work:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Code:
        ZipFile: |
          import os
          import boto3

          table = boto3.resource('dynamodb').Table(os.environ['TABLE_NAME'])

          def handler(event, context):
              table.put_item(Item=event)
      Role: !ImportValue work-role
"""
_AFTER = (
    _BEFORE
    + """\
      Environment:
        Variables:
          TABLE_NAME: !Ref Orders
"""
)


class UnsetVariable(Pass):
    """The code of a function reads an environment variable that nothing sets, and can't do without: `os.environ['TABLE_NAME']`
    raises a *KeyError*, and a client of the SDK gets *undefined*.

    What the variable is for shows where the code passes it on. Where that is the name of a table, the URL of a queue, the ARN
    of a topic and the like, it is set to the one resource of this kind that the template has. That is safe where the
    variable's name says no more than the kind (`TABLE_NAME`) or resembles that of the resource, and unsafe otherwise. Where
    there are several of that kind, it is the only one whose name resembles it, which is unsafe, or the report asks. A
    variable that is set under a similar name, which the code does not read, gets the name that the code reads; that is
    unsafe, too.

    Variables that are set and that the code does not read are reported under the profile `production`.

    Left alone: what Lambda sets itself, variables with a default, those that the code asks for first (`in os.environ`) or
    sets, and functions whose variables are made by an expression.
    """

    code = "FUN004"
    name = "unset-variable"
    profile = "deploy"
    sources = ("https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html",)
    examples = (Example("A table", _BEFORE, _AFTER),)

    def run(self, context: Context) -> Iterator[Finding]:
        for function in context.template.resources.values():
            found = fitting_code(context.template, function) if function.type in FUNCTIONS else None
            names = names_set(context.template, function) if found else None
            does = behaviour(found[0], found[1].text) if found else None
            if found is None or names is None or does is None or "AWS_LAMBDA_EXEC_WRAPPER" in names:
                continue
            unread, unset = _unread(function, names, does), list(_unset(names, does, found[1]))
            for read in unset:
                yield self._unset(context, function, found[1], does, read, unread)
            meant = {name for name in unread if any(resemble(name, read.name) for read in unset)}
            yield from self._unread(context, function, [name for name in unread if name not in meant])

    def _unset(
        self, context: Context, function: Resource, code: InlineCode, does: Behaviour, read: VariableRead, unread: list[str]
    ) -> Finding:
        where = line(context.template, code, read.start)
        message = f"{function.logical_id} reads {read.name}, which nothing sets (line {where})"
        remedy = _renamed(function, read.name, unread) or _remedy(context, function, does, read.name)
        return self.finding(context.template, code.path, place(context.template, code, read.start, read.end), message, remedy)

    def _unread(self, context: Context, function: Resource, unread: list[str]) -> Iterator[Finding]:
        node = function.property("Environment")
        if unread and node is not None:
            message = f"the code of {function.logical_id} does not read {', '.join(unread)}"
            path = (*function.path, "Properties", "Environment")
            reason = "should it go? Only a person knows whether it is for something else"
            yield self.finding(context.template, path, node, message, reason, profile="production")


def _unset(names: frozenset[str], does: Behaviour, code: InlineCode) -> Iterator[VariableRead]:
    """The first read of each variable that has to be set and is not."""
    rows = table("reserved_variables")
    known = names | set(rows["lambda"]["names"]) | set(rows["given"]["names"])
    seen = set[str]()
    for read in sorted(does.variables, key=lambda each: each.start):
        needed = read.required and read.default is None and read.name not in known | seen
        if needed and not _reckoned_with(read.name, code.text):
            seen.add(read.name)
            yield read


def _reckoned_with(name: str, text: str) -> bool:
    """Whether code looks first whether a variable is set, or sets it."""
    quoted = rf"['\"]{re.escape(name)}['\"]"
    asked = rf"{quoted}\s+(not\s+)?in\s+|environ\[\s*{quoted}\s*\]\s*=[^=]|setdefault\(\s*{quoted}|except\s+\(?KeyError"
    return re.search(rf"{asked}|process\.env\.{re.escape(name)}\s*(\|\|)?=[^=]", text) is not None


def _unread(function: Resource, names: frozenset[str], does: Behaviour) -> list[str]:
    """The function's own variables that its code does not read."""
    node = function.property("Environment")
    variables = node.get("Variables") if isinstance(node, Mapping) else None
    if does.any_variable or function.property("Layers") is not None or not isinstance(variables, Mapping):
        return []
    others = tuple(table("reserved_variables")["given"]["readers"])
    read = {each.name for each in does.variables}
    return [name for name in sorted(variables.keys & names) if name not in read and not name.startswith(others)]


def _renamed(function: Resource, name: str, unread: list[str]) -> Remedy | None:
    alike = [each for each in unread if resemble(each, name)]
    node = function.property("Environment")
    variables = node.get("Variables") if isinstance(node, Mapping) else None
    entry = variables.entry(alike[0]) if isinstance(variables, Mapping) and len(alike) == 1 else None
    if entry is None:
        return None
    why = f"{alike[0]} is set and never read, but may be for something else"
    make = partial(_rename, entry=entry, name=name, function=function)
    return Remedy(f"call {alike[0]} {name}", make, why, Applicability.UNSAFE)


def _rename(builder: EditBuilder, *, entry: Entry, name: str, function: Resource) -> None:
    builder.rename_key(entry, name, (*function.path, "Properties", "Environment", "Variables"))


def _remedy(context: Context, function: Resource, does: Behaviour, name: str) -> Remedy | str:
    found = candidates(context, function, does, name)
    if found is None or not found.every:
        barred = ", ".join(each.logical_id for each in found.barred) if found else ""
        return f"what should {name} be?" + (f" {barred} waits for {function.logical_id} or has a condition" if barred else "")
    chosen = found.fitting if len(found.fitting) == 1 else found.every
    if len(chosen) != 1:
        return f"which of {', '.join(each.logical_id for each in found.every)} is {name}?"
    resource = chosen[0]
    attribute = found.row.get("arn") if name.upper().endswith("ARN") else found.row.get("attribute")
    value = GetAtt(resource.logical_id, attribute) if attribute else Ref(resource.logical_id)
    make = partial(_set, function=function, name=name, value=value)
    step = f"set {name} to {resource.logical_id}"
    if len(found.every) == 1 and (found.plain or found.fitting):
        why = f"the code passes it on as what {resource.logical_id} is, the only one of its kind, and fails without"
        return Remedy(step, make, why)
    return Remedy(step, make, f"{name} may be meant for something else", Applicability.UNSAFE)


def _set(builder: EditBuilder, *, function: Resource, name: str, value: Any) -> None:
    properties, node = function.properties, function.property("Environment")
    path = (*function.path, "Properties")
    variables = node.get("Variables") if isinstance(node, Mapping) else None
    if isinstance(variables, Mapping):
        builder.set_entry(variables, name, value, (*path, "Environment", "Variables"))
    elif isinstance(node, Mapping):
        builder.set_entry(node, "Variables", {name: value}, (*path, "Environment"))
    elif properties is not None:
        keys = [each.key.value for each in properties.entries if not each.merged]
        after = keys[-2] if keys[-1] in ("Code", "InlineCode") and len(keys) > 1 else keys[-1]  # code stays at the end
        builder.insert_entry(properties, "Environment", {"Variables": {name: value}}, path, after=after)
