"""A statement on any resource taken apart: as few statements as keep every action to its own resources."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from remediator.transforms.permissions.any_resource_limits import Limit
from remediator.transforms.permissions.forms import shortest

_MOST = 3


@dataclass(slots=True)
class Part:
    """Actions that share a statement: what is about one kind of thing does not reach those of another.

    ``operator``: of the condition on the account that belongs to them. ``indexes``: which of the actions of the statement.
    ``beside``: further ones, for what a pattern no longer means. ``limits``: of the actions; none where they stay with ``*``.
    """

    operator: str = ""
    indexes: list[int] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)
    limits: list[Limit] = field(default_factory=list)

    @property
    def resources(self) -> tuple[str, ...]:
        """The ARNs; none where the actions stay with ``*``."""
        wide = {text for limit in self.limits if limit.is_wide for text in limit.resources}
        found: dict[str, list[str]] = {}
        for limit in self.limits:
            if limit.is_wide or not wide.issuperset(limit.reach):
                for text in limit.resources:
                    found.setdefault(_service(text) if limit.is_wide else "", []).append(text)
        grouped = (shortest(texts) if service else texts for service, texts in found.items())
        return tuple(dict.fromkeys(text for texts in grouped for text in texts))

    def takes(self, limit: Limit) -> bool:
        """Whether an action may join without widening its own right, or that of another one."""
        if not self.limits or self.operator != limit.operator:
            return False
        return all(not each.touches(limit) or _are_alike(each, limit) for each in self.limits)


def parts(actions: list[str | None], limits: list[Limit]) -> list[Part]:
    """The statements that one becomes, the part that stays with ``*`` among them, in the order of their first actions."""
    found = _apart(limits)
    if len(found) > _MOST:
        found = _apart(limits, together=True)
    beside = tuple(dict.fromkeys(name for limit in limits for name in limit.beside))
    if beside:
        rest = next((part for part in found if not part.limits), None)
        if rest is None:
            rest = Part()
            found.append(rest)
        rest.beside += [name for name in beside if name not in actions]
    return [part for part in found if part.indexes or part.beside]


def _apart(limits: Iterable[Limit], *, together: bool = False) -> list[Part]:
    found: list[Part] = []
    for index, limit in enumerate(limits):
        if not limit.resources:
            part = next((each for each in found if not each.limits), None)
        elif together:
            part = next((each for each in found if each.limits and each.operator == limit.operator), None)
        else:
            part = next((each for each in found if each.takes(limit)), None)
        if part is None:
            part = Part(limit.operator)
            found.append(part)
        part.indexes.append(index)
        if limit.resources:
            part.limits.append(limit)
    return found


def _are_alike(one: Limit, other: Limit) -> bool:
    return (one.is_wide and other.is_wide) or set(one.resources) == set(other.resources)


def _service(text: str) -> str:
    """The service of an ARN as the forms write it."""
    return text.removeprefix("arn:${AWS::Partition}:").partition(":")[0]
