"""Mode fix: one commit on top of the head, made through the API, to nobody else's repository, and never by force."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from github.conftest import Run
from github.pull_requests import PullRequest
from github.state import Fault, GitHub
from github.texts import ASKING, RIGHT, WRONG

Make = Callable[..., PullRequest]
BRANCH = "refs/heads/topic"


def committed(hub: GitHub, branch: str = BRANCH) -> dict[str, str]:
    """The files that the commit at a branch changes."""
    commit = hub.commits[hub.refs[branch]]
    return {each["path"]: each["content"] for each in hub.trees[commit["tree"]]}


def test_the_fixes_are_one_commit_on_the_head(hub: GitHub, pull_request: Make, run: Run) -> None:
    files = {"a.yaml": WRONG, "b.yaml": RIGHT, "c.yaml": WRONG.replace("\n", "\r\n")}
    made = pull_request({}, files, mode="fix", commit_message="Mend\nit")
    hub.modes["a.yaml"] = "100755"
    assert run(made) == 0
    assert committed(hub) == {"a.yaml": RIGHT, "c.yaml": RIGHT.replace("\n", "\r\n")}
    [commit] = hub.commits.values()
    assert commit["parents"] == [hub.head]
    assert commit["message"] == "Mend\nit"
    assert {each["path"]: each["mode"] for each in hub.trees[commit["tree"]]} == {"a.yaml": "100755", "c.yaml": "100644"}
    assert "6 fixed in 2 files" in made.summary
    assert (made.folder / "a.yaml").read_text() == WRONG  # the checkout stays as it is


def test_what_is_left_fails_the_check(hub: GitHub, pull_request: Make, run: Run) -> None:
    assert run(pull_request({}, {"a.yaml": ASKING}, mode="fix")) == 1
    assert "AWS::SNS::Topic #" in committed(hub)["a.yaml"]


def test_nothing_to_fix_is_no_commit(hub: GitHub, pull_request: Make, run: Run) -> None:
    assert run(pull_request({}, {"a.yaml": RIGHT}, mode="fix")) == 0
    assert hub.commits == {}


def test_the_branch_of_a_fork_is_left_alone(hub: GitHub, pull_request: Make, run: Run) -> None:
    hub.fork = "mallory/r"
    made = pull_request({}, {"a.yaml": WRONG}, mode="fix")
    assert run(made) == 1
    assert hub.commits == {}
    assert "is in a fork" in made.summary


def test_a_branch_that_moved_meanwhile_is_left_alone(hub: GitHub, pull_request: Make, run: Run) -> None:
    made = pull_request({}, {"a.yaml": WRONG}, mode="fix")
    hub.refs[BRANCH] = "f" * 40
    assert run(made) == 1
    assert hub.refs[BRANCH] == "f" * 40
    assert "Nothing was committed to topic. GitHub answered 422: Update is not a fast forward" in made.summary


def test_another_branch_is_made_and_none_that_is_there_is_moved(hub: GitHub, pull_request: Make, run: Run) -> None:
    made = pull_request({}, {"a.yaml": WRONG}, mode="fix", branch="fixes/a")
    assert run(made) == 0
    assert committed(hub, "refs/heads/fixes/a") == {"a.yaml": RIGHT}
    assert hub.refs[BRANCH] == hub.head
    assert run(made) == 1
    assert "Reference already exists" in made.summary


def test_a_file_that_is_not_at_the_head_what_it_is_here_is_left_out(hub: GitHub, pull_request: Make, run: Run) -> None:
    made = pull_request({}, {"a.yaml": WRONG, "b.yaml": WRONG}, mode="fix")
    (made.folder / "a.yaml").write_text("# of the merge\n" + WRONG)
    assert run(made) == 1
    assert committed(hub) == {"b.yaml": RIGHT}
    assert "they are not at the head of the branch what they are here: a.yaml" in made.summary


@pytest.mark.parametrize("path", ["/git/commits", "/git/trees"])
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("answer", [{"status": 403, "message": "no"}, {"raw": b"{}"}, {"raw": b"[]"}, {"raw": b"x"}])
def test_what_github_refuses_is_said(
    hub: GitHub, pull_request: Make, run: Run, method: str, path: str, answer: dict[str, object]
) -> None:
    made = pull_request({}, {"a.yaml": WRONG}, mode="fix")
    hub.faults.append(Fault(method, path, **answer))  # type: ignore[arg-type]
    assert run(made) == 1
    assert "Nothing was committed to topic" in made.summary
    assert hub.refs[BRANCH] == hub.head


def test_a_push_is_fixed_on_its_branch(hub: GitHub, pull_request: Make, run: Run) -> None:
    made = pull_request({}, {"a.yaml": WRONG}, mode="fix")
    made.event({"ref": BRANCH})
    made.environment |= {"GITHUB_REF": BRANCH, "GITHUB_SHA": hub.head}
    assert run(made) == 0
    assert committed(hub) == {"a.yaml": RIGHT}
