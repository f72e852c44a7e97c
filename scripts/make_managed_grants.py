"""Writes remediator/knowledge/managed_grants.toml: which of the rights that matter AWS's managed policies grant.

The source is the copy of AWS's managed policies that ships with moto (Apache-2.0); the rights that matter are the actions
in remediator/knowledge/role_needs.toml, and the first of each kind in key_users.toml with what it takes of a key. Run it again
when one of them changes.

pip install --no-deps --target DIR moto && python scripts/make_managed_grants.py DIR
"""

from __future__ import annotations

import fnmatch
import json
import runpy
import sys
import tomllib
from datetime import date
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

KNOWLEDGE = Path(__file__).parent.parent / "remediator" / "knowledge"
_HEAD = """\
# For each action of role_needs.toml and key_users.toml, AWS's managed policies that allow it; and all that are known.
# Made by scripts/make_managed_grants.py from moto {version} (Apache-2.0), whose copy of the policies is AWS's own
# https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html ({month}).
"""


def granted(document: dict[str, Any], actions: list[str]) -> list[str]:
    """The actions that a policy allows on anything at all."""
    statements = document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
    found = set()
    for statement in statements:
        if statement["Effect"] == "Allow":
            allowed = _listed(statement.get("Action"))
            kept_out = _listed(statement.get("NotAction"))
            for action in actions:
                if _any(allowed, action) or (kept_out and not _any(kept_out, action)):
                    found.add(action)
    return sorted(found)


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value] if value else []


def _any(patterns: list[str], action: str) -> bool:
    return any(fnmatch.fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)


def _rows(name: str) -> dict[str, Any]:
    return tomllib.loads((KNOWLEDGE / f"{name}.toml").read_text(encoding="utf-8"))


def main(folder: str) -> int:
    needs = _rows("role_needs")
    users = _rows("key_users")
    data = {action for row in users.values() for action in (*row["reads"][:1], *row["writes"][:1])}
    keys = {action for row in users.values() for action in (*row["read"], *row["write"])} | {"kms:Encrypt"}
    actions = sorted({action for row in needs.values() for action in row["actions"]} | data | keys)
    copied = runpy.run_path(str(Path(folder) / "moto" / "iam" / "aws_managed_policies.py"))["aws_managed_policies_data"]
    policies = json.loads(copied)
    grants = {name: granted(policy["Document"], actions) for name, policy in sorted(policies.items())}
    rows = {"known": list(grants), **{action: [n for n, found in grants.items() if action in found] for action in actions}}
    version = next(each.version for each in distributions(path=[folder]) if each.metadata["Name"] == "moto")
    head = _HEAD.format(version=version, month=date.today().isoformat()[:7])
    text = head + "".join(f"\n[{json.dumps(key)}]\npolicies = {json.dumps(names)}\n" for key, names in rows.items())
    (KNOWLEDGE / "managed_grants.toml").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
