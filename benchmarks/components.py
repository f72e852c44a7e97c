"""Hard cycles: components of up to 200 security groups, and notification cycles of 60 and 120 resources.

``rows`` starts each in a process of its own, so that one which does not end is stopped and shown as such.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import templates
from measure import Row, run

LIMIT = 120
"""CPU seconds after which a component counts as not solved."""
GOAL = 60
_MAX_BYTES = 1_048_576

COMPONENTS: dict[str, Callable[[], str]] = {
    "200 security groups: ring and 1 chord each": lambda: templates.security_groups(templates.ring_with_chords(200, 1)),
    "200 security groups: ring and 4 chords each": lambda: templates.security_groups(templates.ring_with_chords(200, 4)),
    "125 security groups: each names all": lambda: templates.security_groups(templates.next_ones(125, 124)),
    "200 security groups: each names 80": lambda: templates.security_groups(templates.next_ones(200, 80)),
    "15 notification cycles that share buckets": lambda: templates.to_yaml(templates.notifications(15)),
    "30 notification cycles that share buckets": lambda: templates.to_yaml(templates.notifications(30)),
}


def rows() -> Iterator[Row]:
    for name in COMPONENTS:
        used = run([sys.executable, __file__, name], LIMIT)
        if not used.finished:
            yield Row("hard component", name, f"not done after {LIMIT} s", goal=f"< {GOAL} s", met=False)
            continue
        found = json.loads(used.output)
        size = f"{found['edges']} edges, {found['bytes'] / 1000:.0f} KB"
        value = f"{found['seconds']:.2f} s, {found['peak']:.0f} MiB"
        yield Row("hard component", f"{name} ({size})", value, found["result"], "", f"< {GOAL} s", found["seconds"] < GOAL)


def _child(name: str) -> dict[str, object]:
    from remediator import fix_text
    from remediator.graph import Graph
    from remediator.source import Source
    from remediator.template import Template

    text = COMPONENTS[name]()
    graph = Graph(Template(Source.from_text(text)))
    (members,) = graph.cyclic_components
    if len(text) > _MAX_BYTES:
        raise AssertionError(f"{len(text)} bytes are no template")
    start = time.process_time()
    outcome = fix_text(text)
    seconds = time.process_time() - start
    after = len(Template(outcome.after).resources)
    if outcome.failures:
        result = f"failed: {outcome.failures[0].message}"[:160]
    elif outcome.changed:
        result = f"fixed: {len(graph.template.resources)} → {after} resources, {len(outcome.after.text) / 1000:.0f} KB"
    else:
        reasons = [each.finding.reason or "not safe" for each in outcome.remaining]
        result = f"left as it is: {reasons[0] if reasons else 'nothing found'}"[:160]
    return {
        "seconds": seconds,
        "members": len(members),
        "edges": len(graph.within(members)),
        "bytes": len(text),
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "result": result,
    }


if __name__ == "__main__":
    if len(sys.argv) == 3:
        Path(sys.argv[2]).write_text(COMPONENTS[sys.argv[1]](), encoding="utf-8")
    else:
        print(json.dumps(_child(sys.argv[1])))
