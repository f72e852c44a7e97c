"""The job's summary, its annotations, its log and its outputs."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from remediator.github.plan import Unplaced
from remediator.report import markdown
from remediator.report.diff import unified
from remediator.report.github import data
from remediator.report.json import render as as_json
from remediator.report.markdown import escaped
from remediator.run import Report

_LEFT = 200


def page(reports: Sequence[Report], notes: Sequence[str], left: Sequence[Unplaced], *, fixing: bool, unsafe: bool) -> str:
    """For ``$GITHUB_STEP_SUMMARY``: within what GitHub shows of one, and what has no room is named."""
    head = "".join(f"> {escaped(note)}\n\n" for note in notes)
    if left:
        rows = [f"| `{_code(each)}` | {each.found.finding.code} | {escaped(each.reason)} |\n" for each in left[:_LEFT]]
        more = f"\n*{len(left) - _LEFT} more are in the JSON report.*\n" if len(left) > _LEFT else ""
        table = "| place | rule | reason |\n| --- | --- | --- |\n" + "".join(rows)
        head += f"<details><summary>{len(left)} without a suggestion</summary>\n\n{table}{more}\n</details>\n\n"
    flag = "--unsafe-fixes " if unsafe else ""
    how = f"\nTo make the fixes: `remediator fix {flag}PATHS`, or `git apply` the patch that the output `patch-path` names.\n"
    head += "" if fixing else how
    room = markdown.LIMIT - len(head.encode("utf-8", "replace"))
    return markdown.render(list(reports), fixing=fixing, unsafe=unsafe, limit=room) + head


def _code(each: Unplaced) -> str:
    return f"{each.name}:{each.found.line}".replace("`", "'").replace("|", "/").replace("\n", " ")


def log(text: str) -> str:
    """A text for the log that holds no commands for the runner, whatever a template is called.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#stopping-and-starting-workflow-commands
    (2026-11)
    """
    word = secrets.token_hex(16)
    return f"::stop-commands::{word}\n{text.rstrip()}\n::{word}::\n"


def notices(notes: Iterable[str]) -> str:
    return "".join(f"::notice title=remediator::{data(note)}\n" for note in notes)


def write(environment: Mapping[str, str], variable: str, text: str) -> None:
    """Appends to a file that the runner reads; where there is none, nobody reads it."""
    path = environment.get(variable)
    if path:
        with contextlib.suppress(OSError), Path(path).open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)


def results(folder: Path, reports: Sequence[Report]) -> tuple[Path, Path]:
    """Writes the report and the patch; their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    report, patch = folder / "report.json", folder / "remediator.patch"
    report.write_text(as_json(list(reports)), encoding="utf-8", errors="backslashreplace")
    patch.write_bytes("".join(map(unified, reports)).encode("utf-8", "surrogateescape"))
    return report, patch
