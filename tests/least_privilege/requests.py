"""Requests to AWS as IAM sees them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Request:
    """An action on a resource: its ARN as ``arn:service:resource``, of the stack's own account, Region and partition; ``*`` for
    an action that has no resource."""

    action: str
    arn: str = "*"

    def __str__(self) -> str:
        return f"{self.action} on {self.arn}"


DANGEROUS = (
    Request("iam:CreateUser", "arn:iam:user/intruder"),
    Request("iam:PutRolePolicy", "arn:iam:role/any"),
    Request("iam:PassRole", "arn:iam:role/any"),
    Request("sts:AssumeRole", "arn:iam:role/any"),
    Request("kms:ScheduleKeyDeletion", "arn:kms:key/any"),
    Request("lambda:UpdateFunctionCode", "arn:lambda:function:other"),
    Request("s3:DeleteBucket", "arn:s3:other"),
    Request("s3:PutBucketPolicy", "arn:s3:other"),
    Request("s3:GetObject", "arn:s3:other/secret.txt"),
    Request("dynamodb:DeleteTable", "arn:dynamodb:table/other"),
    Request("dynamodb:GetItem", "arn:dynamodb:table/other"),
    Request("sqs:PurgeQueue", "arn:sqs:other"),
    Request("secretsmanager:GetSecretValue", "arn:secretsmanager:secret:other-AbCdEf"),
    Request("ssm:GetParameter", "arn:ssm:parameter/other"),
    Request("ec2:TerminateInstances", "arn:ec2:instance/i-1"),
    Request("cloudtrail:StopLogging", "arn:cloudtrail:trail/any"),
)
"""What nobody's code in the generated templates does."""
