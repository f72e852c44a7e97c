"""What a run says, in the words of whoever reads it."""

from __future__ import annotations

from remediator.run import Report

FORMATS = ("text", "json", "sarif", "rdjson", "github", "markdown", "patch")

WITH_TEXTS = ("sarif", "rdjson", "markdown", "patch")
"""Those that show the texts of the templates, or places in them."""


def render(reports: list[Report], form: str, *, fixing: bool, unsafe: bool) -> str:
    """The report in one of the formats. ``fixing``: the fixes that were possible have been made. ``unsafe``: so have the unsafe
    ones. What a format needs is imported when it is asked for: a run writes one of them."""
    if form == "json":
        from remediator.report import json

        return json.render(reports)
    if form == "sarif":
        from remediator.report import sarif

        return sarif.render(reports)
    if form == "rdjson":
        from remediator.report import rdjson

        return rdjson.render(reports)
    if form == "github":
        from remediator.report import github

        return github.render(reports)
    if form == "markdown":
        from remediator.report import markdown

        return markdown.render(reports, fixing=fixing, unsafe=unsafe)
    if form == "patch":
        from remediator.report.diff import unified

        return "".join(map(unified, reports))
    from remediator.report import text

    return text.render(reports, fixing=fixing, unsafe=unsafe)
