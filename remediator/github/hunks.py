"""Which lines of a file a review can be about: those that its patch shows on the right side."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_HEADER = re.compile(r"@@ -\d+(?:,\d+)? \+(\d+)(?:,\d+)? @@")


@dataclass(frozen=True, slots=True)
class Changed:
    """A file of a pull request: its name, the blob of its text at the head, and the lines that each of its hunks shows.

    ``hunks`` is nothing where GitHub shows no patch, as for very long ones."""

    name: str
    blob: str
    hunks: tuple[range, ...] | None


def changed(entry: dict[str, Any]) -> Changed | None:
    """An entry of the list of a pull request's files; nothing for one that is gone, or described otherwise than promised."""
    name, blob, patch = entry.get("filename"), entry.get("sha"), entry.get("patch")
    if not isinstance(name, str) or not isinstance(blob, str) or entry.get("status") == "removed":
        return None
    return Changed(name, blob, right_lines(patch) if isinstance(patch, str) else None)


def right_lines(patch: str) -> tuple[range, ...]:
    """The lines of the new text that each hunk shows, added or unchanged. What a patch says in its headers is not relied on:
    it may be cut short."""
    found: list[range] = []
    for line in patch.split("\n"):
        header = _HEADER.match(line)
        if header:
            found.append(range(int(header[1]), int(header[1])))
        elif found and line[:1] in ("+", " "):
            found[-1] = range(found[-1].start, found[-1].stop + 1)
    return tuple(hunk for hunk in found if hunk)
