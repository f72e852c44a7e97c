"""From a push to a review: what is suggested where, that pressing it gives what the fix gives, and what happens else."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from github.conftest import Run
from github.pull_requests import PullRequest
from github.state import GitHub
from github.texts import ASKING, FUNCTION, HEAD, QUEUE, RIGHT, TABLE, TOPIC, WRONG
from remediator import Options, Selection, fix_text

Make = Callable[..., PullRequest]


def test_pressing_every_suggestion_gives_what_the_fix_gives(hub: GitHub, pull_request: Make, run: Run) -> None:
    made = pull_request({}, {"stacks/orders.yaml": WRONG})
    assert run(made) == 1
    assert hub.pressed("stacks/orders.yaml") == RIGHT
    assert fix_text(WRONG, Options(Selection("deploy"))).after.text == RIGHT
    assert made.outputs["findings"] == made.outputs["fixes"] == made.outputs["suggested"] == "3"
    assert hub.talk == []  # all of it is in the suggestions


def test_when_all_is_pressed_the_check_is_green(hub: GitHub, pull_request: Make, run: Run) -> None:
    made = pull_request({}, {"a.yaml": WRONG})
    assert run(made) == 1
    made.push({"a.yaml": hub.pressed("a.yaml")})
    assert run(made) == 0
    assert len(hub.reviews) == 1


def test_a_second_push_suggests_nothing_twice(hub: GitHub, pull_request: Make, run: Run) -> None:
    """Not where lines have moved, either, and what is new is suggested."""
    made = pull_request({}, {"a.yaml": HEAD + TOPIC + TABLE})
    run(made)
    assert len(hub.comments) == 2
    made.push({"a.yaml": "# one more line\n" + HEAD + TOPIC + FUNCTION + TABLE})
    run(made)
    assert len(hub.comments) == 3
    assert "python3.11" in hub.comments[2]["body"]
    run(made)
    assert len(hub.reviews) == 2
    assert made.outputs["suggested"] == "0"


def test_the_mark_of_somebody_else_silences_nothing(hub: GitHub, pull_request: Make, run: Run) -> None:
    made = pull_request({}, {"a.yaml": HEAD + TOPIC})
    run(made)
    [ours] = hub.comments
    hub.comments[:] = [{**ours, "user": {"login": "mallory", "type": "User"}}]
    run(made)
    assert len(hub.comments) == 2


def test_only_lines_of_the_diff_are_suggested_and_the_rest_is_in_the_comment(hub: GitHub, pull_request: Make, run: Run) -> None:
    """The table was wrong before and is far from what the pull request changes."""
    before = HEAD + TABLE + QUEUE * 0 + FUNCTION.replace("python3.6", "python3.12")
    made = pull_request({"a.yaml": before}, {"a.yaml": before.replace("python3.12", "python3.6")})
    run(made)
    [comment] = hub.comments
    assert "python3.11" in comment["body"]
    [talk] = hub.talk
    assert "PAY\\_PER\\_REQUEST" in talk["body"]
    assert "its lines are not in one hunk of the diff" in talk["body"]
    assert "+      BillingMode: PAY_PER_REQUEST" in talk["body"]


def test_only_templates_that_the_pull_request_changes_are_looked_at(hub: GitHub, pull_request: Make, run: Run) -> None:
    made = pull_request({"old.yaml": WRONG}, {"old.yaml": WRONG, "new.yaml": RIGHT, "values.yaml": "a: 1\n"})
    assert run(made) == 0
    assert made.outputs["findings"] == "0"
    assert hub.talk == []
    assert run(made.inputs(all_files="true")) == 1
    assert made.outputs["findings"] == "3"
    assert "the pull request does not change the file" in hub.talk[0]["body"]


def test_paths_restrict_what_is_looked_at(hub: GitHub, pull_request: Make, run: Run) -> None:
    made = pull_request({}, {"stacks/a.yaml": WRONG, "tests/b.yaml": WRONG}, paths="stacks\n")
    run(made)
    assert {each["path"] for each in hub.comments} == {"stacks/a.yaml"}


def test_what_a_person_has_to_decide_is_in_the_comment_and_it_is_kept_up_to_date(
    hub: GitHub, pull_request: Make, run: Run
) -> None:
    made = pull_request({}, {"a.yaml": ASKING})
    hub.talk.append({"id": 90, "body": "<!-- remediator summary -->\nnot yours", "user": {"login": "mallory", "type": "User"}})
    run(made)
    [other, said] = hub.talk
    assert "what is meant by Arnn of Queue?" in said["body"]
    made.push({"a.yaml": ASKING.replace("Arnn", "Arn")})
    run(made)
    assert len(hub.talk) == 2
    assert "Arnn" not in hub.talk[1]["body"]
    assert other["body"].endswith("not yours")
    patches = len(hub.of("PATCH", "comments"))
    run(made)
    assert len(hub.of("PATCH", "comments")) == patches  # nothing new, nothing edited


def test_neighbouring_fixes_come_as_one_suggestion(hub: GitHub, pull_request: Make, run: Run) -> None:
    text = HEAD + FUNCTION.replace("      Handler: index.handler\n", "").replace(
        "      Runtime: python3.6\n", "      Runtime: python3.6\n      PackageType: zip\n      Handler: index.handler\n"
    )
    run(pull_request({}, {"a.yaml": text}))
    [comment] = hub.comments
    assert (comment["start_line"], comment["line"]) == (8, 9)
    assert comment["body"].count("docs/rules/") == 2
    assert hub.pressed("a.yaml") == fix_text(text, Options(Selection("deploy"))).after.text


def test_unsafe_fixes_are_suggested_only_if_asked_for_and_say_so(hub: GitHub, pull_request: Make, run: Run) -> None:
    made = pull_request({}, {"a.yaml": HEAD + QUEUE + "    Properties:\n      DelaySeconds: 5\n      QueueNme: orders\n"})
    run(made)
    assert hub.comments == []
    assert "the input unsafe-fixes allows it" in hub.talk[0]["body"]
    run(made.inputs(unsafe_fixes="true"))
    [comment] = hub.comments
    assert "**Unsafe**" in comment["body"]
    assert "QueueNme" not in hub.pressed("a.yaml")


def test_no_more_suggestions_than_asked_for(hub: GitHub, pull_request: Make, run: Run) -> None:
    made = pull_request({}, {"a.yaml": WRONG}, max_suggestions="2")
    run(made)
    assert len(hub.comments) == 2
    assert "there are more suggestions than are posted at a time" in hub.talk[0]["body"]
    run(made)
    assert len(hub.comments) == 2  # the next one comes when one of these is settled


def test_a_checkout_that_is_not_the_head_gets_no_suggestions(hub: GitHub, pull_request: Make, run: Run) -> None:
    """As the merge commit, where the base has changed the file too."""
    made = pull_request({}, {"a.yaml": WRONG})
    (made.folder / "a.yaml").write_text("# from the base\n" + WRONG)
    assert run(made) == 1
    assert hub.comments == []
    assert "the file here is not the one at the head of the pull request" in hub.talk[0]["body"]


def test_files_with_carriage_returns_and_long_diffs_go_to_the_comment(hub: GitHub, pull_request: Make, run: Run) -> None:
    made = pull_request({}, {"a.yaml": WRONG.replace("\n", "\r\n"), "b.yaml": WRONG})
    del hub.files[1]["patch"]
    run(made)
    assert hub.comments == []
    assert "the lines end with a carriage return" in hub.talk[0]["body"]
    assert "GitHub shows no diff of the file" in hub.talk[0]["body"]


def test_the_patch_of_the_comment_applies(hub: GitHub, pull_request: Make, run: Run) -> None:
    made = pull_request({}, {"a.yaml": WRONG.replace("\n", "\r\n"), "b.yaml": ASKING})
    run(made)
    match = re.search(r"^(`{3,})diff\n(.*?)^\1$", hub.talk[0]["body"], re.MULTILINE | re.DOTALL)
    assert match
    said = Path(made.outputs["patch-path"]).read_bytes()
    assert match[2].encode() == said
    subprocess.run(["git", "apply", "-"], input=said, cwd=made.folder, check=True)
    assert (made.folder / "a.yaml").read_bytes() == RIGHT.replace("\n", "\r\n").encode()


def test_texts_of_a_template_are_no_markup(hub: GitHub, pull_request: Make, run: Run) -> None:
    """Names come from strangers, and code may hold the fence of a suggestion."""
    text = HEAD + "  Topic:\n    Type: AWS::SNS::Topc # ```` @everyone <img>\n  Q:\n    Type: AWS::SQS::Queue\n"
    text += "Outputs:\n  Q:\n    Value: !GetAtt Q.<img>@everyone\n"
    run(pull_request({}, {"a.yaml": text}))
    assert hub.comments[0]["body"].count("`````") == 2
    assert "AWS::SNS::Topic # ```` @everyone" in hub.pressed("a.yaml")
    table = [line for line in hub.talk[0]["body"].splitlines() if line.startswith("| `")]
    assert table
    assert not any("<img>" in line or "@everyone" in line for line in table)


def test_a_comment_stays_within_what_github_takes(hub: GitHub, pull_request: Make, run: Run) -> None:
    """What has no room is counted, and the outputs have all of it."""
    many = HEAD + "".join(TABLE.replace("Table:", f"Table{number}:") for number in range(120))
    files = {f"{letter}.yaml": many for letter in "abcdef"}
    made = pull_request({}, files, max_suggestions="0")
    run(made)
    body = hub.talk[0]["body"]
    assert len(body) <= 65_536
    assert re.search(r"\d+ more; the job's summary and its output `report-path` have all of them", body)
    assert Path(made.outputs["patch-path"]).read_text().count("+      BillingMode: PAY_PER_REQUEST") == 720
    assert made.outputs["findings"] == "720"


# Other modes


def test_annotate_writes_nothing(hub: GitHub, pull_request: Make, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    made = pull_request({}, {"a.yaml": WRONG}, mode="annotate")
    assert run(made) == 1
    assert "::error file=a.yaml,line=6,title=SCH008::" in capsys.readouterr().out
    assert {method for method, _ in hub.requests} == {"GET"}
    assert "3 fixable" in made.summary
    assert "+    Type: AWS::SNS::Topic" in made.summary


def test_check_says_it_in_the_log_where_nothing_is_a_command(
    hub: GitHub, pull_request: Make, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    made = pull_request({}, {"a.yaml": WRONG}, mode="check")
    assert run(made) == 1
    first, *lines, last = capsys.readouterr().out.splitlines()
    word = first.removeprefix("::stop-commands::")
    assert len(word) == 32
    assert last == f"::{word}::"
    assert any("SCH008" in line for line in lines)
    assert made.outputs["suggested"] == "0"


@pytest.mark.parametrize(("fail_on", "profile", "status"), [
    ("error", "secure", 0), ("warning", "secure", 1), ("never", "secure", 0), ("error", "deploy", 0)
])  # fmt: skip
def test_which_findings_fail_the_check(
    hub: GitHub, pull_request: Make, run: Run, fail_on: str, profile: str, status: int
) -> None:
    made = pull_request({}, {"a.yaml": HEAD + QUEUE}, mode="check", fail_on=fail_on)
    assert run(made.inputs(profile=profile)) == status


def test_a_template_that_cannot_be_read_is_an_error(hub: GitHub, pull_request: Make, run: Run) -> None:
    made = pull_request({}, {"a.yaml": "Resources:\n  A: {Type: AWS::SNS::Topic\n  - x"})
    assert run(made) == 1
    assert "a.yaml" in made.summary


def test_without_a_pull_request_there_are_annotations(
    hub: GitHub, pull_request: Make, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    made = pull_request({}, {"a.yaml": WRONG})
    made.event({"ref": "refs/heads/main"})
    assert run(made) == 1
    assert "::error file=a.yaml" in capsys.readouterr().out
    assert hub.requests == []
