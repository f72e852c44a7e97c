"""How grave a finding is in the words of other programs, and where its rule is explained."""

from __future__ import annotations

from typing import Literal

from remediator.findings import Finding
from remediator.passes import registry

Level = Literal["error", "warning", "note"]

HOME = "https://github.com/remediator/remediator"

_LEVELS: dict[str, Level] = {"deploy": "error", "secure": "warning"}


def level(finding: Finding) -> Level:
    """An error is what keeps a stack from deploying or working; what makes it unsafe is a warning, the rest a note."""
    profile = finding.profile or (registry()[finding.code].profile if finding.code in registry() else "")
    return level_of(profile)


def level_of(profile: str) -> Level:
    return _LEVELS.get(profile, "note")


def help_page(code: str) -> str:
    return f"{HOME}/blob/main/docs/rules/{code}.md"
