"""LOG001 and LOG002: buckets whose policy does not let in the service that delivers logs to them."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Context, Example, Finding, Mapping, Pass, Remedy, Resource, Scalar, Template, table
from remediator.transforms.logging.admission import admission, is_admitted
from remediator.transforms.logging.deliveries import Delivery, all_deliveries
from remediator.transforms.wiring.follow import at
from remediator.transforms.wiring.resource_policies import extension

_BEFORE = """\
Resources:
  Front:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties:
      Subnets: [subnet-0a1b2c3d, subnet-1a2b3c4d]
      LoadBalancerAttributes:
        - Key: access_logs.s3.enabled
          Value: "true"
        - Key: access_logs.s3.bucket
          Value: !Ref Logs

  Logs:
    Type: AWS::S3::Bucket
"""
_POLICY = """
  LogsPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Logs
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Sid: LoadBalancerLogs
            Effect: Allow
            Principal:
              Service: logdelivery.elasticloadbalancing.amazonaws.com
            Action: s3:PutObject
            Resource: !Sub "${Logs.Arn}/AWSLogs/${AWS::AccountId}/*"
"""
_ACCESS = """\
Resources:
  Data:
    Type: AWS::S3::Bucket
    Properties:
      LoggingConfiguration:
        DestinationBucketName: !Ref Logs
        LogFilePrefix: data/

  Logs:
    Type: AWS::S3::Bucket
"""
_ACCESS_POLICY = """
  LogsPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Logs
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Sid: S3ServerAccessLogs
            Effect: Allow
            Principal:
              Service: logging.s3.amazonaws.com
            Action: s3:PutObject
            Resource: !Sub "${Logs.Arn}/*"
            Condition:
              StringEquals:
                aws:SourceAccount: !Ref AWS::AccountId
"""


def _sources(fails: bool) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row["source"] for row in table("log_deliveries").values() if ("fails" in row) is fails))


class LogDeliveryRefused(Pass):
    """A load balancer, a trail, a delivery channel or a data warehouse writes its logs to a bucket whose policy does not let
    that service in. It checks this while the stack is created, and fails: *Access Denied for bucket*, *Incorrect S3 bucket
    policy is detected*, *Insufficient delivery policy to s3 bucket*.

    The policy of the bucket, or a new one, gets the statements that AWS documents for that service, for the keys that it
    writes and for this account. CRE005 makes the one that logs wait for the policy.

    Left alone: policies that are not written out, accounts that may be those of Elastic Load Balancing in older Regions,
    and AWS Config under a role that may write to the bucket.
    """

    code = "LOG001"
    name = "log-delivery-refused"
    profile = "deploy"
    companions = ("CRE005",)
    sources = _sources(True)
    fails = True
    """Whether it looks after the services that check at creation."""
    examples = (
        Example(
            "A load balancer",
            _BEFORE,
            _BEFORE.replace("LoadBalancer\n", "LoadBalancer\n    DependsOn: LogsPolicy\n") + _POLICY,
        ),
    )

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        found: dict[str, list[Delivery]] = {}
        for delivery, bucket in all_deliveries(template):
            mine = not delivery.row.get("acl") and ("fails" in delivery.row) is self.fails
            if mine and not is_admitted(template, bucket, delivery):
                found.setdefault(bucket.logical_id, []).append(delivery)
        for name, refused in found.items():
            yield self._finding(template, template.resources[name], refused)

    def _finding(self, template: Template, bucket: Resource, refused: list[Delivery]) -> Finding:
        first = refused[0]
        services = ", ".join(dict.fromkeys(each.row["service"] for each in refused))
        names = ", ".join(dict.fromkeys(each.source.logical_id for each in refused))
        result = f"creation fails ({first.row['fails']})" if self.fails else "no log arrives"
        message = f"{bucket.logical_id} does not let {services} write the logs of {names}: {result}"
        related = tuple(each.source.path for each in refused)
        return self.finding(template, bucket.path, bucket.key, message, _remedy(template, bucket, refused), related)


class LogDeliveryLost(LogDeliveryRefused):
    """A bucket, a network or another resource writes its logs to a bucket whose policy does not let that service in. It is
    created, and no log ever arrives; or AWS writes the statement into the policy by itself, and the next update of the
    stack takes it out again.

    The same as LOG001, for services that do not check at creation.
    """

    code = "LOG002"
    name = "log-delivery-lost"
    profile = "secure"
    stage = 3
    sources = _sources(False)
    fails = False
    examples = (Example("Access logs of a bucket", _ACCESS, _ACCESS + _ACCESS_POLICY),)


def _remedy(template: Template, bucket: Resource, refused: list[Delivery]) -> Remedy | str:
    if any(_is_organization(each) for each in refused):
        return "what is the id of the organization? Its trail writes below AWSLogs/<id> too, which the policy has to allow"
    services = ", ".join(dict.fromkeys(each.row["service"] for each in refused))
    make = extension(template, bucket, admission(template, bucket, refused), services)
    if isinstance(make, str):
        return make
    step = f"let {services} write to {bucket.logical_id}"
    return Remedy(step, make, "the service may write the logs that the template asks for, for this account, and nothing else")


def _is_organization(delivery: Delivery) -> bool:
    said = at(delivery.source, "IsOrganizationTrail")
    return any(isinstance(each, Mapping) or (isinstance(each, Scalar) and each.value.lower() == "true") for each in said)
