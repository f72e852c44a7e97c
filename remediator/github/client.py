"""GitHub's REST API, as much of it as is needed. https://docs.github.com/en/rest (2026-11)"""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

MAX_ANSWER = 64 * 1024 * 1024
LONGEST_WAIT = 60
"""Seconds that an answer may ask us to wait; where it asks for more, we go without."""


class ApiError(Exception):
    """A request that came to nothing. ``status``: GitHub's, or 0 where there was no answer that can be read."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"GitHub answered {status}: {message}" if status else f"GitHub did not answer as it should: {message}")
        self.status = status


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """The token is for one host: a redirect is an error, as any answer that is not the one asked for."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Client:
    """Requests about one repository. ``patience``: seconds to wait for a byte; ``wait`` is how it waits when asked to."""

    def __init__(
        self, api: str, repository: str, token: str, *, patience: float = 30, wait: Callable[[float], None] = time.sleep
    ) -> None:
        self._api, self._repository, self._token = api.rstrip("/"), repository, token
        self._patience, self._wait = patience, wait
        self._opener = urllib.request.build_opener(_NoRedirects)

    def get(self, path: str) -> Any:
        return self._send("GET", path, None)[0]

    def pages(self, path: str, most: int) -> Iterator[dict[str, Any]]:
        """The entries of all pages of a list, ``most`` at most."""
        seen = 0
        for page in range(1, most // 100 + 2):
            found, more = self._send("GET", f"{path}{'&' if '?' in path else '?'}per_page=100&page={page}", None)
            if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
                raise ApiError(0, f"{path} is no list")
            yield from found[: most - seen]
            seen += len(found)
            if not more or seen >= most:
                return

    def send(self, method: str, path: str, body: dict[str, Any]) -> Any:
        return self._send(method, path, json.dumps(body).encode())[0]

    def _send(self, method: str, path: str, body: bytes | None) -> tuple[Any, bool]:
        """The document, and whether there is a further page. What was refused for now is asked once more."""
        try:
            return self._once(method, path, body)
        except urllib.error.HTTPError as refused:
            seconds = refused.headers.get("Retry-After", "")
            if refused.code not in (403, 429) or not seconds.isdecimal() or int(seconds) > LONGEST_WAIT:
                raise _error(refused) from None
            refused.close()
        self._wait(int(seconds))
        try:
            return self._once(method, path, body)
        except urllib.error.HTTPError as refused:
            raise _error(refused) from None

    def _once(self, method: str, path: str, body: bytes | None) -> tuple[Any, bool]:
        url = f"{self._api}/{path}" if path == "user" else f"{self._api}/repos/{self._repository}/{path}"
        headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28", "User-Agent": "remediator"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            request = urllib.request.Request(url, body, headers, method=method)
            with self._opener.open(request, timeout=self._patience) as answer:
                data = answer.read(MAX_ANSWER + 1)
                more = 'rel="next"' in answer.headers.get("Link", "")
        except urllib.error.HTTPError:
            raise
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise ApiError(0, str(getattr(error, "reason", error)) or type(error).__name__) from None
        if len(data) > MAX_ANSWER:
            raise ApiError(0, "the answer is too long")
        try:
            return json.loads(data), more
        except (ValueError, RecursionError):
            raise ApiError(0, "the answer is not valid JSON") from None


def _error(refused: urllib.error.HTTPError) -> ApiError:
    try:
        said = json.loads(refused.read(100_000)).get("message")
    except (OSError, ValueError, RecursionError, AttributeError, http.client.HTTPException):
        said = None
    message = said if isinstance(said, str) else str(refused.reason)
    return ApiError(refused.code, " ".join(message.split())[:300])
