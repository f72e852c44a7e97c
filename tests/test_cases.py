"""The cases in ``tests/cases``: Markdown with a template before and after, or one that has to stay as it is.

A file begins with a title and a line such as ``Rules: SCH001, SCH002``: the passes that run on its cases.
``scripts/fill_cases.py FILE`` writes what a new case becomes, to be read before it is believed.

The first code block of a section is the template. A second YAML block is what it becomes, in every form; ``text`` is the
reason that the report gives. Words behind ``yaml``: ``unsafe`` makes unsafe fixes too, ``stays`` forbids any change, even
an unsafe one, and ``as written`` leaves out the forms without comments and anchors.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from remediator.graph import Graph
from remediator.template import Template
from remediator.testing import assert_fixed, assert_unchanged

_BLOCK = re.compile(r"^```(\w+)(.*)\n((?:.*\n)*?)```$", re.MULTILINE)


@dataclass(frozen=True)
class Case:
    name: str
    rules: str
    before: str
    words: str
    after: str | None
    reason: str


def _cases() -> list[Case]:
    found = []
    folder = Path(__file__).parent / "cases"
    for path in sorted(folder.rglob("*.md")):
        head, *sections = re.split(r"(?m)^## ", path.read_text(encoding="utf-8"))
        rules = re.findall(r"(?m)^Rules: (.*)$", head)[0].replace(" ", "")
        for section in sections:
            (_, words, before), *rest = _BLOCK.findall(section)
            blocks = {kind: text for kind, _, text in rest}
            name = f"{path.relative_to(folder).with_suffix('')}: {section.splitlines()[0]}"
            found.append(Case(name, rules, before, words.strip(), blocks.get("yaml"), blocks.get("text", "").strip()))
    return found


@pytest.mark.parametrize("case", _cases(), ids=lambda case: case.name)
def test_case(case: Case) -> None:
    """Each template becomes what its case says, or stays, and the report says why."""
    rewritten = "as written" not in case.words
    if "stays" in case.words:
        outcome = assert_unchanged(case.before, select=case.rules, rewritten=rewritten)
        assert case.reason == "; ".join(each.finding.reason for each in outcome.remaining)
    else:
        assert case.after is not None, "a case without `stays` has an after"
        unsafe = "unsafe" in case.words
        outcome = assert_fixed(case.before, case.after, select=case.rules, unsafe=unsafe, rewritten=rewritten)
        assert Graph(Template(outcome.after)).cyclic_components == ()


@pytest.mark.parametrize("case", [case for case in _cases() if "unsafe" in case.words], ids=lambda case: case.name)
def test_unsafe_case_stays_without_leave(case: Case) -> None:
    """What only an unsafe fix would change stays byte for byte under plain `fix`, and the report offers the fix."""
    outcome = assert_unchanged(case.before, select=case.rules, unsafe=False)
    assert all(each.finding.fix is not None for each in outcome.remaining)
    assert outcome.remaining
