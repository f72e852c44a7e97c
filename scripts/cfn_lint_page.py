"""docs/cfn-lint.md: each error rule of cfn-lint, and what remediator does about it.

A rule that none of the passes answers has a reason in unanswered_rules.toml. The page names the version of cfn-lint that it
is made with. ``--check`` with another version goes by the rules that stand in the page, so that the check does not depend on
what happens to be installed; rules that the installed version has beyond those are only mentioned.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

from cfnlint.core import get_rules
from cfnlint.version import __version__ as installed

from remediator.passes import registry

NAME = Path("cfn-lint.md")
REASONS = Path(__file__).parent / "unanswered_rules.toml"
_MADE_WITH = re.compile(r"version (\S+) of cfn-lint")
_ROW = re.compile(r"^\| (E\d{4}) \| (.*?) \| (.*) \|$", re.MULTILINE)


def text(page: Path, check: bool) -> str:
    """The page. Exits where a rule has neither an answer nor a reason, or both."""
    version, rules = installed, _installed_rules()
    before = page.read_text(encoding="utf-8") if page.exists() else ""
    made_with = _MADE_WITH.search(before)
    if check and made_with and made_with[1] != installed:
        version, known = made_with[1], {each[1]: each[2] for each in _ROW.finditer(before)}
        for name in sorted(rules.keys() - known.keys()):
            print(f"cfn-lint {installed} has {name}, which is not in {page.name}", file=sys.stderr)
        rules = known
    reasons = tomllib.loads(REASONS.read_text(encoding="utf-8"))
    answers = _answers()
    _verify(rules, answers, reasons)
    return _render(version, rules, answers, reasons)


def _installed_rules() -> dict[str, str]:
    """The error rules of the installed version, with what they say of themselves."""
    found = {each.id: each.shortdesc for each in get_rules([], [], []) if each.id.startswith("E")}
    return {name: " ".join(said.split()).replace("|", "\\|") for name, said in sorted(found.items())}


def _answers() -> dict[str, list[str]]:
    """The codes of the passes by the rules that they answer."""
    found: dict[str, list[str]] = {}
    for code, each in registry().items():
        for name in each.answers:
            found.setdefault(name, []).append(code)
    return found


def _verify(rules: dict[str, str], answers: dict[str, list[str]], reasons: dict[str, str]) -> None:
    wrong = [f"{name} has neither an answer nor a reason" for name in rules if name not in answers and name not in reasons]
    wrong += [f"{name} has a reason, and {', '.join(answers[name])} answers it" for name in reasons if name in answers]
    wrong += [f"{name} has a reason, and is no rule of cfn-lint" for name in reasons if name not in rules]
    if wrong:
        raise SystemExit("\n".join((f"{REASONS.name}:", *sorted(wrong))))


def _render(version: str, rules: dict[str, str], answers: dict[str, list[str]], reasons: dict[str, str]) -> str:
    answered = sum(name in answers for name in rules)
    lines = [
        "# The error rules of cfn-lint",
        "",
        f"What remediator does about each of the {len(rules)} error rules in version {version} of cfn-lint: rules of its own",
        f"answer {answered} of them, mend what they can and ask for what only a person knows; for the others it says why not.",
        "A rule that is answered need not be answered in every case: the page of the rule says what it leaves alone.",
        "",
        "| cfn-lint | what it says | remediator |",
        "| --- | --- | --- |",
    ]
    for name, said in rules.items():
        codes = [f"[{code}](rules/{code}.md) {registry()[code].name}" for code in answers.get(name, ())]
        lines.append(f"| {name} | {said} | {', '.join(codes) or reasons[name]} |")
    return "\n".join(lines) + "\n"
