"""What the readers of a role's uses have in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from remediator.api import Context, Node, Resource
from remediator.transforms.usage.mentions import Mention, near
from remediator.transforms.usage.needs import Gap, Need

Found = Iterator[Need | Gap]


@dataclass(frozen=True, slots=True)
class Use:
    """A resource that has a role at a place. ``services``: those that the role lets in."""

    context: Context
    mention: Mention
    services: frozenset[str]

    @property
    def user(self) -> Resource:
        return self.mention.user

    def near(self, path: str) -> Iterator[Node]:
        return near(self.context, self.mention, path)


def gap(use: Use, reason: str, at: Node | int | None = None) -> Gap:
    return Gap(reason, use.mention.path, _offset(use, at))


def unknown(use: Use, what: str, at: Node | int | None = None) -> Gap:
    """A gap for something that the user does, where it is not known which rights that takes."""
    return gap(use, f"{use.user.logical_id} {what}, and what that takes is not known", at)


def need(
    use: Use, action: str, resources: Iterable[str], why: str, at: Node | int | None = None, essential: bool = True
) -> Need:
    return Need(action, tuple(resources), use.user, why, use.mention.path, _offset(use, at), essential)


def _offset(use: Use, at: Node | int | None) -> int:
    return use.mention.at if at is None else at if isinstance(at, int) else at.start
