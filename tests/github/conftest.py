"""What the tests of pull requests share: a server, a repository, and a way to run the Action's program."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from github.pull_requests import Files, PullRequest, opened
from github.server import serving
from github.state import GitHub
from remediator.github import action
from remediator.github.client import Client

Run = Callable[[PullRequest], int]


@pytest.fixture
def hub() -> Iterator[GitHub]:
    """GitHub; in the end, nothing that was asked of it was against its description."""
    with serving(GitHub()) as hub:
        yield hub
    assert hub.violations == []


@pytest.fixture
def pull_request(tmp_path: Path, hub: GitHub) -> Callable[..., PullRequest]:
    def make(before: Files, after: Files, **inputs: str) -> PullRequest:
        return opened(tmp_path, hub, before, after).inputs(profile="deploy", **inputs)

    return make


@pytest.fixture
def waits() -> list[float]:
    """How long the client would have waited, each time that it was asked to."""
    return []


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, waits: list[float]) -> Run:
    def go(made: PullRequest) -> int:
        for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"):
            Path(made.environment[name]).unlink(missing_ok=True)
        monkeypatch.chdir(made.folder)
        return action.run(made.environment, made.folder)

    monkeypatch.setattr(action, "Client", partial(Client, patience=0.3, wait=waits.append))
    return go
