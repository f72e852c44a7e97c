"""Placing suggestions: in hunks, apart from each other, with nothing lost, and pressing them gives the text that is meant."""

from __future__ import annotations

import difflib
import itertools
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import Generated, templates

from github.behaviour import right_side
from github.texts import HEAD, RIGHT, TABLE, TOPIC, WRONG
from remediator import Options, Selection, edits, fix_text
from remediator.findings import Applicability, Edit, Finding, Fix, UpdateEffect
from remediator.github.choose import choose
from remediator.github.hunks import Changed, changed, right_lines
from remediator.github.look import Looked, blob_name
from remediator.github.plan import MAX_LINES, anchored, place, pressed, together
from remediator.report.changes import LineChange
from remediator.report.markdown import fence
from remediator.rounds import Located
from remediator.run import Report, Task, process_bytes
from remediator.source import Source
from remediator.template import Template

# Hunks

PATCH = """\
@@ -1,3 +1,4 @@ Resources:
 a
-b
+c
+d
 e
@@ -20 +21,0 @@
-x
@@ -30,2 +31,2 @@
-y
+z
 w
\\ No newline at end of file"""


def test_lines_of_hunks() -> None:
    assert right_lines(PATCH) == (range(1, 5), range(31, 33))


@pytest.mark.parametrize("patch", ["", "no patch", "@@ what @@\n+a", "+a\n b"])
def test_what_is_no_patch_has_no_lines(patch: str) -> None:
    assert right_lines(patch) == ()


def test_a_patch_that_is_cut_shows_only_what_it_shows() -> None:
    assert right_lines("@@ -1,90 +1,90 @@\n a\n+b") == (range(1, 3),)


@pytest.mark.parametrize("entry", [{}, {"filename": 1, "sha": "a"}, {"filename": "a", "sha": "b", "status": "removed"}])
def test_entries_that_tell_of_no_file(entry: dict[str, object]) -> None:
    assert changed(entry) is None


# Random texts, diffs and fixes


def located(text: str, *made: Edit) -> Located:
    fix = Fix(made, (("Resources",),), ("do it",), Applicability.SAFE, UpdateEffect.NONE, "it is safe")
    return Located(Finding("TOP001", "wrong", ("Resources", "A"), 0, 0, fix), 1, 1, 1, 2)


def older(text: str, chance: random.Random) -> str:
    """A text from which this one may have come: some lines changed, gone, or there that are gone now."""
    lines = text.split("\n")
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(lines) + 1)
        lines[at : at + chance.choice((0, 1, 1, 3))] = chance.choice(([], ["# older"], ["# older", "", "#"]))
    return "\n".join(lines)


def patch(before: str, after: str) -> str:
    old, new = (text.removesuffix("\n").split("\n") for text in (before, after))
    return "\n".join(list(difflib.unified_diff(old, new, lineterm=""))[2:])


@given(st.integers(0, 100_000))
@settings(max_examples=300)
def test_placing_random_fixes(seed: int) -> None:
    chance = random.Random(seed)
    text = "".join(f"{chance.choice(['a: 1', '  b: 2', '', '# ```', 'x' * 90])}\n" for _ in range(chance.randint(1, 60)))
    text = text if chance.random() < 0.8 else text.removesuffix("\n")
    found = []
    for _ in range(chance.randint(0, 8)):
        places = sorted(chance.choices(range(len(text) + 1), k=2 * chance.choice((1, 1, 1, 2))))
        words = ("", "new", "new\n", "\nnew", "a\n" * chance.randint(1, 15))
        spans = [(start, min(end, start + 150)) for start, end in zip(places[::2], places[1::2], strict=True)]
        made = [Edit(start, end, chance.choice(words)) for start, end in spans]
        found.append(located(text, *made))
    diff = patch(older(text, chance), text)
    suggestions, left = place("a.yaml", Source.from_text(text), found, right_lines(diff))
    assert sorted(map(id, [each for one in suggestions for each in one.found] + [each.found for each in left])) == sorted(
        map(id, found)
    )
    assert all(each.reason for each in left)
    hunks = right_side(diff)
    for one in suggestions:
        lines = set(range(one.change.first, one.change.last + 1))
        assert any(lines <= hunk for hunk in hunks)
        assert max(len(lines), len(one.change.lines)) <= MAX_LINES
    taken = sorted((one.change.first, one.change.last) for one in suggestions)
    assert all(before[1] < after[0] for before, after in itertools.pairwise(taken))
    wanted = edits.apply(text, together(each for one in suggestions for each in one.found))
    assert pressed(text, [one.change for one in suggestions]).rstrip("\n") == wanted.rstrip("\n")


@given(templates(), st.integers(0, 1000))
@settings(max_examples=25)
def test_suggestions_for_random_templates(generated: Generated, seed: int) -> None:
    """Each lies in one hunk; pressed together, the rest of the fixes leads to where all of them lead."""
    options = Options()
    data = generated.text.encode()
    looked = looked_at(data, options)
    text = looked.found.before
    entry = {"filename": "a.yaml", "sha": blob_name(data), "patch": patch(older(text, random.Random(seed)), text)}
    found = changed(entry)
    assert found
    choice = choose([looked], {"a.yaml": found}, frozenset(), 8)
    hunks = right_side(entry["patch"])
    suggestions = [one for one, _ in choice.suggestions]
    for one in suggestions:
        assert any(set(range(one.change.first, one.change.last + 1)) <= hunk for hunk in hunks)
    assert len(choice.left) + sum(len(one.found) for one in suggestions) == len(looked.found.remaining)
    if suggestions:
        after = fix_text(pressed(text, [one.change for one in suggestions]), options).after
        assert Template(after).meaning == Template(Source.from_text(looked.fixed.after)).meaning


def looked_at(data: bytes, options: Options) -> Looked:
    task = Task(options, fix=False, write=False, texts=True)
    found = process_bytes("a.yaml", data, task)
    fixed = process_bytes("a.yaml", data, Task(options, fix=True, write=False, texts=True))
    return Looked("a.yaml", found, fixed, blob_name(data), options)


# Cases


def test_what_is_written_behind_the_last_line_repeats_it() -> None:
    source = Source.from_text("a: 1\nb: 2\n")
    assert anchored(source, [Edit(10, 10, "c: 3\n")]) == [LineChange(2, 2, ("b: 2", "c: 3"))]
    assert anchored(source, [Edit(5, 5, "c: 3\n"), Edit(10, 10, "d: 4\n")]) == [LineChange(2, 2, ("c: 3", "b: 2", "d: 4"))]


@pytest.mark.parametrize(("text", "marks"), [("", "```"), ("`a`\n", "```"), ("```\n", "````"), ("a ````` b", "``````")])
def test_a_fence_is_longer_than_what_it_holds(text: str, marks: str) -> None:
    assert fence(text) == marks


def whole(text: str) -> Changed:
    return Changed("a.yaml", blob_name(text.encode()), (range(1, text.count("\n") + 1),))


def test_the_gravest_come_first() -> None:
    text = HEAD + "  Queue:\n    Type: AWS::SQS::Queue\n    Properties: {DelaySeconds: 5}\n" + TOPIC
    looked = looked_at(text.encode(), Options())
    assert len({each.line for each in looked.found.remaining}) > 1
    choice = choose([looked], {"a.yaml": whole(text)}, frozenset(), 1)
    assert ["SCH008" in {each.finding.code for each in one.found} for one, _ in choice.suggestions] == [True]


def test_where_neighbours_are_too_long_together_the_longest_goes() -> None:
    text = "a: 1\nb: 2\n"
    long, short = located(text, Edit(0, 0, "x: 1\n" * 20)), located(text, Edit(8, 9, "3"))
    [suggestion], [left] = place("a.yaml", Source.from_text(text), [short, long], (range(1, 3),))
    assert suggestion.change == LineChange(2, 2, ("b: 3",))
    assert left.found == long


def test_a_fix_that_another_one_completes_is_not_half_made_by_a_button() -> None:
    """The key of a queue without the right to use it, for the one who sends to it."""
    path = Path(__file__).resolve().parents[2] / "samples" / "compliance-baseline.yaml"
    looked = looked_at(path.read_bytes(), Options())
    choice = choose([looked], {"a.yaml": whole(looked.found.before)}, frozenset(), 30)
    assert any(each.reason.startswith("it is whole only with the fix of") for each in choice.left)


def test_a_suggestion_that_would_not_give_the_text_of_the_fix_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were we wrong about lines, the proof says so and nothing is posted."""
    monkeypatch.setattr("remediator.github.proof.pressed", lambda text, changes: text.replace("Topc", "Topik"))
    looked = looked_at((HEAD + TOPIC).encode(), Options(Selection("deploy")))
    choice = choose([looked], {"a.yaml": whole(HEAD + TOPIC)}, frozenset(), 5)
    assert choice.suggestions == []
    assert [each.reason for each in choice.left] == ["its lines would not give the text of the fix"]


def test_a_fix_that_breaks_the_template_is_no_suggestion() -> None:
    text = HEAD + TABLE
    wrong = located(text, Edit(text.index("Type: AWS"), text.index("AWS::Dyn"), "["))
    report = Report("a.yaml", before=text, after=text, remaining=(wrong,))
    looked = Looked(
        "a.yaml", report, Report("a.yaml", before=text, after=text, applied=(wrong,)), blob_name(text.encode()), Options()
    )
    choice = choose([looked], {"a.yaml": whole(text)}, frozenset(), 5)
    assert choice.suggestions == []
    assert [each.reason.split(":")[0] for each in choice.left] == ["the template could not be read any more"]


def test_all_is_found_in_the_example() -> None:
    looked = looked_at(WRONG.encode(), Options(Selection("deploy")))
    choice = choose([looked], {"a.yaml": whole(WRONG)}, frozenset(), 30)
    assert pressed(WRONG, [one.change for one, _ in choice.suggestions]) == RIGHT
