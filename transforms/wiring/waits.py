"""Order that CloudFormation can't see: which resource has to wait for which others, and whether it may."""

from __future__ import annotations

from collections.abc import Iterable

from remediator.api import Context, EditBuilder, Resource, reachable


class Order:
    """The graph of a template as it becomes while waits are added to it."""

    def __init__(self, context: Context) -> None:
        self.arcs: dict[str, set[str]] = {name: set(targets) for name, targets in context.graph.arcs.items()}

    def missing(self, waiting: Resource, awaited: Iterable[Resource]) -> list[Resource]:
        """Those that a resource should wait for, does not yet, and may; from now on it counts as waiting for them.

        It may not wait for what waits for it, nor for a resource that exists under a condition of its own.
        """
        name = waiting.logical_id
        wanted = [each for each in awaited if self._is_missing(waiting, each)]
        for other in wanted:
            self.arcs[name].add(other.logical_id)
        kept = [each for each in wanted if not self._is_implied(each, wanted)]
        self.arcs[name] -= {each.logical_id for each in wanted if each not in kept}
        return kept

    def _is_missing(self, waiting: Resource, awaited: Resource) -> bool:
        name, other = waiting.logical_id, awaited.logical_id
        alive = awaited.condition in (None, waiting.condition)
        return alive and name != other and other not in reachable(self.arcs, name) and not self.closes(name, other)

    def closes(self, waiting: str, awaited: str) -> bool:
        """Whether a wait would close a circle."""
        return waiting in reachable(self.arcs, awaited)

    def _is_implied(self, each: Resource, wanted: list[Resource]) -> bool:
        """Whether one of several to wait for is waited for by another one of them."""
        return any(each.logical_id in reachable(self.arcs, other.logical_id) for other in wanted if other is not each)


def add_waits(builder: EditBuilder, waiting: Resource, awaited: Iterable[Resource]) -> None:
    for each in awaited:
        builder.add_depends_on(waiting, each.logical_id)


def listed(resources: Iterable[Resource]) -> str:
    """Names as people write a list of them."""
    *most, last = [each.logical_id for each in resources]
    return f"{', '.join(most)} and {last}" if most else last
