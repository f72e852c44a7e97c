"""SARIF 2.1.0: what is left in each template, with the fixes that could be made.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html. GitHub shows a part of it:
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning (2026-11)
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

from remediator.edits import one_a_place
from remediator.engine import Located
from remediator.findings import Finding, Fix
from remediator.nodes import show
from remediator.passes import Pass, registry
from remediator.report.rules import render_one, summary
from remediator.report.said import sentence
from remediator.report.severity import HOME, help_page, level, level_of
from remediator.run import Report, relative
from remediator.source import Source

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_FINGERPRINT = "remediator/v1"


def render(reports: list[Report]) -> str:
    used = {each.finding.code for report in reports for each in report.remaining}
    rules = [each for code, each in registry().items() if code in used]
    run = {
        "tool": {"driver": _driver(rules)},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(reports)],
        "results": [each for report in reports for each in _results(report, [rule.code for rule in rules])],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def fingerprint(path: str, finding: Finding, number: int = 0) -> str:
    """What stays the same when lines move: rule, file and place in the template; ``number`` tells equal ones apart."""
    words = (path, finding.code, show(finding.path), str(number))
    return hashlib.sha256("\0".join(words).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _driver(rules: list[Pass]) -> dict[str, Any]:
    number = version("remediator")
    return {
        "name": "remediator",
        "version": number,
        "semanticVersion": number,
        "informationUri": HOME,
        "rules": [
            {
                "id": rule.code,
                "name": rule.name,
                "shortDescription": {"text": summary(rule)},
                "fullDescription": {"text": summary(rule)},
                "helpUri": help_page(rule.code),
                "help": {"text": summary(rule), "markdown": render_one(rule)},
                "defaultConfiguration": {"level": level_of(rule.profile)},
                "properties": {"tags": ["cloudformation", rule.profile]},
            }
            for rule in rules
        ],
    }


def _invocation(reports: list[Report]) -> dict[str, Any]:
    notes = [
        {"level": "error", "message": {"text": report.error}, "locations": [_unreadable(report)]}
        for report in reports
        if report.error
    ]
    notes += [
        {"level": "error", "message": {"text": f"defect of remediator in {failure.culprit}: {failure.message}"}}
        for report in reports
        for failure in report.failures
    ]
    return {"executionSuccessful": not notes, **({"toolExecutionNotifications": notes} if notes else {})}


def _unreadable(report: Report) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": _uri(report)}}
    if report.line:
        place["region"] = {"startLine": report.line, "startColumn": max(1, report.column)}
    return {"physicalLocation": place}


def _results(report: Report, codes: list[str]) -> Iterator[dict[str, Any]]:
    source = Source.from_text(report.after) if report.after else None
    numbers: Counter[str] = Counter()
    for each in report.remaining:
        finding, path = each.finding, relative(report.path)
        plain = fingerprint(path, finding)
        found = {
            "ruleId": finding.code,
            **({"ruleIndex": codes.index(finding.code)} if finding.code in codes else {}),
            "level": level(finding),
            "message": {"text": sentence(finding)},
            "locations": [_location(report, each)],
            "partialFingerprints": {_FINGERPRINT: fingerprint(path, finding, numbers[plain])},
        }
        numbers[plain] += 1
        if finding.fix and source:
            found["fixes"] = [_fix(report, source, finding.fix)]
        yield found


def _location(report: Report, each: Located) -> dict[str, Any]:
    region = {
        "startLine": each.line,
        "startColumn": each.column,
        "endLine": each.end_line,
        "endColumn": each.end_column,
    }
    return {
        "physicalLocation": {"artifactLocation": {"uri": _uri(report)}, "region": region},
        "logicalLocations": [{"fullyQualifiedName": show(each.finding.path)}],
    }


def _fix(report: Report, source: Source, fix: Fix) -> dict[str, Any]:
    replacements = []
    for edit in one_a_place(fix.edits):
        (line, column), (end_line, end_column) = source.position(edit.start), source.position(edit.end)
        region = {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}
        replacements.append({"deletedRegion": region, "insertedContent": {"text": edit.text}})
    change = {"artifactLocation": {"uri": _uri(report)}, "replacements": replacements}
    applicability = {"applicability": fix.applicability.name.lower(), "why": fix.why, "update": fix.effect.phrase}
    return {"description": {"text": "; ".join(fix.steps)}, "artifactChanges": [change], "properties": applicability}


def _uri(report: Report) -> str:
    return quote(relative(report.path))
