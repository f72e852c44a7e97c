"""What the tests' GitHub knows: one repository with one pull request, and what was said in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from github.description import Json


@dataclass
class Fault:
    """An answer that is not the usual one, ``times`` times: a status with headers, silence, or a text that is no JSON."""

    method: str
    path: str
    status: int = 0
    message: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    silence: float = 0
    raw: bytes | None = None
    times: int = 1_000_000


@dataclass
class GitHub:
    """One repository with one pull request. ``texts``: its files at the head; ``files``: what it changes, as listed."""

    head: str = ""
    number: int = 7
    branch: str = "topic"
    fork: str = ""
    files: list[Json] = field(default_factory=list)
    texts: dict[str, bytes] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    modes: dict[str, str] = field(default_factory=dict)
    writes: bool = True
    login: str = ""
    faults: list[Fault] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    comments: list[Json] = field(default_factory=list)
    reviews: list[Json] = field(default_factory=list)
    talk: list[Json] = field(default_factory=list)
    trees: dict[str, list[Json]] = field(default_factory=dict)
    commits: dict[str, Json] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)
    url: str = ""

    def of(self, method: str, path: str) -> list[str]:
        """The requests of a kind."""
        return [where for how, where in self.requests if how == method and re.search(path, where)]

    def pressed(self, name: str) -> str:
        """A file after every button of its suggestions was pressed, the last line first."""
        lines = self.texts[name].decode().split("\n")
        mine = (each for each in self.comments if each["path"] == name)
        for each in sorted(mine, key=lambda each: -int(each["line"])):
            match = re.search(r"^(`{3,})suggestion\n(.*?)^\1$", each["body"], re.MULTILINE | re.DOTALL)
            if match:
                last = int(each["line"])
                first = int(each["start_line"]) if "start_line" in each else last
                lines[first - 1 : last] = match[2].split("\n")[:-1]
        return "\n".join(lines)


class Refused(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message
