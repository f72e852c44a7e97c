"""The sections of a template, and keys at the top that were meant to be one."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Entry, Mapping, Template
from remediator.transforms.references.naming import nearest

SECTIONS = (
    "AWSTemplateFormatVersion",
    "Conditions",
    "Description",
    "Globals",
    "Hooks",
    "Mappings",
    "Metadata",
    "Outputs",
    "Parameters",
    "Resources",
    "Rules",
    "Transform",
)
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html (2026-11); ``Globals`` is SAM's."""


def misspelt(template: Template) -> Iterator[tuple[Entry, str]]:
    """The keys at the top that are no section, with the section that they are nearly."""
    for entry in template.root.entries:
        if entry.key.value not in SECTIONS and isinstance(entry.value, Mapping):
            names, _ = nearest(entry.key.value, SECTIONS, "section")
            if len(names) == 1:
                yield entry, names[0]


def misplaced(template: Template) -> frozenset[str]:
    """The names in sections that are misspelt: they are not missing."""
    return frozenset(
        inner.key.value for entry, _ in misspelt(template) if isinstance(entry.value, Mapping) for inner in entry.value.entries
    )
