"""Writes checkov_checks.toml: every check of checkov for CloudFormation, from its own list, for docs/checkov.md.

python scripts/make_checkov_checks.py CHECKOV      the command of an installed checkov; it needs an environment of its own

Checkov is not a dependency of the project (it brings 200 MB), so that the list is kept instead.
"""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

TARGET = Path(__file__).parent / "checkov_checks.toml"
HEAD = """\
# The checks of checkov {version} for CloudFormation: what each says, and the types that it looks at. Ids, names and types as
# `checkov --list --framework cloudformation` prints them; checkov is (c) Palo Alto Networks, under the Apache License 2.0,
# https://github.com/bridgecrewio/checkov. Made by make_checkov_checks.py on {today}.

version = "{version}"
"""


def checks(listing: str) -> dict[str, tuple[str, list[str]]]:
    """What each check says, and its types, by id: from a table with a row for each check and type."""
    found: dict[str, tuple[str, list[str]]] = {}
    for line in listing.splitlines():
        cells = [cell.strip() for cell in line.strip("| ").split(" | ")]
        if len(cells) < 6 or not cells[1].startswith("CKV") or cells[5] != "Cloudformation":
            continue
        _, types = found.setdefault(cells[1], (cells[4], []))
        if cells[3].startswith("AWS::") and cells[3] not in types:  # a check of connections also lists Terraform's types
            types.append(cells[3])
    return found


def text(version: str, today: str, found: dict[str, tuple[str, list[str]]]) -> str:
    parts = [HEAD.format(version=version, today=today)]
    for name, (said, types) in found.items():
        quoted = ", ".join(f'"{each}"' for each in types)
        escaped = " ".join(said.split()).replace("\\", "\\\\").replace('"', '\\"')
        parts.append(f'[checks.{name}]\nsays = "{escaped}"\ntypes = [{quoted}]\n')
    return "\n".join(parts)


def main() -> int:
    command = sys.argv[1] if len(sys.argv) == 2 else ""
    if not command or command.startswith("-"):
        print(__doc__)
        return 2
    version = subprocess.run([command, "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]
    listing = subprocess.run([command, "--list", "--framework", "cloudformation"], capture_output=True, text=True, check=True)
    found = checks(listing.stdout)
    TARGET.write_text(text(version, date.today().isoformat(), found), encoding="utf-8")
    print(f"{len(found)} checks of checkov {version}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
