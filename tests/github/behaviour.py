"""What the tests' GitHub does when it is asked: as GitHub would, and it takes nothing that GitHub would refuse.

Beyond the description of the API it knows what only people know: lines have to be in one hunk, a review is refused as a whole.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from github.description import Json
from github.state import GitHub, Refused


def _user(hub: GitHub) -> Json:
    return {"login": hub.login or "github-actions[bot]", "type": "User" if hub.login else "Bot"}


def _review(hub: GitHub, body: Json) -> Json:
    if not body.get("event"):
        raise Refused(422, "the review would stay pending")
    if body["event"] == "COMMENT" and not body.get("body"):
        raise Refused(422, "Unprocessable Entity: body is required")
    if body.get("commit_id") != hub.head:
        raise Refused(422, "commit_id is not part of the pull request")
    comments = body.get("comments", [])
    if len(comments) > 100:
        raise Refused(422, "too many comments")
    for each in comments:
        _placed(hub, each)
    numbers = len(hub.comments)
    for number, each in enumerate(comments):
        hub.comments.append({**each, "id": numbers + number + 1, "user": _user(hub)})
    hub.reviews.append(body)
    return {"id": len(hub.reviews), "body": body["body"], "state": "COMMENTED", "commit_id": hub.head, "user": _user(hub)}


def _placed(hub: GitHub, comment: Json) -> None:
    entry = next((each for each in hub.files if each["filename"] == comment["path"]), None)
    if entry is None or "patch" not in entry:
        raise Refused(422, "Path could not be resolved")
    first, last = comment.get("start_line", comment.get("line")), comment.get("line")
    if not isinstance(first, int) or not isinstance(last, int) or "position" in comment:
        raise Refused(422, "line must be given")
    if comment.get("side") != "RIGHT" or ("start_line" in comment and (first >= last or comment.get("start_side") != "RIGHT")):
        raise Refused(422, "start_line must precede the end line, both on one side")
    shown = [lines for lines in right_side(entry["patch"]) if last in lines]
    if not shown:
        raise Refused(422, "pull_request_review_thread.line must be part of the diff")
    if first not in shown[0]:
        raise Refused(422, "pull_request_review_thread.start_line must be part of the same hunk as the line")
    _text(comment["body"])
    block = re.search(r"^(`{3,})suggestion\n(.*?)^\1$", comment["body"], re.MULTILINE | re.DOTALL)
    old = hub.texts[comment["path"]].decode().split("\n")[first - 1 : last]
    if not block or block[2].split("\n")[:-1] == old:
        raise Refused(422, "the suggestion changes nothing")


def _text(body: str) -> str:
    if not 0 < len(body) <= 65_536:
        raise Refused(422, "Body is too long (maximum is 65536 characters)")
    return body


def right_side(patch: str) -> list[set[int]]:
    """For each hunk, the lines of the new file in it, found another way than in the code under test."""
    hunks: list[set[int]] = []
    for block in re.split(r"^(?=@@ )", patch, flags=re.MULTILINE)[1:]:
        start = int(block.split("+", 1)[1].split(" ", 1)[0].split(",")[0])
        body = [line for line in block.split("\n")[1:] if line and line[0] in " +"]
        hunks.append({start + number for number in range(len(body))})
    return hunks


def _talk(hub: GitHub, body: Json) -> Json:
    said = {"id": len(hub.talk) + 1, "body": _text(body["body"]), "user": _user(hub)}
    hub.talk.append(said)
    return said


def _edited(hub: GitHub, number: str, body: Json) -> Json:
    said = next((each for each in hub.talk if each["id"] == int(number)), None)
    if said is None:
        raise Refused(404, "Not Found")
    if said["user"] != _user(hub):
        raise Refused(403, "somebody else's comment")  # a workflow's token could; it must not
    said["body"] = _text(body["body"])
    return said


def _tree(hub: GitHub, sha: str) -> Json:
    if sha != "a" * 40:
        raise Refused(404, "Not Found")
    entries = [
        {"path": name, "mode": hub.modes.get(name, "100644"), "type": "blob", "sha": blob}
        for name, blob in ((each["filename"], each["sha"]) for each in hub.files)
    ]
    return {"sha": sha, "tree": entries, "truncated": False}


def _new_tree(hub: GitHub, body: Json) -> Json:
    if body.get("base_tree") != "a" * 40:
        raise Refused(422, "base_tree is not a tree")
    sha = f"{len(hub.trees) + 1:040x}"
    hub.trees[sha] = body["tree"]
    return {"sha": sha, "tree": [], "truncated": False}


def _new_commit(hub: GitHub, body: Json) -> Json:
    if body["tree"] not in hub.trees:
        raise Refused(422, "Tree SHA does not exist")
    sha = f"{0xC0000 + len(hub.commits):040x}"
    hub.commits[sha] = body
    return {"sha": sha, "message": body["message"], "tree": {"sha": body["tree"]}}


def _move(hub: GitHub, name: str, body: Json) -> Json:
    reference, sha = f"refs/{name}", body["sha"]
    if body.get("force"):
        hub.violations.append("a branch was forced")
    if reference not in hub.refs:
        raise Refused(422, "Reference does not exist")
    if hub.commits[sha]["parents"] != [hub.refs[reference]]:
        raise Refused(422, "Update is not a fast forward")
    hub.refs[reference] = sha
    return {"ref": reference, "object": {"sha": sha}}


def _new_ref(hub: GitHub, body: Json) -> Json:
    if body["ref"] in hub.refs:
        raise Refused(422, "Reference already exists")
    hub.refs[body["ref"]] = body["sha"]
    return {"ref": body["ref"], "object": {"sha": body["sha"]}}


def _blob(hub: GitHub, sha: str) -> Json:
    if sha not in hub.blobs:
        raise Refused(404, "Not Found")
    data = hub.blobs[sha]
    return {"sha": sha, "size": len(data), "encoding": "base64", "content": base64.encodebytes(data).decode()}


def _pulls(hub: GitHub, query: dict[str, list[str]]) -> list[Json]:
    owner = (hub.fork or "o/r").split("/")[0]
    if query.get("head") != [f"{owner}:{hub.branch}"] or query.get("state") != ["open"]:
        return []
    repository = {"full_name": hub.fork or "o/r"}
    return [{"number": hub.number, "head": {"sha": hub.head, "ref": hub.branch, "repo": repository}}]


def _me(hub: GitHub) -> Json:
    if not hub.login:
        raise Refused(403, "Resource not accessible by integration")
    return {"login": hub.login, "type": "User"}


Call = Callable[[GitHub, list[str], Json, dict[str, list[str]]], Any]
_R = "/repos/{owner}/{repo}"
CALLS: dict[tuple[str, str], Call] = {
    ("get", "/user"): lambda hub, at, body, query: _me(hub),
    ("get", f"{_R}/pulls"): lambda hub, at, body, query: _pulls(hub, query),
    ("get", f"{_R}/pulls/{{pull_number}}/files"): lambda hub, at, body, query: hub.files,
    ("get", f"{_R}/pulls/{{pull_number}}/comments"): lambda hub, at, body, query: hub.comments,
    ("post", f"{_R}/pulls/{{pull_number}}/reviews"): lambda hub, at, body, query: _review(hub, body),
    ("get", f"{_R}/issues/{{issue_number}}/comments"): lambda hub, at, body, query: hub.talk,
    ("post", f"{_R}/issues/{{issue_number}}/comments"): lambda hub, at, body, query: _talk(hub, body),
    ("patch", f"{_R}/issues/comments/{{comment_id}}"): lambda hub, at, body, query: _edited(hub, at[2], body),
    ("get", f"{_R}/git/blobs/{{file_sha}}"): lambda hub, at, body, query: _blob(hub, at[2]),
    ("get", f"{_R}/git/commits/{{commit_sha}}"): lambda hub, at, body, query: {"sha": at[2], "tree": {"sha": "a" * 40}},
    ("post", f"{_R}/git/commits"): lambda hub, at, body, query: _new_commit(hub, body),
    ("get", f"{_R}/git/trees/{{tree_sha}}"): lambda hub, at, body, query: _tree(hub, at[2]),
    ("post", f"{_R}/git/trees"): lambda hub, at, body, query: _new_tree(hub, body),
    ("post", f"{_R}/git/refs"): lambda hub, at, body, query: _new_ref(hub, body),
    ("patch", f"{_R}/git/refs/{{ref}}"): lambda hub, at, body, query: _move(hub, at[2], body),
}


def matching(method: str, path: str) -> tuple[str, list[str]]:
    for how, template in CALLS:
        pattern = re.sub(r"\\{ref\\}", "(.+)", re.escape(template))
        match = re.fullmatch(re.sub(r"\\{\w+\\}", "([^/]+)", pattern), path)
        if how == method and match:
            return template, [unquote(each) for each in match.groups()]
    raise Refused(404, "Not Found")
