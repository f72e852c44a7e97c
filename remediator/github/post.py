"""Suggestions as one review: never twice, and all or none, for GitHub refuses a whole review for one comment.

https://docs.github.com/en/rest/pulls/reviews#create-a-review-for-a-pull-request (2026-11)
"""

from __future__ import annotations

from typing import Any

from remediator.findings import Applicability
from remediator.github.client import ApiError, Client
from remediator.github.event import PullRequest, at
from remediator.github.marks import mark, marked
from remediator.github.plan import Suggestion
from remediator.report.markdown import escaped, fence
from remediator.report.said import capital
from remediator.report.severity import help_page

MOST_COMMENTS = 10_000


def who(client: Client) -> str:
    """The login that a token belongs to; nothing for a workflow's own, which is nobody's."""
    try:
        login = at(client.get("user"), "login")
    except ApiError:
        return ""
    return login if isinstance(login, str) else ""


def posted(client: Client, pull_request: PullRequest, me: str) -> frozenset[str]:
    """The fingerprints of what was suggested earlier."""
    return marked(client.pages(f"pulls/{pull_request.number}/comments", MOST_COMMENTS), me)


def post(client: Client, pull_request: PullRequest, suggestions: list[tuple[Suggestion, list[str]]], left: int) -> None:
    """One review. ``suggestions``: each with the fingerprints of what it mends; ``left``: how many fixes are none of them."""
    lowest_first = sorted(suggestions, key=lambda each: (each[0].name, -each[0].change.first))
    review = {
        "commit_id": pull_request.head,
        "event": "COMMENT",
        "body": _said(sum(len(each.found) for each, _ in suggestions), left),
        "comments": [comment(suggestion, prints) for suggestion, prints in lowest_first],
    }
    client.send("POST", f"pulls/{pull_request.number}/reviews", review)


def _said(number: int, left: int) -> str:
    what = "One fix" if number == 1 else f"{number} fixes"
    rest = f" {left} more can't be suggested at a place of the diff; the summary lists them and has the patch." if left else ""
    return f"**remediator**: {what} for CloudFormation templates, each tried before it was suggested.{rest}"


def comment(suggestion: Suggestion, fingerprints: list[str]) -> dict[str, Any]:
    change = suggestion.change
    place: dict[str, Any] = {"path": suggestion.name, "line": change.last, "side": "RIGHT"}
    if change.first != change.last:
        place |= {"start_line": change.first, "start_side": "RIGHT"}
    return {**place, "body": body(suggestion, fingerprints)}


def body(suggestion: Suggestion, fingerprints: list[str]) -> str:
    parts = [mark(fingerprints)]
    for each in suggestion.found:
        finding, fix = each.finding, each.finding.fix
        if fix is None:
            continue
        word = "Safe" if fix.applicability is Applicability.SAFE else "**Unsafe**"
        rule = f"**[{finding.code}]({help_page(finding.code)})**"
        parts.append(f"{rule} {escaped(finding.message)}. {escaped(capital('; '.join(fix.steps)))}.")
        parts.append(f"{word}: {escaped(fix.why)} (update: {fix.effect.phrase})")
    block = "".join(f"{line}\n" for line in suggestion.change.lines)
    return "\n\n".join([*parts, f"{fence(block)}suggestion\n{block}{fence(block)}"])
