"""Which files a run is about, and how a fixed one is written: whole, or not at all."""

from __future__ import annotations

import contextlib
import glob
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

SUFFIXES = frozenset({".yaml", ".yml", ".json", ".template"})
_SKIPPED = frozenset({"node_modules", "__pycache__", "venv", "site-packages"})


class FileError(Exception):
    """A file that can't be read or written; the message is for people."""


@dataclass(frozen=True, slots=True)
class Target:
    """A file to work on. ``named``: it was given by name, so what is wrong with it is said; others may be skipped."""

    path: Path
    named: bool


def discover(words: Iterable[str], exclude: Iterable[str] = ()) -> list[Target]:
    """The files meant by paths, folders and globs, in order and each once. Raises FileError for a path that is not there.

    A file that is found by several names comes once, under the first one; it counts as named if one of them names it.
    """
    patterns = tuple(exclude)
    found: dict[str, Target] = {}
    for word in words:
        for target in _meant(word):
            if target.named or not _excluded(target.path, patterns):
                first = found.setdefault(os.path.realpath(target.path), target)
                if target.named and not first.named:
                    found[os.path.realpath(target.path)] = Target(first.path, named=True)
    return list(found.values())


def _meant(word: str) -> Iterator[Target]:
    if not word:  # an unset variable of a script, not the working folder
        raise FileError("a path is empty")
    path = Path(word)
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        pass  # a glob, perhaps
    except OSError as error:
        raise FileError(f"{word}: {_plain(error)}") from None
    if path.is_dir():
        yield from (Target(each, named=False) for each in _templates_in(path))
    elif path.exists() or path.is_symlink():
        yield Target(path, named=True)
    elif glob.has_magic(word):
        matched = sorted(Path(each) for each in glob.glob(word, recursive=True))
        if not matched:
            raise FileError(f"{word}: no file matches")
        for each in matched:
            if each.is_dir():
                yield from (Target(inner, named=False) for inner in _templates_in(each))
            else:
                yield Target(each, named=False)
    else:
        raise FileError(f"{word}: no such file or folder")


def _templates_in(folder: Path) -> Iterator[Path]:
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _SKIPPED)
        yield from (Path(root, name) for name in sorted(files) if Path(name).suffix in SUFFIXES)


def _excluded(path: Path, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch(path.as_posix(), pattern) or fnmatch(path.name, pattern) for pattern in patterns)


def looks_like_template(data: bytes) -> bool:
    """A cheap look at a file found in a folder: could it be a CloudFormation template at all?"""
    return b"Resources" in data and (b"AWS::" in data or b"Custom::" in data or b"AWSTemplateFormatVersion" in data)


def read(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise FileError("not a regular file")
        return path.read_bytes()
    except OSError as error:
        raise FileError(f"can't be read: {_plain(error)}") from None


def write(path: Path, before: bytes, after: bytes) -> None:
    """Replaces a file in one step, through a temporary file beside it; a symbolic link stays one.

    Raises FileError, with the file untouched, where it is read-only or no longer holds ``before``.
    """
    real = path.resolve()
    try:
        if not real.stat().st_mode & 0o222:
            raise FileError("the file is read-only")
        handle, name = tempfile.mkstemp(prefix=f".{real.name}.", dir=real.parent)
    except OSError as error:
        raise FileError(f"can't be written: {_plain(error)}") from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(after)
        shutil.copymode(real, name)
        _keep_owner(real, name)
        if real.read_bytes() != before:
            raise FileError("the file was changed by someone else meanwhile")
        os.replace(name, real)
    except OSError as error:
        raise FileError(f"can't be written: {_plain(error)}") from None
    finally:
        with contextlib.suppress(OSError):
            os.unlink(name)


def _keep_owner(real: Path, name: str) -> None:
    """Lets the new file belong to whom the old one did, where that may be done: root in a container fixes users' files."""
    status = real.stat()
    if hasattr(os, "chown"):
        with contextlib.suppress(OSError):
            os.chown(name, status.st_uid, status.st_gid)
            os.chmod(name, status.st_mode & 0o7777)  # chown may have dropped bits of it


def _plain(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
