"""The table of physical names is well-formed; scripts/check_physical_names.py compares it with the provider schemas."""

from __future__ import annotations

import datetime
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

TABLE = Path(__file__).resolve().parent.parent / "remediator" / "knowledge" / "physical_names.toml"
KEYS = {
    "name": str,
    "ref": str,
    "attributes": dict,
    "defaults": dict,
    "needs": list,
    "unless": list,
    "case": str,
    "name_rules": dict,
    "unless_naming": list,
    "source": str,
}
PSEUDO_PARAMETERS = {"Partition", "Region", "AccountId", "URLSuffix"}
NAME_PATTERNS = {"lowercase", "alnum-", "alnum-_", "alnum-_.", "any"}
AWS_GENERATES = [
    "AWS::ApiGateway::RestApi",
    "AWS::CloudFront::Distribution",
    "AWS::Cognito::UserPool",
    "AWS::EC2::Instance",
    "AWS::EC2::SecurityGroup",
    "AWS::EFS::FileSystem",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::ElasticLoadBalancingV2::TargetGroup",
    "AWS::Events::ApiDestination",
    "AWS::Events::Connection",
    "AWS::KMS::Key",
    "AWS::Lambda::LayerVersion",
    "AWS::SecretsManager::Secret",
]


def load() -> dict[str, Any]:
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


ROWS = {name: row for name, row in load().items() if name != "reviewed"}
every_row = pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in ROWS.items()])


def patterns(row: dict[str, Any]) -> list[str]:
    return [*row.get("attributes", {}).values(), *([row["ref"]] if "ref" in row else [])]


def test_the_table_has_a_review_date_and_rows_by_type() -> None:
    """Beside the date there are only resource types, in numbers that a person can review."""
    assert isinstance(load()["reviewed"], datetime.date)
    assert [name for name in ROWS if not re.fullmatch(r"AWS::\w+::\w+", name)] == []
    assert 40 <= len(ROWS) <= 80


@every_row
def test_a_row_has_known_keys_of_the_right_type(row: dict[str, Any]) -> None:
    """A misspelt key would be a rule that nobody applies."""
    assert [key for key, value in row.items() if not isinstance(value, KEYS.get(key, ()))] == []


@every_row
def test_a_row_says_what_it_rebuilds_and_where_that_is_written(row: dict[str, Any]) -> None:
    """name and source are there, and at least one of ref and attributes."""
    assert row["name"]
    assert row["source"].startswith("https://docs.aws.amazon.com/")
    assert patterns(row)


@every_row
def test_a_pattern_uses_only_what_is_known(row: dict[str, Any]) -> None:
    """Each {Property} is the name, has a default or is needed; each ${AWS::...} is a pseudo parameter."""
    known = {row["name"], *row.get("defaults", {}), *row.get("needs", [])}
    for pattern in patterns(row):
        rest, pseudo = re.sub(r"\$\{AWS::(\w+)\}", "", pattern), re.findall(r"\$\{AWS::(\w+)\}", pattern)
        assert set(pseudo) <= PSEUDO_PARAMETERS
        assert set(re.findall(r"\{(\w+)\}", rest)) <= known
        assert re.search(r"[{}$]", re.sub(r"\{\w+\}", "", rest)) is None
        assert f"{{{row['name']}}}" in pattern


@every_row
def test_the_side_conditions_are_usable(row: dict[str, Any]) -> None:
    """Defaults are used and of text, lists hold property names, and name_rules say how long and of which characters."""
    assert all(isinstance(value, str) and value for value in row.get("defaults", {}).values())
    assert all(any(f"{{{name}}}" in pattern for pattern in patterns(row)) for name in row.get("defaults", {}))
    for key in ("needs", "unless", "unless_naming"):
        assert all(re.fullmatch(r"\w+", name) for name in row.get(key, []))
    assert row.get("case", "lower") == "lower"
    rules = row.get("name_rules", {"max": 1, "pattern": "any"})
    assert rules.keys() == {"max", "pattern"}
    assert isinstance(rules["max"], int)
    assert rules["max"] > 0
    assert rules["pattern"] in NAME_PATTERNS
    assert "unless_naming" not in row or "name_rules" in row


@every_row
def test_a_name_that_aws_folds_is_proposed_in_lower_case(row: dict[str, Any]) -> None:
    """Else a proposed name would make its own row false."""
    assert row.get("case") != "lower" or row.get("name_rules", {}).get("pattern", "lowercase") == "lowercase"


@pytest.mark.parametrize("type_name", AWS_GENERATES)
def test_types_with_generated_ids_have_no_row(type_name: str) -> None:
    """Their ARN or Ref holds an id or a suffix that no template states."""
    assert type_name not in ROWS


def test_bucket() -> None:
    """A bucket's ARN has neither Region nor account; its domain names differ by partition, except the regional one."""
    assert ROWS["AWS::S3::Bucket"] == {
        "name": "BucketName",
        "ref": "{BucketName}",
        "attributes": {
            "Arn": "arn:${AWS::Partition}:s3:::{BucketName}",
            "RegionalDomainName": "{BucketName}.s3.${AWS::Region}.${AWS::URLSuffix}",
        },
        "unless": ["BucketNamePrefix"],
        "name_rules": {"max": 63, "pattern": "lowercase"},
        "unless_naming": ["BucketNamePrefix", "BucketNamespace"],
        "source": "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html",
    }


def test_role() -> None:
    """A role's path is part of its ARN, and begins and ends with a slash."""
    row = ROWS["AWS::IAM::Role"]
    assert row["attributes"] == {"Arn": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role{Path}{RoleName}"}
    assert row["defaults"] == {"Path": "/"}
    assert row["ref"] == "{RoleName}"
    assert row["name_rules"] == {"max": 64, "pattern": "alnum-_."}


@pytest.mark.parametrize("type_name", ["AWS::Lambda::Function", "AWS::Serverless::Function"])
def test_function(type_name: str) -> None:
    """A function of SAM answers like the Lambda function it becomes."""
    row = ROWS[type_name]
    assert row["name"] == "FunctionName"
    assert row["ref"] == "{FunctionName}"
    assert row["attributes"] == {"Arn": "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:{FunctionName}"}


def test_log_group() -> None:
    """Fn::GetAtt gives a log group's ARN with :* at the end."""
    row = ROWS["AWS::Logs::LogGroup"]
    assert row["ref"] == "{LogGroupName}"
    assert row["attributes"] == {
        "Arn": "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:{LogGroupName}:*"
    }


def test_queue_and_topic() -> None:
    """Ref is the URL of a queue and the ARN of a topic; neither is named where it is FIFO."""
    queue, topic = ROWS["AWS::SQS::Queue"], ROWS["AWS::SNS::Topic"]
    assert queue["ref"] == "https://sqs.${AWS::Region}.${AWS::URLSuffix}/${AWS::AccountId}/{QueueName}"
    assert topic["ref"] == "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:{TopicName}"
    assert (queue["unless_naming"], topic["unless_naming"]) == (["FifoQueue"], ["FifoTopic"])


def test_event_rule() -> None:
    """Only a rule on the default event bus has an ARN of its name alone."""
    row = ROWS["AWS::Events::Rule"]
    assert row["unless"] == ["EventBusName"]
    assert row["attributes"]["Arn"] == "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/{Name}"
    assert "ref" not in row
