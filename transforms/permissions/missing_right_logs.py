"""Rights to write the log of a function: what the role of every function needs, whatever its code does."""

from __future__ import annotations

import re
from typing import Any

from remediator.api import Context, EditBuilder, Remedy, Resource, Sub, text_of
from remediator.transforms.cycles.names import as_sub_text
from remediator.transforms.encryption.allowances import kept_by_boundary
from remediator.transforms.permissions.missing_right_allowed import Allowance
from remediator.transforms.permissions.proposal import Proposed, value
from remediator.transforms.permissions.statements import ROLE
from remediator.transforms.permissions.writing import writable
from remediator.transforms.wiring.grants import add_to_list, allow
from remediator.transforms.wiring.links import inside, meant

_ACTIONS = ["logs:CreateLogStream", "logs:PutLogEvents"]
_POLICY = "service-role/AWSLambdaBasicExecutionRole"
_ANY = re.compile(r"arn:aws[\w-]*:iam::aws:")


def remedy(context: Context, function: Resource, role: Resource, held: list[Allowance]) -> Remedy | str | None:
    """How a role gets the rights to write a function's log; None where it may have them. SAM's roles always do."""
    lacks = [action for action in _ACTIONS if not any(each.means(action) for each in held)]
    if role.type != ROLE or not lacks:
        return None
    bound = kept_by_boundary(context.template, role, lacks)
    if bound:
        return bound
    group = _log_group(context, function)
    wanted = writable(context, role, [Proposed(tuple(_ACTIONS), (f"${{{group.logical_id}.Arn}}",), ())]) if group else ""
    statements = [] if isinstance(wanted, str) else [value(each) for each in wanted]

    def make(builder: EditBuilder) -> None:
        if statements:
            allow(builder, role, "log", statements)
        else:
            add_to_list(builder, role, "ManagedPolicyArns", [_arn(role)])

    step = "allow logs:CreateLogStream, logs:PutLogEvents in" if statements else "attach AWSLambdaBasicExecutionRole to"
    return Remedy(f"{step} {role.logical_id}", make, "the function writes a log, which costs what CloudWatch Logs takes")


def _log_group(context: Context, function: Resource) -> Resource | None:
    """The log group of a function, where the template makes it."""
    template = context.template
    named = [node for each in inside(function.property("LoggingConfig"), "LogGroup") for node in inside(each)]
    found = [group for node in named for group in meant(template, node, "AWS::Logs::LogGroup")]
    if named:
        return found[0] if len(found) == 1 else None
    given = function.property("FunctionName")
    names = {f"/aws/lambda/${{{function.logical_id}}}", f"/aws/lambda/{as_sub_text(given) if given else None}"}
    for group in template.resources.values():
        name = group.property("LogGroupName") if group.type == "AWS::Logs::LogGroup" else None
        if name and as_sub_text(name) in names:
            return group
    return None


def _arn(role: Resource) -> Any:
    """The ARN of the managed policy, written as the role's others are."""
    known = [text_of(each) or "" for each in inside(role.property("ManagedPolicyArns"))]
    prefix = next((match.group() for each in known if (match := _ANY.match(each))), None)
    return f"{prefix}policy/{_POLICY}" if prefix else Sub(f"arn:${{AWS::Partition}}:iam::aws:policy/{_POLICY}")
