"""IAM007: functions whose code calls what their role does not allow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from remediator.api import (
    Applicability,
    Context,
    EditBuilder,
    Example,
    Finding,
    Pass,
    Ref,
    Remedy,
    Resource,
    iam,
)
from remediator.transforms.encryption.allowances import kept_by_boundary, setting
from remediator.transforms.inline_code.language import FUNCTIONS
from remediator.transforms.permissions import missing_right_logs
from remediator.transforms.permissions.missing_right_allowed import Allowance, allowances, lacking, letting_in
from remediator.transforms.permissions.proposal import Proposed, of_needs, value
from remediator.transforms.permissions.statements import GENERATED, ROLE
from remediator.transforms.permissions.writing import writable
from remediator.transforms.usage.code import code_needs
from remediator.transforms.usage.needs import Need
from remediator.transforms.wiring.grants import add_to_list, allow
from remediator.transforms.wiring.links import condition_of, functions, meant

_FIELDS = 5
"""The colons of an ARN before the part that names the resource."""

_BEFORE = """\
Resources:
  Alerts:
    Type: AWS::SNS::Topic

  Notify:
    Type: AWS::Lambda::Function
    Properties:
      Handler: index.handler
      Runtime: python3.13
      Role: !GetAtt NotifyRole.Arn
      Environment:
        Variables:
          TOPIC: !Ref Alerts
      Code:
        ZipFile: |
          import os
          import boto3

          sns = boto3.client("sns")

          def handler(event, context):
              sns.publish(TopicArn=os.environ["TOPIC"], Message=event["text"])

  NotifyRole:
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

_AFTER = (
    _BEFORE
    + """\
      Policies:
        - PolicyName: Notify
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: sns:Publish
                Resource: !Ref Alerts
"""
)


class CodeLacksRight(Pass):
    """The code of a function, where it stands in the template, calls AWS, and the role of the function does not allow it. The
    stack is made; each such call fails with *AccessDenied*.

    The role gets an inline policy with exactly the missing actions, on exactly the resources that the code names: by a literal,
    or by an environment variable that leads to a resource or a parameter of the template. Where the resource waits for the
    role, as a bucket does that notifies the function, the right goes into a policy of its own. A function for which
    SAM makes the role gets the statement among its `Policies`. Where only the run tells which resource is meant, the report
    asks; actions that IAM can't limit to resources are allowed on `*`.

    Left alone: roles about which not everything is known, because they have a customer's managed policy, one from a
    parameter, or statements made by an expression; and rights on which the template has something to say that may be enough:
    a wildcard, a parameter, a name that may be the same, the policy of a bucket that lets the role in. Actions that let a
    function grant rights to others, and those on names of which only the run tells a part, are added only with
    `--unsafe-fixes`.

    In the profile `secure`, functions whose role does not let them write their log are found, too; the role gets
    *AWSLambdaBasicExecutionRole*.
    """

    code = "IAM007"
    name = "code-lacks-right"
    profile = "deploy"
    stage = 2
    sources = (
        "https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html",
        "https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html",
    )
    examples = (Example("A function that publishes to a topic", _BEFORE, _AFTER),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        letting = letting_in(template) if any(each.type in FUNCTIONS for each in template.resources.values()) else []
        allowed: dict[str, list[Allowance] | None] = {}
        for function in template.resources.values():
            if function.type not in FUNCTIONS or function.properties is None:
                continue
            found = code_needs(context, function)
            for holder in holders(context, function):
                if holder.logical_id not in allowed:
                    allowed[holder.logical_id] = allowances(template, holder, letting)
                held = allowed[holder.logical_id]
                if held is not None:
                    missing = _missing(context, held, found[0] if found else [])
                    yield from self._findings(context, function, holder, missing)
                    yield from self._without_log(context, function, holder, held)

    def _without_log(self, context: Context, function: Resource, holder: Resource, held: list[Allowance]) -> Iterator[Finding]:
        remedy = missing_right_logs.remedy(context, function, holder, held)
        if remedy:
            message = f"{holder.logical_id} does not let {function.logical_id} write its log"
            yield self.finding(context.template, function.path, function.key, message, remedy, (holder.path,), "secure")

    def _findings(self, context: Context, function: Resource, holder: Resource, missing: list[Need]) -> Iterator[Finding]:
        for needs in ([each for each in missing if each.resources], [each for each in missing if not each.resources]):
            if needs:
                does = list(dict.fromkeys(f"{each.action} ({each.why})" for each in needs))
                who = "its role" if holder is function else holder.logical_id
                message = f"the code of {function.logical_id} needs what {who} does not allow: {', '.join(does)}"
                remedy = _remedy(context, function, holder, needs) if needs[0].resources else _question(needs)
                yield self.finding(context.template, function.path, function.key, message, remedy, (holder.path,))


def holders(context: Context, function: Resource) -> list[Resource]:
    """The roles of the template that a function has; the function itself where SAM makes one for it."""
    role = setting(context.template, function, "Role")
    if role is None:
        return [function] if function.type in GENERATED else []
    return meant(context.template, role, ROLE)


def _missing(context: Context, held: list[Allowance], needs: list[Need]) -> list[Need]:
    """The needs that nothing allows, each with the resources in question only."""
    found = []
    for need in needs:
        left = lacking(context.template, held, need) if need.essential else None
        if left is not None:
            found.append(replace(need, resources=left))
    return found


def _question(needs: list[Need]) -> str:
    actions = list(dict.fromkeys(each.action for each in needs))
    return f"on which resources should {', '.join(actions)} be allowed? The code does not tell"


def _remedy(context: Context, function: Resource, holder: Resource, needs: list[Need]) -> Remedy | str:
    template = context.template
    actions = list(dict.fromkeys(each.action for each in needs))
    bound = kept_by_boundary(template, holder, actions)
    if bound:
        return bound
    proposed = of_needs(needs)
    written = writable(context, holder, proposed)
    condition = _apart(context, function, holder, proposed) if isinstance(written, str) else None
    if isinstance(written, str) and condition is None:
        return written
    statements = [value(each) for each in (proposed if isinstance(written, str) else written)]

    def make(builder: EditBuilder) -> None:
        if condition is not None:
            document = {"Version": "2012-10-17", "Statement": statements}
            name = builder.new_logical_id(f"{function.logical_id}Policy")
            properties = {"PolicyName": function.logical_id, "PolicyDocument": document, "Roles": [Ref(holder.logical_id)]}
            resource = {"Type": "AWS::IAM::Policy", **condition, "Properties": properties}
            builder.add_resource(name, resource, after=holder.logical_id)
        elif holder.type == ROLE:
            allow(builder, holder, function.logical_id, statements)
        else:
            _add_to_function(builder, holder, {"Version": "2012-10-17", "Statement": statements})

    who = "its role" if holder is function else holder.logical_id
    step = f"let {who} do what the code of {function.logical_id} does: {', '.join(actions)}"
    if any(_grants(action) for action in actions):
        return Remedy(step, make, "the function may then grant rights to others", Applicability.UNSAFE)
    loose = next((text for need in needs for text in need.resources if _is_loose(text)), None)
    if loose:
        return Remedy(step, make, f"only the run tells what of {loose} the code means", Applicability.UNSAFE)
    return Remedy(step, make, "the role gets what the code calls, on the resources that it names, and nothing else")


def _add_to_function(builder: EditBuilder, function: Resource, document: dict[str, Any]) -> None:
    """Adds to the policies of a function of SAM, which are better seen above its code than below."""
    properties = function.properties
    keys = [entry.key.value for entry in properties.entries] if properties else []
    if properties is None or "Policies" in keys or keys[-1:] != ["InlineCode"] or len(keys) == 1:
        add_to_list(builder, function, "Policies", [document])
    else:
        builder.insert_entry(properties, "Policies", [document], (*function.path, "Properties"), after=keys[-2])


def _grants(action: str) -> bool:
    known = iam.action(action)
    return known is None or "Permissions management" in known.level or known.name == "iam:PassRole"


def _is_loose(text: str) -> bool:
    """Whether an ARN covers more than one thing that the template or the code names, and what is in it."""
    fields = text.replace("${AWS::", "${").split(":", _FIELDS)
    if text.startswith("${") or len(fields) <= _FIELDS:
        return False
    name = fields[-1].partition("/")[0] if fields[2] == "s3" else fields[-1]
    return "*" in fields[3] + fields[4] or bool(re.search(r"[^/:*]\*|\*[^/:*]", name))


def _apart(context: Context, function: Resource, holder: Resource, proposed: list[Proposed]) -> dict[str, str] | None:
    """The condition of a policy of its own that has the right; None where there can be none, for a custom resource would have
    to wait for it."""
    template = context.template
    names = {name.partition(".")[0] for each in proposed for text in each.resources for name in _variables(text)}
    targets = [template.resources[name] for name in names if name in template.resources]
    for each in template.resources.values():
        token = each.property("ServiceToken")
        if token and function in functions(template, token):
            return None
    return condition_of(holder, *targets) if holder.type == ROLE else None


def _variables(text: str) -> list[str]:
    return [part.partition("}")[0].strip() for part in text.split("${")[1:]]
