"""AWS's interfaces on this machine, and stacks on them. See docs/deployment-witness.md."""

from __future__ import annotations

import importlib
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

SERVE = Path(__file__).parent / "localstack" / "serve.sh"

PAUSE = 0.1
ATTEMPTS = 600
"""How often a status is asked for, a pause apart, before something counts as stuck."""


class Cloud:
    """Clients of one endpoint."""

    def __init__(self, endpoint: str) -> None:
        # Not imported at the top: the extra `deploy` brings them, and most runs do without.
        boto3, config = importlib.import_module("boto3"), importlib.import_module("botocore.config")
        self._session = boto3.Session("test", "test", region_name="us-east-1")
        # A cycle is answered with an internal error; to ask again takes seconds and changes nothing.
        self._options = {"endpoint_url": endpoint, "config": config.Config(retries={"total_max_attempts": 1})}
        self._clients: dict[str, Any] = {}

    def __call__(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self._session.client(service, **self._options)
        return self._clients[service]

    @contextmanager
    def stack(self, body: str) -> Iterator[Stack]:
        """The stack that a template becomes, or fails to become; deleted at the end."""
        name = f"witness-{uuid4().hex[:8]}"
        stacks = self("cloudformation")
        capabilities = ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
        try:
            identity = stacks.create_stack(StackName=name, TemplateBody=body, Capabilities=capabilities)["StackId"]
        except stacks.exceptions.ClientError as refusal:
            yield Stack(self, name, "REFUSED", str(refusal))
            return
        stack = Stack(self, identity, self._status(identity), self._reason(identity))
        try:
            yield stack
        finally:
            if stack.created:  # what has a cycle can't be deleted either
                stacks.delete_stack(StackName=identity)
                status = self._status(identity)
                assert status == "DELETE_COMPLETE", f"{status}: {self._reason(identity)}"

    def _status(self, name: str) -> str:
        """How a stack ended."""
        for _ in range(ATTEMPTS):
            status: str = self("cloudformation").describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
            if not status.endswith("_IN_PROGRESS"):
                return status
            time.sleep(PAUSE)
        raise AssertionError(f"{name} is still {status} after {ATTEMPTS} looks")

    def _reason(self, name: str) -> str:
        """What the events say about resources that failed, the first one first."""
        events = self("cloudformation").describe_stack_events(StackName=name)["StackEvents"]
        failed = [event for event in reversed(events) if event["ResourceStatus"].endswith("FAILED")]
        return "; ".join(f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}" for event in failed)


@dataclass(frozen=True)
class Stack:
    cloud: Cloud
    name: str
    status: str
    reason: str

    def id(self, logical_id: str) -> str:
        """The physical id of a resource."""
        found = self.cloud("cloudformation").describe_stack_resource(StackName=self.name, LogicalResourceId=logical_id)
        physical: str = found["StackResourceDetail"]["PhysicalResourceId"]
        return physical

    @property
    def created(self) -> list[str]:
        """The resources in the order in which their creation ended, and last the stack itself."""
        events = self.cloud("cloudformation").describe_stack_events(StackName=self.name)["StackEvents"]
        return [each["LogicalResourceId"] for each in reversed(events) if each["ResourceStatus"] == "CREATE_COMPLETE"]


@contextmanager
def serving(where: str) -> Iterator[str]:
    """The endpoint that ``where`` names: the URL of one that runs, or a folder made by install.sh, to start one from."""
    if where.startswith("http"):
        yield where
        return
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen([SERVE, where, str(port)], stdout=subprocess.DEVNULL)
    try:
        endpoint = f"http://127.0.0.1:{port}"
        _wait_for(server, endpoint)
        yield endpoint
    finally:
        server.terminate()
        server.wait()


def _wait_for(server: subprocess.Popen[bytes], endpoint: str) -> None:
    for _ in range(ATTEMPTS):
        assert server.poll() is None, f"{SERVE.name} ended with status {server.returncode}"
        with suppress(OSError), urllib.request.urlopen(f"{endpoint}/_localstack/health"):
            return
        time.sleep(PAUSE)
    raise AssertionError(f"nothing answers on {endpoint} after {ATTEMPTS} attempts")
