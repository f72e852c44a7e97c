"""Pull requests for the tests: a real git repository, the event that GitHub would send, and the runner's environment."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from github.description import Json
from github.state import GitHub

Files = dict[str, str]


@dataclass
class PullRequest:
    """``folder``: the checkout at the head. ``environment``: what the runner sets, and the inputs beside it."""

    folder: Path
    hub: GitHub
    environment: dict[str, str]
    temporary: Path

    def event(self, document: Json) -> None:
        Path(self.environment["GITHUB_EVENT_PATH"]).write_text(json.dumps(document), encoding="utf-8")

    def inputs(self, **inputs: str) -> PullRequest:
        self.environment |= {f"REMEDIATOR_{name.upper()}": value for name, value in inputs.items()}
        return self

    def push(self, files: Files) -> None:
        """One more commit at the head."""
        _write(self.folder, files)
        _commit(self.folder, "more")
        self._announce()

    def _announce(self) -> None:
        hub, folder = self.hub, self.folder
        hub.head = _git(folder, "rev-parse", "HEAD").strip()
        hub.files = [
            _entry(folder, *line.split("\t")) for line in _git(folder, "diff", "--name-status", "base", "HEAD").splitlines()
        ]
        kept = [each["filename"] for each in hub.files if each["status"] != "removed"]
        hub.texts = {name: (folder / name).read_bytes() for name in kept}
        hub.blobs = {each["sha"]: hub.texts[each["filename"]] for each in hub.files if each["filename"] in hub.texts}
        hub.refs[f"refs/heads/{hub.branch}"] = hub.head
        head = {"sha": hub.head, "ref": hub.branch, "repo": {"full_name": hub.fork or "o/r"}}
        self.event({"action": "synchronize", "pull_request": {"number": hub.number, "head": head}})

    @property
    def outputs(self) -> dict[str, str]:
        text = Path(self.environment["GITHUB_OUTPUT"]).read_text(encoding="utf-8")
        return dict(line.split("=", 1) for line in text.splitlines())

    @property
    def summary(self) -> str:
        return Path(self.environment["GITHUB_STEP_SUMMARY"]).read_text(encoding="utf-8")


def opened(place: Path, hub: GitHub, before: Files, after: Files) -> PullRequest:
    """A pull request that makes of one set of files another one."""
    folder, temporary = place / "checkout", place / "temporary"
    folder.mkdir()
    temporary.mkdir()
    _git(folder, "init", "--quiet", "--initial-branch=base")
    _write(folder, {"README.md": "a repository\n", **before})
    _commit(folder, "before")
    _git(folder, "switch", "--quiet", "--create", hub.branch)
    for name in before.keys() - after.keys():
        (folder / name).unlink()
    _write(folder, after)
    _commit(folder, "after")
    environment = {
        "GITHUB_REPOSITORY": "o/r",
        "GITHUB_API_URL": hub.url,
        "GITHUB_EVENT_PATH": str(temporary / "event.json"),
        "GITHUB_REF": f"refs/pull/{hub.number}/merge",
        "GITHUB_SHA": "0" * 40,
        "GITHUB_OUTPUT": str(temporary / "output"),
        "GITHUB_STEP_SUMMARY": str(temporary / "summary"),
        "RUNNER_TEMP": str(temporary),
        "REMEDIATOR_TOKEN": "token",
    }
    found = PullRequest(folder, hub, environment, temporary)
    found._announce()
    return found


def _write(folder: Path, files: Files) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode())


def _commit(folder: Path, message: str) -> None:
    _git(folder, "add", "--all")
    _git(folder, "-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "--quiet", "--allow-empty", "-m", message)


def _git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", "-c", "core.autocrlf=false", *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


def _entry(folder: Path, status: str, name: str, renamed: str = "") -> Json:
    name = renamed or name
    words = {"A": "added", "M": "modified", "D": "removed", "R": "renamed"}
    diff = _git(folder, "diff", "base", "HEAD", "--", name)
    blob = "0" * 40 if status == "D" else _git(folder, "rev-parse", f"HEAD:{name}").strip()
    entry: Json = {"filename": name, "status": words[status[0]], "sha": blob}
    if "\n@@ " in diff:
        entry["patch"] = diff[diff.index("\n@@ ") + 1 :].removesuffix("\n")
    return entry
