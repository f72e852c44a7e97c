"""LOG010: buckets that keep no log of who reads and writes their objects."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import (
    CannotEdit,
    Context,
    EditBuilder,
    Example,
    Finding,
    Mapping,
    Pass,
    Ref,
    Remedy,
    Resource,
    Sequence,
    Template,
    intrinsic,
)
from remediator.transforms.logging.deliveries import BUCKET
from remediator.transforms.logging.log_bucket import REASON, Target, is_log_bucket, log_bucket, suppression
from remediator.transforms.wiring.properties import set_property

_BEFORE = """\
Resources:
  Invoices:
    Type: AWS::S3::Bucket
    Properties:
      BucketEncryption:
        ServerSideEncryptionConfiguration:
          - ServerSideEncryptionByDefault: {SSEAlgorithm: AES256}

  LogBucket:
    Type: AWS::S3::Bucket
    Metadata:
      checkov:
        skip:
          - id: CKV_AWS_18
            comment: It takes the logs of the other bucket.
"""
_ADDED = """\
      LoggingConfiguration:
        DestinationBucketName: !Ref LogBucket
        LogFilePrefix: s3/Invoices/
"""
_POLICY = """
  LogBucketPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref LogBucket
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Sid: S3ServerAccessLogs
            Effect: Allow
            Principal:
              Service: logging.s3.amazonaws.com
            Action: s3:PutObject
            Resource: !Sub "${LogBucket.Arn}/*"
            Condition:
              StringEquals:
                aws:SourceAccount: !Ref AWS::AccountId
"""


class BucketWithoutAccessLog(Pass):
    """A bucket keeps no log of who reads and writes its objects.

    Its server access log goes to the log bucket of the stack: one that takes access logs already, or is named for it and used
    by nothing else, has no customer key and may be written to; or a new one, encrypted with keys of S3, closed to the
    public, kept when the stack is deleted, whose objects expire after a year. LOG002 lets S3 write there.

    A bucket that takes the logs of others does not log itself; it gets the suppression that says so. One that a trail or
    AWS Config writes to is logged, as the CIS benchmark asks.
    """

    code = "LOG010"
    name = "bucket-without-access-log"
    profile = "secure"
    stage = 3
    companions = ("LOG002", "CRE005")
    answers = ("CKV_AWS_18", "W35")
    sources = ("https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html",)
    examples = (
        Example("A bucket, and one for logs", _BEFORE, _BEFORE.replace("\n  LogBucket", _ADDED + "\n  LogBucket") + _POLICY),
    )

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for bucket in template.resources.values():
            if bucket.type != BUCKET or not _is_written_out(bucket) or bucket.property("LoggingConfiguration"):
                continue
            if is_log_bucket(template, bucket):
                message = f"{bucket.logical_id} takes logs and nothing says that it keeps none of its own"
                remedy = _suppressed(template, bucket)
            else:
                message = f"{bucket.logical_id} keeps no log of who reads and writes its objects"
                remedy = _logged(bucket, log_bucket(context, bucket))
            yield self.finding(template, (*bucket.path, "Properties"), bucket.key, message, remedy)


def _is_written_out(bucket: Resource) -> bool:
    return bucket.properties is not None or bucket.node.entry("Properties") is None


def _logged(bucket: Resource, target: Target) -> Remedy:
    def make(builder: EditBuilder) -> None:
        name = target.add(builder)
        value = {"DestinationBucketName": Ref(name), "LogFilePrefix": f"s3/{bucket.logical_id}/"}
        set_property(builder, bucket, "LoggingConfiguration", value)

    step = f"log the access to {bucket.logical_id} into {target.logical_id}"
    return Remedy(step, make, "nobody who uses the bucket notices; only the storage of the logs costs something")


def _suppressed(template: Template, bucket: Resource) -> Remedy:
    why = "it changes nothing but what the checkers say, and states the reason"
    return Remedy(f"say why {bucket.logical_id} keeps no log", lambda builder: _suppress(builder, bucket), why)


def _suppress(builder: EditBuilder, bucket: Resource) -> None:
    metadata = bucket.node.get("Metadata")
    if metadata is None:
        builder.insert_entry(bucket.node, "Metadata", suppression(REASON), bucket.path, after="Type")
        return
    for tool, rules in suppression(REASON).items():
        ((key, items),) = rules.items()
        if not isinstance(metadata, Mapping) or intrinsic(metadata):
            raise CannotEdit("Metadata is not written out")
        said = metadata.get(tool)
        listed = said.get(key) if isinstance(said, Mapping) else None
        path = (*bucket.path, "Metadata")
        if said is None:
            builder.insert_entry(metadata, tool, rules, path, after=metadata.entries[-1].key.value)
        elif isinstance(listed, Sequence) and listed.items:
            builder.append_item(listed, items[0], (*path, tool, key))
        else:
            raise CannotEdit(f"the {tool} entry of Metadata has another form")
