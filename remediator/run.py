"""A run over many files: each is read, fixed or checked, and written; one that fails does not stop the others."""

from __future__ import annotations

import os
import signal
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path as File

from remediator import engine, files
from remediator.checker import errors
from remediator.engine import Failure, Located, Options
from remediator.files import FileError, Target
from remediator.neighbours import kept_paths
from remediator.nodes import Path
from remediator.source import Source, TemplateError

PARALLEL_FROM = 8
"""Files from which on several processes pay for their start."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a run says about one file. Plain data: it travels between processes.

    ``error``: why it could not be read or written, with ``line`` and ``column`` where there is a place; then there is
    nothing else. ``before`` and ``after``: the whole text, byte order mark included; left out for files where they are no
    longer needed, which many would fill the memory with. ``written``: the file was replaced. ``checked``: how many errors the
    checker finds before and after, where that was asked for and something changed.
    """

    path: str
    error: str = ""
    line: int = 0
    column: int = 0
    before: str = ""
    after: str = ""
    applied: tuple[Located, ...] = ()
    remaining: tuple[Located, ...] = ()
    failures: tuple[Failure, ...] = ()
    written: bool = False
    checked: tuple[int, int] | None = None

    @property
    def changed(self) -> bool:
        return self.written or self.before != self.after


@dataclass(frozen=True, slots=True)
class Task:
    """What is done with each file: ``fix`` or only look; ``write`` the result or only show it.

    ``kept``: for the name of a file, what other files of the run rely on in it. ``texts``: the reports keep the whole texts.
    ``receipts``: they say what the checker finds before and after.
    """

    options: Options
    fix: bool
    write: bool
    kept: dict[str, frozenset[Path]] = field(default_factory=dict)
    texts: bool = False
    receipts: bool = False


def process_all(targets: list[Target], task: Task, jobs: int | None = None) -> Iterator[Report]:
    """The report on each file, in order. Files that turn out not to be templates are left out unless they were named."""
    if len(targets) > 1:
        task = replace(task, kept=kept_paths(target.path for target in targets))
    workers = jobs or (os.cpu_count() or 1 if len(targets) >= PARALLEL_FROM else 1)
    work: Callable[[Target], Report | None] = partial(process_file, task=task)
    if workers == 1 or len(targets) < 2:
        found: Iterator[Report | None] = map(work, targets)
        yield from (report for report in found if report is not None)
        return
    from concurrent.futures import ProcessPoolExecutor  # 3 MB that one file does without

    with ProcessPoolExecutor(min(workers, len(targets)), initializer=_leave_interrupts_to_parent) as pool:
        chunk = max(1, min(4, len(targets) // (4 * workers)))
        yield from (report for report in pool.map(work, targets, chunksize=chunk) if report is not None)


def _leave_interrupts_to_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def process_file(target: Target, task: Task) -> Report | None:
    path = str(target.path)
    try:
        data = files.read(target.path)
        if not target.named and not files.looks_like_template(data):
            return None
        report = process_bytes(path, data, task)
        if task.write and report.changed:
            files.write(target.path, data, report.after.encode("utf-8"))
            return replace(report, written=True) if task.texts else replace(report, written=True, before="", after="")
    except FileError as error:
        return Report(path, error=str(error))
    if report.error.startswith("not a CloudFormation template") and not target.named:
        return None
    return report if report.changed or task.texts else replace(report, before="", after="")


def process_bytes(path: str, data: bytes, task: Task) -> Report:
    """The report on one template's bytes; nothing is written."""
    try:
        source = Source.from_bytes(data)
        options = replace(task.options, kept=task.kept.get(path, frozenset()))
        outcome = (engine.fix if task.fix else engine.check)(source, options)
    except TemplateError as error:
        return Report(path, error=error.reason, line=error.line, column=error.column)
    except Exception as error:  # a defect of ours must not stop the other files
        text = data.decode("utf-8", "replace")
        failure = Failure("the engine", f"{type(error).__name__}: {error}", traceback.format_exc())
        return Report(path, before=text, after=text, failures=(failure,))
    before, after = outcome.before.to_bytes().decode("utf-8"), outcome.after.to_bytes().decode("utf-8")
    counted = task.receipts and outcome.changed
    return Report(
        path,
        checked=(errors(outcome.before).total(), errors(outcome.after).total()) if counted else None,
        before=before,
        after=after,
        applied=outcome.applied,
        remaining=outcome.remaining,
        failures=outcome.failures,
    )


def relative(path: str) -> str:
    """A path as it is shown: from the working folder where it is below it, with forward slashes.

    A symbolic link keeps its own name, unless only what it stands for is below the working folder.
    """
    here = File.cwd()
    for full in (os.path.abspath(path), os.path.realpath(path)):
        if File(full).is_relative_to(here):
            return File(full).relative_to(here).as_posix()
    return File(path).as_posix()
