"""The function ``remediator.fix_text`` in a process that is up: beside a YAML round trip, and against template size.

``rows`` starts this file as a process of its own, so that the process that measures children stays small.
"""

from __future__ import annotations

import gc
import io
import json
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial

import templates
from measure import Row, run

SIZES = (50, 100, 200, 350, 500)
SIZES_WITH_CYCLES = (50, 100, 200, 300, 400)
"""What breaks the cycles adds resources, of which a template may have 500."""
ROUND_TRIP_RESOURCES = 27
"""Resources of a template of 18 KB."""
FLAT = 1.3
_CYCLES: dict[str, Callable[[int], int]] = {
    "no cycle": lambda resources: 0,
    "one cycle": lambda resources: 1,
    "a cycle for every 25": lambda resources: resources // 25,
}


def rows(repeat: int) -> Iterator[Row]:
    found = json.loads(run([sys.executable, __file__, str(repeat)]).output)
    for name, size, ours, theirs in found["round trips"]:
        yield Row(
            "fix_text",
            f"{size / 1000:.0f} KB, {name}",
            f"{ours * 1000:.1f} ms",
            f"ruamel.yaml load and dump {theirs * 1000:.1f} ms",
            f"{ours / theirs:.2f} ×",
            "< 1 ×",
            ours < theirs,
        )
    for name, costs in found["sizes"]:
        ratio = costs[-1] / costs[0]
        yield Row(
            "cost per resource",
            f"{SIZES[0]} to {_sizes(name)[-1]} resources, {name}",
            " ".join(f"{cost * 1000:.2f}" for cost in costs) + " ms",
            f"{SIZES[0]} resources",
            f"{ratio:.2f} ×",
            f"≤ {FLAT} ×",
            ratio <= FLAT,
        )


def _sizes(name: str) -> tuple[int, ...]:
    return SIZES if name == "no cycle" else SIZES_WITH_CYCLES


def _cheapest(works: list[Callable[[], object]], repeat: int) -> list[float]:
    """The least CPU time of each, in turn."""
    best = [float("inf")] * len(works)
    for _ in range(repeat):
        for index, work in enumerate(works):
            gc.collect()
            start = time.process_time()
            work()
            best[index] = min(best[index], time.process_time() - start)
    return best


def _round_trip(text: str) -> None:
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.dump(yaml.load(text), io.StringIO())


def _child(repeat: int) -> dict[str, object]:
    from remediator import fix_text

    trips = []
    for name, cycles in (("nothing to fix", 0), ("a cycle", 1)):
        text = templates.to_yaml(templates.template(ROUND_TRIP_RESOURCES, cycles))
        if fix_text(text).changed is not bool(cycles):
            raise AssertionError(f"{name}: not what it should be")
        ours, theirs = _cheapest([partial(fix_text, text), partial(_round_trip, text)], repeat)
        trips.append((name, len(text), ours, theirs))
    sizes = []
    for name, cycles_in in _CYCLES.items():
        numbers = _sizes(name)
        texts = [templates.to_yaml(templates.template(n, cycles_in(n))) for n in numbers]
        if any(fix_text(text).failures for text in texts):
            raise AssertionError(f"{name}: a fix was dropped")
        times = _cheapest([partial(fix_text, text) for text in texts], repeat)
        sizes.append((name, [spent / n for spent, n in zip(times, numbers, strict=True)]))
    return {"round trips": trips, "sizes": sizes}


if __name__ == "__main__":
    print(json.dumps(_child(int(sys.argv[1]))))
