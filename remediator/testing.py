"""The harness that every pass is tested with; for authors of other passes too.

    from remediator.testing import assert_fixed, assert_unchanged

    def test_bucket_without_block():
        assert_fixed(BEFORE, AFTER, select="XYZ001")

Besides the result, each assertion holds the pass to what the engine promises for every template: a second run changes
nothing, no comment is lost, line endings and byte order mark stay, and the YAML short form, the YAML long form and the
JSON form of the template come out with the same meaning.
"""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from typing import Any

from remediator import engine
from remediator.engine import Options, Outcome
from remediator.layout import comments_inside
from remediator.nodes import meaning
from remediator.passes import Selection
from remediator.render import Writer, to_value
from remediator.source import Source
from remediator.style import detect

__all__ = ["assert_fixed", "assert_unchanged", "comments", "fixed", "forms"]


def assert_fixed(before: str, after: str, *, select: str = "ALL", unsafe: bool = False, rewritten: bool = True) -> Outcome:
    """``before`` becomes exactly ``after``, in every form.

    ``rewritten=False`` leaves out the forms that have no comments, for cases in which a comment decides.
    """
    outcome = fixed(before, select=select, unsafe=unsafe)
    assert outcome.after.text == after, f"expected:\n{after}\ngot:\n{outcome.after.text}"
    assert outcome.changed, "the case changes nothing; use assert_unchanged"
    _assert_promises(outcome, select, unsafe)
    _assert_forms(outcome, select, unsafe, rewritten)
    return outcome


def assert_unchanged(text: str, *, select: str = "ALL", unsafe: bool = True, rewritten: bool = True) -> Outcome:
    """``text`` stays as it is, byte for byte, in every form; unsafe fixes are allowed unless said otherwise.

    ``rewritten=False`` leaves out the forms that have no comments and no anchors, for cases that are about those.
    """
    outcome = fixed(text, select=select, unsafe=unsafe)
    assert outcome.after.text == text, f"must not change, but became:\n{outcome.after.text}"
    for name, form in forms(text, rewritten=rewritten).items():
        again = fixed(form, select=select, unsafe=unsafe)
        assert again.after.to_bytes() == again.before.to_bytes(), f"the {name} form must not change"
    return outcome


def fixed(text: str, *, select: str = "ALL", unsafe: bool = False) -> Outcome:
    """Runs the passes of ``select``, codes with commas between; a defect that the engine would survive is raised."""
    outcome = engine.fix(Source.from_text(text), Options(Selection(select=tuple(select.split(","))), unsafe=unsafe))
    assert not outcome.failures, "; ".join(failure.detail or failure.message for failure in outcome.failures)
    return outcome


def _assert_promises(outcome: Outcome, select: str, unsafe: bool) -> None:
    again = fixed(outcome.after.text, select=select, unsafe=unsafe)
    assert not again.changed, f"a second run changed:\n{again.after.text}"
    lost = comments(outcome.before) - comments(outcome.after)
    assert not lost, f"lost comments: {sorted(lost)}"


def _assert_forms(outcome: Outcome, select: str, unsafe: bool, rewritten: bool) -> None:
    expected = meaning(outcome.after.root)
    for name, form in forms(outcome.before.text, rewritten=rewritten).items():
        again = fixed(form, select=select, unsafe=unsafe)
        assert meaning(again.after.root) == expected, f"the {name} form came out with another meaning:\n{again.after.text}"
        assert again.after.bom == again.before.bom, f"the {name} form lost or got a byte order mark"
        if name == "CRLF":
            assert "\n" not in again.after.text.replace("\r\n", ""), "a bare line feed among CRLF"
        _assert_promises(again, select, unsafe)


def comments(source: Source) -> Counter[str]:
    """The comments of a template, without leading and trailing space. None of a text that can't be read."""
    if source.is_json or source.fault:
        return Counter()
    return Counter(text.strip() for text in comments_inside(source, 0, len(source.text), source.root))


def forms(text: str, *, rewritten: bool = True) -> dict[str, str]:
    """The same template otherwise: with CRLF, a byte order mark, no final newline; rewritten: in long form and JSON."""
    source = Source.from_text(text)
    found = {
        "byte order mark": f"\ufeff{text}",
        "CRLF": text.replace("\r\n", "\n").replace("\n", "\r\n"),
        "no final newline": text.rstrip("\r\n"),
    }
    if rewritten and not source.is_json and not source.fault:
        style = dataclasses.replace(detect(source), short=False)
        found["long"] = "\n".join(Writer(source, style).block_mapping(_whole(source), 0)) + "\n"
        found["JSON"] = json.dumps(_json_value(meaning(source.root)), indent=2) + "\n"
    return found


def _whole(source: Source) -> dict[str, Any]:
    value = to_value(source.root)
    assert isinstance(value, dict)
    return value


def _json_value(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _json_value(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_json_value(item) for item in value]
    if isinstance(value, tuple):
        return json.loads(value[1].lower())
    return value
