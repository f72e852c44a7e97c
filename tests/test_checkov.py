"""What suppresses a check of checkov or a rule of cfn_nag for a resource keeps the rules away that answer it."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from remediator import Options, Selection, check_text
from remediator.passes import Example, registry

COMMENT = "# checkov:skip={}:on purpose"
METADATA = {
    "checkov": "Metadata: {{checkov: {{skip: [{{id: {}, comment: on purpose}}]}}}}",
    "cfn_nag": "Metadata: {{cfn_nag: {{rules_to_suppress: [{{id: {}, reason: on purpose}}]}}}}",
}
NAG = re.compile(r"[WF]\d+$")


def found(text: str, code: str) -> dict[str, int]:
    """How many findings a rule has at each resource of a text."""
    counted: dict[str, int] = {}
    for each in check_text(text, Options(Selection(select=(code,)))).remaining:
        if each.finding.code == code and each.finding.path[:1] == ("Resources",) and len(each.finding.path) > 1:
            name = str(each.finding.path[1])
            counted[name] = counted.get(name, 0) + 1
    return counted


def inside(text: str, resource: str, line: str) -> str:
    """A text with a line put below the first line of a resource."""
    return re.sub(rf"^( +){re.escape(resource)}:.*\n", lambda m: f"{m[0]}{m[1] * 2}{line}\n", text, count=1, flags=re.MULTILINE)


def answers(pattern: str) -> list[tuple[str, str]]:
    return [(code, name) for code, each in registry().items() for name in each.answers if re.match(pattern, name)]


def examples(code: str) -> list[Example]:
    """The examples of a rule in which it finds something at a resource that has no metadata yet."""
    return [each for each in registry()[code].examples if each.after is not None and "Metadata:" not in each.before]


@pytest.mark.parametrize(("code", "name"), answers("CKV"))
@pytest.mark.parametrize("form", [COMMENT, METADATA["checkov"]], ids=["comment", "metadata"])
def test_suppressed_check_of_checkov(code: str, name: str, form: str) -> None:
    """Nothing is found any more at the resource, and whatever is found at others stays."""
    assert_suppressed(code, form.format(name))


@pytest.mark.parametrize(("code", "name"), answers(NAG.pattern))
def test_suppressed_rule_of_cfn_nag(code: str, name: str) -> None:
    assert_suppressed(code, METADATA["cfn_nag"].format(name))


def assert_suppressed(code: str, line: str) -> None:
    for example in examples(code):
        before = found(example.before, code)
        for resource in before:
            text = inside(example.before, resource, line)
            assert text != example.before
            assert resource not in found(text, code)


def test_there_are_answers() -> None:
    assert len(answers("CKV")) > 100
    assert answers(NAG.pattern)


def test_what_is_wrong_with_the_page_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each check has an answer or a reason, not both, and nothing names a check that is none."""
    monkeypatch.syspath_prepend(Path(__file__).parent.parent / "scripts")
    page = importlib.import_module("checkov_page")
    checks, rule = dict.fromkeys(("CKV_AWS_1", "CKV_AWS_2", "CKV_AWS_3")), [registry()["CYC001"]]
    assert page.problems(
        checks, {"CKV_AWS_1": rule, "CKV_AWS_9": rule}, {"CKV_AWS_1": "why", "CKV_AWS_3": "", "CKV_AWS_8": ""}
    ) == [
        "CKV_AWS_1 has a reason, and CYC001 answers it",
        "CKV_AWS_2 has neither an answer nor a reason",
        "CKV_AWS_8 has a reason, and is no check for CloudFormation",
        "CYC001 answers CKV_AWS_9, which is no check for CloudFormation",
    ]
