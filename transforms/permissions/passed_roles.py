"""Which roles are passed with a right to pass roles, and to which services."""

from __future__ import annotations

import re
from dataclasses import dataclass

from remediator.api import Context, Mapping, Resource, Template, iam, table, text_of
from remediator.transforms.cycles.names import as_sub_text
from remediator.transforms.permissions.full_access_policies import (
    aws_policies,
    listed_policies,
    policy_list,
)
from remediator.transforms.permissions.statements import ROLE, PolicyStatement, policy_statements
from remediator.transforms.usage.needs import Need
from remediator.transforms.usage.principals import principals
from remediator.transforms.usage.resource_texts import arn_text
from remediator.transforms.usage.roles import usage
from remediator.transforms.wiring.follow import follow
from remediator.transforms.wiring.links import inside, meant
from remediator.transforms.wiring.managed import as_list, statements_of
from remediator.transforms.wiring.rights import missing

PASS_ROLE = "iam:PassRole"
_PIPELINE = "AWS::CodePipeline::Pipeline"
_OVERRIDE = re.compile(r"(?:task|execution)_?role_?arn", re.IGNORECASE)
"""What runs a task may give it other roles than those of its definition."""
_TASK_ROLES = ("TaskDefinition>TaskRoleArn", "TaskDefinition>ExecutionRoleArn")


@dataclass(frozen=True, slots=True)
class Passed:
    """The roles that are passed, as ARNs for ``Fn::Sub``; the services that they let in; what for."""

    roles: tuple[str, ...]
    services: tuple[str, ...]
    needs: tuple[Need, ...]

    @property
    def operator(self) -> str:
        """How the service is compared: AWS's own policy for pipelines allows for requests that do not name it.

        https://docs.aws.amazon.com/codepipeline/latest/userguide/how-to-custom-role.html
        """
        pipelines = any(need.user.type == _PIPELINE for need in self.needs)
        return "StringEqualsIfExists" if pipelines else "StringEquals"


def passed(context: Context, statement: PolicyStatement) -> Passed | None:
    """What a statement is needed for; None where the template does not show all of that, or nothing that passes a role."""
    if statement.others or not statement.holders:
        return None
    used = [usage(context, holder) for holder in statement.holders]
    needs = [need for each in used for need in each.needs if need.action == PASS_ROLE]
    text = context.template.source.text
    if not needs or any(each.gaps for each in used) or any(_OVERRIDE.search(text, *_span(need.user)) for need in needs):
        return None
    roles = {role: None for need in needs for role in need.resources or _of_deployments(context, need.user) or ("*",)}
    if "*" in roles:
        return None
    return Passed(tuple(roles), _let_in(context.template, tuple(roles)), tuple(needs))


def _span(resource: Resource) -> tuple[int, int]:
    return resource.node.start, resource.node.end


def services_of(context: Context, statement: PolicyStatement) -> tuple[str, ...] | str:
    """The services to which whoever holds a statement can pass roles, by the other actions that it may do; or why that is
    not known."""
    patterns = [action for each in _together(context, statement) for action in each.actions if action and action != PASS_ROLE]
    for holder in statement.holders:
        managed = _by_managed_policies(context.template, holder)
        if isinstance(managed, str):
            return managed
        patterns += managed
    if any(pattern.partition(":")[0] in ("", "*") for pattern in patterns):
        return "it may do anything else, too"
    found: set[str] = set()
    known = set()
    for prefix, row in table("passed_services").items():
        for service, names in row.items():
            actions = [f"{prefix}:{name}" for name in names]
            if len(missing(patterns, actions)) < len(actions):
                found.add(service)
            known.update(actions)
    for pattern in patterns:
        for action in iam.matching(pattern):
            if PASS_ROLE in iam.dependent(action.name) and action.name not in known:
                return f"{action.name} takes a role too, and it is not known for which service"
    return tuple(sorted(found)) or "nothing else that it may do takes a role"


def _together(context: Context, statement: PolicyStatement) -> list[PolicyStatement]:
    """The statements that allow something to the same holders, or stand in the same policy."""
    own = {holder.logical_id for holder in statement.holders} | {statement.resource.logical_id}
    found = [each for each in policy_statements(context.template) if each.allows]
    return [each for each in found if own & {each.resource.logical_id, *(holder.logical_id for holder in each.holders)}]


def _by_managed_policies(template: Template, holder: Resource) -> list[str] | str:
    """The actions that a holder may do by managed policies from elsewhere; or why they are not known."""
    known = {each.node: each for each in aws_policies(holder)}
    found: list[str] = []
    if policy_list(holder) is None and holder.property("ManagedPolicyArns") is not None:
        return "what it may do by its managed policies is not known"
    for _, node in listed_policies(holder):
        text = as_sub_text(node) or "what an expression names"
        if node in known:
            allowing = [each for each in statements_of(known[node].document) if each.get("Effect") == "Allow"]
            if any("NotAction" in each for each in allowing):
                return f"it may do nearly anything else by {known[node].short}, too"
            found += [action for each in allowing for action in as_list(each.get("Action"))]
        elif not (isinstance(node, Mapping) and holder.type != ROLE) and not meant(template, node, "AWS::IAM::ManagedPolicy"):
            return f"what it may do by {text} is not known"
    return found


def _let_in(template: Template, roles: tuple[str, ...]) -> tuple[str, ...]:
    """The services that roles let in; none where one of them is not in the template, or lets in somebody else, too."""
    found: set[str] = set()
    for text in roles:
        role = template.resources.get(text.removeprefix("${").removesuffix(".Arn}"))
        document = role.property("AssumeRolePolicyDocument") if role and role.type == ROLE else None
        let_in = list(principals(document, ()))
        if not let_in or not all(each.service for each in let_in):
            return ()
        found.update(f"{each.service}.amazonaws.com" for each in let_in)
    return tuple(sorted(found))


def _of_deployments(context: Context, pipeline: Resource) -> tuple[str, ...]:
    """The roles of the tasks that a pipeline deploys: it registers the definition of the service anew, with other images."""
    if pipeline.type != _PIPELINE:
        return ()
    found: list[str | None] = []
    for action in inside(pipeline.property("Stages"), "Actions"):
        kind = action.get("ActionTypeId") if isinstance(action, Mapping) else None
        provider = kind.get("Provider") if isinstance(kind, Mapping) else None
        if isinstance(action, Mapping) and provider is not None and text_of(provider) in ("ECS", "CodeDeployToECS"):
            found += _of_service(context, action)
    return tuple(dict.fromkeys(each for each in found if each)) if all(found) else ()


def _of_service(context: Context, action: Mapping) -> list[str | None]:
    template = context.template
    names = list(inside(action, "Configuration", "ServiceName"))
    services = [service for name in names for service in meant(template, name, "AWS::ECS::Service")]
    if not services:
        return [None]
    nodes = [node for service in services for path in _TASK_ROLES for node in follow(template, service, path)]
    return [arn_text(template, node) for node in nodes]
