"""What the author of a template has asked not to be told: our own suppressions, and those of other linters.

====================  ==========================================================================
ours                  ``# remediator: ignore[CODE, …]`` on a line of the resource or right above it,
                      ``# remediator: ignore-file[CODE, …]`` anywhere, ``Metadata: remediator: {ignore: [CODE]}``
cfn-lint              ``Metadata: cfn-lint: {config: {ignore_checks: [E3004]}}``, template or resource
checkov               ``# checkov:skip=CKV_AWS_1:reason`` in the resource, ``Metadata: checkov: {skip: [{id: …}]}``
cfn_nag, cdk-nag      ``Metadata: cfn_nag: {rules_to_suppress: [{id: W9}]}``, likewise ``cdk_nag``
====================  ==========================================================================
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from remediator.findings import Finding
from remediator.nodes import Mapping, Node, meaning
from remediator.passes import Pass, matches
from remediator.render import Copy
from remediator.template import Resource, Template

_OURS = re.compile(r"#\s*remediator:\s*ignore(-file)?(?:\[([^\]\r\n]*)\])?")
_CHECKOV = re.compile(r"#\s*checkov:skip=([A-Za-z0-9_]+)[^\r\n]*")
_KEYS = ("remediator", "cfn-lint", "checkov", "cfn_nag", "cdk_nag", "guard")

_EVERYTHING = "ALL"


class Suppressions:
    """The suppressed rule ids of one template: for all of it, and for each resource."""

    def __init__(self, template: Template) -> None:
        self.whole: set[str] = set(_metadata_ids(template.section("Metadata")))
        self.by_resource: dict[str, set[str]] = {}
        text = template.source.text
        for resource in template.resources.values():
            metadata = resource.node.get("Metadata")
            ids = set(_metadata_ids(metadata if isinstance(metadata, Mapping) else None))
            if ids:
                self.by_resource[resource.logical_id] = ids
        if not template.source.is_json and ("remediator:" in text or "checkov:" in text):
            self._read_comments(template)

    def _read_comments(self, template: Template) -> None:
        text = template.source.text
        for match in _OURS.finditer(text):
            ids = {word.strip() for word in (match.group(2) or _EVERYTHING).split(",") if word.strip()}
            owner = _owner(template, match.start())
            if match.group(1):
                self.whole |= ids
            elif owner:
                self.by_resource.setdefault(owner, set()).update(ids)
        for match in _CHECKOV.finditer(text):
            owner = _owner(template, match.start())
            if owner:
                self.by_resource.setdefault(owner, set()).add(match.group(1))

    def cover(self, finding: Finding, each: Pass) -> bool:
        """Whether the author has suppressed a finding where it is, or at a resource that takes part in it."""
        ids = set(self.whole)
        for path in (finding.path, *finding.related):
            if len(path) > 1 and path[0] == "Resources":
                ids |= self.by_resource.get(str(path[1]), set())
        return any(matches(each, word) or any(other.startswith(word) for other in each.answers) for word in ids if word)


def _owner(template: Template, offset: int) -> str | None:
    """The resource that a comment belongs to: the one it stands in, or right above."""
    owner = None
    for resource in template.resources.values():
        line = template.source.line_start(resource.key.start)
        if line <= offset:
            owner = resource
        elif template.source.text[template.source.line_end(offset) : line].strip() == "":
            return resource.logical_id
    section = template.resources_node
    inside = owner is not None and offset <= template.source.line_end(section.end)
    return owner.logical_id if owner and inside else None


def _metadata_ids(metadata: Mapping | None) -> Iterator[str]:
    if metadata is None:
        return
    said = {key: meaning(node) for key in _KEYS if (node := metadata.get(key)) is not None}
    yield from _texts(_at(said, "remediator", "ignore"))
    yield from _texts(_at(said, "cfn-lint", "config", "ignore_checks"))
    for tool, key in (("checkov", "skip"), ("cfn_nag", "rules_to_suppress"), ("cdk_nag", "rules_to_suppress")):
        items = _at(said, tool, key)
        yield from _texts([item.get("id") for item in items if isinstance(item, dict)] if isinstance(items, list) else [])


def _at(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _texts(value: Any) -> Iterator[str]:
    items = value if isinstance(value, list) else [value]
    yield from (item for item in items if isinstance(item, str))


def carried_metadata(resource: Resource) -> dict[str, Any]:
    """The suppressions in a resource's metadata, to be written into a resource that is split off from it."""
    metadata = resource.node.get("Metadata")
    kept: dict[str, Node] = {}
    if isinstance(metadata, Mapping):
        kept = {e.key.value: e.value for e in metadata.entries if e.key.value in _KEYS and not e.merged}
    return {"Metadata": {key: Copy(node) for key, node in kept.items()}} if kept else {}


def carried_comments(template: Template, resource: Resource) -> tuple[str, ...]:
    """The suppressing comments inside a resource, marks included, to be repeated in one that is split off from it."""
    if template.source.is_json:
        return ()
    text = template.source.text[resource.key.start : template.source.line_end(resource.node.end)]
    found = [match.group() for match in _CHECKOV.finditer(text)]
    found += [match.group() for match in _OURS.finditer(text) if not match.group(1)]
    return tuple(dict.fromkeys(found))
