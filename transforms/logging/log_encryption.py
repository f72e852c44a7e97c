"""LOG004 and LOG005: buckets whose customer key keeps the logs of a service out."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import (
    Applicability,
    CannotEdit,
    Context,
    EditBuilder,
    Example,
    Finding,
    Mapping,
    Pass,
    Path,
    Remedy,
    Resource,
    Sequence,
    intrinsic,
    table,
    text_of,
)
from remediator.transforms.logging.deliveries import Delivery, all_deliveries
from remediator.transforms.wiring.links import inside

_LOGS = """\
  Logs:
    Type: AWS::S3::Bucket
    Properties:
      BucketEncryption:
        ServerSideEncryptionConfiguration:
          - ServerSideEncryptionByDefault:
              SSEAlgorithm: aws:kms
              KMSMasterKeyID: alias/logs

  LogsPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Logs
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Service: [logging.s3.amazonaws.com, logdelivery.elasticloadbalancing.amazonaws.com]}
            Action: s3:PutObject
            Resource: !Sub "${Logs.Arn}/*"
            Condition: {StringEquals: {aws:SourceAccount: !Ref AWS::AccountId}}
"""
_BALANCER = """\
Resources:
  Front:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    DependsOn: LogsPolicy
    Properties:
      Subnets: [subnet-0a1b2c3d, subnet-1a2b3c4d]
      LoadBalancerAttributes:
        - Key: access_logs.s3.enabled
          Value: "true"
        - Key: access_logs.s3.bucket
          Value: !Ref Logs

"""
_BUCKET = """\
Resources:
  Data:
    Type: AWS::S3::Bucket
    Properties:
      LoggingConfiguration:
        DestinationBucketName: !Ref Logs
        LogFilePrefix: data/

"""
_AES = _LOGS.replace("aws:kms\n              KMSMasterKeyID: alias/logs", "AES256")


def _sources(fails: bool) -> tuple[str, ...]:
    rows = [row for row in table("log_deliveries").values() if not row["customer_key"] and ("fails" in row) is fails]
    return tuple(dict.fromkeys(row["source"] for row in rows))


class LogBucketWithCustomerKey(Pass):
    """A load balancer or a data warehouse writes its logs to a bucket that encrypts with a key of KMS by default. These
    services can only write where the default encryption is the one with keys of S3; creation fails: *Access Denied for
    bucket*.

    The default encryption becomes the one with keys of S3. That is an unsafe fix, because somebody chose the key.
    """

    code = "LOG004"
    name = "log-bucket-with-customer-key"
    profile = "deploy"
    sources = _sources(True)
    examples = (Example("A load balancer", _BALANCER + _LOGS, _BALANCER + _AES, unsafe=True),)
    fails = True
    """Whether it looks after the services that check at creation."""

    def run(self, context: Context) -> Iterator[Finding]:
        found: dict[str, tuple[Resource, list[Delivery]]] = {}
        for delivery, bucket in all_deliveries(context.template):
            if not delivery.row["customer_key"] and ("fails" in delivery.row) is self.fails and _has_key(bucket):
                found.setdefault(bucket.logical_id, (bucket, []))[1].append(delivery)
        for bucket, refused in found.values():
            names = ", ".join(dict.fromkeys(each.source.logical_id for each in refused))
            result = "creation fails" if self.fails else "S3 supports no key of KMS there, so that logs may not arrive"
            message = f"{bucket.logical_id} takes the logs of {names} and encrypts with a key of KMS: {result}"
            path = (*bucket.path, "Properties", "BucketEncryption")
            related = tuple(each.source.path for each in refused)
            yield self.finding(context.template, path, bucket.key, message, _remedy(bucket), related)


class AccessLogBucketWithCustomerKey(LogBucketWithCustomerKey):
    """A bucket writes its server access log to a bucket that encrypts with a key of KMS by default, where S3 only supports
    the default encryption with keys of S3.

    The same as LOG004, for what is created and may never get a log.
    """

    code = "LOG005"
    name = "access-log-bucket-with-customer-key"
    profile = "secure"
    stage = 3
    sources = _sources(False)
    examples = (Example("Access logs of a bucket", _BUCKET + _LOGS, _BUCKET + _AES, unsafe=True),)
    fails = False


_RULES = ("BucketEncryption", "ServerSideEncryptionConfiguration")
_DEFAULT = "ServerSideEncryptionByDefault"


def _has_key(bucket: Resource) -> bool:
    written = {text_of(each) or "" for each in inside(bucket.properties, *_RULES, _DEFAULT, "SSEAlgorithm")}
    return bool(written) and all(each.startswith("aws:kms") for each in written)


def _remedy(bucket: Resource) -> Remedy:
    step = f"encrypt {bucket.logical_id} with keys of S3"
    why = "the key of KMS is there on purpose; without it, who may read the bucket may read the logs"
    return Remedy(step, lambda builder: _change(builder, bucket), why, Applicability.UNSAFE)


def _change(builder: EditBuilder, bucket: Resource) -> None:
    encryption = bucket.property(_RULES[0])
    rules = encryption.get(_RULES[1]) if isinstance(encryption, Mapping) else None
    if not isinstance(rules, Sequence) or intrinsic(rules) or len(rules.items) != 1:
        raise CannotEdit("BucketEncryption is not written out")
    rule, path = rules.items[0], (*bucket.path, "Properties", *_RULES, 0)
    default = rule.get(_DEFAULT) if isinstance(rule, Mapping) else None
    algorithm = default.get("SSEAlgorithm") if isinstance(default, Mapping) else None
    if not isinstance(rule, Mapping) or not isinstance(default, Mapping) or algorithm is None:
        raise CannotEdit("BucketEncryption is not written out")
    inner: Path = (*path, _DEFAULT)
    builder.replace(algorithm, "AES256", (*inner, "SSEAlgorithm"))
    if default.entry("KMSMasterKeyID"):
        builder.remove_entry(default, "KMSMasterKeyID", inner)
    if rule.entry("BucketKeyEnabled"):
        builder.remove_entry(rule, "BucketKeyEnabled", path)
