"""Runs commands and says what they cost; and the rows in which benchmarks say what they found.

CPU time, user and system, of the child and all that it waited for: other work on the machine disturbs it least. This
process stays small on purpose, since a child's peak memory counts from that of its parent on. Every child compiles into
one folder of byte code, whatever the environment says: a tool that must compile itself at each start is not measured.
"""

from __future__ import annotations

import atexit
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_OVER_LIMIT = (-9, -24)  # killed, and killed for too much CPU time


_BYTE_CODE = tempfile.mkdtemp(prefix="benchmark-byte-code-")
atexit.register(shutil.rmtree, _BYTE_CODE, ignore_errors=True)


class BenchmarkError(Exception):
    """A command that should have worked and did not; the message is for people."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What one run cost. ``peak``: MiB of the largest of its processes. ``finished``: it kept within its limit."""

    cpu: float
    wall: float
    peak: float
    finished: bool
    output: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: a value, what it is held against, and whether the goal is met (None: there is no goal)."""

    group: str
    name: str
    value: str
    against: str = ""
    ratio: str = ""
    goal: str = ""
    met: bool | None = None


def tool(name: str) -> str:
    """The command of a tool that is installed beside the Python that runs this."""
    path = Path(sys.executable).parent / name
    if not path.exists():
        raise BenchmarkError(f"{name} is not installed beside {sys.executable}")
    return str(path)


def run(command: Sequence[str], limit: int = 3600) -> Usage:
    """Runs a command with a limit of CPU seconds for each of its processes; keeps what it prints, both streams."""
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=_environment())
        resource.prlimit(child.pid, resource.RLIMIT_CPU, (limit, limit))
        _, status, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read().decode("utf-8", "replace")
    finished = child.returncode not in _OVER_LIMIT
    if finished and ("\nTraceback (most recent" in f"\n{text}" or child.returncode < 0):
        raise BenchmarkError(f"{' '.join(command)[:200]} broke:\n{text[-2000:]}")
    return Usage(used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024, finished, text)


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": _BYTE_CODE}


def side_by_side(commands: Sequence[Sequence[str]], repeat: int) -> list[Usage]:
    """The cheapest of several runs of each command, run in turn so that what disturbs one disturbs all."""
    rounds = [[run(command) for command in commands] for _ in range(repeat)]
    return [min(runs, key=lambda usage: usage.cpu) for runs in zip(*rounds, strict=True)]
