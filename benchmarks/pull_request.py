"""A pull request with hundreds of templates and thousands of findings: the Action's program from its start to its end.

    python benchmarks/pull_request.py [TEMPLATES]

GitHub is the tests' server on this machine. The goal is about wall time on all cores: it is what people wait for.
"""

from __future__ import annotations

import argparse
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from templates import UNIT, template, to_json, to_yaml

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from github.pull_requests import PullRequest, opened
from github.server import serving
from github.state import GitHub

GOAL = 60
FINDINGS = 3_000
MOST_COMMENT = 65_536
MOST_SUMMARY = 1_048_576
MOST_ANNOTATIONS = 30


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("templates", type=int, nargs="?", default=200)
    words = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, serving(GitHub()) as hub:
        place = Path(name)
        made = opened(place, hub, {}, dict(_templates(words.templates)))
        seconds, done = _timed(made)
        found, fixable = made.outputs["findings"], made.outputs["fixes"]
        cpu = sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
        print(f"{words.templates} templates, {found} findings, {fixable} fixable: {seconds:.1f} s ({cpu:.1f} s of CPU time)")
        print(f"{made.outputs['suggested']} findings in {len(hub.comments)} suggestions, {len(hub.requests)} requests")
        sizes = len(hub.talk[0]["body"]), Path(made.environment["GITHUB_STEP_SUMMARY"]).stat().st_size
        print(f"comment {sizes[0]:,} characters, summary {sizes[1]:,} bytes, annotations {done.stdout.count('::error ')}")
        within = sizes[0] <= MOST_COMMENT and sizes[1] <= MOST_SUMMARY and done.stdout.count("file=") <= MOST_ANNOTATIONS
        enough = int(made.outputs["findings"]) >= FINDINGS or words.templates < 200
        again, _ = _timed(made)
        print(f"a second time: {again:.1f} s, {made.outputs['suggested']} suggested")
        return 0 if within and enough and not hub.violations and max(seconds, again) < GOAL and done.returncode < 2 else 1


def _templates(count: int) -> Iterator[tuple[str, str]]:
    """Of 6 to 24 resources, one in four as JSON, one in eight with a cycle."""
    chance = random.Random(1)
    for number in range(count):
        cyclic = number % 8 == 0
        value = template(chance.randint(UNIT if cyclic else 6, 24), int(cyclic))
        as_json = number % 4 == 1
        name = f"stacks/template-{number:03}.{'json' if as_json else 'yaml'}"
        yield name, to_json(value) if as_json else to_yaml(value)


def _timed(made: PullRequest) -> tuple[float, subprocess.CompletedProcess[str]]:
    for variable in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"):
        Path(made.environment[variable]).unlink(missing_ok=True)
    command = [sys.executable, "-I", "-m", "remediator", "suggest"]
    start = time.perf_counter()
    done = subprocess.run(command, cwd=made.folder, env=made.environment, capture_output=True, text=True, check=False)
    return time.perf_counter() - start, done


if __name__ == "__main__":
    sys.exit(main())
