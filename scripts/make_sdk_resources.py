"""Writes sdk_resources.toml and sdk_waiters.toml: what boto3's resources and botocore's waiters ask of AWS.

python scripts/make_sdk_resources.py FOLDER      a folder with boto3 in it, as `pip install boto3 --target FOLDER` makes

boto3 is no dependency of the project, botocore comes with cfn-lint in development only; so what is needed of both is kept.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import botocore
from botocore import xform_name

KNOWLEDGE = Path(__file__).parent.parent / "remediator" / "knowledge"
RESOURCES = """\
# What the resources of boto3 {version} do: trimmed from boto3/data/*/resources-1.json (Apache-2.0, github.com/boto/boto3),
# and the methods that its code adds (boto3/s3/inject.py, boto3/ec2/createtags.py). Made by scripts/make_sdk_resources.py.
# A row is "Operation Parameter=Identifier ... > Type identifier=source ...": the operation with the parameters that it takes
# from the resource, and the resource that comes of it, whose identifiers come from an identifier, `*` an argument of the
# call, `$Name` a parameter of the request, or `?` the answer. After the type, `!`: what the answer tells of it is known, `+`:
# there are several.

source = "boto3 {version}"
reviewed = {today}
"""
WAITERS = """\
# The operation that each waiter asks again and again: from waiters-2.json of botocore {version} (Apache-2.0,
# github.com/boto/botocore), by service and by the name for get_waiter. Made by scripts/make_sdk_resources.py.

source = "botocore {version}"
reviewed = {today}
"""
ADDED = {
    ("s3", "Bucket"): {"load": "ListBuckets"},
    ("s3", "ObjectSummary"): {"load": "HeadObject Bucket=BucketName Key=Key"},
    ("ec2", "Instance"): {"delete_tags": "DeleteTags Resources=Id"},
}
"""Methods that boto3's code adds or changes."""


def row(definition: dict[str, Any], waiters: dict[str, str]) -> str:
    """An action, a collection, a waiter or a way to another resource."""
    request = definition.get("request", definition)
    operation = request.get("operation") or waiters.get(request.get("waiterName", ""), "")
    words = [operation] if operation else []
    for parameter in request.get("params", []):
        target = re.sub(r"\[\d*\]$", "", parameter["target"])
        if parameter["source"] == "identifier" and re.fullmatch(r"\w+", target):
            words.append(f"{target}={parameter['name']}")
    resource = definition.get("resource")
    if resource:
        known = "!" if definition.get("path") or resource.get("path") else ""
        known += "+" if any("[]" in each.get("path", "") for each in resource.get("identifiers", [])) else ""
        identifiers = (f"{each['target']}={source(each)}" for each in resource.get("identifiers", []))
        words += [">", resource["type"] + known, *identifiers]
    return " ".join(words)


def source(identifier: dict[str, str]) -> str:
    if identifier["source"] == "identifier":
        return identifier["name"]
    if identifier["source"] == "requestParameter" and re.fullmatch(r"\w+", identifier.get("path", "")):
        return "$" + identifier["path"]
    last = identifier.get("path", "").rpartition(".")[2]
    if identifier["source"] == "response" and re.fullmatch(r"[\w.]+", identifier["path"]):
        return "$" + last  # the answer repeats what it was asked for
    return "*" if identifier["source"] == "input" else "?"


def references(definition: dict[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """The other resources that one leads to: name, row, and whether it is read from its data."""
    for name, each in definition.get("has", {}).items():
        data = any(identifier["source"] == "data" for identifier in each["resource"].get("identifiers", []))
        yield xform_name(name) if data else name, row(each, {}), data


def resource(definition: dict[str, Any], waiters: dict[str, str]) -> dict[str, dict[str, str]]:
    """The tables of a type."""
    methods = {xform_name(name): row(each, waiters) for name, each in definition.get("actions", {}).items()}
    if "load" in definition:
        methods["load"] = row(definition["load"], waiters)
    for name, each in definition.get("waiters", {}).items():
        methods[f"wait_until_{xform_name(name)}"] = row(each, waiters)
    found = list(references(definition))
    return {
        "methods": methods,
        "resources": {name: text for name, text, data in found if not data},
        "references": {name: text for name, text, data in found if data},
        "collections": {xform_name(name): row(each, waiters) for name, each in definition.get("hasMany", {}).items()},
        "batch": {xform_name(name): row(each, waiters) for name, each in definition.get("batchActions", {}).items()},
    }


def service(name: str, data: dict[str, Any], waiters: dict[str, str]) -> str:
    lines: list[str] = []
    types: dict[str, Any] = data["resources"]
    for kind, definition in {"service": data["service"], **types}.items():
        tables = resource(definition, waiters)
        tables["methods"] |= ADDED.get((name, kind), {})
        if kind == "service":  # boto3 makes every type from there
            named = {each["type"]: each["identifiers"] for each in types_with_identifiers(types)}
            for each, identifiers in named.items():
                text = " ".join([">", each, *(f"{identifier}=*" for identifier in identifiers)])
                tables["resources"].setdefault(each, text)
        lines.append(f"\n[{name}.{kind}]")
        lines.append(f"identifiers = {json.dumps([each['name'] for each in definition.get('identifiers', [])])}")
        for table, rows in tables.items():
            lines += [f"{table}.{key} = {json.dumps(value)}" for key, value in sorted(rows.items())]
    return "\n".join(lines) + "\n"


def types_with_identifiers(types: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for kind, definition in types.items():
        yield {"type": kind, "identifiers": [each["name"] for each in definition.get("identifiers", [])]}


def all_waiters() -> dict[str, dict[str, str]]:
    """The operation of each waiter, by service."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted(Path(str(files(botocore))).glob("data/*/*/waiters-2.json")):  # the newest version comes last
        listed = json.loads(path.read_text(encoding="utf-8"))["waiters"]
        if listed:
            found[path.parts[-3]] = {name: each["operation"] for name, each in listed.items()}
    return found


def main() -> int:
    if len(sys.argv) != 2 or not (Path(sys.argv[1]) / "boto3" / "data").is_dir():
        print(__doc__)
        return 2
    folder, today = Path(sys.argv[1]), date.today().isoformat()
    version = next(folder.glob("boto3-*.dist-info")).name.removeprefix("boto3-").removesuffix(".dist-info")
    waiters = all_waiters()
    newest = {path.parts[-3]: path for path in sorted(folder.glob("boto3/data/*/*/resources-1.json"))}
    parts = [RESOURCES.format(version=version, today=today)]
    parts += [service(name, json.loads(path.read_text("utf-8")), waiters.get(name, {})) for name, path in newest.items()]
    (KNOWLEDGE / "sdk_resources.toml").write_text("".join(parts), encoding="utf-8")
    lines = [WAITERS.format(version=botocore.__version__, today=today)]
    for name, rows in waiters.items():
        lines += [f"\n[{name}]\n", *(f'{xform_name(waiter)} = "{operation}"\n' for waiter, operation in sorted(rows.items()))]
    (KNOWLEDGE / "sdk_waiters.toml").write_text("".join(lines), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
