"""The one comment for what fits into no suggestion. It is found by its mark and brought up to date; no other is touched."""

from __future__ import annotations

from collections.abc import Sequence

from remediator.github.client import Client
from remediator.github.event import PullRequest
from remediator.github.marks import SUMMARY, is_ours
from remediator.github.plan import Unplaced
from remediator.github.post import MOST_COMMENTS
from remediator.report.diff import unified
from remediator.report.markdown import escaped, fence
from remediator.report.severity import help_page
from remediator.run import Report

LIMIT = 65_000
"""Bytes. GitHub takes 65,536 characters: "Body is too long (maximum is 65536 characters)"."""

_ROWS = 100


def put(client: Client, pull_request: PullRequest, text: str, me: str, *, needed: bool) -> None:
    """Makes the comment say this. Where there is none yet, there will only be one if it is needed."""
    for each in client.pages(f"issues/{pull_request.number}/comments", MOST_COMMENTS):
        body = each.get("body")
        if isinstance(body, str) and body.startswith(SUMMARY) and is_ours(each, me) and isinstance(each.get("id"), int):
            if body != text:
                client.send("PATCH", f"issues/comments/{each['id']}", {"body": text})
            return
    if needed:
        client.send("POST", f"issues/{pull_request.number}/comments", {"body": text})


def render(summary: str, left: Sequence[Unplaced], reports: Sequence[Report], notes: Sequence[str], head: str) -> str:
    """``left``: what no suggestion mends. The patch is what the fixes make of the templates at the head."""
    parts = [f"{SUMMARY}\n## remediator\n\n{summary} At {head[:12]}.\n"]
    parts += [f"\n> {escaped(note)}\n" for note in notes]
    rows = [_row(each) for each in left]
    if rows:
        parts.append("\n| place | rule | | why it is no suggestion |\n| --- | --- | --- | --- |\n")
    room = LIMIT - sum(len(part.encode()) for part in parts) - 1_000
    shown = _fitting(rows[:_ROWS], room // 2)
    parts += shown
    if len(shown) < len(rows):
        parts.append(f"\n*{len(rows) - len(shown)} more; the job's summary and its output `report-path` have all of them.*\n")
    parts.append(_patch(reports, LIMIT - sum(len(part.encode()) for part in parts) - 700))
    return "".join(parts)


def _row(each: Unplaced) -> str:
    finding = each.found.finding
    said = escaped("; ".join(finding.fix.steps) if finding.fix else finding.message)
    place = f"{each.name}:{each.found.line}".replace("`", "'").replace("|", "/").replace("\n", " ")
    return f"| `{place}` | [{finding.code}]({help_page(finding.code)}) | {said} | {escaped(each.reason)} |\n"


def _patch(reports: Sequence[Report], room: int) -> str:
    """The diffs of as many whole files as there is room for: a diff that is cut can't be applied."""
    diffs = [diff for report in reports if (diff := unified(report))]
    shown = _fitting(diffs, room)
    text = "".join(shown)
    if not diffs:
        return ""
    note = ""
    if len(shown) < len(diffs):
        more = f"{len(diffs) - len(shown)} of {len(diffs)} files have" if len(diffs) > 1 else "The patch has"
        note = f"\n*{more} no room here; the job's output `patch-path` names the whole patch, and `remediator fix` makes it.*\n"
    if not text:
        return note
    marks = fence(text)
    how = "All fixes, also those suggested: save as `remediator.patch`, then `git apply remediator.patch`."
    return f"\n<details><summary>The patch</summary>\n\n{how}\n\n{marks}diff\n{text}{marks}\n\n</details>\n{note}"


def _fitting(texts: Sequence[str], room: int) -> list[str]:
    """As many of the texts as there is room for, in order; one that is too long does not keep the next from being shown."""
    found = []
    for text in texts:
        size = len(text.encode("utf-8", "replace"))
        if size <= room:
            found.append(text)
            room -= size
    return found
