"""Writes the parts of docs/ that the rules say of themselves; ``--check`` only compares, for CI.

python scripts/make_docs.py [--check]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from remediator.knowledge import table
from remediator.passes import registry
from remediator.report import rules
from remediator.transforms.cycles.component import COSTS

DOCS = Path(__file__).parent.parent / "docs"
NOTE = "<!-- made by scripts/make_docs.py from the rules; edit those -->\n\n"


def pages() -> dict[Path, str]:
    """Every generated page, by path below docs/."""
    found = {Path("rules") / f"{code}.md": NOTE + rules.render_one(each) for code, each in registry().items()}
    found[Path("rules") / "README.md"] = NOTE + _index()
    found[Path("cycles-reference.md")] = NOTE + _cycles()
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


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare only; exit with 1 where a page is not current")
    check = parser.parse_args().check
    stale = 0
    for path, text in pages().items():
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
