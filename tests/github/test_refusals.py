"""What GitHub may answer: each answer ends as docs/action.md says, and none changes what is said of the templates."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from github.conftest import Run
from github.pull_requests import PullRequest
from github.state import Fault, GitHub
from github.texts import ASKING, RIGHT, WRONG

Make = Callable[..., PullRequest]

LISTING = ("GET", "/files")
COMMENTS = ("GET", "/pulls/7/comments")
REVIEW = ("POST", "/reviews")
TALK = ("POST", "/issues/7/comments")
REFUSED = pytest.mark.parametrize("call", [LISTING, COMMENTS, REVIEW, TALK], ids=lambda call: call[1])
Answer = dict[str, object]
ANSWERS: dict[str, Answer] = {
    "403": {"status": 403, "message": "Resource not accessible by integration"},
    "404": {"status": 404, "message": "Not Found"},
    "422": {"status": 422, "message": "Unprocessable Entity"},
    "429": {"status": 429, "message": "You have exceeded a secondary rate limit"},
    "500": {"status": 500, "message": "oops"},
    "redirect": {"status": 302, "message": "", "headers": {"Location": "http://127.0.0.1:1/"}},
    "silence": {"silence": 1},
    "no JSON": {"raw": b"<html>"},
    "deep": {"raw": b"[" * 100_000},
    "other JSON": {"raw": b'"text"'},
}


@REFUSED
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
def test_what_github_refuses_changes_nothing_but_where_it_is_said(
    hub: GitHub,
    pull_request: Make,
    run: Run,
    capsys: pytest.CaptureFixture[str],
    call: tuple[str, str],
    answer: dict[str, object],
) -> None:
    """The status is about the templates; one notice says what was refused, and no request is made over and over."""
    made = pull_request({}, {"good.yaml": RIGHT, "b.yaml": ASKING}, fail_on="never")
    hub.faults.append(Fault(*call, **answer))  # type: ignore[arg-type]
    assert run(made) == 0
    assert run(made.inputs(fail_on="error")) == 1
    log = capsys.readouterr().out
    written = call[0] == "POST" and answer.get("raw") == b'"text"'  # an answer to what was done is not read
    assert ("::notice title=remediator::" in log) != written
    assert ("::error file=b.yaml" in log) != written
    assert len(hub.of(*call)) <= 4
    assert int(made.outputs["findings"]) == 2


def test_a_token_that_only_reads_gets_annotations_and_one_notice_about_forks(
    hub: GitHub, pull_request: Make, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.writes, hub.fork = False, "mallory/r"
    made = pull_request({}, {"a.yaml": ASKING})
    assert run(made) == 1
    log = capsys.readouterr().out
    assert log.count("docs/action.md of remediator has the way for forks") == 1
    assert log.count("::error file=a.yaml") == 2
    assert "Resource not accessible by integration" in made.summary
    assert len(hub.of("POST", "")) == 1


def test_it_waits_once_if_asked_to(hub: GitHub, pull_request: Make, run: Run, waits: list[float]) -> None:
    made = pull_request({}, {"a.yaml": WRONG})
    hub.faults.append(Fault(*REVIEW, status=429, message="slow down", headers={"Retry-After": "7"}, times=1))
    run(made)
    assert waits == [7]
    assert hub.pressed("a.yaml") == RIGHT


@pytest.mark.parametrize("seconds", ["3600", "-1", "soon", "²"])
def test_it_waits_no_hour(hub: GitHub, pull_request: Make, run: Run, waits: list[float], seconds: str) -> None:
    made = pull_request({}, {"a.yaml": WRONG})
    hub.faults.append(Fault(*REVIEW, status=403, message="limit", headers={"Retry-After": seconds}))
    assert run(made) == 1
    assert waits == []


def test_a_review_that_was_refused_is_not_lost(hub: GitHub, pull_request: Make, run: Run) -> None:
    """It is in the comment instead, and suggested with the next push."""
    made = pull_request({}, {"a.yaml": WRONG})
    hub.faults.append(Fault(*REVIEW, status=422, message="Unprocessable Entity", times=1))
    run(made)
    assert hub.talk[0]["body"].count("the review was refused") == 3
    assert made.outputs["suggested"] == "0"
    run(made)
    assert hub.pressed("a.yaml") == RIGHT


def test_lists_are_read_to_their_end(hub: GitHub, pull_request: Make, run: Run) -> None:
    files = {f"many/{number:03}.txt": "text\n" for number in range(230)}
    made = pull_request({}, {**files, "z.yaml": WRONG})
    run(made)
    assert len(hub.comments) == 3
    assert len(hub.of("GET", "/files")) == 3
    hub.comments[:0] = [{"body": "hello", "path": "z.yaml", "line": 1, "user": {"login": "a", "type": "User"}}] * 250
    run(made)
    assert len(hub.reviews) == 1
