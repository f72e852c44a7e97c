"""Writes remediator/knowledge/sdk_operations.zip: the API operations of AWS's SDKs, a member for each client of boto3.

The source is the service models of botocore (Apache-2.0), the newest version of each; taken are the names of operations, and
which prefix IAM has for the service: the name under which requests are signed, the first part of the endpoint, or that of the
client, whichever has most actions of the same names in iam_actions.zip (so run make_iam_actions.py first). Where the actions
of a service are HTTP methods, as API Gateway's are, the method of each operation is taken too; operations whose requests are
not signed, because they need no credentials; and those that change something and have a parameter for a role, which they hand
over to a service (not those of AWS STS, which take a role on). The result is the same, byte for byte, for the same versions:

pip install --no-deps botocore && python scripts/make_sdk_operations.py
"""

from __future__ import annotations

import gzip
import importlib.util
import json
import re
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

KNOWLEDGE = Path(__file__).parent.parent / "remediator" / "knowledge"
TARGET = KNOWLEDGE / "sdk_operations.zip"
_LOOKS = re.compile(r"(?:BatchGet|Describe|Get|List|Search|Delete|Disassociate|Remove|Untag)[A-Z]")
_ROLE = re.compile(r"(?:\w*R|r)oles?(?:A[Rr][Nn]s?)?(?:Override|Update)?")
_OTHERS = ("securityhub", "sts")
"""Clients whose parameters are roles that findings are about, or that are taken on."""
_DEEPEST = 6
"""Levels of parameters at which a role stands, at most."""


def models() -> dict[str, dict[str, Any]]:
    """The newest model of each client."""
    spec = importlib.util.find_spec("botocore")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("botocore is not installed; see the top of this script")
    found = {}
    for path in sorted((Path(next(iter(spec.submodule_search_locations))) / "data").glob("*/*/service-2.json*")):
        text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        found[path.parent.parent.name] = json.loads(text)  # versions are dates, so the newest comes last
    return found


def prefix(client: str, model: dict[str, Any], actions: dict[str, set[str]]) -> str:
    """The service prefix in IAM that has most of a client's operations."""
    metadata = model["metadata"]
    candidates: list[str | None] = [metadata.get("signingName"), metadata.get("endpointPrefix"), client]
    operations = {name.lower() for name in model["operations"]}
    return max((each.lower() for each in candidates if each), key=lambda each: len(operations & actions.get(each, set())))


def names_role(model: dict[str, Any], shape: str, above: tuple[str, ...] = ()) -> bool:
    """Whether one of the parameters is a role, other than one that people have in a conversation."""
    facts = model["shapes"][shape]
    if shape in above or len(above) > _DEEPEST:
        return False
    if facts["type"] == "list":
        return names_role(model, facts["member"]["shape"], (*above, shape))
    for name, member in facts.get("members", {}).items():
        inner = model["shapes"][member["shape"]]
        held = [model["shapes"][inner[key]["shape"]] for key in ("member", "value") if key in inner]
        if _ROLE.fullmatch(name) and any(each["type"] == "string" and not each.get("enum") for each in (inner, *held)):
            return True
        if names_role(model, member["shape"], (*above, shape)):
            return True
    return False


def row(client: str, model: dict[str, Any], actions: dict[str, set[str]]) -> dict[str, Any]:
    found: dict[str, Any] = {"prefix": prefix(client, model, actions), "operations": sorted(model["operations"])}
    unsigned = sorted(name for name, each in model["operations"].items() if each.get("authtype") == "none")
    if unsigned:
        found["unsigned"] = unsigned
    passing = sorted(
        name
        for name, each in model["operations"].items()
        if client not in _OTHERS and "input" in each and not _LOOKS.match(name) and names_role(model, each["input"]["shape"])
    )
    if passing:
        found["passing"] = passing
    if "patch" in actions.get(found["prefix"], set()):
        found["methods"] = {name: each["http"]["method"] for name, each in sorted(model["operations"].items())}
    return found


def main() -> int:
    with zipfile.ZipFile(KNOWLEDGE / "iam_actions.zip") as archive:
        names = [name for name in archive.namelist() if name != "about.json"]
        actions = {name: {each.lower() for each in json.loads(archive.read(name))["actions"]} for name in names}
    about = {"source": f"botocore {version('botocore')} (Apache-2.0), Copyright Amazon.com, Inc. or its affiliates"}
    members = {"about.json": json.dumps(about)}
    for client, model in models().items():
        members[client] = json.dumps(row(client, model, actions), separators=(",", ":"))
    with zipfile.ZipFile(TARGET, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, text in members.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED, 9)
    print(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes, {len(members) - 1} clients")
    return 0


if __name__ == "__main__":
    sys.exit(main())
