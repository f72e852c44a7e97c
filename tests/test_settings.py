"""Rules that are rows of a table: what each word of a row does, and that every row fits the schema of its types."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from importlib import resources
from typing import Any

import pytest

from remediator.findings import Applicability, Finding, UpdateEffect
from remediator.knowledge import table
from remediator.passes import Context, registry
from remediator.schemas import Shape, resource_type
from remediator.source import Source
from remediator.template import Template
from remediator.transforms.settings.rule import SettingRule
from remediator.transforms.settings.slots import slots

Row = dict[str, Any]

TABLES = sorted(
    path.name.removesuffix(".toml")
    for path in resources.files("remediator.knowledge").iterdir()
    if path.name.startswith("settings_") and path.name.endswith(".toml")
)
ROWS = [(code, row) for name in TABLES for code, row in table(name).items()]
SPOTS = [(code, kind, spot) for code, row in ROWS for spot in row["at"] for kind in spot["types"]]


def _template(text: str) -> Template:
    return Template(Source.from_text(text))


def _found(text: str, **row: Any) -> list[Finding]:
    class Rule(SettingRule):
        """Something is missing."""

    Rule.code, Rule.row = "TST001", {"message": "lacks it", "why": "it changes nothing", **row}
    return list(Rule().run(Context(_template(text))))


def _after(text: str, **row: Any) -> str:
    """The template after the fixes of a row."""
    edits = sorted((edit for each in _found(text, **row) if each.fix for edit in each.fix.edits), reverse=True)
    for edit in edits:
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


DATABASE = """\
Resources:
  Orders:
    Type: AWS::RDS::DBInstance
    Properties:
      Engine: postgres
      BackupRetentionPeriod: {0}
"""


def _spot(path: str, value: Any, kind: str = "AWS::RDS::DBInstance", **more: Any) -> dict[str, Any]:
    return {"at": [{"types": [kind], "path": path, "value": value, **more}]}


@pytest.mark.parametrize(
    ("written", "is_wrong"), [("0", True), ("'0'", True), ("1", False), ("!Ref Days", False), ("x", False)]
)
def test_least(written: str, is_wrong: bool) -> None:
    """Numbers below the least are wrong; nothing else is compared."""
    found = _found(DATABASE.format(written), **_spot("BackupRetentionPeriod", 7, least=1))
    assert bool(found) == is_wrong
    assert all(each.fix and each.fix.applicability == Applicability.UNSAFE for each in found)


def test_what_is_missing_and_right_by_default_stays() -> None:
    """With ``missing = "leave"`` only a wrong value is a finding."""
    row = _spot("AutoMinorVersionUpgrade", True, missing="leave")
    assert not _found(DATABASE.format(7), **row)
    assert len(_found(DATABASE.format(7) + "      AutoMinorVersionUpgrade: false\n", **row)) == 1


@pytest.mark.parametrize(
    ("purpose", "level"),
    [("unsafe", Applicability.UNSAFE), ("safe", Applicability.SAFE), ("who wants that?", None), ("leave", None)],
)
def test_on_purpose(purpose: str, level: Applicability | None) -> None:
    """Another value is left alone, asked about, or replaced, as the row says."""
    found = _found(DATABASE.format(0), **_spot("BackupRetentionPeriod", 7, least=1), on_purpose=purpose)
    assert [each.fix.applicability if each.fix else None for each in found] == ([] if purpose == "leave" else [level])
    if purpose.endswith("?"):
        assert found[0].reason == purpose


def test_what_a_written_value_says() -> None:
    """``doubt`` is the risk of changing what somebody wrote, and ``interrupts`` what it does to the service."""
    row = _spot("BackupRetentionPeriod", 7, least=1) | {"doubt": "tests need none", "interrupts": True}
    (found,) = _found(DATABASE.format(0), **row)
    assert found.fix is not None
    assert (found.fix.why, found.fix.effect) == ("tests need none", UpdateEffect.INTERRUPTION)
    (missing,) = _found(DATABASE.format(0).replace("      BackupRetentionPeriod: 0\n", ""), **row)
    assert missing.fix is not None
    assert (missing.fix.why, missing.fix.effect) == ("it changes nothing", UpdateEffect.NONE)


def test_a_value_that_a_condition_chooses_is_replaced_only_where_that_is_safe() -> None:
    """``!If [IsReal, 7, 0]`` is meant as it is."""
    text = DATABASE.format("!If [IsReal, 7, 0]")
    row = _spot("BackupRetentionPeriod", 7, least=1)
    assert not _found(text, **row)
    assert _after(text, **row, on_purpose="safe") == DATABASE.format("!If [IsReal, 7, 7]")


def test_what_belongs_to_it_is_added() -> None:
    """The properties of ``with`` come beside it where they are missing: in a new parent, in an old one, at a wrong value."""
    bucket = "Resources:\n  Files:\n    Type: AWS::S3::Bucket\n    Properties:\n      BucketName: files\n"
    path = "PublicAccessBlockConfiguration.BlockPublicAcls"
    row = _spot(path, True, "AWS::S3::Bucket", **{"with": {"BlockPublicPolicy": True}})
    block = "      PublicAccessBlockConfiguration:\n"
    both = block + "        BlockPublicAcls: true\n        BlockPublicPolicy: true\n"
    turned = block + "        BlockPublicPolicy: true\n        BlockPublicAcls: true\n"
    assert _after(bucket, **row) == bucket + block + "        BlockPublicPolicy: true\n        BlockPublicAcls: true\n"
    assert _after(bucket + block + "        BlockPublicPolicy: true\n", **row) == bucket + turned
    assert _after(bucket + block + "        BlockPublicAcls: false\n", **row) == bucket + both


def test_a_step_with_a_mark_is_not_made() -> None:
    """``Replicas?`` is looked into only where it is there."""
    text = "Resources:\n  Orders:\n    Type: AWS::DynamoDB::GlobalTable\n"
    (resource,) = _template(text).resources.values()
    assert not list(slots(resource, "Replicas?.TableClass"))
    assert [slot.rest for slot in slots(resource, "Replicas.TableClass")] == [("Properties", "Replicas", "TableClass")]


def test_replacement_is_unsafe_and_said() -> None:
    """A property that is fixed when the resource is made is never set as a safe fix."""
    (found,) = _found(DATABASE.format(7), **_spot("StorageEncrypted", True))
    assert found.fix is not None
    assert found.fix.applicability == Applicability.UNSAFE
    assert found.fix.effect == UpdateEffect.REPLACEMENT
    assert found.fix.why.startswith("a deployed resource is replaced")


def test_conditions_of_a_row() -> None:
    """``where`` and ``unless`` look at other properties."""
    row = _spot("MultiAZ", True, where={"Engine": ["postgres"]}, unless={"DBClusterIdentifier": ["*"]})
    assert len(_found(DATABASE.format(7), **row)) == 1
    assert not _found(DATABASE.format(7) + "      DBClusterIdentifier: !Ref Cluster\n", **row)
    assert not _found(DATABASE.format(7).replace("postgres", "mysql"), **row)


@pytest.mark.parametrize(
    ("definition", "wanted", "unwanted", "applies"),
    [
        ("AllowedValues: [postgres, mysql]", ["mysql", "postgres"], [], True),
        ("AllowedValues: [postgres, mysql]", ["postgres"], [], False),
        ("Default: postgres", ["postgres"], [], False),
        ("AllowedValues: [postgres, mysql]", None, ["mysql"], False),
        ("Default: mysql", None, ["mysql"], False),
        ("Default: postgres", None, ["mysql"], True),
    ],
)
def test_what_a_parameter_decides(definition: str, wanted: list[str] | None, unwanted: list[str], applies: bool) -> None:
    """A parameter is wanted where all that it allows is, and unwanted where anything that it may be is."""
    text = f"Parameters:\n  Engine: {{Type: String, {definition}}}\n" + DATABASE.format(7).replace("postgres", "!Ref Engine")
    also: dict[str, Any] = {"where": {"Engine": wanted}} if wanted else {}
    row = _spot("MultiAZ", True, unless={"Engine": unwanted}, **also)
    assert bool(_found(text, **row)) == applies


def test_what_globals_set_is_there() -> None:
    """A property that a SAM template gives to all functions is not missing."""
    text = (
        "Transform: AWS::Serverless-2016-10-31\nGlobals:\n  Function:\n    {0}: Active\n"
        "Resources:\n  Orders:\n    Type: AWS::Serverless::Function\n    Properties:\n      Handler: a.b\n"
    )
    row = _spot("Tracing", "Active", "AWS::Serverless::Function")
    assert not _found(text.format("Tracing"), **row)
    assert len(_found(text.format("Timeout"), **row)) == 1


def test_a_text_with_variables_becomes_sub() -> None:
    """``${}`` in a value is CloudFormation's."""
    text = "Resources:\n  News:\n    Type: AWS::SNS::Topic\n"
    assert _after(text, **_spot("DisplayName", "${AWS::StackName}", "AWS::SNS::Topic")).endswith(
        '    Properties:\n      DisplayName: !Sub "${AWS::StackName}"\n'
    )


def _steps(kind: str, path: str) -> Iterator[tuple[str, Shape, Shape]]:
    """The names of a path, each with the shape of the mapping it stands in and with its own."""
    known = resource_type(kind)
    assert known is not None, f"there is no type {kind}"
    shape = known.shape
    for step in path.split("."):
        shape = shape.items or shape
        name = step.removesuffix("?")
        if not shape.properties:  # an object that may have any keys
            return
        assert name in shape.properties, f"{kind} has no {path}"
        yield step, shape, shape.properties[name]
        shape = shape.properties[name]


IDS = [f"{code} {kind}.{spot['path']}" for code, kind, spot in SPOTS]


@pytest.mark.parametrize(("code", "kind", "spot"), SPOTS, ids=IDS)
def test_row_fits_the_schema(code: str, kind: str, spot: Row) -> None:
    """The path exists, no list is made on the way, the value is legal, and a parent that is made is complete."""
    steps = list(_steps(kind, spot["path"]))
    for (step, _, shape), (_, inner, _) in itertools.pairwise(steps):
        assert shape.items is None or step.endswith("?"), f"{step} is a list; write {step}?"
        name = steps[-1][0].removesuffix("?")
        made = inner is steps[-1][1] and not step.endswith("?") and spot.get("missing") != "leave"
        assert not made or set(inner.required) <= {name, *spot.get("with", {})}, f"{step} lacks {inner.required}"
    last = steps[-1][2]
    value = spot["value"]
    if isinstance(value, bool):
        assert "boolean" in last.types or not last.types
    elif isinstance(value, str) and last.enum:
        assert value in last.enum
    for each in spot.get("with", {}):
        assert each in steps[-1][1].properties, f"{kind} has no {each} beside {spot['path']}"


@pytest.mark.parametrize(("code", "row"), ROWS, ids=[code for code, _ in ROWS])
def test_row_is_complete(code: str, row: Row) -> None:
    """A row has what a pass needs, and no word that nobody reads."""
    words = "name summary source profile stage answers message why question risk on_purpose doubt interrupts"
    words += " example after unsafe_after at"
    assert set(row) <= set(words.split())
    assert {"name", "summary", "source", "message", "example", "at"} <= set(row)
    assert ("why" in row) != ("question" in row)
    for spot in row["at"]:
        assert set(spot) <= {"types", "path", "value", "wrong", "least", "missing", "with", "where", "unless"}
    assert registry()[code].name == row["name"]
