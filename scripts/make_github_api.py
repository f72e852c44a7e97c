"""Trims GitHub's OpenAPI description to what the Action calls, for the tests' server.

    npm install --ignore-scripts --prefix /tmp/openapi @octokit/openapi
    python scripts/make_github_api.py /tmp/openapi/node_modules/@octokit/openapi

The description is GitHub's, under the MIT licence; https://github.com/octokit/openapi. Texts for people are left out, and so is
what no answer of the tests' server has to hold.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "tests" / "github" / "api.json"

REPOSITORY = "/repos/{owner}/{repo}"
CALLS = (
    ("get", "/user"),
    ("get", f"{REPOSITORY}/pulls"),
    ("get", f"{REPOSITORY}/pulls/{{pull_number}}/files"),
    ("get", f"{REPOSITORY}/pulls/{{pull_number}}/comments"),
    ("post", f"{REPOSITORY}/pulls/{{pull_number}}/reviews"),
    ("get", f"{REPOSITORY}/issues/{{issue_number}}/comments"),
    ("post", f"{REPOSITORY}/issues/{{issue_number}}/comments"),
    ("patch", f"{REPOSITORY}/issues/comments/{{comment_id}}"),
    ("get", f"{REPOSITORY}/git/blobs/{{file_sha}}"),
    ("get", f"{REPOSITORY}/git/commits/{{commit_sha}}"),
    ("post", f"{REPOSITORY}/git/commits"),
    ("get", f"{REPOSITORY}/git/trees/{{tree_sha}}"),
    ("post", f"{REPOSITORY}/git/trees"),
    ("post", f"{REPOSITORY}/git/refs"),
    ("patch", f"{REPOSITORY}/git/refs/{{ref}}"),
)
_PROSE = frozenset(
    {"description", "summary", "example", "examples", "externalDocs", "x-github", "tags", "title", "operationId"}
)


def main() -> None:
    package = Path(sys.argv[1])
    whole = json.loads((package / "generated" / "api.github.com.json").read_text(encoding="utf-8"))
    version = json.loads((package / "package.json").read_text(encoding="utf-8"))["version"]
    paths: dict[str, Any] = {}
    for method, path in CALLS:
        paths.setdefault(path, {})[method] = _call(whole["paths"][path][method], whole)
    document = {
        "openapi": whole["openapi"],
        "info": {
            "title": "Calls of GitHub's REST API that remediator makes",
            "version": version,
            "description": f"Trimmed from @octokit/openapi {version} (MIT) by scripts/make_github_api.py",
            "license": {"name": "MIT"},
        },
        "paths": paths,
        "components": {"schemas": _schemas(paths, whole)},
    }
    TARGET.write_text(json.dumps(document, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _call(call: dict[str, Any], whole: dict[str, Any]) -> dict[str, Any]:
    """A call with its parameters, its body, and its answer where it succeeds; of the others that they are there."""
    kept: dict[str, Any] = {"parameters": [_plain(_found(each, whole)) for each in call.get("parameters", ())]}
    if "requestBody" in call:
        schema = call["requestBody"]["content"]["application/json"]["schema"]
        kept["requestBody"] = {"content": {"application/json": {"schema": _plain(schema)}}}
    kept["responses"] = {}
    for status, answer in call["responses"].items():
        content = _found(answer, whole).get("content", {}).get("application/json")
        found: dict[str, Any] = {"description": status}
        if content and status.startswith("2"):
            found["content"] = {"application/json": {"schema": _plain(content["schema"])}}
        kept["responses"][status] = found
    return kept


def _found(value: dict[str, Any], whole: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in value:
        return value
    found: Any = whole
    for step in value["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return dict(found)


def _plain(value: Any, inside: bool = False) -> Any:
    """Without prose. ``inside``: the keys are names of properties."""
    if isinstance(value, dict):
        return {key: _plain(item, key == "properties") for key, item in value.items() if inside or key not in _PROSE}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _schemas(paths: dict[str, Any], whole: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    todo = [paths]
    while todo:
        for name in re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(todo.pop())):
            if name not in kept:
                kept[name] = _plain(whole["components"]["schemas"][name])
                todo.append(kept[name])
    return kept


if __name__ == "__main__":
    main()
