"""The formats for other programs: each says all that is left, at the right place, and its fixes give the text they mean."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for

from remediator import Options, edits
from remediator.findings import Applicability, Edit, Finding, Fix, UpdateEffect
from remediator.passes import registry
from remediator.report import FORMATS, github, markdown, rdjson, render, sarif
from remediator.report import json as json_report
from remediator.report.changes import LineChange, line_changes
from remediator.rounds import Located
from remediator.run import Report, Task, process_bytes
from remediator.source import Source

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = sorted(path for path in (ROOT / "samples").iterdir() if path.suffix in (".yaml", ".json"))
each_sample = pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)


def looked_at(path: Path, *, fix: bool = False) -> Report:
    return process_bytes(path.name, path.read_bytes(), Task(Options(), fix=fix, write=False, texts=True, receipts=True))


def applied(text: str, changes: list[LineChange]) -> str:
    """The text with lines changed, the last first, as a reviewer would press the buttons."""
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = text.replace("\r\n", "\n").split("\n")
    for change in sorted(changes, key=lambda each: each.first, reverse=True):
        lines[change.first - 1 : change.last] = change.lines
    return newline.join(lines)


# Changes of lines

TEXT = "a: 1\nb:\n  c: 2\n\n# about d\nd: 3\n"


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ([Edit(3, 4, "9")], [LineChange(1, 1, ("a: 9",))]),
        ([Edit(4, 4, "\nx: 0")], [LineChange(1, 1, ("a: 1", "x: 0"))]),
        ([Edit(5, 5, "x: 0\n")], [LineChange(2, 2, ("x: 0", "b:"))]),
        ([Edit(8, 15, "")], [LineChange(3, 3, ())]),
        ([Edit(3, 4, "9"), Edit(13, 14, "8")], [LineChange(1, 1, ("a: 9",)), LineChange(3, 3, ("  c: 8",))]),
        ([Edit(3, 4, "9"), Edit(5, 6, "e")], [LineChange(1, 2, ("a: 9", "e:"))]),
        ([Edit(len(TEXT), len(TEXT), "e: 4\n")], [LineChange(7, 7, ("e: 4",))]),
    ],
)
def test_edits_as_changes_of_lines(made: list[Edit], expected: list[LineChange]) -> None:
    assert line_changes(Source.from_text(TEXT), made) == expected


@given(st.integers(0, 10_000), st.sampled_from(["\n", "\r\n"]))
def test_changes_of_lines_give_what_the_edits_give(seed: int, newline: str) -> None:
    """Whatever edits there are, and however lines end."""
    chance = random.Random(seed)
    text = newline.join(chance.choice(["a: 1", "  b: 2", "", "# c"]) for _ in range(chance.randint(1, 9))) + newline
    bounds = [place for place in range(len(text) + 1) if text[place - 1 : place + 1] != "\r\n"]
    places = sorted(chance.sample(bounds, min(len(bounds), 2 * chance.randint(1, 3)) // 2 * 2))
    made = [
        Edit(start, end, chance.choice(["", "x", f"x{newline}", f"{newline}y", f"p{newline}q{newline}"]))
        for start, end in zip(places[::2], places[1::2], strict=True)
    ]
    changes = line_changes(Source.from_text(text), made)
    wanted = edits.apply(text, made)
    assert applied(text, changes).rstrip("\r\n") == wanted.rstrip("\r\n")


# SARIF


def results(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(sarif.render([looked_at(path)]))["runs"][0]["results"]
    return found


@each_sample
def test_sarif_has_every_finding_with_its_fix(path: Path) -> None:
    """Applying the replacements of a result to the file gives what the fix gives."""
    report, text = looked_at(path), path.read_text(encoding="utf-8")
    source, found = Source.from_text(text), results(path)
    assert [each["ruleId"] for each in found] == [each.finding.code for each in report.remaining]
    for each, result in zip(report.remaining, found, strict=True):
        assert ("fixes" in result) == (each.finding.fix is not None)
        if each.finding.fix:
            [change] = result["fixes"][0]["artifactChanges"]
            made = [
                Edit(
                    source.offset(place["deletedRegion"]["startLine"], place["deletedRegion"]["startColumn"]),
                    source.offset(place["deletedRegion"]["endLine"], place["deletedRegion"]["endColumn"]),
                    place["insertedContent"]["text"],
                )
                for place in change["replacements"]
            ]
            assert edits.apply(text, made) == edits.apply(text, list(each.finding.fix.edits))


@each_sample
def test_sarif_names_each_rule_once_and_explains_it(path: Path) -> None:
    run = json.loads(sarif.render([looked_at(path)]))["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
    assert all(rule["help"]["markdown"].startswith(f"# {rule['id']}") for rule in rules)


SARIF_SCHEMA = json.loads((ROOT / "tests" / "schemas" / "sarif-2.1.0.json").read_text(encoding="utf-8-sig"))
CORPUS = Path(os.environ["REMEDIATOR_CORPUS"]) if os.environ.get("REMEDIATOR_CORPUS") else None


@each_sample
def test_sarif_is_as_the_standard_says(path: Path) -> None:
    assert invalid(path) == []


@pytest.mark.skipif(CORPUS is None, reason="REMEDIATOR_CORPUS names no folder of templates")
def test_sarif_of_many_templates_is_as_the_standard_says() -> None:
    assert CORPUS
    files = [path for path in sorted(CORPUS.rglob("*")) if path.is_file()]
    assert {path.name: found for path in files if (found := invalid(path))} == {}


def invalid(path: Path) -> list[str]:
    checker = validator_for(SARIF_SCHEMA)(SARIF_SCHEMA)
    return [error.message for error in checker.iter_errors(json.loads(sarif.render([looked_at(path)])))]


def test_fingerprints_stay_when_lines_move_and_tell_findings_apart() -> None:
    path = next(each for each in SAMPLES if each.suffix == ".yaml")
    data = path.read_bytes()
    moved = process_bytes(path.name, b"# one more line\n" + data, Task(Options(), fix=False, write=False, texts=True))
    before = [each["partialFingerprints"] for each in results(path)]
    after = [each["partialFingerprints"] for each in json.loads(sarif.render([moved]))["runs"][0]["results"]]
    assert before == after
    assert len({json.dumps(each) for each in before}) == len(before)


def test_sarif_of_a_file_that_is_no_template() -> None:
    run = json.loads(sarif.render([Report("a b.yaml", error="the file is empty", line=1, column=1)]))["runs"][0]
    assert run["results"] == []
    assert run["invocations"][0]["executionSuccessful"] is False
    [note] = run["invocations"][0]["toolExecutionNotifications"]
    assert note["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%20b.yaml"


# Reviewdog


@each_sample
def test_suggestions_of_rdjson_have_the_range_of_their_diagnostic_and_are_the_whole_fix(path: Path) -> None:
    report, text = looked_at(path), path.read_text(encoding="utf-8")
    found = json.loads(rdjson.render([report]))["diagnostics"]
    assert len(found) == len(report.remaining)
    for each, diagnostic in zip(report.remaining, found, strict=True):
        for suggestion in diagnostic.get("suggestions", ()):
            assert suggestion["range"] == diagnostic["location"]["range"]
            place = suggestion["range"]
            lines = tuple(suggestion["text"].split("\n"))
            change = LineChange(place["start"]["line"], place["end"]["line"], lines)
            assert each.finding.fix
            assert applied(text, [change]) == edits.apply(text, list(each.finding.fix.edits))


def test_most_fixes_of_one_place_are_suggested() -> None:
    """What changes lines in several places can't be."""
    path = ROOT / "samples" / "video-processing.yaml"
    found = json.loads(rdjson.render([looked_at(path)]))["diagnostics"]
    assert sum("suggestions" in each for each in found) > len(found) / 2


# GitHub's annotations


def many(number: int) -> Report:
    fix = Fix((Edit(0, 0, "x"),), (("Resources",),), ("do it",), Applicability.SAFE, UpdateEffect.NONE, "it is safe")
    found = Finding("CYC001", "100% wrong,\nand: more", ("Resources", "A"), 0, 0, fix)
    return Report("x,y.yaml", remaining=tuple(Located(found, line, 1, line, 2) for line in range(1, number + 1)))


def test_annotations_are_escaped() -> None:
    [line] = github.render([many(1)]).splitlines()
    assert line.startswith("::error file=x%2Cy.yaml,line=1,title=CYC001::100%25 wrong,%0Aand: more. Fix: do it. ")


@pytest.mark.parametrize(("found", "lines"), [(0, 0), (9, 9), (10, 10), (11, 10), (300, 10)])
def test_annotations_stay_within_what_a_step_shows(found: int, lines: int) -> None:
    """The last one says how many more there are."""
    said = github.render([many(found)]).splitlines()
    assert len(said) == lines
    if found > 10:
        assert said[-1].endswith(f"::{found - 9} more of this kind; the report has all of them")


# Markdown


def test_markdown_takes_nothing_for_markup() -> None:
    """A template may come from a stranger: its names and texts stay texts."""
    evil = "<img src=x> | [a](http://b) @everyone `code` **x**"
    found = Finding("CYC001", evil, ("Resources", "A"), 0, 0, None, evil)
    said = markdown.render([Report("a`b.yaml", remaining=(Located(found, 1, 1, 1, 2),))], fixing=False, unsafe=False)
    [row] = [line for line in said.splitlines() if line.startswith("| 1 |")]
    assert "<img" not in row
    assert "&lt;img" in row
    assert "@everyone" not in row
    assert row.count(" | ") == 2


def test_markdown_fences_are_longer_than_those_in_the_diff() -> None:
    report = Report("a.yaml", before="x: |\n  ```\n", after="x: |\n  ````\n", written=True)
    said = markdown.render([report], fixing=True, unsafe=False)
    assert "\n`````diff\n" in said


def test_markdown_stays_within_its_limit_and_says_so() -> None:
    reports = [many(40) for _ in range(50)]
    said = markdown.render(reports, fixing=False, unsafe=False, limit=20_000)
    assert len(said.encode()) <= 20_000
    assert "more sections have no room here" in said


# The document for programs


@each_sample
@pytest.mark.parametrize("fix", [False, True])
def test_json_is_as_its_schema_says(path: Path, fix: bool) -> None:
    schema = json.loads((ROOT / "docs" / "report.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    report = looked_at(path, fix=fix)
    document = json.loads(json_report.render([report, Report("b.yaml", error="no template", line=1, column=2)]))
    assert [error.message for error in Draft202012Validator(schema).iter_errors(document)] == []
    checker = document["files"][0]["checker"]
    assert (checker is not None) == report.changed
    assert checker is None or checker["after"] <= checker["before"]


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_takes_every_kind_of_report(form: str) -> None:
    """Also an empty run, a file that can't be read, and a defect of ours."""
    assert isinstance(render([], form, fixing=True, unsafe=False), str)
    said = render([Report("a.yaml", error="the file is empty"), many(1)], form, fixing=False, unsafe=False)
    assert form == "patch" or "a.yaml" in said
    assert set(registry()) >= {"CYC001"}
