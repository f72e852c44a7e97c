"""What the author of a template has asked not to be told: our own suppressions, and those of other linters.

====================  ==========================================================================
ours                  ``# remediator: ignore[CODE, …]`` on a line of the resource or right above it, without
                      brackets for every rule; ``# remediator: ignore-file[CODE, …]`` anywhere;
                      ``Metadata: remediator: {ignore: [CODE]}``
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
from remediator.layout import comment_lines_above, placed_comments
from remediator.nodes import Mapping, Node, meaning
from remediator.passes import Pass, matches
from remediator.render import Copy
from remediator.template import Resource, Template

_OURS = re.compile(r"#\s*remediator:\s*ignore(-file)?(?:\[([^\]\r\n]*)\]|(?=\s*$))")
_CHECKOV = re.compile(r"#\s*checkov:skip=([A-Za-z0-9_]+)[^\r\n]*")
_KEYS = ("remediator", "cfn-lint", "checkov", "cfn_nag", "cdk_nag", "guard")

_EVERYTHING = "ALL"


class Suppressions:
    """The suppressed rule ids of one template: for all of it, and for each resource."""

    def __init__(self, template: Template) -> None:
        self.whole: set[str] = set(_metadata_ids(template.section("Metadata")))
        self.by_resource: dict[str, set[str]] = {}
        for resource in template.resources.values():
            metadata = resource.node.get("Metadata")
            ids = set(_metadata_ids(metadata if isinstance(metadata, Mapping) else None))
            if ids:
                self.by_resource[resource.logical_id] = ids
        for offset, comment in _comments(template):
            self._read_comment(_owner(template, offset), comment)

    def _read_comment(self, owner: str | None, comment: str) -> None:
        ours, checkov = _OURS.search(comment), _CHECKOV.search(comment)
        ids = {checkov.group(1)} if checkov else set()
        if ours:
            words = _EVERYTHING if ours.group(2) is None else ours.group(2)
            ids |= {word.strip() for word in words.split(",") if word.strip()}
        if ours and ours.group(1):
            self.whole |= ids
        elif owner and ids:
            self.by_resource.setdefault(owner, set()).update(ids)

    def cover(self, finding: Finding, each: Pass) -> bool:
        """Whether the author has suppressed a finding where it is, or at a resource that takes part in it."""
        ids = set(self.whole)
        for path in (finding.path, *finding.related):
            if len(path) > 1 and path[0] == "Resources":
                ids |= self.by_resource.get(str(path[1]), set())
        return any(matches(each, word) or any(other.startswith(word) for other in each.answers) for word in ids if word)


def _comments(template: Template) -> Iterator[tuple[int, str]]:
    """The comments that may suppress something, with their offsets."""
    source = template.source
    if not source.is_json and ("remediator:" in source.text or "checkov:" in source.text):
        for offset, text in placed_comments(source, 0, len(source.text), source.root):
            if _OURS.search(text) or _CHECKOV.search(text):
                yield offset, text


def _owner(template: Template, offset: int) -> str | None:
    """The resource that a comment belongs to: the one it stands in, or the one right below it."""
    source, owner = template.source, None
    for resource in template.resources.values():
        line = source.line_start(resource.key.start)
        if line <= offset:
            owner = resource
            continue
        alone = not source.text[source.line_start(offset) : offset].strip()
        outside = source.column(offset) <= source.column(resource.key.start)
        between = source.text[source.line_end(offset) : line].splitlines()
        if alone and outside and all(not text.strip() or text.lstrip().startswith("#") for text in between):
            return resource.logical_id
        break
    inside = owner is not None and offset <= source.line_end(template.resources_node.end)
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


def carried_comments(template: Template, resource: Resource, moved: Node) -> tuple[str, ...]:
    """The suppressing comments of a resource, marks included, to be repeated in one that is split off from it.

    Those that stand inside what moves, or right above it, go along anyway and are left out.
    """
    source = template.source
    span = comment_lines_above(source, source.line_start(moved.start)), source.line_end(moved.end)
    found = [
        text
        for offset, text in _comments(template)
        if _owner(template, offset) == resource.logical_id and not span[0] <= offset < span[1]
        if "ignore-file" not in text
    ]
    return tuple(dict.fromkeys(found))


def moving_comments(template: Template, resource: Resource, moved: Node) -> tuple[str, ...]:
    """The suppressing comments that leave a resource with a part of it, and hold for the rest of it all the same."""
    source = template.source
    span = comment_lines_above(source, source.line_start(moved.start)), source.line_end(moved.end)
    return tuple(text for offset, text in _comments(template) if span[0] <= offset < span[1])
