"""Writes what is known of AWS's managed policies: their names (managed_policies.toml) and documents (managed_policies.zip).

The source is the copy of AWS's own policies that ships with moto (Apache-2.0); names of other partitions and of retired ones
come from aws-sam-translator (Apache-2.0). The documents are those of policies that can be attached, so without the ones of
service-linked roles. The result is the same, byte for byte, for the same versions of these packages:

pip install --no-deps --target DIR moto aws-sam-translator && python scripts/make_managed_policies.py DIR
"""

from __future__ import annotations

import json
import sys
import zipfile
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

KNOWLEDGE = Path(__file__).parent.parent / "remediator" / "knowledge"
OTHERS = "elsewhere"
LINKED = "/aws-service-role/"
TOGETHER = 12
"""How many policies share a member of the archive: they are alike, so one by one they take three times the room."""


def names(current: dict[str, Any], sam: dict[str, Any], source: str, date: str) -> str:
    """AWS's managed policies by path; those of other partitions and retired ones in a row of their own."""
    by_path: dict[str, set[str]] = {}
    for name, row in current.items():
        by_path.setdefault(str(row["Path"]), set()).add(name)
    known = {path + name for path, found in by_path.items() for name in found}
    listed = {arn.partition(":policy")[2] for partition in sam.values() for arn in partition.values()}
    lines = [
        "# AWS's managed policies, by path; made by scripts/make_managed_policies.py",
        f"# {OTHERS}: paths and names of other partitions and of policies that are not offered any more",
        "",
        f'source = "{source}"',
        f"reviewed = {date}",
    ]
    for path, found in sorted(by_path.items()):
        lines += ["", f'["{path}"]', f"names = '{' '.join(sorted(found))}'"]
    lines += ["", f'["{OTHERS}"]', f"names = '{' '.join(sorted(listed - known))}'"]
    return "\n".join(lines) + "\n"


def documents(current: dict[str, Any], source: str, date: str) -> dict[str, str]:
    """Members of the archive: each is named after the first of its policies."""
    found = {"about.json": json.dumps({"source": source, "date": date})}
    kept = sorted(name for name, row in current.items() if row["Path"] != LINKED)
    for start in range(0, len(kept), TOGETHER):
        group = kept[start : start + TOGETHER]
        rows = {name: current[name]["Document"] for name in group}
        found[group[0]] = json.dumps(rows, separators=(",", ":"))
    return found


def main(folder: str) -> int:
    text = (Path(folder) / "moto" / "iam" / "aws_managed_policies.py").read_text(encoding="utf-8")
    current = json.loads(text.split('"""')[1])
    sam = json.loads((Path(folder) / "samtranslator/internal/data/aws_managed_policies.json").read_text(encoding="utf-8"))
    versions = {each.metadata["Name"]: each.version for each in distributions(path=[folder])}
    source = f"moto {versions['moto']} and aws-sam-translator {versions['aws-sam-translator']} (both Apache-2.0)"
    date = max(str(row["UpdateDate"]) for row in current.values())[:10]
    (KNOWLEDGE / "managed_policies.toml").write_text(names(current, sam, source, date), encoding="utf-8")
    target = KNOWLEDGE / "managed_policies.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, member in documents(current, source, date).items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), member, zipfile.ZIP_DEFLATED, 9)
    print(f"{target.name}: {target.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
