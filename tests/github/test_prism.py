"""A second opinion on the tests' server: Prism, which knows nothing of it, holds our requests to the same description."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from github.description import API
from github.state import GitHub
from remediator.github.client import ApiError, Client

PRISM = shutil.which("prism")
pytestmark = pytest.mark.skipif(PRISM is None, reason="prism is not installed: npm install --global @stoplight/prism-cli")


@pytest.fixture(scope="module")
def prism(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its address. It answers what the description has; GitHub's own media type is not in that, and is added."""
    document = json.loads(json.dumps(API))
    for path in document["paths"].values():
        for call in path.values():
            for answer in call["responses"].values():
                if "content" in answer:
                    answer["content"]["application/vnd.github+json"] = answer["content"]["application/json"]
    file = tmp_path_factory.mktemp("prism") / "api.json"
    file.write_text(json.dumps(document))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert PRISM
    command = [PRISM, "mock", "--host", "127.0.0.1", "--port", str(port), "--errors", str(file)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _up(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _up(port: int) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/user", timeout=5).close()
        except OSError as error:
            if isinstance(error, urllib.error.HTTPError):
                return
            time.sleep(0.1)
        else:
            return
    pytest.fail("prism does not answer")


REVIEW = {
    "commit_id": "a" * 40,
    "event": "COMMENT",
    "body": "text",
    "comments": [{"path": "a", "line": 2, "side": "RIGHT", "start_line": 1, "start_side": "RIGHT", "body": "text"}],
}
REQUESTS: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "pulls/7/reviews", REVIEW),
    ("POST", "issues/7/comments", {"body": "text"}),
    ("PATCH", "issues/comments/1", {"body": "text"}),
    ("POST", "git/trees", {"base_tree": "a", "tree": [{"path": "a", "mode": "100644", "type": "blob", "content": "x"}]}),
    ("POST", "git/commits", {"message": "m", "tree": "a", "parents": ["b"]}),
    ("POST", "git/refs", {"ref": "refs/heads/a", "sha": "b"}),
    ("PATCH", "git/refs/heads%2Fa", {"sha": "b", "force": False}),
]


@pytest.mark.parametrize(("method", "path", "body"), REQUESTS, ids=lambda each: each if isinstance(each, str) else "")
def test_what_we_send_is_taken(prism: str, method: str, path: str, body: dict[str, Any]) -> None:
    assert isinstance(Client(prism, "o/r", "token").send(method, path, body), dict)


@pytest.mark.parametrize("path", ["pulls/7/files", "pulls/7/comments", "issues/7/comments", "pulls?state=open&head=a%3Ab"])
def test_what_we_ask_for_is_known(prism: str, path: str) -> None:
    list(Client(prism, "o/r", "token").pages(path, 100))


@pytest.mark.parametrize("change", [{"event": "SHOUT"}, {"comments": [{"path": "a"}]}, {"body": 7}, {"comments": "a"}])
def test_it_refuses_what_the_tests_server_refuses(prism: str, hub: GitHub, change: dict[str, Any]) -> None:
    for url in (prism, hub.url):
        with pytest.raises(ApiError, match="422"):
            Client(url, "o/r", "token").send("POST", "pulls/7/reviews", {**REVIEW, **change})
    hub.violations.clear()
