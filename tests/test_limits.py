"""CloudFormation's limits: a fix that would pass one is made another way, or not at all."""

from __future__ import annotations

import pytest

from remediator import Options, Selection, fix_text
from remediator.graph import Graph
from remediator.source import MAX_BYTES
from remediator.template import MAX_RESOURCES, Template
from remediator.testing import fixed


def groups(count: int, peers: int) -> str:
    """A template of security groups, each of which lets in as many of those behind and before it."""
    lines = ["Resources:"]
    for number in range(count):
        lines += [
            f"  G{number}:",
            "    Type: AWS::EC2::SecurityGroup",
            "    Properties:",
            "      GroupDescription: a group",
            "      SecurityGroupIngress:",
        ]
        for step in range(1, peers + 1):
            for peer in ((number + step) % count, (number - step) % count):
                lines.append(
                    f"        - {{IpProtocol: tcp, FromPort: {step}, ToPort: {step}, SourceSecurityGroupId: !Ref G{peer}}}"
                )
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(("count", "moved"), [(100, 200), (160, 320), (200, 200), (240, 240)])
def test_one_side_moves_where_both_are_too_many(count: int, moved: int) -> None:
    """A ring of groups loses both sides of its rules as long as the result fits into a template, and else one side."""
    outcome = fixed(groups(count, 1))
    after = Template(outcome.after)
    assert Graph(after).cyclic_components == ()
    assert len(after.resources) == count + moved
    assert len(after.resources) <= MAX_RESOURCES


def test_what_can_not_fit_is_reported() -> None:
    """Where even one side is too much, nothing is changed and the report says why."""
    outcome = fixed(groups(200, 4), select="CYC001")
    assert not outcome.changed
    (left,) = outcome.remaining
    assert f"more than the {MAX_RESOURCES} resources that a template may have" in left.finding.reason


def test_a_fix_that_makes_the_template_too_large_is_not_made() -> None:
    """The limit in bytes holds for the result; the defect is named and the text stays."""
    template = groups(2, 1)
    padding = "Description: " + "x" * (MAX_BYTES - len(template) - len("Description: \n") - 10) + "\n"

    outcome = fix_text(padding + template, Options(Selection(select=("CYC001",))))
    assert not outcome.changed
    assert "CloudFormation takes up to 1,048,576" in outcome.failures[0].message


@pytest.mark.parametrize("count", [499, 500, 501])
def test_what_several_fixes_add_stays_within_the_limit(count: int) -> None:
    """Fixes that add a resource each are made while there is room; the others say why they are not."""
    topics = "".join(f"  T{number}:\n    Type: AWS::SNS::Topic\n" for number in range(count - 3))
    buckets = "".join(f"  B{number}:\n    Type: AWS::S3::Bucket\n" for number in range(3))
    outcome = fix_text(f"Resources:\n{topics}{buckets}", Options(Selection(select=("TLS001",))))
    assert outcome.failures == ()
    assert len(Template(outcome.after).resources) == max(count, MAX_RESOURCES)
    reasons = {each.finding.reason for each in outcome.remaining}
    assert reasons == {f"the template would have more than {MAX_RESOURCES} resources"}
