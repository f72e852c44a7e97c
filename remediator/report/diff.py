"""Unified diffs that ``git apply`` takes."""

from __future__ import annotations

import difflib
import os

from remediator.run import Report, relative

_NO_NEWLINE = "\\ No newline at end of file\n"


def unified(report: Report) -> str:
    """The change of one file; empty where there is none."""
    if not report.changed:
        return ""
    name = relative(os.path.realpath(report.path)).lstrip("/")  # git changes no file through a symbolic link
    tab = "\t" if " " in name else ""
    old, new = _lines(report.before), _lines(report.after)
    parts = list(difflib.unified_diff(old, new, f"a/{name}{tab}", f"b/{name}{tab}"))
    return "".join(part if part.endswith("\n") else f"{part}\n{_NO_NEWLINE}" for part in parts)


def _lines(text: str) -> list[str]:
    """Lines with their line feeds; unlike ``str.splitlines``, nothing but a line feed ends one."""
    lines = [f"{line}\n" for line in text.split("\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines
