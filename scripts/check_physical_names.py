"""Check remediator/knowledge/physical_names.toml against the data that ships with cfn-lint.

Prints one line per problem and exits with 1 if there is any. The facts come from two places in the installed cfn-lint:
its resource provider schemas (data/schemas: which types, properties and attributes exist, what identifies a resource,
what its names and ARNs look like) and its copy of the Service Authorization Reference
(data/AdditionalSpecs/Policies.json: the ARN formats of each service). What neither can tell, the exceptions below
state; they come from the "Return values" section of the reference page that the row names as its source.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

TABLE = Path(__file__).resolve().parent.parent / "remediator" / "knowledge" / "physical_names.toml"
REGION = "us-east-1"

# Attributes that the pages list although the property is writable (a schema marks read-only ones only).
WRITABLE_ATTRIBUTES = {
    ("AWS::Backup::BackupVault", "BackupVaultName"),
    ("AWS::Events::EventBus", "Name"),
    ("AWS::RDS::DBParameterGroup", "DBParameterGroupName"),
    ("AWS::S3::AccessPoint", "Name"),
    ("AWS::SNS::Topic", "TopicName"),
    ("AWS::SQS::Queue", "QueueName"),
    ("AWS::StepFunctions::Activity", "Name"),
}
# SAM schemas take read-only properties over from the type they expand to, also where SAM has a property of that name.
WRITABLE_PROPERTIES = {("AWS::Serverless::StateMachine", "Name")}
# Types outside the registry: the schema makes up a read-only Id, the page says that Ref returns the name.
REF_IS_NAME = {"AWS::CodeBuild::Project", "AWS::Elasticsearch::Domain"}

PLACEHOLDER = re.compile(r"(?<!\$)\{(\w+)\}")
PARTITIONS = {
    "aws": {"Partition": "aws", "Region": "us-east-1", "URLSuffix": "amazonaws.com"},
    "aws-cn": {"Partition": "aws-cn", "Region": "cn-north-1", "URLSuffix": "amazonaws.com.cn"},
    "aws-us-gov": {"Partition": "aws-us-gov", "Region": "us-gov-west-1", "URLSuffix": "amazonaws.com"},
}
EXAMPLE_NAMES = ("example-name1", "example1", "alias/example")
SAFE_CHARACTERS = {"lowercase": "ab-c1", "alnum-": "Ab-C1", "alnum-_": "Ab-C_d1", "alnum-_.": "Ab-C_d.e1", "any": ""}

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Schema:
    """A resource provider schema, as far as the table needs it."""

    type_name: str
    data: Mapping[str, Any]

    def rules(self, name: str) -> Mapping[str, Any] | None:
        found: Mapping[str, Any] | None = self.data["properties"].get(name)
        while found is not None and "$ref" in found:
            found = self.data["definitions"][found["$ref"].rpartition("/")[2]]
        return found

    def is_string(self, name: str) -> bool:
        types = (self.rules(name) or {}).get("type", ())
        return "string" in ([types] if isinstance(types, str) else types)

    @property
    def read_only(self) -> frozenset[str]:
        return frozenset(_names(self.data.get("readOnlyProperties", ())))

    @property
    def identifier(self) -> list[str]:
        return _names(self.data.get("primaryIdentifier", ()))

    def is_writable(self, name: str) -> bool:
        known = self.rules(name) is not None
        return known and (name not in self.read_only or (self.type_name, name) in WRITABLE_PROPERTIES)

    def has_attribute(self, name: str) -> bool:
        return name in self.read_only or (self.type_name, name) in WRITABLE_ATTRIBUTES


def _names(pointers: Any) -> list[str]:
    """`/properties/A/B` as the attribute that templates write: `A.B`."""
    return [pointer.removeprefix("/properties/").replace("/", ".") for pointer in pointers]


@cache
def cfn_lint_data(*path: str) -> Any:
    return json.loads(resources.files("cfnlint").joinpath("data", *path).read_text(encoding="utf-8"))


def load_schema(type_name: str) -> Schema | None:
    for provider in (f"{REGION}.json", "sam.json"):
        digest = cfn_lint_data("schemas", "providers", provider).get(type_name)
        if digest is not None:
            return Schema(type_name, cfn_lint_data("schemas", "resources", f"{digest.removesuffix('.json')}.json"))
    return None


def patterns(row: Row) -> dict[str, str]:
    """Every pattern of a row by what it stands for."""
    ref = {"Ref": row["ref"]} if "ref" in row else {}
    return ref | dict(row.get("attributes", {}))


def check_properties(row: Row, schema: Schema) -> Iterator[str]:
    used = {name for pattern in patterns(row).values() for name in PLACEHOLDER.findall(pattern)}
    for name in sorted(used | {row["name"], *row.get("needs", ()), *row.get("defaults", ())}):
        if not schema.is_writable(name):
            yield f"{name} is no writable property"
        elif not schema.is_string(name):
            yield f"{name} is no string"
    for name in (*row.get("unless", ()), *row.get("unless_naming", ())):
        if not schema.is_writable(name):
            yield f"{name}, in unless or unless_naming, is no writable property"


def check_attributes(row: Row, schema: Schema) -> Iterator[str]:
    for name in row.get("attributes", {}):
        if not schema.has_attribute(name):
            yield f"Fn::GetAtt has no attribute {name}"


def check_ref(row: Row, schema: Schema) -> Iterator[str]:
    """Ref returns the primary identifier: the name itself, or a read-only property that the row must then rebuild."""
    name, ref = row["name"], row.get("ref")
    if schema.identifier == [name] or schema.type_name in REF_IS_NAME:
        expected = f"{{{name}}}"
        if ref != expected:
            yield f"Ref returns {name}, so ref must be {expected}"
    elif ref is not None:
        identifier = "/".join(schema.identifier)
        if ref != row.get("attributes", {}).get(identifier):
            yield f"Ref returns {identifier}, so ref must be the pattern of that attribute"


def rejected_by(rules: Mapping[str, Any], value: str) -> str | None:
    """Why a property's own schema refuses a value."""
    if not rules.get("minLength", 0) <= len(value) <= rules.get("maxLength", len(value)):
        return f"a length of {len(value)}"
    if not re.search(rules.get("pattern", ""), value):
        return f"{value!r}, by the pattern {rules['pattern']}"
    return None


def fill(pattern: str, values: Mapping[str, str], pseudo: Mapping[str, str]) -> str:
    text = PLACEHOLDER.sub(lambda match: values.get(match[1], "example"), pattern)
    return re.sub(r"\$\{AWS::(\w+)\}", lambda match: pseudo[match[1]], text)


def check_examples(row: Row, schema: Schema) -> Iterator[str]:
    """The schema's own idea of a name and of each value accepts what the row builds, in every partition."""
    rules = schema.rules(row["name"]) or {}
    example = next((name for name in EXAMPLE_NAMES if rejected_by(rules, name) is None), None)
    if example is None:
        yield f"no example name matches {rules.get('pattern')}: add one to EXAMPLE_NAMES"
        return
    values = {**row.get("defaults", {}), row["name"]: example}
    for name, pattern in row.get("attributes", {}).items():
        for pseudo in PARTITIONS.values():
            value = fill(pattern, values, {**pseudo, "AccountId": "123456789012"})
            if reason := rejected_by(schema.rules(name) or {}, value):
                yield f"the schema of {name} refuses {reason}"


def arn_formats(service: str) -> set[str]:
    """The fixed beginnings of a service's ARNs."""
    kinds = cfn_lint_data("AdditionalSpecs", "Policies.json").get(service, {}).get("Resources", {})
    return {text.removesuffix(".*") for kind in kinds.values() for text in kind.get("ARNFormats", ())}


def check_arn_formats(row: Row) -> Iterator[str]:
    """The fixed part of every ARN is one that the Service Authorization Reference has for the service."""
    pseudo = {"Partition": "${Partition}", "Region": "${Region}", "AccountId": "${Account}"}
    for name, pattern in patterns(row).items():
        if not pattern.startswith("arn:"):
            continue
        before, placeholder, *_ = PLACEHOLDER.split(pattern)
        # A {Path} begins with the slash that the format has as fixed text.
        slash = "/" if row.get("defaults", {}).get(placeholder, "").startswith("/") else ""
        fixed = fill(before, {}, pseudo) + slash
        if fixed not in arn_formats(fixed.split(":")[2]):
            yield f"{name}: the Service Authorization Reference has no ARN format {fixed}..."


def check_name_rules(row: Row, schema: Schema) -> Iterator[str]:
    rules = row.get("name_rules")
    if rules is None:
        if "unless_naming" in row:
            yield "unless_naming without name_rules"
        return
    name = row["name"]
    if name in schema.data.get("required", ()):
        yield f"{name} is required, so name_rules can never apply"
    for example in ("a" * rules["max"], SAFE_CHARACTERS[rules["pattern"]]):
        if example and (reason := rejected_by(schema.rules(name) or {}, example)):
            yield f"name_rules allow what {name} refuses: {reason}"


def problems(table: Mapping[str, Any]) -> Iterator[str]:
    for type_name, row in table.items():
        if type_name == "reviewed":
            continue
        schema = load_schema(type_name)
        if schema is None:
            yield f"{type_name}: no such type"
            continue
        for check in (check_properties, check_attributes, check_ref, check_examples, check_name_rules):
            yield from (f"{type_name}: {problem}" for problem in check(row, schema))
        yield from (f"{type_name}: {problem}" for problem in check_arn_formats(row))


def main() -> int:
    found = list(problems(tomllib.loads(TABLE.read_text(encoding="utf-8"))))
    for problem in found:
        print(problem)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
