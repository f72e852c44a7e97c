"""Marks by which we know our comments again, and texts that say nothing but what they say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from remediator.engine import Located
from remediator.github.event import at
from remediator.report.sarif import fingerprint

SUMMARY = "<!-- remediator summary -->"
_FINGERPRINTS = re.compile(r"<!-- remediator fp=([0-9a-f,]+) -->")


def mark(fingerprints: Iterable[str]) -> str:
    return f"<!-- remediator fp={','.join(fingerprints)} -->"


def marked(comments: Iterable[dict[str, Any]], me: str) -> frozenset[str]:
    """The fingerprints in comments of ours, resolved and outdated ones too. Such a mark by somebody else counts for nothing:
    it could keep us from speaking."""
    found: set[str] = set()
    for comment in comments:
        match = _FINGERPRINTS.match(str(comment.get("body")))
        if match and is_ours(comment, me):
            found.update(match[1].split(","))
    return frozenset(found)


def is_ours(comment: dict[str, Any], me: str) -> bool:
    """Whether we may have written a comment. ``me``: our login, where it is known; a workflow's own token has none, and what it
    writes is a bot's."""
    return at(comment, "user", "type") == "Bot" or (bool(me) and at(comment, "user", "login") == me)


def fingerprints(name: str, found: Iterable[Located]) -> list[str]:
    """One for each finding of a file, the same from push to push."""
    seen: Counter[str] = Counter()
    prints: list[str] = []
    for each in found:
        first = fingerprint(name, each.finding)
        prints.append(fingerprint(name, each.finding, seen[first]))
        seen[first] += 1
    return prints
