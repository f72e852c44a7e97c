"""The solver alone, on random abstract graphs, against trying every set of cuts."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from remediator.graph import is_acyclic
from remediator.transforms.cycles.component import Cut, Plan, Setup
from remediator.transforms.cycles.solver import Arc, cost_of, shortest_cycle, solve

NODES = "abcde"


@dataclass(frozen=True)
class Problem:
    """Edges, of which several may run between the same two nodes, and the cuts on offer."""

    arcs: tuple[Arc, ...]
    cuts: tuple[Cut, ...]


def _nothing(plan: Plan) -> None:
    """What a cut of an abstract graph does to a text."""


def cut(*edges: int, cost: int = 10, adds: tuple[Arc, ...] = (), setup: str = "", always: bool = False, name: str = "") -> Cut:
    return Cut(
        frozenset(edges),
        cost,
        name,
        _nothing,
        adds=adds,
        setup=Setup(setup, 7, setup, _nothing) if setup else None,
        always=always,
    )


@st.composite
def problems(draw: Callable[..., Any], *, arcs: int = 8, cuts: int = 8) -> Problem:
    arc = st.tuples(st.sampled_from(NODES), st.sampled_from(NODES))
    edges = draw(st.lists(arc, min_size=1, max_size=arcs))
    offered = draw(
        st.lists(
            st.builds(
                lambda indexes, cost, adds, setup, always: cut(*indexes, cost=cost, adds=adds, setup=setup, always=always),
                st.sets(st.integers(0, len(edges) - 1), min_size=1, max_size=3),
                st.sampled_from((1, 2, 3, 5, 10)),
                st.lists(arc, max_size=2).map(tuple) if draw(st.booleans()) else st.just(()),
                st.sampled_from(("", "", "", "s", "t")),
                st.sampled_from((False, False, False, False, False, True)),
            ),
            max_size=cuts,
        )
    )
    return Problem(tuple(edges), tuple(offered))


def is_solved(problem: Problem, chosen: tuple[Cut, ...]) -> bool:
    gone = {index for each in chosen for index in each.edges}
    arcs: dict[str, set[str]] = {name: set() for name in NODES}
    for index, (source, target) in enumerate(problem.arcs):
        if index not in gone:
            arcs[source].add(target)
    for each in chosen:
        for source, target in each.adds:
            arcs[source].add(target)
    return is_acyclic(arcs)


def least_cost(problem: Problem) -> int | None:
    """The cost of the best set of cuts, found by trying all that hold the ones made always."""
    always = tuple(each for each in problem.cuts if each.always)
    free = [each for each in problem.cuts if not each.always]
    sets = (always + some for size in range(len(free) + 1) for some in itertools.combinations(free, size))
    return min((cost_of(some) for some in sets if is_solved(problem, some)), default=None)


def check(problem: Problem) -> None:
    solution = solve(list(problem.arcs), list(problem.cuts))
    best = least_cost(problem)
    assert (cost_of(solution.cuts) if solution else None) == best
    if solution:
        assert is_solved(problem, solution.cuts)
        assert solution.exact


ADDED_TWICE = Problem(
    (("a", "b"), ("b", "a"), ("a", "b")),
    (cut(1, cost=3), cut(0, adds=(("a", "b"),), cost=1), cut(2, adds=(("a", "b"),), cost=1)),
)
"""Cuts that add an arc which is there already."""


@given(problems())
@settings(max_examples=600)
@example(ADDED_TWICE)
def test_no_set_of_cuts_is_cheaper(problem: Problem) -> None:
    """The solution has no cycle and the least cost; there is none exactly where no set of cuts leaves no cycle."""
    check(problem)


@given(problems(arcs=14, cuts=10))
@settings(max_examples=150)
def test_no_set_of_cuts_is_cheaper_in_denser_graphs(problem: Problem) -> None:
    """The same for graphs with many edges between the same nodes."""
    check(problem)


def test_many_references_between_two_resources() -> None:
    """Where an arc is made of many references with several ways to cut each, the best mixture is found all the same."""
    edges: tuple[Arc, ...] = (("a", "b"),) * 7 + (("b", "a"),)
    dear = [cut(index, cost=5) for index in range(7)]
    cheap = [cut(index, cost=2) for index in range(7)]
    check(Problem(edges, (*dear, *cheap)))


def test_a_mixture_that_adds_no_cycle_is_found_among_many() -> None:
    """An arc of many references is cut even where most of the ways to do it bring a new cycle."""
    edges: tuple[Arc, ...] = (("a", "b"),) * 7 + (("b", "a"),)
    wrong = [cut(index, cost=1, adds=(("a", "a"),)) for index in range(7)]
    right = [cut(index, cost=5) for index in range(7)]
    check(Problem(edges, (*wrong, *right)))


def test_a_shared_setup_is_paid_once() -> None:
    """Two cuts that need the same setup are cheaper together than their prices say."""
    problem = Problem(
        (("a", "b"), ("b", "a"), ("c", "d"), ("d", "c")),
        (cut(0, cost=1, setup="s"), cut(2, cost=1, setup="s"), cut(1, cost=6), cut(3, cost=6)),
    )
    solution = solve(list(problem.arcs), list(problem.cuts))
    assert solution is not None
    assert cost_of(solution.cuts) == 9
    check(problem)


def test_cuts_made_always_are_made_without_a_cycle() -> None:
    """A cut that is made wherever it is offered belongs to the solution even where nothing needs it."""
    problem = Problem((("a", "b"),), (cut(0, always=True, name="x"), cut(0, name="y")))
    solution = solve(list(problem.arcs), list(problem.cuts))
    assert solution is not None
    assert [each.step for each in solution.cuts] == ["x"]


@given(problems())
@settings(max_examples=100)
def test_the_solution_is_always_the_same(problem: Problem) -> None:
    """Two runs choose the very same cuts, in the order in which they were offered."""
    one, other = (solve(list(problem.arcs), list(problem.cuts)) for _ in range(2))
    assert one == other
    if one:
        places = [next(i for i, offer in enumerate(problem.cuts) if offer is each) for each in one.cuts]
        assert places == sorted(places)


@given(st.lists(st.tuples(st.sampled_from(NODES), st.sampled_from(NODES)), max_size=10))
@settings(max_examples=200)
def test_the_shortest_cycle_is_one_and_none_is_shorter(arcs: list[Arc]) -> None:
    """``shortest_cycle`` gives a closed walk along arcs of the graph, of the least length; None without a cycle."""
    graph: dict[str, list[str]] = {}
    for source, target in arcs:
        graph.setdefault(source, []).append(target)
    found = shortest_cycle(graph)
    lengths = [size for size in range(1, 6) for walk in itertools.permutations(NODES, size) if _closed(walk, set(arcs))]
    assert (len(found) if found else None) == min(lengths, default=None)
    if found:
        assert _closed(tuple(source for source, _ in found), set(arcs))
        assert all(one[1] == other[0] for one, other in zip(found, [*found[1:], found[0]], strict=True))


def _closed(walk: tuple[str, ...], arcs: set[Arc]) -> bool:
    return all((one, other) in arcs for one, other in zip(walk, (*walk[1:], walk[0]), strict=True))
