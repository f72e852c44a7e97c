"""How a right is written down where a role holds it: what its policy may refer to, and what stands there instead."""

from __future__ import annotations

from collections.abc import Iterable

from remediator.api import VARIABLE, Context, Resource, reachable, table
from remediator.transforms.cycles.names import rebuild
from remediator.transforms.permissions.proposal import Proposed
from remediator.transforms.references.conditions import implies

_ANY_ANSWER = ("Custom::", "AWS::CloudFormation::")
"""Types for which a program decides what a reference to them returns."""


def writable(context: Context, holder: Resource, proposed: Iterable[Proposed]) -> list[Proposed] | str:
    """Statements as a policy in ``holder`` may say them, or why it may not.

    What waits for the holder itself is called by its own name, where that is known; a resource under a condition that the
    holder does not share can't be referred to.
    """
    found: list[Proposed] = []
    for each in proposed:
        texts: list[str] = []
        for text in each.resources:
            if not _is_arn(context, text):
                return f"{text} is not an ARN; what is meant by it?"
            written = _written(context, holder, text)
            if written is None:
                return f"{_obstacle(context, holder, text)}, so a policy of {holder.logical_id} can't name it"
            texts.append(written)
        found.append(Proposed(each.actions, tuple(texts), each.needs))
    return found


def _is_arn(context: Context, text: str) -> bool:
    """Whether IAM takes a text as a resource: one that begins with the name of something else than an ARN it refuses."""
    match = VARIABLE.match(text)
    target = context.template.resources.get(match.group(1).strip()) if match else None
    return target is None or target.type in table("role_arns")["ref"]["types"] or target.type.startswith(_ANY_ANSWER)


def _written(context: Context, holder: Resource, text: str) -> str | None:
    """A text of ``Fn::Sub`` without references that its place must not have; None where there is no other way to say it."""
    if _obstacle(context, holder, text) is None:
        return text
    done, end = "", 0
    for match in VARIABLE.finditer(text):
        done += text[end : match.start()]
        end = match.end()
        name, _, attribute = match.group(1).strip().partition(".")
        target = context.template.resources.get(name)
        if target is None or _is_free(context, holder, target):
            done += match.group()
            continue
        named = rebuild(context.template, target, attribute or None)
        if named is None or named.text is None or not _shares_condition(context, holder, target):
            return None
        if any(not _is_free(context, holder, context.template.resources[other]) for other in named.waits_for):
            return None
        done += named.text
    return done + text[end:]


def _obstacle(context: Context, holder: Resource, text: str) -> str | None:
    for match in VARIABLE.finditer(text):
        target = context.template.resources.get(match.group(1).strip().partition(".")[0])
        if target and not _shares_condition(context, holder, target):
            return f"{target.logical_id} exists only under a condition"
        if target and not _is_free(context, holder, target):
            return f"{target.logical_id} waits for {holder.logical_id}"
    return None


def _is_free(context: Context, holder: Resource, target: Resource) -> bool:
    """Whether a holder of a policy may refer to a resource."""
    waits = reachable(context.graph.arcs, target.logical_id)
    return _shares_condition(context, holder, target) and target is not holder and holder.logical_id not in waits


def _shares_condition(context: Context, holder: Resource, target: Resource) -> bool:
    if target.condition is None:
        return True
    return holder.condition is not None and implies(context.template, holder.condition, target.condition)
