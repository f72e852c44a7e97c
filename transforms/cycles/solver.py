"""Which cuts break every cycle of a component at the least cost.

Cutting an arc may take several cuts (one for each reference between the two resources) and one cut may serve several
arcs, so this is not quite the minimum feedback arc set. It is solved exactly by branch and bound on shortest cycles:
each cycle must lose one of its arcs. A component of real size takes a few dozen steps.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from remediator.transforms.cycles.component import Cut

MAX_STEPS = 20_000
"""Branches after which the best set found so far is taken. Counted, not timed: the answer is always the same."""

MAX_COMBINATIONS = 4_096
"""Ways to cut one arc that are looked at, where many references run between the same two resources."""

Arc = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Solution:
    """The chosen cuts, in the order they were offered, and whether no cheaper set exists."""

    cuts: tuple[Cut, ...]
    exact: bool


def solve(arcs: list[Arc], cuts: list[Cut]) -> Solution | None:
    """The cheapest cuts that leave no cycle; None where no set does. ``arcs[i]`` are the ends of edge ``i``."""
    search = _Search(arcs, cuts)
    search.branch(frozenset(i for i, cut in enumerate(cuts) if cut.always), frozenset())
    if search.best is None:
        return None
    return Solution(tuple(cuts[i] for i in sorted(search.best)), search.steps <= MAX_STEPS and not search.capped)


def cost_of(cuts: Iterable[Cut]) -> int:
    """The cost of making some cuts together: a setup that several need counts once."""
    chosen = list(cuts)
    setups = {cut.setup.key: cut.setup.cost for cut in chosen if cut.setup}
    return sum(cut.cost for cut in chosen) + sum(setups.values())


class _Search:
    def __init__(self, arcs: list[Arc], cuts: list[Cut]) -> None:
        self.cuts = cuts
        self.edges_of: dict[Arc, list[int]] = {}
        for index, arc in enumerate(arcs):
            self.edges_of.setdefault(arc, []).append(index)
        self.cuts_of: dict[int, list[int]] = {}
        for index, cut in enumerate(cuts):
            for edge in cut.edges:
                self.cuts_of.setdefault(edge, []).append(index)
        self.cuts_of = {edge: self.worthwhile(edge, found) for edge, found in self.cuts_of.items()}
        self.capped = False
        self.best: frozenset[int] | None = None
        self.best_cost = -1
        self.steps = 0

    def cost(self, chosen: frozenset[int]) -> int:
        return cost_of(self.cuts[i] for i in chosen)

    def branch(self, chosen: frozenset[int], kept: frozenset[Arc]) -> None:
        self.steps += 1
        if self.steps > MAX_STEPS:
            return
        graph = self.remaining(chosen)
        if self.best is not None and self.cost(chosen) + self.bound(graph, chosen) >= self.best_cost:
            return
        cycle = shortest_cycle(graph)
        if cycle is None:
            self.best, self.best_cost = chosen, self.cost(chosen)
            return
        ways = {arc: list(self.removals(arc, chosen)) for arc in cycle if arc not in kept}
        cheapest = {arc: min(map(self.cost, found)) for arc, found in ways.items() if found}
        # A solution is looked for only under the first of the arcs that it removes, so that none is met twice.
        before: frozenset[Arc] = frozenset()
        for arc in sorted(cheapest, key=cheapest.__getitem__):
            for more in sorted(ways[arc], key=self.cost):
                self.branch(more, kept | before)
            before |= {arc}

    def remaining(self, chosen: frozenset[int]) -> dict[str, list[str]]:
        gone = {edge for i in chosen for edge in self.cuts[i].edges}
        graph: dict[str, list[str]] = {}
        for (source, target), edges in self.edges_of.items():
            if any(edge not in gone for edge in edges):
                graph.setdefault(source, []).append(target)
        for i in sorted(chosen):
            for source, target in self.cuts[i].adds:
                graph.setdefault(source, []).append(target)
        return graph

    def removals(self, arc: Arc, chosen: frozenset[int]) -> Iterator[frozenset[int]]:
        """Each way to remove an arc, as the cuts chosen then; none where an edge of it has no cut."""
        gone = {edge for i in chosen for edge in self.cuts[i].edges}
        open_edges = [edge for edge in self.edges_of.get(arc, []) if edge not in gone]
        if not open_edges:
            return  # an arc that a cut added
        choices = [self.cuts_of.get(edge, []) for edge in open_edges]
        combinations = itertools.product(*choices)
        found = {chosen.union(combination) for combination in itertools.islice(combinations, MAX_COMBINATIONS)}
        self.capped |= next(combinations, None) is not None
        yield from sorted(found, key=sorted)

    def worthwhile(self, edge: int, found: list[int]) -> list[int]:
        """The cuts of an edge, cheapest first, without those that another one beats in every respect."""
        found = sorted(found, key=lambda i: self.cuts[i].cost)
        return [i for i in found if not any(self.beats(other, i) for other in found)]

    def beats(self, one: int, other: int) -> bool:
        a, b = self.cuts[one], self.cuts[other]
        no_worse = a.edges >= b.edges and set(a.adds) <= set(b.adds) and a.setup in (None, b.setup) and a.cost <= b.cost
        better = a.edges > b.edges or set(a.adds) < set(b.adds) or a.setup != b.setup or a.cost < b.cost
        return no_worse and (better or one < other)

    def bound(self, graph: dict[str, list[str]], chosen: frozenset[int]) -> int:
        """Less than which no completion can cost: cycles that share no cut must each be paid for."""
        total = 0
        left = {source: list(targets) for source, targets in graph.items()}
        while (cycle := shortest_cycle(left)) is not None:
            prices = [self._price(arc, chosen) for arc in cycle]
            known = [price for price in prices if price is not None]
            if not known:
                return total
            total += min(known)
            shared = {cut for arc in cycle for edge in self.edges_of.get(arc, []) for cut in self.cuts_of.get(edge, [])}
            touched = {edge for cut in shared for edge in self.cuts[cut].edges}
            for (source, target), edges in self.edges_of.items():
                if target in left.get(source, ()) and ((source, target) in cycle or touched & set(edges)):
                    left[source].remove(target)
            for source, target in cycle:
                if target in left.get(source, ()):
                    left[source].remove(target)
        return total

    def _price(self, arc: Arc, chosen: frozenset[int]) -> int | None:
        """A lower bound for removing one arc: its dearest edge at that edge's cheapest cut, setups left out."""
        gone = {edge for i in chosen for edge in self.cuts[i].edges}
        prices = []
        for edge in self.edges_of.get(arc, []):
            if edge not in gone:
                options = [self.cuts[i].cost for i in self.cuts_of.get(edge, [])]
                if not options:
                    return None
                prices.append(min(options))
        return max(prices, default=None)


def shortest_cycle(graph: dict[str, list[str]]) -> list[Arc] | None:
    """A cycle with the fewest arcs, the first such in the order of the graph; None where there is none."""
    best: list[Arc] | None = None
    for start in graph:
        found = _cycle_through(graph, start, len(best) if best else None)
        if found is not None and (best is None or len(found) < len(best)):
            best = found
            if len(best) == 1:
                break
    return best


def _cycle_through(graph: dict[str, list[str]], start: str, limit: int | None) -> list[Arc] | None:
    parents: dict[str, str] = {}
    queue = deque([(start, 0)])
    while queue:
        node, depth = queue.popleft()
        if limit is not None and depth + 1 >= limit:
            return None
        for target in graph.get(node, ()):
            if target == start:
                return _path_back(parents, start, node)
            if target not in parents:
                parents[target] = node
                queue.append((target, depth + 1))
    return None


def _path_back(parents: dict[str, str], start: str, last: str) -> list[Arc]:
    nodes = [start, last]
    while nodes[-1] != start:
        nodes.append(parents[nodes[-1]])
    nodes.reverse()
    return list(itertools.pairwise(nodes))
