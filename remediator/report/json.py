"""The report for programs: one JSON document, versioned, as ``docs/report.schema.json`` describes it."""

from __future__ import annotations

import json
from typing import Any

from remediator.engine import Located
from remediator.findings import Fix
from remediator.nodes import show
from remediator.run import Report, relative

VERSION = 1


def render(reports: list[Report]) -> str:
    document = {"version": VERSION, "files": [_file(report) for report in reports]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _file(report: Report) -> dict[str, Any]:
    if report.error:
        return {"path": relative(report.path), "error": report.error, "line": report.line, "column": report.column}
    return {
        "path": relative(report.path),
        "changed": report.changed,
        "findings": [
            *(_finding(each, applied=True) for each in report.applied),
            *(_finding(each, applied=False) for each in report.remaining),
        ],
        "checker": dict(zip(("before", "after"), report.checked, strict=True)) if report.checked else None,
        "defects": [{"code": failure.culprit, "message": failure.message} for failure in report.failures],
    }


def _finding(each: Located, *, applied: bool) -> dict[str, Any]:
    finding = each.finding
    return {
        "code": finding.code,
        "message": finding.message,
        "path": show(finding.path),
        "line": each.line,
        "column": each.column,
        "end_line": each.end_line,
        "end_column": each.end_column,
        "applied": applied,
        "fix": _fix(finding.fix) if finding.fix else None,
        "reason": finding.reason or None,
    }


def _fix(fix: Fix) -> dict[str, Any]:
    return {
        "applicability": fix.applicability.name.lower(),
        "update": fix.effect.phrase,
        "steps": list(fix.steps),
        "why": fix.why,
        "paths": [show(path) for path in fix.paths],
    }
