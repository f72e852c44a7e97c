"""What the rules say of themselves: ``remediator rules``, ``remediator explain`` and the pages in docs/rules."""

from __future__ import annotations

import difflib
import inspect
import json

from remediator.passes import Example, Pass


def render_list(passes: list[Pass], form: str) -> str:
    """``form``: text or json."""
    if form == "json":
        rows = [
            {"code": p.code, "name": p.name, "profile": p.profile, "summary": summary(p), "answers": list(p.answers)}
            for p in passes
        ]
        return json.dumps(rows, indent=2) + "\n"
    return "".join(f"{p.code}  {p.name:<24} {p.profile:<10} {summary(p)}\n" for p in passes)


def summary(each: Pass) -> str:
    """The first sentence of a pass's documentation, without markup."""
    first = " ".join(_documentation(each).split("\n\n")[0].split())
    return first.replace("*", "").replace("`", "")


def _documentation(each: Pass) -> str:
    return inspect.cleandoc(type(each).__doc__ or "")


def render_one(each: Pass) -> str:
    """A rule's page, in Markdown: what it finds, what it does, its examples as diffs, its sources."""
    lines = [f"# {each.code}: {each.name}", "", f"Profile: `{each.profile}`."]
    if each.answers:
        lines[-1] += f" Answers: {', '.join(f'`{name}`' for name in each.answers)}."
    lines += ["", _documentation(each)]
    for example in each.examples:
        lines += ["", *_example(example)]
    if each.sources:
        lines += ["", "## Sources", "", *(f"- <{source}>" for source in each.sources)]
    return "\n".join(lines) + "\n"


def _example(example: Example) -> list[str]:
    title = f"## {example.title}"
    if example.after is None:
        return [title, "", "Stays as it is:", "", "```yaml", example.before.rstrip("\n"), "```"]
    note = ["Only with `--unsafe-fixes`:", ""] if example.unsafe else []
    diff = difflib.unified_diff(example.before.splitlines(), example.after.splitlines(), lineterm="", n=2)
    return [title, "", *note, "```diff", *[line for line in diff if not line.startswith(("---", "+++"))], "```"]
