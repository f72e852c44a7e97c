"""What a state machine does with its role: the tasks of its definition."""

from __future__ import annotations

import re
from typing import Any

from remediator.api import Node, table
from remediator.transforms.usage.asl import OPEN, State, definition, states
from remediator.transforms.usage.reading import Found, Use, gap, need
from remediator.transforms.usage.resource_texts import PART, arn_of_text, arn_text, own_arn, resource_of
from remediator.transforms.usage.stated import Texts, limited, stated

_INTEGRATION = re.compile(
    rf"arn:{PART}:states:{PART}:{PART}:(?P<sdk>aws-sdk:)?(?P<service>[\w-]+):(?P<operation>\w+)(?:\.(?P<pattern>[\w:]+))?"
)
_INVOKED = ("AWS::Lambda::Function", "AWS::Lambda::Alias", "AWS::Lambda::Version", "AWS::Serverless::Function")
_EXECUTIONS = "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:execution"
_FUNCTION = re.compile(rf"arn:{PART}:lambda:.*")


def state_machine(use: Use) -> Found:
    found = definition(use.user)
    if found is None:
        yield gap(use, f"the definition of {use.user.logical_id} is not in the template, or can't be read")
        return
    node, value = found
    if not any(True for _ in states(value)):
        yield gap(use, f"the definition of {use.user.logical_id} can't be read", node)
    for state in states(value):
        yield from _of_state(use, state, _at(use, node, state))


def _at(use: Use, node: Node, state: State) -> int:
    """Where a state stands in the text."""
    found = use.context.template.source.text.find(state.name, node.start, node.end)
    return found if found >= 0 else node.start


def _of_state(use: Use, state: State, at: int) -> Found:
    if state.value.get("Type") == "Map":
        yield from _of_map(use, state, at)
    for source in ("ItemReader", "ResultWriter"):
        if isinstance(state.value.get(source), dict):
            yield from _of_task(use, State(state.name, {"Type": "Task", **state.value[source]}), at)
    if state.value.get("Type") == "Task":
        if "Credentials" in state.value:
            credentials = state.value["Credentials"]
            role = str(credentials.get("RoleArn", OPEN)) if isinstance(credentials, dict) else OPEN
            known = [role] if _is_known(role) else []
            yield need(use, "sts:AssumeRole", known, f"state {state.name} runs with another role", at)
        else:
            yield from _of_task(use, state, at)


def _of_map(use: Use, state: State, at: int) -> Found:
    """A distributed map runs as executions of the same state machine.
    https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html (2026-11)"""
    processor = state.value.get("ItemProcessor")
    configuration = processor.get("ProcessorConfig") if isinstance(processor, dict) else None
    if isinstance(configuration, dict) and configuration.get("Mode") == "DISTRIBUTED":
        why = f"state {state.name} runs a map of its own executions"
        yield need(use, "states:StartExecution", [own_arn(use.user)], why, at)
        for action in ("states:DescribeExecution", "states:StopExecution", "states:RedriveExecution"):
            yield need(use, action, (), why, at, essential=False)


def _of_task(use: Use, state: State, at: int) -> Found:
    resource = state.value.get("Resource")
    match = _INTEGRATION.fullmatch(resource) if isinstance(resource, str) else None
    if match and match["service"] == "activity":
        return
    if match is None:
        yield from _of_function(use, state, resource, at)
        return
    service, operation, sync = match["service"], match["operation"], (match["pattern"] or "").startswith("sync")
    row = table("task_rights").get(f"{service}:{operation}") if not match["sdk"] else None
    why = f"state {state.name} calls {operation} of {service}"
    given = _given(state)
    if row is not None:
        yield from _of_row(use, row, given, sync, why, at)
        return
    client = table("task_rights")["clients"].get(service, service)
    found = stated(use, client, operation[:1].upper() + operation[1:], given)
    if found is None or sync:
        yield gap(use, f"state {state.name} of {use.user.logical_id} uses {resource}, and what that needs is not known", at)
    for right in found or ():
        yield need(use, right.action, right.resources, why, at, right.essential)


def _of_function(use: Use, state: State, resource: Any, at: int) -> Found:
    """A task that names a function, or an activity, which takes no rights."""
    arn = arn_of_text(use.context.template, resource) if _is_known(resource) else None
    target = resource_of(use.context.template, arn) if arn else None
    if arn and (":activity:" in arn or (target and target.type == "AWS::StepFunctions::Activity")):
        return
    if arn and (target.type in _INVOKED if target else _FUNCTION.fullmatch(arn)):
        name = target.logical_id if target else arn
        yield need(use, "lambda:InvokeFunction", [arn], f"state {state.name} invokes {name}", at)
        return
    what = arn or "what an expression names"
    yield gap(use, f"state {state.name} of {use.user.logical_id} uses {what}, and it is not known what that is", at)


def _of_row(use: Use, row: dict[str, Any], given: Texts | None, sync: bool, why: str, at: int) -> Found:
    """An integration with rights of its own."""
    client, operation = row["call"]
    actions = (*row["actions"], *(row.get("waits", ()) if sync else ()))
    for right in limited(use, client, operation, given, actions):
        yield need(use, right.action, right.resources, why, at)
    for further in (*row.get("also", ()), *(row.get("sync", ()) if sync else ())):
        resources = _executions(use, given) if "@executions" in further["resources"] else further["resources"]
        yield from (need(use, action, resources, why, at) for action in further["actions"])
    if "open" in row:
        yield gap(use, f"{use.user.logical_id} {row['open']}", at)
    if row.get("passes"):
        yield from _passed(use, row, given, why, at)


def _executions(use: Use, given: Texts | None) -> list[str]:
    """The executions of the state machine that a task starts."""
    found = []
    for text in (given or {}).get("StateMachineArn", []):
        machine = resource_of(use.context.template, text)
        match = re.fullmatch(rf"(arn:{PART}:states:{PART}:{PART}):stateMachine:([^:]+)", text)
        if machine:
            found.append(f"{_EXECUTIONS}:${{{machine.logical_id}.Name}}:*")
        elif match:
            found.append(f"{match[1]}:execution:{match[2]}:*")
    return found


def _passed(use: Use, row: dict[str, Any], given: Texts | None, why: str, at: int) -> Found:
    """The roles that a task hands over: those of the resource that it names."""
    for text in (given or {}).get(row["passes"]) or [OPEN]:
        target = resource_of(use.context.template, text)
        roles = [target.property(key) for key in ("ExecutionRoleArn", "TaskRoleArn")] if target else []
        if target is None:
            yield need(use, "iam:PassRole", (), why, at)
        for node in roles:
            if node is not None:
                arn = arn_text(use.context.template, node)
                yield need(use, "iam:PassRole", [arn] if arn else [], why, node)


def _given(state: State) -> Texts | None:
    """The arguments of a task, as paths such as ``Entries[].Source``; what it takes from its input is not known.
    None where the input is all that it takes."""
    found: dict[str, list[str]] = {}
    arguments = state.value.get("Parameters", state.value.get("Arguments"))
    if not isinstance(arguments, dict):
        return None
    _add(found, "", arguments)
    return found


def _add(found: dict[str, list[str]], path: str, value: Any) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            _add(found, f"{path}.{key}" if path else key, inner)
    elif isinstance(value, list):
        for inner in value:
            _add(found, f"{path}[]", inner)
    else:
        name = path.removesuffix(".$")
        known = name == path and isinstance(value, str) and _is_known(value)
        for spelled in dict.fromkeys((name, name[:1].lower() + name[1:])):  # some APIs begin names with a small letter
            earlier = found.setdefault(spelled, [])
            if known:
                earlier.append(value)


def _is_known(value: Any) -> bool:
    """Whether a text is what it says: no path into the input, no expression."""
    return isinstance(value, str) and OPEN not in value and not value.startswith(("$.", "$$.", "{%", "States."))
