"""What happened: the event that started the workflow, as its runner describes it.

https://docs.github.com/en/webhooks/webhook-events-and-payloads and
https://docs.github.com/en/actions/reference/workflows-and-actions/variables (2026-11)
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from remediator.github.settings import ActionError

_SHA = re.compile(r"[0-9a-f]{40}")
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")


@dataclass(frozen=True, slots=True)
class PullRequest:
    """``head``: the commit that its branch is at. ``fork``: that branch is in another repository."""

    number: int
    head: str
    branch: str
    fork: bool


@dataclass(frozen=True, slots=True)
class Run:
    """The commit that ``workflow_run`` reports on, and the branch of whose repository it is on."""

    head: str
    owner: str
    branch: str


@dataclass(frozen=True, slots=True)
class Event:
    """``commit`` and ``branch``: what was pushed, where it is no pull request."""

    repository: str
    api: str
    pull_request: PullRequest | None = None
    run: Run | None = None
    commit: str = ""
    branch: str = ""


def read(environment: Mapping[str, str]) -> Event:
    repository = environment.get("GITHUB_REPOSITORY", "")
    if not _REPOSITORY.fullmatch(repository):
        raise ActionError("GITHUB_REPOSITORY names no repository: this command is run by the GitHub Action")
    payload = _payload(environment.get("GITHUB_EVENT_PATH", ""))
    reference = environment.get("GITHUB_REF", "")
    return Event(
        repository,
        environment.get("GITHUB_API_URL") or "https://api.github.com",
        pull_request(payload.get("pull_request"), repository),
        _run(payload.get("workflow_run")),
        commit=environment.get("GITHUB_SHA", ""),
        branch=reference.removeprefix("refs/heads/") if reference.startswith("refs/heads/") else "",
    )


def _payload(path: str) -> dict[str, Any]:
    if not path:
        return {}
    try:
        found = json.loads(Path(path).read_bytes())
    except OSError as error:
        raise ActionError(f"the event can't be read: {path}: {(error.strerror or '').lower()}") from None
    except (ValueError, RecursionError):
        raise ActionError(f"the event is not valid JSON: {path}") from None
    return found if isinstance(found, dict) else {}


def pull_request(value: Any, repository: str) -> PullRequest | None:
    """A pull request as events and the API describe it; nothing where it is not described as promised."""
    head = at(value, "head")
    number, commit, branch = at(value, "number"), at(head, "sha"), at(head, "ref")
    if not isinstance(number, int) or not is_sha(commit) or not isinstance(branch, str):
        return None
    return PullRequest(number, commit, branch, fork=at(head, "repo", "full_name") != repository)


def _run(value: Any) -> Run | None:
    commit, owner, branch = at(value, "head_sha"), at(value, "head_repository", "owner", "login"), at(value, "head_branch")
    if not is_sha(commit) or not isinstance(owner, str) or not isinstance(branch, str):
        return None
    return Run(commit, owner, branch)


def at(value: Any, *keys: str) -> Any:
    """What is at a path of keys in a document from outside; nothing where that is not there."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def is_sha(value: Any) -> bool:
    return isinstance(value, str) and _SHA.fullmatch(value) is not None
