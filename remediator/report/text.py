"""The report for people: a block for each finding, and a line that sums up."""

from __future__ import annotations

from collections.abc import Iterator

import click

from remediator.engine import Failure, Located
from remediator.findings import Applicability, Fix
from remediator.run import Report, relative


def render(reports: list[Report], *, fixing: bool, unsafe: bool) -> str:
    """``fixing``: the fixes that were possible have been made. ``unsafe``: so have the unsafe ones."""
    lines = [line for report in reports for line in _file(report, fixing)]
    return "\n".join([*lines, summed_up(reports, fixing=fixing, unsafe=unsafe)]) + "\n"


def _file(report: Report, fixing: bool) -> Iterator[str]:
    path = relative(report.path)
    if report.error:
        place = f"{path}:{report.line}:{report.column}" if report.line else path
        yield f"{click.style(place, bold=True)}: {click.style('error', fg='red')}: {report.error}"
        return
    for each in report.applied:
        yield from _finding(path, each, "fixed" if report.written or fixing else "fixable")
    for each in report.remaining:
        yield from _finding(path, each, "")
    for failure in report.failures:
        yield from _failure(path, failure)


def _finding(path: str, each: Located, done: str) -> Iterator[str]:
    finding = each.finding
    place = click.style(f"{path}:{each.line}:{each.column}", bold=True)
    yield f"{place} {click.style(finding.code, fg='cyan')} {finding.message}"
    fix = finding.fix
    if fix is None:
        yield f"  {click.style('not fixed', fg='yellow')}: {finding.reason}"
        return
    verb, colour = _verb(fix, done)
    for step in fix.steps:
        yield f"  {click.style(verb, fg=colour)}: {step}"
    word = "safe" if fix.applicability is Applicability.SAFE else "unsafe"
    yield f"  {word}: {fix.why} (update: {fix.effect.phrase})"


def _verb(fix: Fix, done: str) -> tuple[str, str]:
    if done:
        return done, "green"
    return ("fixable", "green") if fix.applicability is Applicability.SAFE else ("needs --unsafe-fixes", "yellow")


def _failure(path: str, failure: Failure) -> Iterator[str]:
    place = click.style(path, bold=True)
    yield f"{place}: {click.style('defect of remediator', fg='red')} in {failure.culprit}: {failure.message}"
    yield "  please report it with the template: https://github.com/remediator/remediator/issues"


def summed_up(reports: list[Report], *, fixing: bool, unsafe: bool) -> str:
    """How many were fixed and what is left, in one line."""
    fixed = sum(len(report.applied) for report in reports)
    left = [each.finding for report in reports for each in report.remaining]
    safe = sum(1 for f in left if f.fix and f.fix.applicability is Applicability.SAFE)
    risky = sum(1 for f in left if f.fix and f.fix.applicability is Applicability.UNSAFE)
    people = len(left) - safe - risky
    refused = sum(1 for report in reports if report.error)
    defects = sum(len(report.failures) for report in reports)
    parts = []
    if fixed:
        changed = sum(1 for report in reports if report.changed)
        parts.append(f"{fixed} fixed in {_count(changed, 'file')}" if fixing else f"{fixed} fixable")
    if safe:
        parts.append(f"{safe} fixable")
    if risky:
        parts.append(f"{risky} left" if unsafe else f"{_count(risky, 'fix')} more with --unsafe-fixes")
    if people:
        parts.append(f"{people} for a person to decide")
    if defects:
        parts.append(f"{_count(defects, 'defect')} of remediator")
    if refused:
        parts.append(f"{_count(refused, 'file')} with an error")
    seen = _count(len(reports), "template")
    return f"{seen}: {', '.join(parts)}" if parts else f"{seen}: nothing to fix" if reports else "no templates found"


def _count(number: int, noun: str) -> str:
    plural = f"{noun}es" if noun.endswith("x") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"
