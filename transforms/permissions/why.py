"""``remediator explain --why ROLE``: for each action of the policy that a role needs, the code or the wiring that needs it."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Context, Template, iam
from remediator.transforms.permissions.proposal import ANYTHING, Proposed, statements
from remediator.transforms.usage.needs import Need, Usage
from remediator.transforms.usage.roles import usages


class NoSuchRole(Exception):
    """The template has no such role; the message names those that it has."""


def render(template: Template, name: str) -> str:
    """Why a role, by its logical id, needs what it needs. Raises NoSuchRole. Functions and state machines of SAM stand for
    the roles that SAM makes for them."""
    found = usages(Context(template))
    if name not in found:
        known = f"; there are {', '.join(found)}" if found else ""
        raise NoSuchRole(f"the template has no role {name}{known}")
    return "\n".join(_lines(template, found[name])) + "\n"


def _lines(template: Template, usage: Usage) -> Iterator[str]:
    users = ", ".join(each.logical_id for each in usage.users)
    yield f"{usage.role.logical_id} {f'is used by {users}' if users else 'is used by nothing in the template'}"
    for each in statements(usage):
        yield ""
        yield from _statement(each)
    if usage.gaps:
        yield "\nNot understood, so it may need more:"
        yield from (f"  line {template.source.position(gap.at)[0]}: {gap.reason}" for gap in usage.gaps)
    elif not usage.needs:
        yield "\nIt is needed for nothing."


def _statement(proposed: Proposed) -> Iterator[str]:
    note = ""
    if proposed.resources == ANYTHING:
        limited = any(known and known.resources for known in map(iam.action, proposed.actions))
        note = " (which of them can't be seen)" if limited else " (what can't be limited)"
    elif not proposed.is_exact:
        note = " (in this account and Region; which of them can't be seen)"
    yield f"On {', '.join(proposed.resources)}{note}"
    width = max(len(action) for action in proposed.actions)
    for action in proposed.actions:
        reasons = dict.fromkeys(_reason(need) for need in proposed.needs if need.action.lower() == action.lower())
        for number, reason in enumerate(reasons):
            yield f"  {'' if number else action:<{width}}  {reason}"


def _reason(need: Need) -> str:
    return f"{need.user.logical_id} {need.why}" + ("" if need.essential else " (it works without)")
