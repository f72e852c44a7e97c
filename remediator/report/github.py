"""Annotations of a GitHub workflow: one line for each finding that is left, within GitHub's limits.

A step shows ten errors, ten warnings and ten notices and drops the rest without a word, so the tenth says how many more there
are. https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands (2026-11)
"""

from __future__ import annotations

from collections.abc import Iterator

from remediator.report.said import sentence
from remediator.report.severity import level
from remediator.run import Report, relative

SHOWN = 10
"""Annotations of one level that a step shows."""

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def render(reports: list[Report]) -> str:
    found: dict[str, list[str]] = {command: [] for command in _COMMANDS.values()}
    for command, line in _lines(reports):
        found[command].append(line)
    shown = [line for command, lines in found.items() for line in _within_limit(command, lines)]
    return "".join(f"{line}\n" for line in shown)


def _within_limit(command: str, lines: list[str]) -> list[str]:
    if len(lines) <= SHOWN:
        return lines
    more = len(lines) - SHOWN + 1
    return [*lines[: SHOWN - 1], f"::{command} title=remediator::{more} more of this kind; the report has all of them"]


def _lines(reports: list[Report]) -> Iterator[tuple[str, str]]:
    for report in reports:
        name = _property(relative(report.path))
        if report.error:
            place = f",line={report.line}" if report.line else ""
            yield "error", f"::error file={name}{place},title=remediator::{data(report.error)}"
        for failure in report.failures:
            text = f"defect of remediator in {failure.culprit}: {failure.message}"
            yield "error", f"::error file={name},title=remediator::{data(text)}"
        for each in report.remaining:
            command, finding = _COMMANDS[level(each.finding)], each.finding
            lines = f"line={each.line}" if each.line == each.end_line else f"line={each.line},endLine={each.end_line}"
            yield command, f"::{command} file={name},{lines},title={_property(finding.code)}::{data(sentence(finding))}"


def data(text: str) -> str:
    """A text as the message of a workflow command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return data(text).replace(":", "%3A").replace(",", "%2C")
