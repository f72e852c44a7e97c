"""Writes the parts of docs/ that the rules say of themselves; ``--check`` only compares, for CI.

python scripts/make_docs.py [--check]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import cfn_lint_page
import checkov_page

from remediator.knowledge import table
from remediator.passes import registry
from remediator.report import rules
from remediator.transforms.cycles.component import COSTS

DOCS = Path(__file__).parent.parent / "docs"
NOTE = "<!-- made by scripts/make_docs.py from the rules; edit those -->\n\n"


def pages(check: bool = False) -> dict[Path, str]:
    """Every generated page, by path below docs/."""
    found = {Path("rules") / f"{code}.md": NOTE + rules.render_one(each) for code, each in registry().items()}
    found[Path("rules") / "README.md"] = NOTE + _index()
    found[Path("cycles-reference.md")] = NOTE + _cycles()
    found[Path("combinations-reference.md")] = NOTE + _combinations()
    found[cfn_lint_page.NAME] = NOTE + cfn_lint_page.text(DOCS / cfn_lint_page.NAME, check)
    found[checkov_page.NAME] = NOTE + checkov_page.text()
    return found


def _index() -> str:
    lines = ["# Rules", "", "| code | name | profile | what is wrong | answers |", "| --- | --- | --- | --- | --- |"]
    for code, each in registry().items():
        answers = ", ".join(each.answers)
        lines.append(f"| [{code}]({code}.md) | {each.name} | {each.profile} | {rules.summary(each)} | {answers} |")
    return "\n".join(lines) + "\n"


def _cycles() -> str:
    """The cost order, the types whose names can be rebuilt, and the places where that is allowed."""
    lines = ["# How cycles are cut: costs, names, places", "", "## Costs", ""]
    lines += ["| a cut | costs |", "| --- | --- |"]
    lines += [f"| {what} | {cost:,} |" for what, cost in COSTS.items()]
    lines += ["", "## Names and ARNs that can be rebuilt", "", "| type | from | what |", "| --- | --- | --- |"]
    for kind, row in table("physical_names").items():
        known = [*(["Ref"] if "ref" in row else []), *row.get("attributes", {})]
        lines.append(f"| [{kind}]({row['source']}) | {row['name']} | {', '.join(known)} |")
    lines += ["", "## Places that no service checks", "", "| type | properties |", "| --- | --- |"]
    for kind, row in table("unchecked_texts").items():
        lines.append(f"| [{kind}]({row['source']}) | {', '.join(row['paths'])} |")
    return "\n".join(lines) + "\n"


def _combinations() -> str:
    """The rows of the tables that COM001 and COM002 go by."""
    lines = ["# Properties that do not go together", "", "## Refused beside another one (COM001)", ""]
    lines += ["| type | what goes | because | fix |", "| --- | --- | --- | --- |"]
    lines += [
        f"| {_types(kind, row)} | {_below(row)}{', '.join(row['drop'])} | {row['why']} | {_fix(row)} |"
        for kind, row in _rows("excluded_properties", "COM001")
    ]
    lines += [
        "",
        "## Needed beside another one (COM002)",
        "",
        "| type | what is needed | because | fix |",
        "| --- | --- | --- | --- |",
    ]
    lines += [
        f"| {_types(kind, row)} | {_below(row)}{row['needs']} | {row['why']} | {_fix(row)} |"
        for kind, row in _rows("missing_companions", "COM002")
    ]
    return "\n".join(lines) + "\n"


def _rows(name: str, code: str) -> list[tuple[str, dict[str, Any]]]:
    """The rows of a table; each answers nothing that its rule does not say it answers."""
    found = [(kind, row) for kind, rows in table(name).items() for row in rows.values()]
    unsaid = {each for _, row in found for each in row.get("answers", ())} - set(registry()[code].answers)
    if unsaid:
        raise SystemExit(f"{code} does not say that it answers {', '.join(sorted(unsaid))}")
    return found


def _types(kind: str, row: dict[str, Any]) -> str:
    return ", ".join((kind, *row.get("also", ())))


def _below(row: dict[str, Any]) -> str:
    return f"{row['at']}: " if "at" in row else ""


def _fix(row: dict[str, Any]) -> str:
    """How far the fix of a row may be trusted."""
    if "ask" in row and "parameter" not in row:
        return "asks"
    return "unsafe" if "risk" in row or "parameter" in row else "safe"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare only; exit with 1 where a page is not current")
    check = parser.parse_args().check
    stale = 0
    for path, text in pages(check).items():
        target = DOCS / path
        if target.exists() and target.read_text(encoding="utf-8") == text:
            continue
        stale += 1
        if check:
            print(f"not current: docs/{path.as_posix()}; run python scripts/make_docs.py")
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
