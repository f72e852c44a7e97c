"""The samples, end to end: what keeps each from deploying is mended in ``samples/fixed``, and in ``samples/secured`` it is
what ``remediator fix`` makes of it without further words.

``UPDATE_SAMPLES=1 pytest tests/test_samples.py`` writes those texts anew; read the difference before you commit it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from remediator import engine
from remediator.engine import Options
from remediator.graph import Graph
from remediator.nodes import meaning
from remediator.passes import Selection
from remediator.source import Source
from remediator.template import Template
from remediator.testing import comments

SAMPLES = Path(__file__).parent.parent / "samples"
TEMPLATES = sorted(path for path in SAMPLES.iterdir() if path.suffix in (".yaml", ".json"))


KINDS = {
    "fixed": Options(Selection(profile="deploy"), unsafe=True),
    "secured": Options(),
}
"""The folders with results, and how they are made."""


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
@pytest.mark.parametrize("kind", KINDS)
def test_sample_becomes_what_is_written(kind: str, path: Path) -> None:
    """A sample becomes its fixed form, without a cycle but those that need unsafe fixes, with every comment, and stays there.

    What remains needs unsafe fixes, or is what only a person can answer.
    """
    options = KINDS[kind]
    outcome = engine.fix(Source.from_text(path.read_bytes().decode("utf-8")), options)
    assert outcome.failures == ()
    target = SAMPLES / kind / path.name
    if os.environ.get("UPDATE_SAMPLES"):
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(outcome.after.to_bytes())
    assert outcome.after.to_bytes() == target.read_bytes()
    fixes = [each.finding.fix for each in outcome.remaining if each.finding.fix]
    assert all(fix.applicability < options.level for fix in fixes)
    waiting = any(each.finding.code == "CYC001" for each in outcome.remaining)
    assert bool(Graph(Template(outcome.after)).cyclic_components) == waiting
    assert not comments(outcome.before) - comments(outcome.after)
    assert not engine.fix(outcome.after, options).changed


@pytest.mark.parametrize("path", [path for path in TEMPLATES if path.suffix == ".yaml"], ids=lambda path: path.stem)
@pytest.mark.parametrize("folder", [SAMPLES, SAMPLES / "fixed"], ids=["broken", "fixed"])
def test_yaml_and_json_mean_the_same(folder: Path, path: Path) -> None:
    """The two forms of a sample say the same, before and after."""
    yaml, json = ((folder / path.name).with_suffix(suffix).read_bytes() for suffix in (".yaml", ".json"))
    assert meaning(Source.from_bytes(yaml).root) == meaning(Source.from_bytes(json).root)
