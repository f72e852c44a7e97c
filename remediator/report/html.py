"""One page for people: findings, side-by-side diff and both graphs of every template. It needs no network.

Everything is in the page before a script runs; the script only filters. What comes from a template is escaped, and the page
forbids itself to load anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from importlib import resources

from remediator.engine import Located
from remediator.findings import Applicability
from remediator.graph import Graph
from remediator.nodes import show
from remediator.report import svg
from remediator.report.said import capital
from remediator.report.severity import help_page, level
from remediator.report.sides import Row, Side, rows
from remediator.report.text import summed_up
from remediator.run import Report, relative
from remediator.source import Source, TemplateError
from remediator.template import Template

_STATES = ("fixed", "left")


def render(reports: list[Report], *, fixing: bool, unsafe: bool) -> str:
    style, script = (_asset(name) for name in ("page.css", "page.js"))
    summary = escape(summed_up(reports, fixing=fixing, unsafe=unsafe))
    worth = [each for each in reports if each.error or each.failures or each.applied or each.remaining or each.changed]
    parts = [
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
        "script-src 'unsafe-inline'; img-src data:\">",
        f"<title>remediator</title>\n<style>\n{style}</style>\n</head>\n<body>",
        f"<header><h1>remediator</h1><p>{summary}</p>{_filters(worth)}</header>",
        "<main>",
        *(part for report in worth for part in _file(report)),
        f"</main>\n<script>\n{script}</script>\n</body>\n</html>\n",
    ]
    return "\n".join(parts)


def _asset(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _filters(reports: list[Report]) -> str:
    files = [relative(report.path) for report in reports]
    codes = sorted({each.finding.code for report in reports for each in (*report.applied, *report.remaining)})
    return (
        f"<form>{_select('file', 'every file', files)}{_select('rule', 'every rule', codes)}"
        f"{_select('state', 'fixed and left', _STATES)}</form>"
    )


def _select(name: str, every: str, values: list[str] | tuple[str, ...]) -> str:
    options = "".join(f'<option value="{escape(value)}">{escape(value)}</option>' for value in values)
    return f'<select name="{name}" aria-label="{name}"><option value="">{every}</option>{options}</select>'


def _file(report: Report) -> Iterator[str]:
    path = escape(relative(report.path))
    yield f'<section class="file" data-file="{path}">\n<h2>{path}</h2>'
    if report.error:
        place = f"line {report.line}, column {report.column}: " if report.line else ""
        yield f'<p class="error">{place}{escape(report.error)}</p>'
    for failure in report.failures:
        yield f'<p class="error">A defect of remediator in {escape(failure.culprit)}: {escape(failure.message)}</p>'
    yield '<ul class="findings">'
    yield from (_finding(each, "fixed") for each in report.applied)
    yield from (_finding(each, "left") for each in report.remaining)
    yield "</ul>"
    if report.before != report.after:
        yield from _diff(report)
    yield from _graphs(report)
    yield "</section>"


def _finding(each: Located, state: str) -> str:
    finding, fix = each.finding, each.finding.fix
    code = escape(finding.code)
    lines = [f"<p>{escape(capital(finding.message))}</p>"]
    if fix is None:
        lines.append(f'<p class="reason">{escape(capital(finding.reason))}</p>')
    else:
        word = "Safe" if fix.applicability is Applicability.SAFE else "Unsafe"
        lines += [f'<p class="step">{escape(capital(step))}</p>' for step in fix.steps]
        lines.append(f'<p class="why">{word}: {escape(fix.why)} (update: {fix.effect.phrase})</p>')
    return (
        f'<li data-rule="{code}" data-state="{state}" class="{level(finding)} {state}">'
        f'<a href="{help_page(code)}">{code}</a> <span class="place">line {each.line} · {escape(show(finding.path))}</span> '
        f'<span class="state">{state}</span>{"".join(lines)}</li>'
    )


def _diff(report: Report) -> Iterator[str]:
    yield '<details class="diff" open><summary>The change</summary>\n<div class="rows">'
    yield from map(_row, rows(report.before, report.after))
    yield "</div></details>"


def _row(row: Row) -> str:
    if row.skipped:
        return f'<div class="row skipped">{row.skipped} unchanged lines</div>'
    kind = "same" if row.same else "changed"
    return f'<div class="row {kind}">{_side(row.old, "old")}{_side(row.new, "new")}</div>'


def _side(side: Side | None, name: str) -> str:
    if side is None:
        return f'<div class="{name} empty"></div>'
    return f'<div class="{name}"><i>{side.number}</i><code>{escape(side.text) or " "}</code></div>'


def _graphs(report: Report) -> Iterator[str]:
    """Both graphs where the fix changed them, else the one that there is."""
    try:
        before, after = (Graph(Template(Source.from_text(text))) for text in (report.before, report.after))
    except TemplateError:
        return  # a file that could not be read has no graph
    same = before.arcs == after.arcs
    picture = svg.render(after) if same else svg.side_by_side(before, after)
    opened = "" if same else " open"
    yield f'<details class="graph"{opened}><summary>Dependencies{"" if same else ", before and after"}</summary>'
    yield f"<div>{picture}</div></details>"
