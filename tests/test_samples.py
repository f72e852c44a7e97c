"""The samples, end to end: each becomes the text in ``samples/fixed``.

``UPDATE_SAMPLES=1 pytest tests/test_samples.py`` writes those texts anew; read the difference before you commit it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from remediator import engine
from remediator.engine import Options, Outcome
from remediator.graph import Graph
from remediator.nodes import meaning
from remediator.source import Source
from remediator.template import Template
from remediator.testing import comments

SAMPLES = Path(__file__).parent.parent / "samples"
TEMPLATES = sorted(path for path in SAMPLES.iterdir() if path.suffix in (".yaml", ".json"))


def _fixed(text: str) -> Outcome:
    """As ``remediator fix --unsafe-fixes`` does it."""
    return engine.fix(Source.from_text(text), Options(unsafe=True))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_sample_becomes_what_is_written(path: Path) -> None:
    """With unsafe fixes a sample becomes its fixed form, without a cycle, with every comment, and stays there.

    What remains is what only a person can answer.
    """
    before = path.read_bytes().decode("utf-8")
    outcome = _fixed(before)
    assert outcome.failures == ()
    target = SAMPLES / "fixed" / path.name
    if os.environ.get("UPDATE_SAMPLES"):
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(outcome.after.to_bytes())
    assert outcome.after.to_bytes() == target.read_bytes()
    assert all(each.finding.fix is None for each in outcome.remaining)
    assert Graph(Template(outcome.after)).cyclic_components == ()
    assert not comments(outcome.before) - comments(outcome.after)
    assert not _fixed(outcome.after.text).changed


@pytest.mark.parametrize("path", [path for path in TEMPLATES if path.suffix == ".yaml"], ids=lambda path: path.stem)
@pytest.mark.parametrize("folder", [SAMPLES, SAMPLES / "fixed"], ids=["broken", "fixed"])
def test_yaml_and_json_mean_the_same(folder: Path, path: Path) -> None:
    """The two forms of a sample say the same, before and after."""
    yaml, json = ((folder / path.name).with_suffix(suffix).read_bytes() for suffix in (".yaml", ".json"))
    assert meaning(Source.from_bytes(yaml).root) == meaning(Source.from_bytes(json).root)
