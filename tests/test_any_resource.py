"""Rights on any resource: the ARN forms of actions, the table of exceptions, and whose a statement is."""

from __future__ import annotations

import re

import pytest

from remediator import iam
from remediator.knowledge import table
from remediator.source import Source
from remediator.template import Template
from remediator.transforms.permissions.any_resource_limits import STAYS, Limit
from remediator.transforms.permissions.any_resource_parts import parts
from remediator.transforms.permissions.forms import of_action, of_actions, shortest, takes_anything
from remediator.transforms.permissions.statements import is_boundary, policy_statements

_HERE = "${AWS::Region}:${AWS::AccountId}"
_TEMPLATE = """\
Resources:
  Reader:
    Type: AWS::IAM::Role
    Properties:
      PermissionsBoundary: !Ref Most
      ManagedPolicyArns: [!Ref Shared]
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: sts:AssumeRole}]
      Policies:
        - PolicyName: inline
          PolicyDocument: {Statement: [{Sid: Inline, Effect: Allow, Action: s3:GetObject, Resource: "*"}]}
  Shared:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: {Statement: {Sid: Shared, Effect: Allow, Action: s3:GetObject, Resource: "*"}}
  Loose:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: {Statement: [{Sid: Loose, Effect: Allow, Action: s3:GetObject, Resource: "*"}]}
  Most:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: {Statement: [{Sid: Most, Effect: Allow, Action: s3:GetObject, Resource: "*"}]}
  Elsewhere:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: elsewhere
      Roles: [!Ref Reader, somebody]
      PolicyDocument: {Statement: [{Sid: Elsewhere, Effect: Deny, Action: s3:GetObject, Resource: "*"}]}
"""


@pytest.mark.parametrize(
    ("action", "forms"),
    [
        ("logs:PutLogEvents", (f"arn:${{AWS::Partition}}:logs:{_HERE}:log-group:*",)),
        ("route53:ChangeResourceRecordSets", ("arn:${AWS::Partition}:route53:::hostedzone/*",)),
        ("iam:CreateAccessKey", ("arn:${AWS::Partition}:iam::${AWS::AccountId}:user/*",)),
        ("rds:CreateDBInstance", (f"arn:${{AWS::Partition}}:rds:{_HERE}:*",)),
        ("ec2:DescribeInstances", ()),
        ("cloudwatch:PutMetricData", ()),
        ("s3:GetObject", ()),
        ("nobody:Knows", ()),
    ],
)
def test_forms_of_an_action(action: str, forms: tuple[str, ...]) -> None:
    """The ARNs of all that an action can be about here; none where that says nothing."""
    assert of_action(action) == forms


def test_every_form_is_partition_aware_and_has_no_placeholder_left() -> None:
    for service in ("ec2", "ecs", "elasticloadbalancing", "glue", "iam", "lambda", "logs", "rds", "s3", "ssm"):
        for action in iam.matching(f"{service}:*"):
            for form in of_actions((action,)):
                assert form.startswith("arn:${AWS::Partition}:"), form
                assert set(re.findall(r"\$\{([^}]*)\}", form)) <= {"AWS::Partition", "AWS::Region", "AWS::AccountId"}, form


def test_a_wide_form_takes_in_the_narrower_ones() -> None:
    wide, narrow = "arn:${AWS::Partition}:sqs:eu-west-1:1:*", "arn:${AWS::Partition}:sqs:eu-west-1:1:orders"
    assert shortest([narrow, wide, narrow]) == (wide,)


def test_rows_are_about_actions_that_exist() -> None:
    """Each pattern means actions; what is written instead is an ARN as text of ``Fn::Sub``."""
    rows = [row for row in table("any_resource").values() if "actions" in row]
    for row in rows:
        assert row["why"]
        assert row["source"].startswith("https://docs.aws.amazon.com/")
        assert all(iam.matching(pattern) for pattern in row["actions"]), row["actions"]
        assert all(text.startswith("arn:${AWS::Partition}:") for text in (*row.get("resources", ()), *row.get("also", ())))


def test_a_service_decides_what_stays() -> None:
    writes = iam.action("logs:PutLogEvents")
    assert writes is not None
    assert takes_anything(writes, {"apigateway"})
    assert not takes_anything(writes, {"lambda"})


def test_actions_share_a_statement_unless_one_would_widen_another() -> None:
    table_, other = Limit(("${Orders.Arn}",), ("arn:table/*",)), Limit(("${Returns.Arn}",), ("arn:table/*",))
    queue = Limit(("${Jobs.Arn}",), ("arn:queue/*",))
    found = parts(["a:Put", "b:Send", "c:List", "a:Get"], [table_, queue, STAYS, other])
    assert [(part.indexes, part.resources) for part in found] == [
        ([0, 1], ("${Orders.Arn}", "${Jobs.Arn}")),
        ([2], ()),
        ([3], ("${Returns.Arn}",)),
    ]


def test_whose_a_statement_is() -> None:
    """Roles that have a policy, and whether somebody else may have it; trust policies are none."""
    template = Template(Source.from_text(_TEMPLATE))
    found = {
        str(each.node.get("Sid").value): ([holder.logical_id for holder in each.holders], each.others, each.allows)  # type: ignore[union-attr]
        for each in policy_statements(template)
    }
    assert found == {
        "Inline": (["Reader"], False, True),
        "Shared": (["Reader"], False, True),
        "Loose": ([], True, True),
        "Most": ([], True, True),
        "Elsewhere": (["Reader"], True, False),
    }
    assert [name for name, each in template.resources.items() if is_boundary(template, each)] == ["Most"]
