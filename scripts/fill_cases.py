"""Writes what the cases of a file become into the file: the result, or the reason why a template stays.

Fills in the sections of tests/cases/**/*.md that have only one code block. Read what it wrote before you believe it.

python scripts/fill_cases.py FILE …
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from remediator.testing import fixed

_BLOCK = re.compile(r"^```(\w+)(.*)\n((?:.*\n)*?)```$", re.MULTILINE)


def filled(section: str, rules: str) -> str:
    """A section with the block that it lacks."""
    blocks = _BLOCK.findall(section)
    if len(blocks) != 1:
        return section
    _, words, before = blocks[0]
    stays = "stays" in words
    outcome = fixed(before, select=rules, unsafe="unsafe" in words or stays)
    reasons = "; ".join(each.finding.reason for each in outcome.remaining)
    if stays and outcome.changed:
        print(f"does not stay: {section.splitlines()[0]}\n{outcome.after.text}")
    if stays and not reasons:
        return section
    block = f"```text\n{reasons}\n```" if stays else f"```yaml\n{outcome.after.text}```"
    return f"{section.rstrip()}\n\n{block}\n\n"


def main() -> int:
    for name in sys.argv[1:]:
        path = Path(name)
        head, *sections = re.split(r"(?m)^(?=## )", path.read_text(encoding="utf-8"))
        rules = re.findall(r"(?m)^Rules: (.*)$", head)[0].replace(" ", "")
        text = head + "".join(filled(section, rules) for section in sections)
        path.write_text(text.rstrip() + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
