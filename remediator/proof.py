"""The proof that a fixed template is what was promised; usable alone.

``problems`` holds an output against its input and lists everything that no user would forgive. An empty list means:
the meaning differs only where the fixes said it would, every reference resolves that resolved before, no cycle is
new, no limit of CloudFormation is passed, and the checker reports no error that it did not report for the input.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from remediator.checker import errors
from remediator.graph import Graph
from remediator.intrinsics import PSEUDO_PARAMETERS
from remediator.nodes import Path, show
from remediator.source import MAX_BYTES
from remediator.template import MAX_RESOURCES, Template


def problems(before: Template, after: Template, paths: Iterable[Path]) -> list[str]:
    """What is wrong with ``after``, a sentence each. ``paths``: where, and below where, its meaning may differ."""
    return [
        *_undeclared_changes(before, after, frozenset(paths)),
        *_dangling_references(before, after),
        *_cycles(before, after),
        *_limits(before, after),
        *_checker_errors(before, after),
    ]


def differences(before: Any, after: Any, path: Path = ()) -> Iterator[Path]:
    """The outermost paths at which two meanings differ."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in {**before, **after}:
            if key in before and key in after:
                yield from differences(before[key], after[key], (*path, key))
            else:
                yield (*path, key)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from differences(one, other, (*path, index))
    elif before != after:
        yield path


def _undeclared_changes(before: Template, after: Template, declared: frozenset[Path]) -> Iterator[str]:
    for path in differences(before.meaning, after.meaning):
        if not any(path[:length] in declared for length in range(len(path) + 1)):
            yield f"{show(path)} changed, which no fix declared"


def _dangling(template: Template) -> set[tuple[str, str]]:
    known = template.resources.keys() | template.parameters | PSEUDO_PARAMETERS
    found = {("reference", each.target) for each in template.references if each.target not in known}
    for resource in template.resources.values():
        if resource.condition and resource.condition not in template.conditions:
            found.add(("condition", resource.condition))
    return found


def _dangling_references(before: Template, after: Template) -> Iterator[str]:
    for kind, name in sorted(_dangling(after) - _dangling(before)):
        yield f"the {kind} {name} resolves to nothing"


def _cycles(before: Template, after: Template) -> Iterator[str]:
    old = [frozenset(members) for members in Graph(before).cyclic_components]
    new = [frozenset(members) for members in Graph(after).cyclic_components]
    for members in new:
        if not any(members <= component for component in old):
            yield f"a new dependency cycle: {', '.join(sorted(members))}"
    if len(new) > len(old):
        yield "there are more dependency cycles than before"


def _limits(before: Template, after: Template) -> Iterator[str]:
    count = len(after.resources)
    if count > max(MAX_RESOURCES, len(before.resources)):
        yield f"there are {count} resources; a stack has {MAX_RESOURCES} at most"
    size = len(after.source.to_bytes())
    if size > max(MAX_BYTES, len(before.source.to_bytes())):
        yield f"the template has {size:,} bytes; CloudFormation takes up to {MAX_BYTES:,}"


def _checker_errors(before: Template, after: Template) -> Iterator[str]:
    for rule, count in sorted((errors(after.source) - errors(before.source)).items()):
        yield f"the checker reports {rule} {count} time(s) more than before"
