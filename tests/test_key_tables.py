"""The tables about who uses keys name types and properties that there are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from remediator.knowledge import table
from remediator.schemas import Shape, resource_type

_FREE = ("LoadBalancerAttributes", "RedrivePolicy", "LogDestination")
"""Objects whose keys the schemas leave open, or lists of keys and values."""


def _paths() -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    """Table, row, and path of a property, with the types one of which has it."""
    for kind, row in table("key_users").items():
        yield "key_users", kind, row["key"], (kind,)
    for name, row in table("key_wiring").items():
        keys = [row["key"]] if isinstance(row.get("key"), str) else row.get("key", [row.get("store")])
        for path in [row["role"], *keys]:
            yield "key_wiring", name, path.partition(">")[0], tuple(row["users"])
    for name, row in table("key_outputs").items():
        yield "key_outputs", name, row["key"], tuple(row["users"])
        yield "key_outputs", name, row["store"], tuple(row["users"])
    for name, row in table("key_forbids").items():
        if "service" not in row:  # else it is the policy of the store that names somebody
            yield "key_forbids", name, row["store"], tuple(row["users"])
    for name, row in table("key_needs").items():
        for path in [row["key"]] if isinstance(row["key"], str) else row["key"]:
            yield "key_needs", name, path.partition(">")[0], tuple(row["users"])


@pytest.mark.parametrize(("name", "row", "path", "types"), list(_paths()), ids=lambda each: str(each)[:60])
def test_property_is_there(name: str, row: str, path: str, types: tuple[str, ...]) -> None:
    if not all(kind.startswith("AWS::Serverless::") for kind in types):
        assert any(_has(kind, path) for kind in types), f"{name}: no type of {row} has {path}"


def _has(kind: str, path: str) -> bool:
    found = resource_type(kind)
    assert found is not None or kind.startswith("AWS::Serverless::"), f"there is no type {kind}"
    shape: Shape | None = found.shape if found else None
    for step in path.split("."):
        if shape is None or (step not in shape.properties and step != "*"):
            return False
        shape = shape.properties.get(step)
        while shape and shape.items:
            shape = shape.items
        if step in _FREE:
            return True
    return True


def test_services_and_actions_are_written_as_aws_writes_them() -> None:
    rows: list[dict[str, Any]] = [*table("key_needs").values()]
    assert all(row["service"].endswith(".amazonaws.com") for row in rows)
    assert all(action.startswith("kms:") for row in rows for action in (*row["actions"], *row.get("essential", ())))
    for row in table("key_users").values():
        assert all(action.startswith(f"{row['service']}:") for action in (*row["reads"], *row["writes"]))
        assert all(action.startswith("kms:") for action in (*row["read"], *row["write"]))
