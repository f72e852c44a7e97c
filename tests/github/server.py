"""GitHub, as far as the Action sees it: a server on this machine that keeps state.

Requests are held to GitHub's own description of its API (``api.json``), more strictly than GitHub does: a key that is not in it
is refused. Its answers hold the description, too. A token may be one that only reads.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from github.behaviour import CALLS, matching
from github.description import API, filled, validator
from github.state import Fault, GitHub, Refused


class _Handler(BaseHTTPRequestHandler):
    hub: GitHub
    done: threading.Event

    def do_GET(self) -> None:
        self._go("get")

    def do_POST(self) -> None:
        self._go("post")

    def do_PATCH(self) -> None:
        self._go("patch")

    def log_message(self, *_: Any) -> None:
        pass

    def _go(self, method: str) -> None:
        size = int(self.headers.get("Content-Length", 0))
        data = self.rfile.read(size)
        self.hub.requests.append((method.upper(), self.path))
        for fault in self.hub.faults:
            if fault.times and fault.method == method.upper() and re.search(fault.path, self.path):
                fault.times -= 1
                self._faulty(fault)
                return
        url = urlsplit(self.path)
        try:
            self._answer(*self._asked(method, url.path, parse_qs(url.query), data))
        except Refused as refused:
            self._send(refused.status, {"message": refused.message}, {})

    def _asked(self, method: str, path: str, query: dict[str, list[str]], data: bytes) -> tuple[int, Any, dict[str, str]]:
        template, values = matching(method, path)
        call = API["paths"][template][method]
        known = {each["name"] for each in call["parameters"] if each["in"] == "query"}
        if not query.keys() <= known:
            self.hub.violations.append(f"{path}: unknown parameters {sorted(query.keys() - known)}")
        if not self.headers.get("Authorization", "").startswith("Bearer t"):
            raise Refused(401, "Requires authentication")
        body = json.loads(data) if data else {}
        if method != "get":
            wrong = [error.message for error in validator(f"{method} {template} body").iter_errors(body)]
            if wrong:
                self.hub.violations += wrong
                raise Refused(422, f"Invalid request. {wrong[0]}")
            if not self.hub.writes:
                raise Refused(403, "Resource not accessible by integration")
        found = CALLS[method, template](self.hub, values, body, query)
        status = next(each for each in call["responses"] if each.startswith("2"))
        schema = call["responses"][status]["content"]["application/json"]["schema"]
        headers: dict[str, str] = {}
        if schema.get("type") == "array":
            page, size = int(query.get("page", ["1"])[0]), int(query.get("per_page", ["30"])[0])
            if page * size < len(found):
                headers["Link"] = f'<{self.hub.url}{path}?page={page + 1}>; rel="next"'
            found = [filled(schema["items"], each) for each in found[(page - 1) * size : page * size]]
        elif "properties" in schema or "$ref" in schema:
            found = filled(schema, found)
        errors = validator(f"{method} {template} {status}").iter_errors(found)
        wrong = [f"{path}: {error.json_path}: {error.message}" for error in errors]
        self.hub.violations += [f"this server's answer: {each}" for each in wrong]
        return int(status), found, headers

    def _answer(self, status: int, found: Any, headers: dict[str, str]) -> None:
        self._send(status, found, headers)

    def _faulty(self, fault: Fault) -> None:
        if fault.silence:
            self.done.wait(fault.silence)
            self.close_connection = True
        elif fault.raw is not None:
            self._send(200, None, {}, fault.raw)
        else:
            self._send(fault.status, {"message": fault.message}, fault.headers)

    def _send(self, status: int, found: Any, headers: dict[str, str], raw: bytes | None = None) -> None:
        data = json.dumps(found).encode() if raw is None else raw
        self.send_response(status)
        for name, value in {**headers, "Content-Type": "application/json", "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def serving(hub: GitHub) -> Iterator[GitHub]:
    done = threading.Event()
    handler = type("Handler", (_Handler,), {"hub": hub, "done": done})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield hub
    finally:
        done.set()
        server.shutdown()
        thread.join()
        server.server_close()
