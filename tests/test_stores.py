"""The table of stores holds against the schemas: every path is a property, and every value one that it may have."""

from __future__ import annotations

from typing import Any

import pytest

from remediator.knowledge import table
from remediator.schemas import Shape, resource_type

SPOTS = [(code, kind, spot) for code, row in table("stores").items() for spot in row["at"] for kind in spot["types"]]
IDS = [f"{code} {kind} {spot['key']}" for code, kind, spot in SPOTS]


def _shape(kind: str, path: str) -> Shape:
    """The shape at a path; a step that is marked as a list is one."""
    known = resource_type(kind)
    assert known is not None, f"there is no type {kind}"
    shape = known.shape
    for step in path.split("."):
        name = step.removesuffix("[]").removesuffix("?")
        shape = shape.items or shape
        assert name in shape.properties, f"{kind} has no {name} in {path}"
        shape = shape.properties[name]
        assert not step.endswith("[]") or shape.items, f"{name} of {kind} is no list"
    return shape


@pytest.mark.parametrize(("kind", "spot"), [(kind, spot) for _, kind, spot in SPOTS], ids=IDS)
def test_what_is_set_exists(kind: str, spot: dict[str, Any]) -> None:
    """The key is among what is set, and each value fits its property."""
    assert "$key" in [value for path, value in spot["set"].items() if path == spot["key"]]
    for path, value in [*spot["set"].items(), *spot.get("instead", {}).items()]:
        shape = _shape(kind, path)
        if isinstance(value, str) and value != "$key":
            assert not shape.enum or value in shape.enum
        else:
            wanted = "boolean" if isinstance(value, bool) else {list: "array", int: "integer", str: "string"}[type(value)]
            assert wanted in shape.types


@pytest.mark.parametrize(("kind", "spot"), [(kind, spot) for _, kind, spot in SPOTS], ids=IDS)
def test_what_is_asked_exists(kind: str, spot: dict[str, Any]) -> None:
    """What a row looks at is a property of one of its types, at least."""
    named = [*spot.get("where", {}), *(spot[key] for key in ("beside", "instead_of", "role") if key in spot)]
    named += [spot["like"].partition(">")[0]] if "like" in spot else []
    for path in named:
        assert _shape(kind, path)


def test_what_makes_a_difference_exists_somewhere() -> None:
    """An exception that no type of its row knows is a slip of the pen."""
    for row in table("stores").values():
        for spot in row["at"]:
            for path in spot.get("unless", {}):
                kinds = [resource_type(kind) for kind in spot["types"]]
                assert any(kind and kind.shape.at(*path.split(".")) for kind in kinds), f"nothing has {path}"
