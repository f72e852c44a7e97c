"""docs/checkov.md: each check of checkov for CloudFormation, and what remediator does about it.

The checks stand in checkov_checks.toml, made by make_checkov_checks.py. One that none of the passes answers has a reason in
unanswered_checks.toml. How far a fix may be trusted is what the examples of the pass show.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from remediator.passes import Pass, registry

NAME = Path("checkov.md")
CHECKS = Path(__file__).parent / "checkov_checks.toml"
REASONS = Path(__file__).parent / "unanswered_checks.toml"


def text() -> str:
    """The page. Exits where a check has neither an answer nor a reason, or both, or an answer names no check."""
    listed = tomllib.loads(CHECKS.read_text(encoding="utf-8"))
    reasons = tomllib.loads(REASONS.read_text(encoding="utf-8"))
    answers = _answers()
    wrong = problems(listed["checks"], answers, reasons)
    if wrong:
        raise SystemExit("\n".join((f"{REASONS.name}:", *wrong)))
    return _render(listed["version"], listed["checks"], answers, reasons)


def _answers() -> dict[str, list[Pass]]:
    """The passes by the checks that they answer."""
    found: dict[str, list[Pass]] = {}
    for each in registry().values():
        for name in each.answers:
            if name.startswith("CKV"):
                found.setdefault(name, []).append(each)
    return found


def problems(checks: Mapping[str, object], answers: Mapping[str, list[Pass]], reasons: Mapping[str, str]) -> list[str]:
    """What is wrong between the three, in words."""
    wrong = [f"{name} has neither an answer nor a reason" for name in checks if name not in answers and name not in reasons]
    wrong += [f"{name} has a reason, and {_codes(answers[name])} answers it" for name in reasons if name in answers]
    wrong += [f"{name} has a reason, and is no check for CloudFormation" for name in reasons if name not in checks]
    wrong += [
        f"{_codes(answers[name])} answers {name}, which is no check for CloudFormation"
        for name in answers
        if name not in checks
    ]
    return sorted(wrong)


def _codes(passes: list[Pass]) -> str:
    return ", ".join(each.code for each in passes)


def trust(each: Pass) -> str:
    """How far the fix of a pass may be trusted, by its examples."""
    levels = {example.unsafe for example in each.examples if example.after is not None}
    if not levels:
        return "asks"
    return {frozenset({False}): "safe", frozenset({True}): "unsafe"}.get(frozenset(levels), "safe or unsafe")


def _render(version: str, checks: dict[str, Any], answers: dict[str, list[Pass]], reasons: dict[str, str]) -> str:
    fixed = sum(any(trust(each) != "asks" for each in answers.get(name, ())) for name in checks)
    lines = [
        "# The checks of checkov",
        "",
        f"What remediator does about each of the {len(checks)} checks for CloudFormation in version {version} of checkov:",
        f"it has a fix for {fixed} of them; for the others it asks, or this page says why there is none. *safe* fixes are made",
        "by `remediator fix`, *unsafe* ones with `--unsafe-fixes`, and say what they risk; the examples of a rule show it.",
        "A check that is answered need not be answered in every case: the page says what is left alone, and each report why.",
        "",
        "What suppresses a check for a resource (`# checkov:skip=…`, `Metadata: checkov`) keeps the rules away that answer it.",
        "",
        "| checkov | what it says | types | remediator | fix |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, check in checks.items():
        passes = answers.get(name, [])
        shown = ", ".join(f"[{each.code}](rules/{each.code}.md) {each.name}" for each in passes) or reasons[name]
        said = check["says"].replace("|", "\\|").replace("*", "\\*")
        types = ", ".join(kind.removeprefix("AWS::") for kind in check["types"])
        lines.append(f"| {name} | {said} | {types} | {shown} | {', '.join(dict.fromkeys(map(trust, passes)))} |")
    return "\n".join(lines) + "\n"
