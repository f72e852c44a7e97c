"""The way for forks: a job that may not write hands over what it looked at, another one reads the templates from GitHub.

What is handed over comes from the pull request's own code, so nothing of it is believed but which commit and which files it
names; both are looked up.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

from remediator.github.client import ApiError, Client
from remediator.github.event import PullRequest, Run, at, is_sha, pull_request
from remediator.github.hunks import Changed
from remediator.github.look import Template, blob_name
from remediator.github.settings import ActionError
from remediator.source import MAX_BYTES

NAME = "pull-request.json"
_MAX_BYTES = 2_000_000
_MAX_FILES = 3_000
_VERSION = 1


def written(head: str, names: list[str]) -> str:
    return json.dumps({"version": _VERSION, "head_sha": head, "paths": names[:_MAX_FILES]}, indent=2) + "\n"


def read(path: str) -> tuple[str, frozenset[str]]:
    """The commit and the files that an artifact names. ``path``: its file, or the folder that holds it."""
    file = Path(path, NAME) if Path(path).is_dir() else Path(path)
    try:
        handle = os.open(file, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(handle, "rb") as opened:
            data = opened.read(_MAX_BYTES + 1)
    except OSError as error:
        raise ActionError(f"the artifact can't be read: {file}: {(error.strerror or str(error)).lower()}") from None
    if len(data) > _MAX_BYTES:
        raise ActionError(f"the artifact has more than {_MAX_BYTES:,} bytes: {file}")
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        raise ActionError(f"the artifact is not valid JSON: {file}") from None
    if not _is_valid(document):
        raise ActionError(f"the artifact is none of ours: {file}")
    return document["head_sha"], frozenset(document["paths"])


def _is_valid(document: Any) -> bool:
    if not isinstance(document, dict) or document.keys() != {"version", "head_sha", "paths"}:
        return False
    paths = document["paths"]
    return (
        document["version"] == _VERSION
        and is_sha(document["head_sha"])
        and isinstance(paths, list)
        and len(paths) <= _MAX_FILES
        and all(isinstance(path, str) and 0 < len(path) <= 4096 for path in paths)
    )


def find(client: Client, repository: str, run: Run) -> PullRequest | None:
    """The open pull request whose head a run was about. The event names none where the branch is a fork's:
    https://github.com/actions/runner/issues/3444 (2026-11)"""
    where = f"pulls?state=open&head={quote(f'{run.owner}:{run.branch}', safe='')}"
    found = (pull_request(entry, repository) for entry in client.pages(where, 100))
    return next((each for each in found if each and each.head == run.head), None)


def fetch(client: Client, wanted: list[Changed], folder: Path) -> tuple[list[Template], list[str]]:
    """The files as they are at the head, each in a folder of its own so that no name decides where; and what went wrong."""
    found: list[Template] = []
    wrong: list[str] = []
    for number, each in enumerate(wanted):
        try:
            data = _blob(client, each)
        except ApiError as error:
            wrong.append(f"{each.name} could not be read. {error}")
            continue
        file = folder / str(number) / Path(each.name).name
        file.parent.mkdir(parents=True)
        file.write_bytes(data)
        found.append(Template(each.name, file))
    return found, wrong


def _blob(client: Client, each: Changed) -> bytes:
    if not is_sha(each.blob):
        raise ApiError(0, f"{each.blob!r} names no blob")
    answer = client.get(f"git/blobs/{each.blob}")
    content, size = at(answer, "content"), at(answer, "size")
    if not isinstance(content, str) or at(answer, "encoding") != "base64" or not isinstance(size, int) or size > 2 * MAX_BYTES:
        raise ApiError(0, "the file is no text of a template's size")
    try:
        data = base64.b64decode(content)
    except (binascii.Error, ValueError):
        raise ApiError(0, "the content is not base64") from None
    if blob_name(data) != each.blob:
        raise ApiError(0, "the content is not what was asked for")
    return data
