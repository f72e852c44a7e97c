"""GitHub's own description of its API, trimmed: what a request has to hold, what an answer has."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

API = json.loads(Path(__file__).with_name("api.json").read_text(encoding="utf-8"))
Json = dict[str, Any]


@cache
def validator(name: str) -> Draft202012Validator:
    method, path, which = name.split(" ")
    call = API["paths"][path][method]
    content = call["requestBody"] if which == "body" else call["responses"][which]
    schema = content["content"]["application/json"]["schema"]
    schemas = {key: _nullable(value) for key, value in API["components"]["schemas"].items()}
    return Draft202012Validator({**_nullable(schema, strict=which == "body"), "components": {"schemas": schemas}})


def _nullable(value: Any, *, strict: bool = False) -> Any:
    """A schema of OpenAPI 3.0 as JSON Schema has it; ``strict``: objects have no keys that it does not name."""
    if isinstance(value, list):
        return [_nullable(each, strict=strict) for each in value]
    if not isinstance(value, dict):
        return value
    found = {key: _nullable(item, strict=strict) for key, item in value.items()}
    if strict and "properties" in found:
        found.setdefault("additionalProperties", False)
    if found.pop("nullable", None) is True:
        return {"anyOf": [found, {"type": "null"}]}
    return found


def filled(schema: Json, known: Json) -> Json:
    """An object with all that its schema requires, of any value, and what is known."""
    while "$ref" in schema:
        schema = API["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    found = {key: _any(schema["properties"][key]) for key in schema.get("required", ())}
    for key, value in known.items():
        inner = schema.get("properties", {}).get(key, {})
        found[key] = filled(inner, value) if isinstance(value, dict) and value else value
    return found


def _any(schema: Json) -> Any:
    if schema.get("nullable"):
        return None
    if "$ref" in schema:
        return _any(API["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
    for several in ("allOf", "anyOf", "oneOf"):
        if several in schema:
            return _any(schema[several][0])
    if "enum" in schema:
        return schema["enum"][0]
    plain = {"integer": 1, "number": 1, "boolean": False, "array": [], "string": "text"}
    return filled(schema, {}) if schema.get("type") == "object" else plain.get(schema.get("type", ""), "text")
