"""``remediator explain --why ROLE``: each right that a role needs, with the line that needs it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from remediator.cli import cli

TEMPLATE = """\
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
  Save:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: save
      Runtime: python3.13
      Handler: index.handler
      Role: !GetAtt SaveRole.Arn
      Environment:
        Variables:
          TABLE: !Ref Orders
      Code:
        ZipFile: |
          import os
          import boto3

          table = boto3.resource("dynamodb").Table(os.environ["TABLE"])

          def handler(event, context):
              table.put_item(Item=event)
              boto3.client("ec2").describe_regions()
              boto3.client("sqs").send_message(QueueUrl=event["queue"], MessageBody="")
  SaveRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Service: lambda.amazonaws.com}
            Action: sts:AssumeRole
      Policies:
        - PolicyName: everything
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: "*"
                Resource: "*"
"""


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def why(role: str, text: str = TEMPLATE) -> tuple[int, str, str]:
    Path("template.yaml").write_text(text, encoding="utf-8")
    done = CliRunner().invoke(cli, ["explain", "--why", role, "template.yaml"])
    return done.exit_code, done.stdout, done.stderr


def test_each_action_has_its_line() -> None:
    """What is known, what takes any resource, and what can't be seen are told apart."""
    status, said, errors = why("SaveRole")
    assert (status, errors) == (0, "")
    blocks = {block.splitlines()[0]: block.splitlines()[1:] for block in said.split("\n\n")}
    assert next(iter(blocks)) == "SaveRole is used by Save"
    assert blocks["On ${Orders.Arn}"] == ["  dynamodb:PutItem  Save calls table.put_item in line 26"]
    assert blocks["On * (what can't be limited)"] == ["  ec2:DescribeRegions  Save calls ec2.describe_regions in line 27"]
    [unclear] = [key for key in blocks if "which of them can't be seen" in key and "sqs" in key]
    assert blocks[unclear][0].startswith("  sqs:SendMessage ")
    assert "Not understood" not in said


def test_what_could_be_limited_is_not_said_to_be_unlimited() -> None:
    """Which bucket is meant comes with the event, and an ARN of any bucket is no limit."""
    text = TEMPLATE.replace('boto3.client("ec2").describe_regions()', 'boto3.client("s3").get_object(**event["clip"])')
    _, said, _ = why("SaveRole", text)
    assert "On * (which of them can't be seen)\n  s3:GetObject" in said


def test_what_is_not_understood_has_its_line() -> None:
    status, said, _ = why(
        "SaveRole", TEMPLATE.replace('boto3.client("ec2").describe_regions()', "import helpers; helpers.run()")
    )
    assert status == 0
    assert "Not understood, so it may need more:\n  line 27: " in said


@pytest.mark.parametrize("role", ["Save", "Nobody"])
def test_a_role_that_is_not_there(role: str) -> None:
    assert why(role) == (2, "", f"error: template.yaml: the template has no role {role}; there are SaveRole\n")


def test_a_template_without_roles() -> None:
    status, _, said = why("Nobody", "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n")
    assert (status, said) == (2, "error: template.yaml: the template has no role Nobody\n")


def test_no_template() -> None:
    status, _, said = why("Nobody", "services: {}\n")
    assert (status, said.count("\n")) == (2, 1)
