"""The environment variables of a function, and which resource one of them is for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from remediator.api import (
    Behaviour,
    Context,
    Mapping,
    Resource,
    Template,
    Variable,
    intrinsic,
    reachable,
    table,
)
from remediator.transforms.wiring.sam import for_all

_COMMON = frozenset(["name", "arn", "url", "id", "aws", "target", "main", "my", "the", "resource"])
"""Words of names that say nothing about which thing is meant."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """What a variable may be for: ``fitting`` are those of its kind whose names resemble its own; ``plain``: it is called as
    any of its kind might be."""

    row: dict[str, Any]
    every: tuple[Resource, ...]
    fitting: tuple[Resource, ...]
    plain: bool
    barred: tuple[Resource, ...]
    """Those of its kind that the function can't refer to."""


def names_set(template: Template, function: Resource) -> frozenset[str] | None:
    """The variables that a function has; None where that can't be told."""
    found = set[str]()
    for node in (function.property("Environment"), for_all(template, function, "Environment")):
        if node is None:
            continue
        if not isinstance(node, Mapping) or intrinsic(node) is not None:
            return None
        variables = node.get("Variables")
        if variables is not None and (not isinstance(variables, Mapping) or intrinsic(variables) is not None):
            return None
        found |= variables.keys if variables is not None else frozenset()
    return frozenset(found)


def candidates(context: Context, function: Resource, does: Behaviour, name: str) -> Candidates | None:
    """The resources that a variable may be for, by what the code passes it to; None where that tells no kind."""
    rows = list(_rows(does, name))
    if not rows or any(row is not rows[0] for row in rows):
        return None
    row, resources = rows[0], context.template.resources.values()
    kind = [each for each in resources if each.type in row["types"] and each is not function]
    every = tuple(each for each in kind if _reaches(context, function, each))
    wanted = _words(name) - _COMMON - set(row["words"])
    fitting = tuple(each for each in every if wanted and _alike(wanted, _words(each.logical_id) - set(row["words"])))
    return Candidates(row, every, fitting, not wanted, tuple(each for each in kind if each not in every))


def _rows(does: Behaviour, name: str) -> Iterator[dict[str, Any]]:
    for call in does.calls:
        for argument, values in call.arguments.items():
            if any(value == (Variable(name),) for value in values):
                key = f"{call.service}.{argument}"
                yield from (row for row in table("named_arguments").values() if key in row["arguments"])


def _reaches(context: Context, function: Resource, resource: Resource) -> bool:
    """Whether a function can refer to a resource: it is there whenever the function is, and does not wait for it."""
    if resource.condition not in (None, function.condition):
        return False
    return function.logical_id not in reachable(context.graph.arcs, resource.logical_id)


def _words(name: str) -> frozenset[str]:
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z]*|[a-z]+|\d+", name)
    return frozenset(part.lower().removesuffix("s") if len(part) > 3 else part.lower() for part in parts)


def _alike(wanted: frozenset[str] | set[str], words: frozenset[str] | set[str]) -> bool:
    return bool(words) and (wanted <= words or words <= wanted or "".join(sorted(wanted)) == "".join(sorted(words)))


def resemble(one: str, other: str) -> bool:
    """Whether two names of variables differ only in words that say nothing, such as TABLE and TABLE_NAME."""
    return _words(one) - _COMMON == _words(other) - _COMMON and bool(_words(one) - _COMMON)
