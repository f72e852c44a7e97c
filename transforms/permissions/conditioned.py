"""A key in the condition of a statement."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import EditBuilder, Mapping, Node, Path, intrinsic


def require(
    builder: EditBuilder, statement: Mapping, path: Path, key: str, value: object, operator: str = "StringEquals"
) -> None:
    """Adds a comparison of a key to a statement, in what there is of a condition already."""
    here, steps, rest = statement, [*path], ["Condition", operator, key]
    while isinstance(inner := here.get(rest[0]), Mapping):
        here = inner
        steps.append(rest.pop(0))
    for name in reversed(rest[1:]):
        value = {name: value}
    last = here.entries[-1].key.value if here.entries else None
    builder.insert_entry(here, rest[0], value, tuple(steps), after=last)


def keys(condition: Node | None) -> Iterator[str] | None:
    """The keys of a condition in lower case; None where it is made by an expression."""
    if condition is None:
        return iter(())
    if not isinstance(condition, Mapping) or intrinsic(condition):
        return None
    tests = [operator.value for operator in condition.entries]
    if not all(isinstance(test, Mapping) and not intrinsic(test) for test in tests):
        return None
    return (entry.key.value.lower() for test in tests if isinstance(test, Mapping) for entry in test.entries)
