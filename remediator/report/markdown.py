"""Markdown for summaries of workflows and bodies of pull requests: what was fixed, what is left, and the diff."""

from __future__ import annotations

import re
from collections.abc import Iterator

from remediator.engine import Located
from remediator.findings import Applicability
from remediator.report.diff import unified
from remediator.report.said import capital
from remediator.report.severity import help_page
from remediator.report.text import summed_up
from remediator.run import Report, relative

LIMIT = 900_000
"""Bytes: a summary of GitHub's has room for 1 MiB, a larger one is not shown at all.
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#step-isolation-and-limits (2026-11)"""


def render(reports: list[Report], *, fixing: bool, unsafe: bool, limit: int = LIMIT) -> str:
    """``limit``: in bytes; what has no room is left out, and the text says so."""
    parts = [f"## remediator\n\n{summed_up(reports, fixing=fixing, unsafe=unsafe)}\n"]
    parts += [part for report in reports for part in _file(report)]
    return _within(parts, limit)


def _within(parts: list[str], limit: int) -> str:
    note = "\n*{} more sections have no room here; the JSON report has all of them.*\n"
    room, kept = limit - len(note.encode()) - 9, list[str]()
    for number, part in enumerate(parts):
        room -= len(part.encode("utf-8", "replace"))
        if room < 0:
            return "".join([*kept, note.format(len(parts) - number)])
        kept.append(part)
    return "".join(kept)


def _file(report: Report) -> Iterator[str]:
    if report.error or report.applied or report.remaining or report.failures:
        yield f"\n### `{_code(relative(report.path))}`\n"
    if report.error:
        place = f"line {report.line}, column {report.column}: " if report.line else ""
        yield f"\n{place}{escaped(report.error)}\n"
    for failure in report.failures:
        yield f"\nA defect of remediator in {escaped(failure.culprit)}: {escaped(failure.message)}\n"
    yield from _table("Fixed", report.applied)
    yield from _table("Left", report.remaining)
    diff = unified(report) if report.before != report.after else ""
    if diff:
        marks = fence(diff)
        yield f"\n<details><summary>The change</summary>\n\n{marks}diff\n{diff}{marks}\n\n</details>\n"


def _table(title: str, found: tuple[Located, ...]) -> Iterator[str]:
    if not found:
        return
    rows = [f"| {each.line} | {_link(each.finding.code)} | {_what(each)} |" for each in found]
    yield f"\n**{title}**\n\n| line | rule | |\n| ---: | --- | --- |\n" + "\n".join(rows) + "\n"


def _link(code: str) -> str:
    return f"[{code}]({help_page(code)})"


def _what(each: Located) -> str:
    finding, fix = each.finding, each.finding.fix
    if fix is None:
        return f"{escaped(finding.message)}<br>{escaped(capital(finding.reason))}"
    word = "Safe" if fix.applicability is Applicability.SAFE else "Unsafe"
    steps = escaped(capital("; ".join(fix.steps)))
    return f"{escaped(finding.message)}<br>{steps}<br>{word}: {escaped(fix.why)} (update: {fix.effect.phrase})"


def fence(text: str) -> str:
    """Backticks around a text, more than it has itself."""
    return "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", text)), default=0))


def escaped(text: str) -> str:
    """A text as it is, whatever marks of Markdown or HTML it has: it may come from a stranger's template."""
    plain = re.sub(r"\s+", " ", text)
    plain = plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    plain = re.sub(r"([\\`*_{}\[\]()#+!|~])", r"\\\1", plain)
    return re.sub(r"@(?=\w)", "@\u200b", plain)  # nobody is to be called by a template


def _code(text: str) -> str:
    return text.replace("`", "'").replace("\n", " ")
