"""What starting up costs: the slowest imports of the command line, and whether it imports what it should not."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from measure import Row, run, side_by_side

UNWANTED = ("networkx", "libcst", "cloudformation_validate")
_LINE = re.compile(r"import time:\s*(\d+) \|\s*(\d+) \| ( *)(\S+)")


def rows(path: Path, repeat: int) -> Iterator[Row]:
    """``path``: a template without a cycle. Own time of each module, which its own imports are not part of."""
    start, bare = side_by_side([[sys.executable, "-c", "import remediator.cli"], [sys.executable, "-c", ""]], repeat)
    yield Row("start", "import remediator.cli", f"{start.cpu * 1000:.0f} ms", f"Python alone {bare.cpu * 1000:.0f} ms")
    command = [sys.executable, "-X", "importtime", "-c"]
    only_cli = run([*command, "import remediator.cli"]).output
    yield from _slowest("import of remediator.cli", only_cli)
    whole_run = (
        f"import sys; sys.argv = ['remediator', 'fix', '--diff', {str(path)!r}]; import remediator.cli; remediator.cli.main()"
    )
    run([*command, whole_run])  # compiles
    everything = run([*command, whole_run]).output
    yield from _slowest("import in fix, no cycle", everything)
    loaded = {found[4].partition(".")[0] for found in _LINE.finditer(everything)}
    wrong = [name for name in UNWANTED if name in loaded]
    yield Row("import in fix, no cycle", ", ".join(UNWANTED), ", ".join(wrong) or "none of them", "", "", "none", not wrong)


def _slowest(group: str, output: str) -> Iterator[Row]:
    found = [(int(line[1]), int(line[2]), line[4]) for line in _LINE.finditer(output)]
    whole = sum(own for own, _, _ in found)
    yield Row(group, f"all {len(found)} modules", f"{whole / 1000:.1f} ms")
    for own, total, name in sorted(found, reverse=True)[:10]:
        yield Row(group, name, f"{own / 1000:.1f} ms", f"with what it imports {total / 1000:.1f} ms")
