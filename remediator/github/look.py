"""What remediator says about the templates of a pull request: as they are, and what it would make of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from functools import partial
from hashlib import sha1
from pathlib import Path
from typing import TypeVar

from remediator import files
from remediator.engine import Options
from remediator.files import Target
from remediator.neighbours import kept_paths
from remediator.run import PARALLEL_FROM, Report, Task, process_file, relative

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Template:
    """A template that is looked at. ``name``: its path in the repository, ``file``: where its text is read."""

    name: str
    file: Path
    named: bool = False


@dataclass(frozen=True, slots=True)
class Looked:
    """``found``: what is wrong with a template; ``fixed``: what the fixes make of it. ``blob``: git's name for its text.
    ``options``: those of the run, with what other templates rely on."""

    name: str
    found: Report
    fixed: Report
    blob: str
    options: Options

    @property
    def report(self) -> Report:
        """All that was found, and the text that the fixes make."""
        return replace(self.found, after=self.fixed.after, failures=self.fixed.failures)


def in_checkout(paths: tuple[str, ...], exclude: tuple[str, ...]) -> list[Template]:
    """The templates of the working folder. What a link leads out of it to is none of them."""
    here = os.path.realpath(Path.cwd())
    return [
        Template(relative(str(target.path)), target.path, target.named)
        for target in files.discover(paths, exclude)
        if Path(os.path.realpath(target.path)).is_relative_to(here)
    ]


def is_meant(name: str, paths: tuple[str, ...], exclude: tuple[str, ...]) -> bool:
    """Whether a file that is not here would be found under these paths."""
    if Path(name).suffix not in files.SUFFIXES or any(fnmatch(name, each) for each in exclude):
        return False
    plain = [os.path.normpath(path) for path in paths]
    return any(path == "." or name == path or name.startswith(f"{path}/") or fnmatch(name, path) for path in plain)


def look(templates: list[Template], options: Options, *, beside: Iterable[Template] = ()) -> list[Looked]:
    """Looks at templates, several at a time. ``beside``: others of the repository, which may rely on them."""
    kept = kept_paths(each.file for each in {each.file: each for each in (*templates, *beside)}.values())
    work = partial(_look_at, options=options, kept=kept)
    with several(len(templates)) as at_once:
        return [each for each in at_once(work, templates) if each]


@contextmanager
def several(number: int) -> Iterator[Callable[[Callable[[T], R], list[T]], Iterator[R]]]:
    """A ``map`` that does several things at a time, where there are so many that processes pay for their start."""
    if number < PARALLEL_FROM:
        yield map
        return
    with ProcessPoolExecutor(min(number, os.cpu_count() or 1)) as pool:
        yield pool.map


def _look_at(template: Template, *, options: Options, kept: dict[str, frozenset[tuple[int | str, ...]]]) -> Looked | None:
    target = Target(template.file, template.named)
    task = Task(options, fix=False, write=False, kept=kept, texts=True)
    found = process_file(target, task)
    if found is None:
        return None
    fixed = found if found.error else process_file(target, replace(task, fix=True)) or found
    own = replace(options, kept=kept.get(str(template.file), frozenset()))
    name = template.name
    return Looked(name, replace(found, path=name), replace(fixed, path=name), blob_name(found.before.encode()), own)


def blob_name(data: bytes) -> str:
    """Git's name for a file's content. https://git-scm.com/book/en/v2/Git-Internals-Git-Objects"""
    return sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
