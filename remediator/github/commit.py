"""A commit of the fixed templates, made through the API: no git runs here, so no hook, filter or setting of the checkout does.

https://docs.github.com/en/rest/git (2026-11). The branch only moves forward: where it has moved meanwhile, GitHub refuses.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from remediator.github.client import ApiError, Client
from remediator.github.event import at, is_sha
from remediator.github.look import Looked


def commit(
    client: Client, changed: Sequence[Looked], head: str, branch: str, message: str, *, new: bool
) -> tuple[str, list[str]]:
    """Commits what the fixes make of templates on top of ``head``, and lets the branch point there; makes it if it is ``new``.

    The commit, or nothing where there was nothing to commit; and the files left out, which are not at the head what they
    are here.
    """
    tree = _text(client.get(f"git/commits/{head}"), "tree", "sha")
    listed = client.get(f"git/trees/{tree}?recursive=1")
    entries = at(listed, "tree")
    if not isinstance(entries, list):
        raise ApiError(0, "the tree is no list")
    known = {at(each, "path"): (at(each, "mode"), at(each, "sha")) for each in entries}
    files: list[dict[str, Any]] = []
    left: list[str] = []
    for each in changed:
        mode, blob = known.get(each.name, (None, None))
        if blob == each.blob and mode in ("100644", "100755"):
            files.append({"path": each.name, "mode": mode, "type": "blob", "content": each.fixed.after})
        else:
            left.append(each.name)
    if not files:
        return "", left
    made = _text(client.send("POST", "git/trees", {"base_tree": tree, "tree": files}), "sha")
    said = {"message": message, "tree": made, "parents": [head]}
    sha = _text(client.send("POST", "git/commits", said), "sha")
    if new:
        client.send("POST", "git/refs", {"ref": f"refs/heads/{branch}", "sha": sha})
    else:
        client.send("PATCH", f"git/refs/heads/{quote(branch)}", {"sha": sha, "force": False})
    return sha, left


def _text(answer: Any, *keys: str) -> str:
    found = at(answer, *keys)
    if not isinstance(found, str) or not is_sha(found):
        raise ApiError(0, f"there is no {'.'.join(keys)}")
    return found
