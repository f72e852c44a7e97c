"""What a Lambda function does with its role: what its code calls, its logs, what Lambda reads and sends for it."""

from __future__ import annotations

from remediator.api import inline_code
from remediator.transforms.cycles.names import as_sub_text
from remediator.transforms.encryption.allowances import setting
from remediator.transforms.encryption.covers import refers
from remediator.transforms.usage.code import code_needs
from remediator.transforms.usage.reading import Found, Use, gap, need
from remediator.transforms.usage.resource_texts import arn_text, resource_of
from remediator.transforms.usage.wired import behind
from remediator.transforms.wiring.links import inside

_GROUP = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:{}:*"
"""https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html (2026-11)"""
_INSIGHTS = ":layer:LambdaInsightsExtension"
"""The one layer of which it is known what it does; ``role_work.toml`` says what."""
_LOGS = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")
"""https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html (2026-11)"""


def function(use: Use) -> Found:
    read = code_needs(use.context, use.user)
    if read is None:
        known = inline_code(use.user) is not None
        yield gap(use, f"the code of {use.user.logical_id} {'is not understood' if known else 'is not in the template'}")
    else:
        yield from read[0]
        yield from read[1]
    for node in inside(setting(use.context.template, use.user, "Layers")):
        layer = arn_text(use.context.template, node) or "that an expression names"
        if _INSIGHTS not in layer:
            yield gap(use, f"the layer {layer} of {use.user.logical_id} is not in the template", node)
    for group in _groups(use):
        for action in _LOGS:
            if not (action == "logs:CreateLogGroup" and _is_made(use, group)):
                yield need(use, action, [group], "writes its logs", essential=False)
    yield from behind(use.context, use.mention)


def _groups(use: Use) -> list[str]:
    """The log groups of a function; where CloudFormation makes up its name, those of all functions. CloudFront runs copies in
    every Region, which write their logs there: https://docs.aws.amazon.com/lambda/latest/dg/lambda-edge.html (2026-11)."""
    template, user = use.context.template, use.user
    configuration = setting(template, user, "LoggingConfig")
    stated = [arn_text(template, node, _GROUP) for node in inside(configuration, "LogGroup")]
    if not stated:
        names = [as_sub_text(node) for node in inside(user.property("FunctionName"))]
        stated = [_of_name(use, f"/aws/lambda/{name}") if name else None for name in names]
    groups = [each for each in stated if each]
    if not groups or None in stated:
        groups = [_GROUP.replace("{}", "/aws/lambda/*")]
    if "edgelambda" in use.services:
        groups.append(_GROUP.replace("${AWS::Region}", "*").replace("{}", "/aws/lambda/*"))
    return groups


def _of_name(use: Use, name: str) -> str:
    """The log group of a name: one of the template, if it has one."""
    for each in use.context.template.resources.values():
        stated = each.property("LogGroupName") if each.type == "AWS::Logs::LogGroup" else None
        if stated is not None and as_sub_text(stated) == name:
            return f"${{{each.logical_id}.Arn}}"
    return _GROUP.replace("{}", name)


def _is_made(use: Use, group: str) -> bool:
    """Whether the template makes a log group, so that Lambda need not."""
    return resource_of(use.context.template, group) is not None or any(
        refers(use.context.template, each.property("LogGroupName"), use.user)
        for each in use.context.template.resources.values()
        if each.type == "AWS::Logs::LogGroup"
    )
