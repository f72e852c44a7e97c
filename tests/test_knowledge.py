"""The tables about properties, values and types hold against the schemas that they correct."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from remediator.knowledge import table
from remediator.schemas import ResourceType, Shape, resource_type, type_names

Row = dict[str, Any]
PATTERN = re.compile(r"\$|\$\.\w+|\$\^\.\w+")


def _rows(name: str) -> list[tuple[str, str, Row]]:
    """Type, dotted path and row of a table that is keyed by both."""
    return [(kind, path, row) for kind, paths in table(name).items() for path, row in paths.items()]


def _ids(rows: list[tuple[str, str, Row]]) -> list[str]:
    return [f"{kind}.{path}" for kind, path, _ in rows]


def _known(kind: str) -> ResourceType:
    found = resource_type(kind)
    assert found is not None, f"there is no type {kind}"
    return found


def _around(kind: str, path: str) -> Shape:
    """The shape of the object that a property stands in, lists stepped into."""
    shape = _known(kind).shape
    for name in path.split(".")[:-1]:
        shape = shape.properties[name]
        shape = shape.items or shape
    return shape


def _texts(value: Any) -> Iterator[str]:
    """The texts of a pattern, without its keys."""
    if isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, str):
        yield value


def _holds(pattern: Any, shape: Shape, where: str) -> None:
    """A pattern names properties that its shape has, and writes values that it allows."""
    if isinstance(pattern, dict):
        for name, part in pattern.items():
            assert name in shape.properties, f"{where} has no {name}"
            _holds(part, shape.properties[name], f"{where}.{name}")
    elif isinstance(pattern, bool):
        assert "boolean" in shape.types
    elif not pattern.startswith("$"):
        assert "string" in shape.types
        assert not shape.enum or pattern in shape.enum
    else:
        assert PATTERN.match(pattern), pattern


MOVES = _rows("property_moves")


@pytest.mark.parametrize(("kind", "path", "row"), MOVES, ids=_ids(MOVES))
def test_moved_property_is_unknown_and_what_is_written_is_known(kind: str, path: str, row: Row) -> None:
    """A name that the type has must not be moved, and what takes its place must be one that it has."""
    shape, name = _around(kind, path), path.rpartition(".")[2]
    assert name not in shape.properties, "the name is legal"
    for wanted in (*([row["to"]] if "to" in row else []), *row.get("entries", {})):
        assert wanted in shape.properties, f"{kind} has no {wanted} beside {path}"
    if "item" in row:
        items = shape.properties[row["to"]].items
        assert items is not None, f"{row['to']} is no list"
        _holds(row["item"], items, row["to"])
    if "value" in row:
        _holds(row["value"], shape.properties[row["to"]], row["to"])
    for each, pattern in row.get("entries", {}).items():
        _holds(pattern, shape.properties[each], each)


@pytest.mark.parametrize(("kind", "path", "row"), MOVES, ids=_ids(MOVES))
def test_move_is_told_in_full(kind: str, path: str, row: Row) -> None:
    """Every row has its page, says one thing, and what is optional or goes along is in its pattern."""
    assert re.fullmatch(r"aws-(resource|properties)-[a-z0-9-]+\.html", row["source"])
    assert sum(key in row for key in ("to", "entries", "drop", "part_of")) == 1
    patterns = list(_texts({key: row[key] for key in ("value", "item", "entries") if key in row}))
    assert {f"$.{name}" for name in row.get("optional", ())} <= set(patterns)
    assert {f"$^.{name}" for name in row.get("with", ())} == {text for text in patterns if text.startswith("$^.")}
    if "part_of" in row:
        outer, dot, name = path.rpartition(".")
        assert name in table("property_moves")[kind][f"{outer}{dot}{row['part_of']}"]["with"]


FORCED = _rows("forced_values")


@pytest.mark.parametrize(("kind", "path", "row"), FORCED, ids=_ids(FORCED))
def test_forced_value_is_legal(kind: str, path: str, row: Row) -> None:
    """What is written for a missing property exists, fits, and has its page and its reason."""
    shape, name = _around(kind, path), path.rpartition(".")[2]
    assert name in shape.properties, f"{kind} has no {path}"
    assert row["why"]
    assert re.fullmatch(r"aws-(resource|properties)-[a-z0-9-]+\.html", row["source"])
    assert sum(key in row for key in ("value", "only", "by_type")) == 1
    if "value" in row:
        _holds(row["value"], shape.properties[name], name)
    for each in row.get("only", ()):
        assert each in type_names() or each.startswith("AWS::EC2::VPC::")
    if "by_type" in row:
        assert row["of"] in _known(kind).shape.properties
        for each, value in row["by_type"].items():
            assert each in type_names()
            assert value in shape.properties[name].enum


@pytest.mark.parametrize(("kind", "path", "row"), FORCED, ids=_ids(FORCED))
def test_forced_value_is_needed(kind: str, path: str, row: Row) -> None:
    """Only what is required is written, always or beside another property."""
    shape, name = _around(kind, path), path.rpartition(".")[2]
    beside = {each for others in shape.schema.get("dependentRequired", {}).values() for each in others}
    assert name in {*shape.required, *beside}


ALIASES = [(kind, path, value, row) for kind, path, rows in _rows("value_aliases") for value, row in rows.items()]


@pytest.mark.parametrize(("kind", "path", "value", "row"), ALIASES, ids=[f"{a}.{b} {c}" for a, b, c, _ in ALIASES])
def test_alias_is_illegal_and_its_target_legal(kind: str, path: str, value: str, row: Row) -> None:
    """An alias is not in the list of the schema, and what it stands for is, where the schema has one."""
    shape = _around(kind, path).properties[path.rpartition(".")[2]]
    listed = shape.items or shape
    assert value not in listed.enum, "the value is legal"
    assert ("to" in row) != ("item" in row)
    assert "to" not in row or not listed.enum or row["to"] in listed.enum
    assert row.get("why") or not row.get("unsafe"), "what is not the same says why"


TYPES = list(table("unknown_types").items())


@pytest.mark.parametrize(("kind", "row"), TYPES, ids=[kind for kind, _ in TYPES])
def test_unknown_type_does_not_exist(kind: str, row: Row) -> None:
    """A type of the table is not in the schemas, and what takes its place is; every row has its page."""
    assert kind not in type_names(), "the type exists"
    assert kind.startswith("AWS::")
    assert row["source"].startswith("https://")
    assert row.get("to", "AWS::S3::Bucket") in type_names()
    assert any(key in row for key in ("to", "owner", "drop", "retired"))
    if "owner" in row:
        assert ("list" in row) != ("set" in row)
        assert ("item" in row) == ("list" in row)
        assert ("value" in row) == ("set" in row)
        assert row["drop"], "where the owner is not there, something is lost"
        pattern = row.get("item") or row["value"]
        used = set(_texts(pattern))
        assert all(text.startswith("$.") for text in used)
        assert {f"$.{name}" for name in row.get("optional", ())} <= used


@pytest.mark.parametrize(
    ("kind", "owner"),
    [
        ("AWS::ElasticLoadBalancingV2::TargetGroupAttachment", "AWS::ElasticLoadBalancingV2::TargetGroup"),
        ("AWS::IAM::GroupPolicyAttachment", "AWS::IAM::Group"),
        ("AWS::IAM::RolePolicyAttachment", "AWS::IAM::Role"),
        ("AWS::IAM::UserPolicyAttachment", "AWS::IAM::User"),
        ("AWS::S3::BucketReplicationConfiguration", "AWS::S3::Bucket"),
        ("AWS::S3::BucketLoggingConfiguration", "AWS::S3::Bucket"),
        ("AWS::EC2::Tag", "AWS::EC2::Instance"),
        ("AWS::EC2::AssociateIamInstanceProfile", "AWS::EC2::Instance"),
    ],
)
def test_owner_can_say_it(kind: str, owner: str) -> None:
    """What moves into the owner is a property that it has, with the entries that its items have."""
    row = table("unknown_types")[kind]
    shape = _known(owner).shape.properties[row.get("list") or row["set"]]
    if "list" in row:
        assert shape.items is not None
        shape = shape.items
    _holds(row.get("item") or row["value"], shape, owner)


def test_every_owner_is_tested() -> None:
    """A new row with an owner needs a line in the test above."""
    owned = {kind for kind, row in TYPES if "owner" in row}
    marks = test_owner_can_say_it.pytestmark  # type: ignore[attr-defined]
    assert owned == {kind for kind, _ in marks[0].args[1]}
