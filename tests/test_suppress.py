"""What an author has asked not to be told is not told, and is written into resources that are split off."""

from __future__ import annotations

import json

import pytest

from remediator import engine
from remediator.engine import Options, Outcome
from remediator.passes import Selection
from remediator.source import Source
from remediator.suppress import Suppressions, carried_comments, carried_metadata
from remediator.template import Template

HEAD = "Resources:\n"
WEB = """\
  Web:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: web
      SecurityGroupIngress:
        - IpProtocol: tcp
          FromPort: 443
          ToPort: 443
          SourceSecurityGroupId: !GetAtt App.GroupId
"""
APP = """\
  App:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: app
      SecurityGroupIngress:
        - IpProtocol: tcp
          FromPort: 443
          ToPort: 443
          SourceSecurityGroupId: !GetAtt Web.GroupId
"""
CYCLE = HEAD + WEB + APP
"""Two security groups that name each other: CYC001, which answers cfn-lint's E3004."""


def inside(lines: str) -> str:
    """The cycle with lines put into its first resource."""
    return CYCLE.replace("    Properties:\n", f"{lines}    Properties:\n", 1)


def metadata(value: str) -> str:
    return inside(f"    Metadata: {value}\n")


def run(text: str) -> Outcome:
    outcome = engine.fix(Source.from_text(text), Options(Selection(profile="deploy")))
    assert outcome.failures == ()
    return outcome


def suppressions(text: str) -> Suppressions:
    return Suppressions(Template(Source.from_text(text)))


HONOURED: dict[str, str] = {
    # Ours
    "above the resource": HEAD + "  # remediator: ignore[CYC001]\n" + WEB + APP,
    "above, with a blank line between": HEAD + "  # remediator: ignore[CYC001]\n\n" + WEB + APP,
    "above another resource that takes part": HEAD + WEB + "  # remediator: ignore[CYC001]\n" + APP,
    "on the resource's line": CYCLE.replace("Web:\n", "Web: # remediator: ignore[CYC001]\n"),
    "on a line of its own in the resource": inside("    # remediator: ignore[CYC001]\n"),
    "on a line deep in the resource": CYCLE.replace("tcp\n", "tcp # remediator: ignore[CYC001]\n", 1),
    "without a list: everything": inside("    # remediator: ignore\n"),
    "ALL": inside("    # remediator: ignore[ALL]\n"),
    "prefix of the code": inside("    # remediator: ignore[CYC]\n"),
    "name": inside("    # remediator: ignore[dependency-cycle]\n"),
    "several": inside("    # remediator: ignore[XYZ001, CYC001]\n"),
    "another linter's id": inside("    # remediator: ignore[E3004]\n"),
    "without spaces": inside("    #remediator:ignore[CYC001]\n"),
    "with a reason behind": inside("    # remediator: ignore[CYC001] deployed by hand\n"),
    "with words before": inside("    # TODO # remediator: ignore[CYC001]\n"),
    "CRLF": inside("    # remediator: ignore[CYC001]\n").replace("\n", "\r\n"),
    "whole file, at the start": "# remediator: ignore-file[CYC001]\n" + CYCLE,
    "whole file, at the end": CYCLE + "# remediator: ignore-file[CYC001]",
    "whole file, in a resource": inside("    # remediator: ignore-file[CYC001]\n"),
    "whole file, everything": "# remediator: ignore-file\n" + CYCLE,
    "metadata": metadata("{remediator: {ignore: [CYC001]}}"),
    "metadata with one text": metadata("{remediator: {ignore: CYC001}}"),
    "metadata of the template": "Metadata: {remediator: {ignore: [CYC001]}}\n" + CYCLE,
    # cfn-lint
    "cfn-lint": metadata("{cfn-lint: {config: {ignore_checks: [E3004]}}}"),
    "cfn-lint, prefix": metadata("{cfn-lint: {config: {ignore_checks: [W, E30]}}}"),
    "cfn-lint, template": "Metadata: {cfn-lint: {config: {ignore_checks: [E3004]}}}\n" + CYCLE,
    # checkov
    "checkov, comment": inside("    # checkov:skip=CYC001:deployed by hand\n"),
    "checkov, comment without a reason": inside("    #checkov:skip=CYC001\n"),
    "checkov, metadata": metadata("{checkov: {skip: [{id: CYC001, comment: deployed by hand}]}}"),
    # cfn_nag and cdk-nag
    "cfn_nag": metadata("{cfn_nag: {rules_to_suppress: [{id: W9}, {id: F3004, reason: deployed by hand}]}}"),
    "cdk-nag": metadata("{cdk_nag: {rules_to_suppress: [{id: F3004, reason: deployed by hand}]}}"),
}

NOT_MEANT: dict[str, str] = {
    "other code": inside("    # remediator: ignore[CYC002]\n"),
    "longer than the code": inside("    # remediator: ignore[CYC0011]\n"),
    "other case": inside("    # remediator: ignore[cyc001]\n"),
    "end of the code": inside("    # remediator: ignore[001]\n"),
    "empty list": inside("    # remediator: ignore[]\n"),
    "list of nothing": inside("    # remediator: ignore[ , ]\n"),
    "another word": inside("    # remediator: ignored by hand since May\n"),
    "another command": inside("    # remediator: ignore-line[CYC001]\n"),
    "other code, whole file": "# remediator: ignore-file[CYC002]\n" + CYCLE,
    "above the section": "# remediator: ignore[CYC001]\n" + CYCLE,
    "after the section": CYCLE + "Outputs: {}\n# remediator: ignore[CYC001]\n",
    "in an output": CYCLE + "Outputs:\n  A: # remediator: ignore[CYC001]\n    Value: a\n",
    "at an uninvolved resource": CYCLE + "  Topic: # remediator: ignore[CYC001]\n    Type: AWS::SNS::Topic\n",
    "in a quoted text": "Description: '# remediator: ignore-file[CYC001]'\n" + CYCLE,
    "in a block scalar": inside("    Metadata:\n      Script: |\n        # remediator: ignore[CYC001]\n"),
    "metadata, other code": metadata("{remediator: {ignore: [CYC002]}}"),
    "metadata, wrong shape": metadata("{remediator: [CYC001]}"),
    "metadata, number": metadata("{remediator: {ignore: [1]}}"),
    "metadata, unknown tool": metadata("{tflint: {ignore: [CYC001]}}"),
    "cfn-lint, other id": metadata("{cfn-lint: {config: {ignore_checks: [E3005]}}}"),
    "cfn-lint, not under config": metadata("{cfn-lint: {ignore_checks: [E3004]}}"),
    "cfn-lint, longer than the id": metadata("{cfn-lint: {config: {ignore_checks: [E30041]}}}"),
    "checkov, other id": inside("    # checkov:skip=CKV_AWS_24:open on purpose\n"),
    "checkov, without id": metadata("{checkov: {skip: [{comment: CYC001}]}}"),
    "cfn_nag, text instead of a list": metadata("{cfn_nag: {rules_to_suppress: F3004}}"),
}


@pytest.mark.parametrize("text", [pytest.param(text, id=what) for what, text in HONOURED.items()])
def test_honoured(text: str) -> None:
    """A suppressed finding is neither fixed nor reported, and the text stays."""
    outcome = run(text)
    assert (outcome.applied, outcome.remaining) == ((), ())
    assert outcome.after.text == text


@pytest.mark.parametrize("text", [pytest.param(text, id=what) for what, text in NOT_MEANT.items()])
def test_other_ids_do_not_suppress(text: str) -> None:
    """What names another rule, another place or no rule at all suppresses nothing here."""
    assert [each.finding.code for each in run(text).applied] == ["CYC001"]


def as_json(text: str, **more: object) -> str:
    """The cycle as JSON, with entries for its first resource."""

    def group(peer: str) -> dict[str, object]:
        rule = {"IpProtocol": "tcp", "SourceSecurityGroupId": {"Fn::GetAtt": [peer, "GroupId"]}}
        return {
            "Type": "AWS::EC2::SecurityGroup",
            "Properties": {"GroupDescription": text, "SecurityGroupIngress": [rule]},
        }

    return json.dumps({"Resources": {"Web": {**group("App"), **more}, "App": group("Web")}}, indent=2)


def test_json_metadata_is_honoured() -> None:
    """In JSON, suppressions stand in metadata."""
    assert run(as_json("a", Metadata={"cfn-lint": {"config": {"ignore_checks": ["E3004"]}}})).applied == ()


def test_json_has_no_comments() -> None:
    """A text in JSON that looks like a comment is a text."""
    assert len(run(as_json("# remediator: ignore-file")).applied) == 1


def test_each_comment_belongs_to_one_resource() -> None:
    """A comment counts for the resource that it stands in, or right above."""
    text = (
        HEAD
        + "  # remediator: ignore[ABOVE]\n"
        + WEB
        + "    # remediator: ignore[INSIDE]\n"
        + "  # remediator: ignore[NEXT]\n"
        + APP
    )
    found = suppressions(text)
    assert found.by_resource == {"Web": {"ABOVE", "INSIDE"}, "App": {"NEXT"}}
    assert found.whole == set()


def test_a_comment_in_a_block_of_comments_above() -> None:
    """Other comment lines between do not make it another resource's."""
    text = HEAD + WEB + "  # remediator: ignore[NEXT]\n  # The back.\n" + APP
    assert suppressions(text).by_resource == {"App": {"NEXT"}}


def test_all_sources_add_up() -> None:
    """Ids of every kind, for a resource and for the file."""
    text = (
        "Metadata: {remediator: {ignore: [A]}, cfn-lint: {config: {ignore_checks: [B]}}}\n# remediator: ignore-file[C, D]\n"
        + inside(
            "    # remediator: ignore[E]\n    # checkov:skip=F:why\n"
            "    Metadata: {cfn-lint: {config: {ignore_checks: [G]}}, cfn_nag: {rules_to_suppress: [{id: H}]}}\n"
        )
    )
    found = suppressions(text)
    assert found.whole == {"A", "B", "C", "D"}
    assert found.by_resource == {"Web": {"E", "F", "G", "H"}}


# Resources that are split off

SPLIT = "WebIngressFromApp"


def split_off(text: str) -> str:
    """The lines of the resource that a fix splits off from the first one."""
    after = run(text).after.text
    assert f"  {SPLIT}:" in after
    return after[after.index(f"  {SPLIT}:") : after.index("  App:")]


CARRIED: dict[str, tuple[str, str]] = {
    "in the resource": (inside("    # remediator: ignore[XYZ001]\n"), "XYZ001"),
    "on the resource's line": (CYCLE.replace("Web:\n", "Web: # remediator: ignore[XYZ001]\n"), "XYZ001"),
    "above the resource": (HEAD + "  # remediator: ignore[XYZ001]\n" + WEB + APP, "XYZ001"),
    "beside the rule that moves": (CYCLE.replace("tcp\n", "tcp # remediator: ignore[XYZ001]\n", 1), "XYZ001"),
    "checkov, comment": (inside("    # checkov:skip=CKV_AWS_24:open on purpose\n"), "CKV_AWS_24"),
    "metadata": (metadata("{remediator: {ignore: [XYZ001]}}"), "XYZ001"),
    "cfn-lint": (metadata("{cfn-lint: {config: {ignore_checks: [W2509]}}}"), "W2509"),
    "checkov, metadata": (metadata("{checkov: {skip: [{id: CKV_AWS_24}]}}"), "CKV_AWS_24"),
    "cfn_nag": (metadata("{cfn_nag: {rules_to_suppress: [{id: W9}]}}"), "W9"),
    "cdk-nag": (metadata("{cdk_nag: {rules_to_suppress: [{id: AwsSolutions-EC23}]}}"), "AwsSolutions-EC23"),
    "block style": (
        inside("    Metadata:\n      cfn_nag:\n        rules_to_suppress:\n          - id: W9\n            reason: 'x'\n"),
        "W9",
    ),
}


@pytest.mark.parametrize(("text", "word"), [pytest.param(*pair, id=what) for what, pair in CARRIED.items()])
def test_carried_to_the_split_off_resource(text: str, word: str) -> None:
    """What was suppressed for a resource stays suppressed for the part that is split off from it."""
    outcome = run(text)
    assert suppressions(outcome.after.text).by_resource.get(SPLIT) == {word}


def test_carried_as_written() -> None:
    """The reason of a suppression comes along, and other comments do not."""
    lines = split_off(inside("    # checkov:skip=CKV_AWS_24:open on purpose\n    # An unrelated remark\n"))
    assert "    # checkov:skip=CKV_AWS_24:open on purpose\n" in lines
    assert "unrelated" not in lines


def test_other_metadata_is_not_carried() -> None:
    """Only suppressions are repeated; what describes the first resource stays with it alone."""
    lines = split_off(metadata("{Owner: web, guard: {SuppressedRules: [R1]}}"))
    assert "Owner" not in lines
    assert "    Metadata:\n      guard: {SuppressedRules: [R1]}\n" in lines


def test_file_level_suppressions_are_not_repeated() -> None:
    """What holds for the whole file needs no repetition."""
    assert "ignore-file" not in split_off(inside("    # remediator: ignore-file[XYZ001]\n"))


def test_nothing_to_carry() -> None:
    """A resource without suppressions gives none away."""
    template = Template(Source.from_text(CYCLE))
    assert carried_metadata(template.resources["Web"]) == {}
    assert carried_comments(template, template.resources["Web"], template.resources["Web"].key) == ()
    assert "Metadata" not in split_off(CYCLE)


def test_metadata_is_carried_in_json() -> None:
    """In JSON it is the metadata that is repeated."""
    found = {"cfn-lint": {"config": {"ignore_checks": ["W2509"]}}}
    after = json.loads(run(as_json("a", Metadata=found)).after.text)
    assert after["Resources"][SPLIT]["Metadata"] == found
    assert after["Resources"]["Web"]["Metadata"] == found
