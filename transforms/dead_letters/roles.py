"""Whether the role that sends dead letters can be given the right to: CRE003 does it, where nothing stands in its way."""

from __future__ import annotations

from collections.abc import Iterable

from remediator.api import CannotEdit, EditBuilder, Node, Resource, Template
from remediator.transforms.cycles.names import as_sub_text
from remediator.transforms.encryption.allowances import kept_by_boundary
from remediator.transforms.wiring import rights
from remediator.transforms.wiring.grants import allow, statement
from remediator.transforms.wiring.links import inside, meant

_ROLE = "AWS::IAM::Role"


def roles_of(template: Template, nodes: Iterable[Node]) -> list[Resource]:
    """The roles of the template that values name."""
    return list({role.logical_id: role for node in nodes for role in meant(template, node, _ROLE)}.values())


def obstacle(template: Template, owner: str, nodes: Iterable[Node]) -> str | None:
    """Why the roles of an owner can't be given a right; None where they can, or have it."""
    named = [each for node in nodes for each in inside(node)]
    if not named:
        return f"{owner} has no role that could be allowed to send to a queue"
    for node in named:
        found = meant(template, node, _ROLE)
        if len(found) != 1:
            text = as_sub_text(node) or "an expression"
            return f"the role of {owner} ({text}) is not in the template: is it allowed sqs:SendMessage?"
        if rights.allowed(template, found[0]) is None:
            return f"not everything that {found[0].logical_id} may do is in the template: is it allowed sqs:SendMessage?"
        bound = kept_by_boundary(template, found[0], ["sqs:SendMessage"])
        if bound:
            return bound
        problem = _unwritable(template, found[0])
        if problem:
            return f"{found[0].logical_id} needs sqs:SendMessage, and can't be given it in this layout: {problem}"
    return None


def _unwritable(template: Template, role: Resource) -> str:
    """Why no policy can be added to a role, if so."""
    builder = EditBuilder(template)
    try:
        allow(builder, role, "send", [statement(["sqs:SendMessage"], ["*"])])
        builder.finish()
    except CannotEdit as error:
        return str(error)
    return ""
