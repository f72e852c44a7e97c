"""What the actions of a statement on any resource can be limited to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from remediator.api import Context, Resource, iam, table
from remediator.transforms.permissions.forms import covers, names_no_account, of_actions, takes_anything, uncovered
from remediator.transforms.permissions.proposal import Proposed
from remediator.transforms.permissions.statements import GENERATED, PolicyStatement
from remediator.transforms.permissions.work import Work, work_of
from remediator.transforms.permissions.writing import writable
from remediator.transforms.usage.needs import Need
from remediator.transforms.usage.principals import principals

_AWS = re.compile(r"^arn:aws:")
_MOST_BESIDE = 3
"""Actions without a resource beyond which patterns are not taken apart, but limited by a condition."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What one action, or pattern, of a statement is limited to: ARNs as texts of ``Fn::Sub``.

    None where it stays with ``*``. ``reach``: everything in this account and Region that it can be about. ``is_idle``: whether
    nobody is seen to need it. ``is_sure``: whether the ARNs surely are enough. ``operator``: of the condition on the account of
    the resource with which alone they mean something. ``beside``: what a pattern stands for that takes only ``*``, to be
    allowed apart.
    """

    resources: tuple[str, ...] = ()
    reach: tuple[str, ...] = ()
    is_idle: bool = False
    is_sure: bool = False
    operator: str = ""
    beside: tuple[str, ...] = ()

    @property
    def is_wide(self) -> bool:
        """Whether it is not known what the work of the holders is about."""
        return self.resources == self.reach

    def touches(self, other: Limit) -> bool:
        """Whether one of both actions can be about something that the other one can be about."""
        return any(covers(one, two) or covers(two, one) for one in self.reach for two in other.reach)


STAYS = Limit()
ANY = "*"


@dataclass(frozen=True, slots=True)
class Holders:
    """What is known of those who have a statement."""

    services: frozenset[str]
    work: Work
    others: bool

    @property
    def is_complete(self) -> bool:
        """Whether the needs are all that the statement may be there for, as things stand."""
        return not self.work.gaps and not self.others and bool(self.work.needs)

    @property
    def is_final(self) -> bool:
        """Whether they will be all: the work is done by programs that are written out, and that are more than a beginning."""
        return self.is_complete and self.work.is_written and not self.work.stubs

    def needs(self, action: str) -> list[Need]:
        return [need for need in self.work.needs if fnmatchcase(need.action.lower(), action.lower())]


def holders_of(context: Context, statement: PolicyStatement) -> Holders:
    return Holders(_services(statement.holders), work_of(context, statement.holders), statement.others)


def limits(context: Context, statement: PolicyStatement, holders: Holders) -> list[Limit]:
    """The limit of each action of a statement, in order."""
    found = [_limit(context, statement, holders, action) if action else STAYS for action in statement.actions]
    if len({name for each in found for name in each.beside}) > 2 * _MOST_BESIDE:
        actions = map(str, statement.actions)
        found = [_by_condition(action) if each.beside else each for action, each in zip(actions, found, strict=True)]
    named = [each for each in found if each.resources and not each.is_wide]
    return [_like_others(each, named) for each in found]


def _like_others(limit: Limit, named: list[Limit]) -> Limit:
    """An action that nobody needs: limited as another one for things of that kind is, so that both stay together."""
    alike = (each for each in named if set(limit.reach) <= set(each.reach))
    other = next(alike, None) if limit.is_idle else None
    return replace(other, is_sure=other.is_sure and limit.is_sure) if other else limit


def _services(roles: Iterable[Resource]) -> frozenset[str]:
    """The services that take on some of these roles."""
    found = set()
    for role in roles:
        if role.type in GENERATED:
            found.add("lambda" if role.type.endswith("Function") else "states")
        else:
            found |= {each.service for each in principals(role.property("AssumeRolePolicyDocument"), role.path)}
    return frozenset(found - {""})


def _limit(context: Context, statement: PolicyStatement, holders: Holders, action: str) -> Limit:
    matched = iam.matching(action)
    limited = [each for each in matched if not takes_anything(each, holders.services)]
    if not limited or "*" in action.partition(":")[0] or (_is_pattern(action) and holders.is_complete):
        return STAYS  # of a pattern, where everything needed is known, another rule makes just that
    if _takes_no_resource(action) and ANY in _resources(holders.needs(action)):
        return STAYS
    reach = of_actions(limited, holders.services)
    beside = tuple(each.name for each in matched if each not in limited)
    if len(beside) > _MOST_BESIDE:
        return _by_condition(action)
    named = _named(context, statement, holders, action)
    if named is not None:
        return Limit(named, reach, is_sure=holders.is_complete and ANY not in _resources(holders.needs(action)))
    operator = "StringEquals" if any(map(names_no_account, reach)) else ""
    is_idle = holders.is_complete and not holders.needs(action)
    return Limit(reach, reach, is_idle, is_idle and holders.is_final, operator, beside)


def _by_condition(pattern: str) -> Limit:
    """The limit of a pattern much of which takes only ``*``: the account of the resource, where there is one."""
    others = table("any_resource")["things_of_others"]["services"]
    is_for_others = pattern.partition(":")[0].lower() in others
    return STAYS if is_for_others else Limit((ANY,), (ANY,), operator="StringEqualsIfExists")


def _named(context: Context, statement: PolicyStatement, holders: Holders, action: str) -> tuple[str, ...] | None:
    """The resources that the work of the holders is about; None where not all are known."""
    needs = holders.needs(action)
    if not needs or holders.others or _is_pattern(action) or not all(need.resources for need in needs):
        return None
    exact = [need for need in needs if ANY not in need.resources]
    users = {need.user.logical_id for need in exact}
    if any(need.user.logical_id not in users for need in needs):  # otherwise AWS's general policy for such work says ``*``
        return None
    texts = tuple(_AWS.sub("arn:${AWS::Partition}:", text) for text in _resources(exact))
    written = writable(context, statement.resource, [Proposed((action,), texts, tuple(needs))])
    return None if isinstance(written, str) else uncovered(written[0].resources)


def _takes_no_resource(action: str) -> bool:
    """Whether a request may be about nothing that has an ARN, such as a text message."""
    return "unlimited" in table("sdk_parameters")["actions"].get(action, {})


def _is_pattern(action: str) -> bool:
    return bool(set("*?") & set(action))


def _resources(needs: Iterable[Need]) -> list[str]:
    return list(dict.fromkeys(text for need in needs for text in need.resources))
