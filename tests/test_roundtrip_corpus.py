"""The samples, as real templates: read, left alone, fixed and fixed again."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from remediator import Options, Outcome, Selection
from remediator.edits import apply
from remediator.engine import fix
from remediator.findings import Edit
from remediator.graph import Graph
from remediator.nodes import meaning
from remediator.source import Source
from remediator.template import Template
from remediator.testing import comments, forms

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
FILES = sorted(path for path in SAMPLES.rglob("*") if path.suffix in (".json", ".yaml", ".yml", ".template"))
BOTH = sorted({path.stem for path in FILES if path.with_suffix(".json").exists() and path.with_suffix(".yaml").exists()})
OPTIONS = Options(Selection(select=("CYC001",)), unsafe=True)

every_sample = pytest.mark.parametrize("path", [pytest.param(path, id=path.relative_to(SAMPLES).as_posix()) for path in FILES])


@cache
def fixed(path: Path) -> Outcome:
    return fix(Source.from_bytes(path.read_bytes()), OPTIONS)


def test_there_are_samples() -> None:
    """The samples come in both languages."""
    assert {".json", ".yaml"} <= {path.suffix for path in FILES}


@every_sample
def test_reading_gives_the_bytes_back(path: Path) -> None:
    """A file that is read and written is the same file."""
    assert Source.from_bytes(path.read_bytes()).to_bytes() == path.read_bytes()


@every_sample
def test_edits_that_change_nothing_change_nothing(path: Path) -> None:
    """No edits, and each resource's own text written over itself, give the same text and the same tree."""
    source = Source.from_bytes(path.read_bytes())
    assert apply(source.text, []) == source.text
    nodes = [resource.node for resource in Template(source).resources.values()]
    again = apply(source.text, [Edit(node.start, node.end, source.text[node.start : node.end]) for node in nodes])
    assert again == source.text
    assert source.with_text(again) == source


@every_sample
def test_fixing_leaves_no_cycle_that_is_not_reported(path: Path) -> None:
    """Each cycle is broken, or a finding names its members; nothing had to be dropped."""
    outcome = fixed(path)
    assert outcome.failures == ()
    left = {frozenset(members) for members in Graph(Template(outcome.after)).cyclic_components}
    reported = {frozenset(str(p[1]) for p in (e.finding.path, *e.finding.related)) for e in outcome.remaining}
    assert left == reported


@every_sample
def test_a_second_run_changes_nothing(path: Path) -> None:
    """The fixed file is a fixed point, byte for byte."""
    again = fix(Source.from_bytes(fixed(path).after.to_bytes()), OPTIONS)
    assert again.after.to_bytes() == fixed(path).after.to_bytes()
    assert again.applied == ()


@every_sample
def test_comments_stay(path: Path) -> None:
    """No comment is lost, and none appears."""
    assert comments(fixed(path).before) == comments(fixed(path).after)


@every_sample
def test_most_lines_stay(path: Path) -> None:
    """Of the lines of a file, those that do not come back as they were are few: a fix moves, it does not rewrite."""
    before, after = (source.text.splitlines() for source in (fixed(path).before, fixed(path).after))
    lost = Counter(line.strip() for line in before) - Counter(line.strip() for line in after)
    assert lost.total() <= len(before) // 20


@every_sample
def test_every_form_comes_out_with_one_meaning(path: Path) -> None:
    """Long form, JSON, CRLF and a byte order mark make no difference to what the fix means."""
    expected = meaning(fixed(path).after.root)
    for name, form in forms(fixed(path).before.text).items():
        outcome = fix(Source.from_text(form), OPTIONS)
        assert outcome.failures == (), name
        assert meaning(outcome.after.root) == expected, name


@pytest.mark.parametrize("name", BOTH)
def test_both_languages_are_fixed_alike(name: str) -> None:
    """The YAML and the JSON form of a sample mean the same before the fix and after it."""
    one, other = fixed(SAMPLES / f"{name}.yaml"), fixed(SAMPLES / f"{name}.json")
    assert meaning(one.before.root) == meaning(other.before.root)
    assert meaning(one.after.root) == meaning(other.after.root)
