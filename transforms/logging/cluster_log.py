"""LOG013: data warehouses and Kafka clusters that keep no log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from remediator.api import Context, Example, Finding, Pass, Ref, Remedy, Resource
from remediator.transforms.logging.log_bucket import log_bucket
from remediator.transforms.logging.new_log import into_bucket

_KEYS = {"AWS::Redshift::Cluster": "LoggingProperties", "AWS::MSK::Cluster": "LoggingInfo"}

_BEFORE = """\
Resources:
  Sales:
    Type: AWS::Redshift::Cluster
    Properties:
      ClusterType: single-node
      DBName: sales
      NodeType: ra3.large
      MasterUsername: keeper
      ManageMasterPassword: true

  LogBucket:
    Type: AWS::S3::Bucket
"""
_LOGGED = """\
      LoggingProperties:
        BucketName: !Ref LogBucket
"""
_POLICY = """
  LogBucketPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref LogBucket
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Sid: RedshiftAuditLogsCheck
            Effect: Allow
            Principal:
              Service: redshift.amazonaws.com
            Action: s3:GetBucketAcl
            Resource: !GetAtt LogBucket.Arn
            Condition:
              ArnLike:
                aws:SourceArn: !Sub "arn:${AWS::Partition}:redshift:${AWS::Region}:${AWS::AccountId}:cluster:*"
          - Sid: RedshiftAuditLogsWrite
            Effect: Allow
            Principal:
              Service: redshift.amazonaws.com
            Action: s3:PutObject
            Resource: !Sub "${LogBucket.Arn}/AWSLogs/${AWS::AccountId}/*"
            Condition:
              ArnLike:
                aws:SourceArn: !Sub "arn:${AWS::Partition}:redshift:${AWS::Region}:${AWS::AccountId}:cluster:*"
"""
_WAITING = _BEFORE.replace("Cluster\n", "Cluster\n    DependsOn: LogBucketPolicy\n")


class ClusterWithoutLog(Pass):
    """A data warehouse keeps no log of who connects and what changes, or a Kafka cluster none of its brokers.

    The log goes to the log bucket of the stack, as in LOG010. LOG001 and LOG002 let the service write there, and CRE005 makes
    the data warehouse wait for it.
    """

    code = "LOG013"
    name = "cluster-without-log"
    profile = "secure"
    stage = 3
    companions = ("LOG001", "LOG002", "CRE005")
    answers = ("CKV_AWS_71", "CKV_AWS_80")
    sources = (
        "https://docs.aws.amazon.com/redshift/latest/mgmt/db-auditing.html",
        "https://docs.aws.amazon.com/msk/latest/developerguide/msk-logging.html",
    )
    examples = (Example("A data warehouse", _BEFORE, _WAITING.replace("\n  LogBucket:", _LOGGED + "\n  LogBucket:") + _POLICY),)

    def run(self, context: Context) -> Iterator[Finding]:
        for each in context.template.resources.values():
            key = _KEYS.get(each.type)
            if key and each.properties is not None and each.property(key) is None:
                message = f"{each.logical_id} keeps no log"
                path = (*each.path, "Properties", key)
                yield self.finding(context.template, path, each.key, message, _remedy(context, each, key))


def _remedy(context: Context, each: Resource, key: str) -> Remedy:
    def value(bucket: str) -> dict[str, Any]:
        if key == "LoggingProperties":
            return {"BucketName": Ref(bucket)}
        return {"BrokerLogs": {"S3": {"Enabled": True, "Bucket": Ref(bucket), "Prefix": f"msk/{each.logical_id}/"}}}

    return into_bucket(each, key, log_bucket(context, each), value, "write the log")
