"""What holds for every pass: its examples, what it says of itself, and how passes are registered and selected."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoint
from typing import Any

import pytest

from remediator import passes
from remediator.findings import Finding
from remediator.passes import PROFILES, Context, DuplicateCode, Example, Pass, Selection, registry
from remediator.report import rules
from remediator.testing import assert_fixed, assert_unchanged, fixed

_EXAMPLES = [(code, example) for code, each in registry().items() for example in each.examples]


@pytest.mark.parametrize(("code", "example"), _EXAMPLES, ids=[f"{code}: {each.title}" for code, each in _EXAMPLES])
def test_example(code: str, example: Example) -> None:
    """Each example in the documentation is what the pass really does, in every form of the template."""
    if example.after is None:
        assert_unchanged(example.before, select=code)
    else:
        assert_fixed(example.before, example.after, select=code, unsafe=example.unsafe)
    if example.unsafe:
        assert_unchanged(example.before, select=code, unsafe=False)


@pytest.mark.parametrize("each", registry().values(), ids=list(registry()))
def test_pass_says_what_it_is(each: Pass) -> None:
    """Every pass has a well-formed code, a name, a profile, documentation, sources and examples."""
    assert each.code[:3].isalpha()
    assert each.code[:3].isupper()
    assert each.code[3:].isdigit()
    assert each.name == each.name.lower().replace(" ", "-")
    assert each.profile in PROFILES
    assert rules.summary(each).endswith(".")
    assert each.sources
    assert each.examples


def test_condition_cycle_is_reported_with_a_question() -> None:
    """A circle of conditions is found, has no fix, and asks what only the author knows."""
    example = registry()["CYC002"].examples[0]
    (found,) = fixed(example.before, select="CYC002").remaining
    assert found.finding.message == "conditions defined in terms of each other: IsProduction → IsTest → IsProduction"
    assert found.finding.reason == "which of IsProduction, IsTest should stand without the others?"
    assert (found.line, found.column) == (2, 3)


@pytest.mark.parametrize(
    ("selection", "codes"),
    [
        (Selection(), {"CYC001", "CYC002"}),
        (Selection("deploy"), {"CYC001", "CYC002"}),
        (Selection("sandbox"), {"CYC001", "CYC002"}),
        (Selection(select=("CYC001",)), {"CYC001"}),
        (Selection(select=("CYC",)), {"CYC001", "CYC002"}),
        (Selection(select=("condition-cycle",)), {"CYC002"}),
        (Selection(select=("ALL",), ignore=("CYC001",)), {"CYC002"}),
        (Selection(ignore=("dependency-cycle",)), {"CYC002"}),
        (Selection(ignore=("CYC",)), set()),
    ],
)
def test_selection(selection: Selection, codes: set[str]) -> None:
    """Passes are chosen by profile, code, prefix or name; to ignore goes before to select."""
    assert {each.code for each in selection.passes() if each.code.startswith("CYC")} == codes


@pytest.mark.parametrize(
    ("selection", "codes"),
    [
        (Selection(select=("TST001",)), {"TST001", "TST002"}),
        (Selection(select=("TST002",)), {"TST002"}),
        (Selection(select=("TST",), ignore=("TST002",)), set()),
        (Selection(select=("TST",), ignore=("TST001",)), {"TST002"}),
    ],
)
def test_companions(monkeypatch: pytest.MonkeyPatch, selection: Selection, codes: set[str]) -> None:
    """What completes a pass runs with it, and a pass does not run without what completes it."""
    kinds: list[Any] = [
        type(code, (Pass,), {"code": code, "name": code, "profile": "production", "companions": others, "run": lambda *_: ()})
        for code, others in (("TST001", ("TST002",)), ("TST002", ()))
    ]
    monkeypatch.setattr(passes, "registry", lambda: {kind.code: kind() for kind in kinds})
    assert {each.code for each in selection.passes()} == codes


def test_unknown_words_of_a_selection_are_named() -> None:
    """A word that means no pass is not silently dropped."""
    assert Selection(select=("CYC001", "XYZ"), ignore=("nothing",)).unknown() == ("XYZ", "nothing")


class OtherPass(Pass):
    """Finds nothing.

    It stands for a pass of another package.
    """

    code = "OTH001"
    name = "nothing"
    profile = "deploy"

    def run(self, context: Context) -> Iterator[Finding]:
        """Yields nothing."""
        yield from ()


class Twin(OtherPass):
    """Has the code of another pass."""

    code = "CYC001"


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[EntryPoint]]:
    """Entry points that other packages are taken to have installed."""
    found: list[EntryPoint] = []
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [e for e in found if e.group == group])
    registry.cache_clear()
    yield found
    registry.cache_clear()


def test_passes_of_other_packages_are_registered(installed: list[EntryPoint]) -> None:
    """An installed package brings its passes through the entry point group."""
    installed.append(EntryPoint("other", f"{__name__}:OtherPass", passes.ENTRY_POINTS))
    assert isinstance(registry()["OTH001"], OtherPass)


def test_two_passes_with_one_code_are_refused(installed: list[EntryPoint]) -> None:
    """A code names one pass; a second one is an error that names both."""
    installed.append(EntryPoint("twin", f"{__name__}:Twin", passes.ENTRY_POINTS))
    with pytest.raises(DuplicateCode, match="CYC001 is the code of both DependencyCycle and Twin"):
        registry()
