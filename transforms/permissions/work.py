"""The work of all roles that have a policy, and the words in which a rule says why it is not known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from remediator.api import Context, Resource, Template
from remediator.transforms.permissions.overlap import matches
from remediator.transforms.permissions.statements import ROLE
from remediator.transforms.usage.code import code_needs
from remediator.transforms.usage.mentions import made_by_sam
from remediator.transforms.usage.needs import Gap, Need
from remediator.transforms.usage.roles import usage
from remediator.transforms.wiring.links import FUNCTIONS

_PROGRAMS = (*FUNCTIONS, "AWS::StepFunctions::StateMachine", "AWS::Serverless::StateMachine")

_MANY = 12
"""Rights from which on a sentence does not list them all."""
_MOST = 50
"""Rights that a policy still lists one by one; those of a role may have 10,240 characters in all.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html (2026-11)"""


@dataclass(frozen=True, slots=True)
class Work:
    """What several roles are needed for together; each gap counts for all of them."""

    users: tuple[Resource, ...]
    needs: tuple[Need, ...]
    gaps: tuple[Gap, ...]
    stubs: tuple[Resource, ...]
    """Functions whose code asks AWS for nothing: it may only keep the place of what is to come."""

    @property
    def is_written(self) -> bool:
        """Whether all of it stands in the template as a program, not as settings that make a service act by itself."""
        return bool(self.users) and all(user.type in _PROGRAMS for user in self.users)


def is_role(context: Context, resource: Resource) -> bool:
    """Whether a resource is a role, or one for which SAM makes a role."""
    return resource.type == ROLE or made_by_sam(context, resource)


def work_of(context: Context, roles: Iterable[Resource]) -> Work:
    found = [usage(context, role) for role in roles]
    users = {user.logical_id: user for each in found for user in each.users}
    return Work(
        tuple(users.values()),
        tuple(need for each in found for need in each.needs),
        tuple(gap for each in found for gap in each.gaps),
        tuple(user for user in users.values() if user.type in FUNCTIONS and _asks_nothing(context, user)),
    )


def _asks_nothing(context: Context, function: Resource) -> bool:
    read = code_needs(context, function)
    return read is not None and not any(need.essential for need in read[0])


def placeholder(work: Work) -> str:
    """The question about code that may not be the real one yet; nothing where all of it asks AWS for something."""
    if not work.stubs:
        return ""
    return f"the code of {work.stubs[0].logical_id} asks AWS for nothing; does it only keep the place of what is to come?"


def because(work: Work, *roles: str, exact: bool) -> str:
    """Why what a rule makes of a role's rights is right, or what it risks."""
    shown = f"the template shows everything that {' and '.join(roles)} {'is' if len(roles) == 1 else 'are'} needed for"
    return shown if exact else f"{shown}, but not for which resources each right is needed"


def why_unknown(template: Template, work: Work) -> str:
    """What keeps a rule from knowing all the rights that are needed, and which of them it knows."""
    gap = work.gaps[0]
    more = len({(each.reason, each.at) for each in work.gaps}) - 1
    rest = f", and {more} more place{'s' if more > 1 else ''} like that" if more else ""
    known = list(dict.fromkeys(need.action for need in work.needs))
    listed = ", ".join(known) if len(known) <= _MANY + 1 else f"{', '.join(known[:_MANY])} and {len(known) - _MANY} more rights"
    needs = f"; what is understood needs {listed}" if known else ""
    where = "" if " line " in gap.reason else f" (line {template.source.position(gap.at)[0]})"
    return f"it can't be told which rights are needed: {gap.reason}{where}{rest}{needs}"


def idle_services(work: Work, wildcards: Iterable[str]) -> list[str]:
    """The wildcards that nothing needs, where settings make services act: what those need may be more than is known."""
    if work.is_written:
        return []
    return [each for each in wildcards if not any(matches(each, need.action) for need in work.needs)]


def too_many(needs: Iterable[Need], role: Resource) -> str | None:
    """Why the needs of a role are not listed in a policy: there are as many as AWS makes policies of its own for."""
    count = len({need.action for need in needs})
    return f"{role.logical_id} needs {count} rights; which policy of AWS's is for that?" if count > _MOST else None
