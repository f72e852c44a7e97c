"""Runs the benchmarks and prints a table: ``python benchmarks/run.py``. Exit status 1 where a goal is missed."""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path

import components
import fix_text
import imports
import open_template
import templates
import whole_process
from measure import BenchmarkError, Row

GROUPS = ("one", "secure", "folder", "text", "components", "imports")
SUFFIXES = frozenset({".yaml", ".yml", ".json", ".template"})


def main() -> int:
    words = _words()
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = list(_shown(_rows(words, Path(folder))))
        except BenchmarkError as error:
            print(f"error: {error}", file=sys.stderr)
            return 2
    about = _about()
    print("\n" + "; ".join(f"{key} {value}" for key, value in about.items()) + "\n\n" + _table(found))
    if words.json:
        words.json.write_text(json.dumps({"about": about, "rows": [asdict(row) for row in found]}, indent=2) + "\n")
    return int(any(row.met is False for row in found))


def _words() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=GROUPS, action="append", help="these benchmarks only; may be given again")
    parser.add_argument("--corpus", type=Path, help="a folder of real templates, measured beside the generated one")
    parser.add_argument("--templates", type=int, default=400, help="templates of the generated folder (default 400)")
    parser.add_argument("--repeat", type=int, default=5, help="runs of each, of which the cheapest counts (default 5)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results there too")
    return parser.parse_args()


def _rows(words: argparse.Namespace, folder: Path) -> Iterator[Row]:
    repeat = words.repeat
    one = _one_file(folder)
    benchmarks: dict[str, Callable[[], Iterator[Row]]] = {
        "one": lambda: whole_process.one_template(one, repeat),
        "secure": lambda: _secure(folder, repeat),
        "folder": lambda: _folders(words, folder),
        "text": lambda: fix_text.rows(2 * repeat),
        "components": components.rows,
        "imports": lambda: imports.rows(next(reversed(one.values())), repeat),
    }
    for name in words.only or GROUPS:
        yield from benchmarks[name]()


def _one_file(folder: Path) -> dict[str, Path]:
    """Templates of 18 resources."""
    found = {}
    for name, cycles in (("18 resources, a cycle", 1), ("18 resources, no cycle", 0)):
        found[name] = folder / f"one-{cycles}.yaml"
        found[name].write_text(templates.to_yaml(templates.template(18, cycles)), encoding="utf-8")
    return found


def _secure(folder: Path, repeat: int) -> Iterator[Row]:
    path = folder / "open.yaml"
    path.write_text(templates.to_yaml(open_template.template()), encoding="utf-8")
    yield from whole_process.secure(path, folder / "fixed.yaml", repeat)


def _folders(words: argparse.Namespace, folder: Path) -> Iterator[Row]:
    generated = folder / "many"
    generated.mkdir()
    paths = templates.write_folder(generated, words.templates)
    few = min(words.repeat, 3)
    yield from whole_process.folder(f"{len(paths)} generated templates", generated, paths, few, 1)
    if words.corpus:
        paths = sorted(path for path in words.corpus.rglob("*") if path.suffix in SUFFIXES)
        yield from whole_process.folder(f"{len(paths)} real templates", words.corpus, paths, few, 1)


def _shown(rows: Iterator[Row]) -> Iterator[Row]:
    """Says each result when it is known: the whole takes a while."""
    for row in rows:
        print(f"{row.group}: {row.name}: {row.value} {row.ratio}", file=sys.stderr, flush=True)
        yield row


def _about() -> dict[str, str]:
    versions = {name: importlib.metadata.version(name) for name in ("remediator", "cfn-lint", "ruamel.yaml")}
    return {"date": date.today().isoformat(), "machine": _machine(), "Python": platform.python_version(), **versions}


def _machine() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.machine()
    models = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    return f"{len(models)} × {models[0]}" if models else platform.machine()


def _table(rows: list[Row]) -> str:
    """Markdown, columns aligned."""
    mark = {True: "yes", False: "NO", None: ""}
    lines = [("", "what", "remediator", "against", "ratio", "goal", "met")]
    lines += [(row.group, row.name, row.value, row.against, row.ratio, row.goal, mark[row.met]) for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    shown = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([shown[0], rule, *shown[1:]])


if __name__ == "__main__":
    sys.exit(main())
