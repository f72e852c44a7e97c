"""The way for forks: what the first job hands over is believed in nothing, and the second one needs no checkout."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from github.conftest import Run
from github.pull_requests import PullRequest
from github.state import Fault, GitHub
from github.texts import RIGHT, WRONG
from remediator.github.settings import ActionError

Make = Callable[..., PullRequest]


@pytest.fixture
def second(hub: GitHub, pull_request: Make, run: Run, tmp_path: Path) -> Callable[[], PullRequest]:
    """The first job has run, without rights; the second one starts in an empty folder."""

    def go() -> PullRequest:
        hub.fork, hub.writes = "mallory/r", False
        made = pull_request({}, {"stacks/a.yaml": WRONG, "b.yaml": RIGHT}, mode="check")
        run(made)
        hub.writes = True
        empty = tmp_path / "empty"
        empty.mkdir()
        made.folder = empty
        about = {"head_sha": hub.head, "head_branch": hub.branch, "head_repository": {"owner": {"login": "mallory"}}}
        made.event({"action": "completed", "workflow_run": {**about, "pull_requests": []}})
        return made.inputs(mode="suggest", from_artifact=str(made.temporary / "remediator-report"))

    return go


def artifact(made: PullRequest) -> Path:
    return made.temporary / "remediator-report" / "pull-request.json"


def test_a_fork_gets_suggestions_without_a_checkout(hub: GitHub, second: Callable[[], PullRequest], run: Run) -> None:
    made = second()
    assert run(made) == 1
    assert hub.pressed("stacks/a.yaml") == RIGHT
    assert hub.reviews[0]["commit_id"] == hub.head
    assert list(made.folder.iterdir()) == []


def test_paths_still_count(hub: GitHub, second: Callable[[], PullRequest], run: Run) -> None:
    assert run(second().inputs(paths="other")) == 0
    assert hub.comments == []


def changed(made: PullRequest, **values: object) -> None:
    document = json.loads(artifact(made).read_text())
    artifact(made).write_text(json.dumps({**document, **values}))


@pytest.mark.parametrize(
    "values",
    [
        {"version": 2},
        {"head_sha": "main"},
        {"head_sha": 5},
        {"paths": "a"},
        {"paths": [1]},
        {"paths": [""]},
        {"paths": ["a"] * 3001},
        {"more": 1},
    ],
    ids=str,
)
def test_an_artifact_of_another_shape_is_refused(
    hub: GitHub, second: Callable[[], PullRequest], run: Run, values: dict[str, object]
) -> None:
    made = second()
    changed(made, **values)
    with pytest.raises(ActionError, match="the artifact is none of ours"):
        run(made)


@pytest.mark.parametrize(
    "data", [b"", b"[]x", b"\xff", b"[" * 90_000, b" " * 2_000_001], ids=["empty", "x", "bytes", "deep", "long"]
)
def test_an_artifact_that_is_no_document_is_refused(
    hub: GitHub, second: Callable[[], PullRequest], run: Run, data: bytes
) -> None:
    made = second()
    artifact(made).write_bytes(data)
    with pytest.raises(ActionError, match="the artifact"):
        run(made)


def test_an_artifact_that_leads_elsewhere_is_refused(hub: GitHub, second: Callable[[], PullRequest], run: Run) -> None:
    made = second()
    target = made.temporary / "secret.json"
    os.replace(artifact(made), target)
    artifact(made).symlink_to(target)
    with pytest.raises(ActionError, match="the artifact can't be read"):
        run(made)


def test_an_artifact_about_another_commit_is_refused(hub: GitHub, second: Callable[[], PullRequest], run: Run) -> None:
    """Who writes an artifact may name any commit; the event is GitHub's word."""
    made = second()
    changed(made, head_sha="b" * 40)
    with pytest.raises(ActionError, match="another commit than the event"):
        run(made)


def test_names_in_an_artifact_open_no_files(hub: GitHub, second: Callable[[], PullRequest], run: Run) -> None:
    made = second()
    (made.folder / "here.yaml").write_text(WRONG)
    changed(made, paths=["../event.json", "/etc/passwd", "here.yaml"])
    assert run(made) == 0
    assert made.outputs["findings"] == "0"
    assert hub.comments == []


def test_a_pull_request_that_was_pushed_to_meanwhile_gets_nothing(
    hub: GitHub, second: Callable[[], PullRequest], run: Run
) -> None:
    made = second()
    hub.head = "e" * 40
    assert run(made) == 0
    assert hub.reviews == []
    assert "pushed to, or closed, meanwhile" in made.summary


def test_a_blob_that_is_not_what_was_asked_for_is_not_read(hub: GitHub, second: Callable[[], PullRequest], run: Run) -> None:
    made = second()
    name = next(iter(hub.blobs))
    hub.blobs[name] = b"something else"
    run(made)
    assert "the content is not what was asked for" in made.summary


@pytest.mark.parametrize("call", [("GET", "/pulls\\?"), ("GET", "/files"), ("GET", "/git/blobs")])
@pytest.mark.parametrize(
    "answer", [{"status": 500, "message": "oops"}, {"raw": b"x"}, {"raw": b"[7]"}, {"silence": 1}], ids=str
)
def test_what_github_refuses_is_said(
    hub: GitHub, second: Callable[[], PullRequest], run: Run, call: tuple[str, str], answer: dict[str, object]
) -> None:
    made = second()
    hub.faults.append(Fault(*call, **answer))  # type: ignore[arg-type]
    assert run(made) == 0
    assert "could" in made.summary
    assert hub.reviews == []


def test_it_needs_the_right_event_and_mode(hub: GitHub, second: Callable[[], PullRequest], run: Run) -> None:
    made = second()
    with pytest.raises(ActionError, match="goes with mode suggest only"):
        run(made.inputs(mode="fix"))
    made.event({})
    with pytest.raises(ActionError, match="workflow_run"):
        run(made.inputs(mode="suggest"))
