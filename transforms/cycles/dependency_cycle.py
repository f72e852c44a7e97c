"""CYC001: resources that wait for each other in a circle."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from remediator.api import (
    Applicability,
    CannotEdit,
    Context,
    EditBuilder,
    Finding,
    Fix,
    Graph,
    Pass,
    UpdateEffect,
    is_acyclic,
)
from remediator.transforms.cycles import (
    back_references,
    bucket_notifications,
    examples,
    explicit_waits,
    inline_policies,
    key_policies,
    managed_policies,
    names,
    obstacles,
    security_groups,
)
from remediator.transforms.cycles.component import Component, Cut, Plan, Setup
from remediator.transforms.cycles.names import holder
from remediator.transforms.cycles.solver import Solution, solve

CUTTERS: tuple[Callable[[Component], Iterator[Cut]], ...] = (
    explicit_waits.cuts,
    security_groups.cuts,
    inline_policies.cuts,
    managed_policies.cuts,
    back_references.cuts,
    key_policies.cuts,
    names.cuts,
    bucket_notifications.cuts,
)
_KEPT = "every rule, right and notification is kept as it is, and nothing is opened wider"


class DependencyCycle(Pass):
    """Resources wait for each other in a circle, so CloudFormation refuses the template: *Circular dependency between
    resources*.

    Each strongly connected component of the dependency graph is broken by the cheapest set of cuts, found exactly. What
    a cut may do, from best to worst: drop a `DependsOn` that a reference the other way makes pointless; move
    security-group rules to resources of their own (a group keeps a rule that matches nothing where its last egress rule
    leaves, for without one it would allow everything); move the one inline policy that closes the cycle to an
    `AWS::IAM::Policy`; name a role in a key policy by condition; write out a name or ARN from the name that the target
    states itself; and, as unsafe fixes, give a nameless resource a name first, or let EventBridge deliver what a bucket
    notification delivered. No rule, right, notification or replication is dropped, and none is widened.

    A component that can't be broken is reported with every edge that holds it together, and why.
    """

    code = "CYC001"
    name = "dependency-cycle"
    profile = "deploy"
    stage = 2
    answers = ("E3004", "F3004")
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html#troubleshooting-errors-dependency-error",
        "https://aws.amazon.com/blogs/infrastructure-and-automation/handling-circular-dependency-errors-in-aws-cloudformation/",
    )
    examples = examples.DEPENDENCY_CYCLE

    def run(self, context: Context) -> Iterator[Finding]:
        for members in context.graph.cyclic_components:
            yield self._finding(Component(context.graph, members))

    def _finding(self, component: Component) -> Finding:
        written = dict.fromkeys(holder(edge) for edge in component.edges)
        present = [name for name in component.members if component.resource(name)] or list(written)
        first = component.template.resources[present[0]]
        fix, reason = _fix(component)
        return Finding(
            self.code,
            _message(component),
            first.path,
            first.key.start,
            first.key.end,
            fix,
            reason,
            tuple(("Resources", name) for name in present[1:]),
        )


def _message(component: Component) -> str:
    names = component.members
    if len(names) == 1:
        return f"circular dependency: {names[0]} references itself"
    shown = ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
    return f"circular dependency between {shown}"


def _fix(component: Component) -> tuple[Fix | None, str]:
    cuts = [cut for cutter in CUTTERS for cut in cutter(component)]
    fixed = _fixed_arcs(component, cuts)
    solution = solve([(edge.source, edge.target) for edge in component.edges], cuts) if is_acyclic(fixed) else None
    if solution is None:
        return None, obstacles.report(component, cuts)
    try:
        return _written(component, solution), ""
    except CannotEdit as error:
        return None, f"the cycle could be broken, but not in this layout: {error}"


def _fixed_arcs(component: Component, cuts: list[Cut]) -> dict[str, frozenset[str]]:
    """The arcs that no cut removes."""
    cuttable = {index for cut in cuts for index in cut.edges}
    arcs: dict[str, set[str]] = {name: set() for name in component.members}
    for index, edge in enumerate(component.edges):
        if index not in cuttable:
            arcs[edge.source].add(edge.target)
    return {name: frozenset(targets) for name, targets in arcs.items()}


def _written(component: Component, solution: Solution) -> Fix:
    """The chosen cuts as one fix: all edits, or none."""
    cuts = solution.cuts
    setups = list({cut.setup.key: cut.setup for cut in cuts if cut.setup}.values())
    plan = Plan(EditBuilder(component.template), _arcs_after(component.graph, component, cuts))
    steps = []
    work: list[Setup | Cut] = [*setups, *cuts]
    for each in work:
        each.make(plan)
        steps.append(each.step)
    steps += bucket_notifications.order(component, plan)
    edits, paths = plan.builder.finish()
    risks = list(dict.fromkeys(cut.risk for cut in cuts if cut.risk))
    level = min((cut.applicability for cut in cuts), default=Applicability.SAFE)
    if component.template.has_custom_macro:
        level = Applicability.UNSAFE
        risks.append("a macro reads the template first and may rewrite what is changed here")
    return Fix(
        edits,
        paths,
        tuple(dict.fromkeys(steps)),
        level,
        max((cut.effect for cut in cuts), default=UpdateEffect.NONE),
        "; ".join(risks) if risks else _KEPT,
    )


def _arcs_after(graph: Graph, component: Component, cuts: tuple[Cut, ...]) -> dict[str, set[str]]:
    """The arcs of the whole template once the cuts are made."""
    gone = {id(component.edges[index]) for cut in cuts for index in cut.edges}
    arcs: dict[str, set[str]] = {name: set() for name in graph.arcs}
    for edge in graph.edges:
        if id(edge) not in gone:
            arcs[edge.source].add(edge.target)
    for cut in cuts:
        for source, target in cut.adds:
            arcs[source].add(target)
    return arcs
