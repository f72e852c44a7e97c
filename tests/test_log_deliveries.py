"""The table of log deliveries holds against the schemas, and finds what a template wires."""

from __future__ import annotations

from typing import Any

import pytest

from remediator.knowledge import table
from remediator.schemas import resource_type
from remediator.source import Source
from remediator.template import Template
from remediator.transforms.logging.deliveries import deliveries

ROWS = list(table("log_deliveries").items())
TEMPLATE = """\
Resources:
  Front:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties:
      LoadBalancerAttributes:
        - {Key: access_logs.s3.enabled, Value: true}
        - {Key: access_logs.s3.bucket, Value: !Ref Logs}
        - {Key: connection_logs.s3.enabled, Value: false}
        - {Key: connection_logs.s3.bucket, Value: !Ref Logs}
  Wire:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties:
      Type: network
      LoadBalancerAttributes:
        - {Key: access_logs.s3.enabled, Value: "true"}
        - {Key: access_logs.s3.bucket, Value: the-logs}
  Traffic:
    Type: AWS::EC2::FlowLog
    Properties:
      LogDestinationType: s3
      LogDestination: !Sub "${Logs.Arn}/traffic/"
  Streamed:
    Type: AWS::EC2::FlowLog
    Properties:
      LogDestinationType: kinesis-data-firehose
      LogDestination: !GetAtt Stream.Arn
  Site:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Logging: {Bucket: !GetAtt Logs.DomainName}
  Logs:
    Type: AWS::S3::Bucket
    Properties: {BucketName: the-logs}
"""


@pytest.mark.parametrize(("name", "row"), ROWS, ids=[name for name, _ in ROWS])
def test_row_names_properties_that_exist(name: str, row: dict[str, Any]) -> None:
    """Every path of a row is one of its types."""
    assert row["source"].startswith("https://docs.aws.amazon.com/")
    assert row["customer_key"] or "key_service" not in row
    for kind in row["from"]:
        found = resource_type(kind)
        assert found is not None
        for path in (row.get(key) for key in ("bucket", "prefix", "on")):
            shape = found.shape
            for step in path.split(".") if path else ():
                assert step in (shape.properties or {step: shape}), f"{kind} has no {path}"
                shape = shape.properties.get(step, shape)
                shape = shape.items or shape


@pytest.mark.parametrize(("name", "row"), ROWS, ids=[name for name, _ in ROWS])
def test_row_says_what_the_policy_needs(name: str, row: dict[str, Any]) -> None:
    """A service that writes by a list needs no statement; every other one has what a statement is made of."""
    assert row.get("acl") or {"service", "write", "objects"} <= row.keys()
    assert ("check" in row) == ("actions" in row)
    assert row.get("acl") or "limit" in row or "${AWS::AccountId}" in row["objects"], "nothing limits it to the account"


def test_deliveries_are_found_by_reference_and_by_name() -> None:
    template = Template(Source.from_bytes(TEMPLATE.encode()))
    found = [(each.source.logical_id, each.row["service"]) for each in deliveries(template, template.resources["Logs"])]
    assert found == [
        ("Front", "logdelivery.elasticloadbalancing.amazonaws.com"),
        ("Wire", "delivery.logs.amazonaws.com"),
        ("Traffic", "delivery.logs.amazonaws.com"),
        ("Site", "delivery.logs.amazonaws.com"),
    ]
