"""Writes remediator/knowledge/schemas.zip: what CloudFormation knows of each resource type, without the prose.

The source is the schemas that ship with cfn-lint (MIT-0; AWS's own resource provider schemas of us-east-1, with
cfn-lint's corrections, and SAM's). Run it again after ``pip install -U cfn-lint``; the result is the same, byte for byte,
for the same data.

python scripts/make_schemas.py
"""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import cfnlint
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

DATA = Path(cfnlint.__file__).parent / "data" / "schemas"
TARGET = Path(__file__).parent.parent / "remediator" / "knowledge" / "schemas.zip"
KEPT = frozenset(
    (
        "$ref",
        "additionalProperties",
        "allOf",
        "anyOf",
        "createOnlyProperties",
        "definitions",
        "dependentExcluded",
        "dependentRequired",
        "enum",
        "enumCaseInsensitive",
        "format",
        "items",
        "maxItems",
        "maxLength",
        "maximum",
        "minItems",
        "minLength",
        "minimum",
        "oneOf",
        "pattern",
        "patternProperties",
        "primaryIdentifier",
        "properties",
        "readOnlyProperties",
        "required",
        "requiredXor",
        "type",
        "uniqueItems",
    )
)
BY_NAME = ("properties", "definitions", "patternProperties")
AS_THEY_ARE = ("dependentExcluded", "dependentRequired", "enum", "required", "requiredXor")


def trimmed(schema: Any) -> Any:
    """A schema without descriptions, handlers and whatever else no pass asks for."""
    if isinstance(schema, list):
        return [trimmed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: value for key, value in schema.items() if key in KEPT}
    for key in BY_NAME:
        if key in kept:
            kept[key] = {name: trimmed(part) for name, part in kept[key].items()}
    return {key: value if key in BY_NAME + AS_THEY_ARE else trimmed(value) for key, value in kept.items()}


def types() -> dict[str, str]:
    """Every resource type and its definition, as text."""
    found = {}
    for region in ("us-east-1", "sam"):
        for name, key in json.loads((DATA / "providers" / f"{region}.json").read_text(encoding="utf-8")).items():
            schema = trimmed(json.loads((DATA / "resources" / f"{key}.json").read_text(encoding="utf-8")))
            schema["attributes"] = sorted(PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", name).get_atts)
            found[name] = json.dumps(schema, separators=(",", ":"), sort_keys=True)
    return dict(sorted(found.items()))


def main() -> int:
    date = json.loads((DATA / "version.json").read_text(encoding="utf-8"))["schema_date"][:10]
    about = {"source": "https://github.com/aws-cloudformation/cfn-lint (MIT-0)", "date": date}
    with zipfile.ZipFile(TARGET, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, text in {"about": json.dumps(about), **types()}.items():
            archive.writestr(zipfile.ZipInfo(name.replace("::", "/"), (1980, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED, 9)
    print(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes, schemas of {date}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
