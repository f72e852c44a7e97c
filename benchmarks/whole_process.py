"""Whole processes: remediator beside cfn-lint on one template and on a folder of them, and the memory that it takes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from measure import BenchmarkError, Row, Usage, run, side_by_side, tool

ONE_FILE_GOAL = 0.6
FOLDER_GOAL = 10
MEMORY_GOAL = 200
SECURE_GOAL = 1.5


def one_template(files: dict[str, Path], repeat: int) -> Iterator[Row]:
    """``files``: what each template is called, and where it is."""
    for name, path in files.items():
        ours, theirs = side_by_side([_fix(path), [tool("cfn-lint"), str(path)]], repeat)
        ratio = ours.cpu / theirs.cpu
        yield Row(
            "one template",
            name,
            f"{ours.cpu:.2f} s",
            f"cfn-lint {theirs.cpu:.2f} s",
            f"{ratio:.2f} ×",
            f"≤ {ONE_FILE_GOAL} ×",
            ratio <= ONE_FILE_GOAL,
        )
        yield _memory(name, ours, theirs)


def folder(name: str, path: Path, paths: list[Path], repeat: int, cfn_lint_repeat: int) -> Iterator[Row]:
    """All templates of a folder. cfn-lint takes minutes, so it may run less often."""
    two, one = side_by_side([_fix(path, "--jobs", "2"), _fix(path, "--jobs", "1")], repeat)
    run([tool("cfn-lint"), str(paths[0])])  # compiles
    (theirs,) = side_by_side([[tool("cfn-lint"), *map(str, paths)]], cfn_lint_repeat)
    for jobs, ours in (("2", two), ("1", one)):
        ratio = theirs.cpu / ours.cpu
        yield Row(
            "folder",
            f"{name}, --jobs {jobs}",
            f"{ours.cpu:.1f} s ({ours.wall:.1f} s wall, {len(paths) / ours.wall:.0f} templates/s)",
            f"cfn-lint {theirs.cpu:.1f} s",
            f"{ratio:.1f} × throughput",
            f"≥ {FOLDER_GOAL} ×",
            ratio >= FOLDER_GOAL,
        )
    yield _memory(f"{name}, --jobs 1", one, theirs)


def secure(path: Path, fixed: Path, repeat: int) -> Iterator[Row]:
    """Everything that the profile ``secure`` adds to one template, beside cfn-lint on what comes of it."""
    fixed.write_bytes(path.read_bytes())
    run([tool("remediator"), "fix", "--unsafe-fixes", str(fixed)])
    if fixed.read_bytes() == path.read_bytes():
        raise BenchmarkError(f"{path.name} was not changed")
    ours, theirs = side_by_side([_fix(path, "--unsafe-fixes"), [tool("cfn-lint"), str(fixed)]], repeat)
    ratio = ours.cpu / theirs.cpu
    yield Row(
        "secure",
        "60 resources, nothing protected",
        f"{ours.cpu:.2f} s",
        f"cfn-lint on the result {theirs.cpu:.2f} s",
        f"{ratio:.2f} ×",
        f"≤ {SECURE_GOAL} ×",
        ratio <= SECURE_GOAL,
    )
    yield _memory("60 resources, nothing protected", ours, theirs)


def _fix(path: Path, *words: str) -> list[str]:
    return [tool("remediator"), "fix", "--diff", *words, str(path)]


def _memory(name: str, ours: Usage, theirs: Usage) -> Row:
    return Row(
        "peak memory",
        name,
        f"{ours.peak:.0f} MiB",
        f"cfn-lint {theirs.peak:.0f} MiB",
        f"{ours.peak / theirs.peak:.2f} ×",
        f"< {MEMORY_GOAL} MiB",
        ours.peak < MEMORY_GOAL,
    )
