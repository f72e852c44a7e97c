"""Reviewdog's diagnostic format: what is left, with a suggestion where one change of lines is the whole fix.

Ranges of suggestions are whole lines and the same as that of the diagnostic, for reviewdog posts no others; the end is
exclusive, and columns are left out. https://github.com/reviewdog/reviewdog/tree/master/proto/rdf (2026-11)
"""

from __future__ import annotations

import json
from typing import Any

from remediator.engine import Located
from remediator.report.changes import LineChange, line_changes
from remediator.report.said import sentence
from remediator.report.severity import HOME, help_page, level
from remediator.run import Report, relative
from remediator.source import Source

_SEVERITIES = {"error": "ERROR", "warning": "WARNING", "note": "INFO"}


def render(reports: list[Report]) -> str:
    found = [each for report in reports for each in _diagnostics(report)]
    document = {"source": {"name": "remediator", "url": HOME}, "diagnostics": found}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _diagnostics(report: Report) -> list[dict[str, Any]]:
    path = relative(report.path)
    if report.error:
        location = {"path": path, "range": {"start": {"line": max(1, report.line)}}}
        return [{"message": report.error, "location": location, "severity": "ERROR"}]
    source = Source.from_text(report.after) if report.after else None
    return [_diagnostic(path, source, each) for each in report.remaining]


def _diagnostic(path: str, source: Source | None, each: Located) -> dict[str, Any]:
    finding = each.finding
    changes = line_changes(source, finding.fix.edits) if finding.fix and source else []
    only = changes[0] if len(changes) == 1 else None
    found: dict[str, Any] = {
        "message": sentence(finding),
        "location": {"path": path, "range": _range(only.first, only.last) if only else _range(each.line, each.end_line)},
        "severity": _SEVERITIES[level(finding)],
        "code": {"value": finding.code, "url": help_page(finding.code)},
    }
    if only:
        found["suggestions"] = [{"range": _range(only.first, only.last), "text": _text(only)}]
    return found


def _range(first: int, last: int) -> dict[str, Any]:
    return {"start": {"line": first}, "end": {"line": last}}


def _text(change: LineChange) -> str:
    return "\n".join(change.lines)
