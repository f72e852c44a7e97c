"""LOG011: load balancers that keep no log of the requests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from remediator.api import (
    Applicability,
    CannotEdit,
    Context,
    EditBuilder,
    Example,
    Finding,
    Mapping,
    Node,
    Pass,
    Ref,
    Remedy,
    Resource,
    Scalar,
    Sequence,
    intrinsic,
    text_of,
)
from remediator.transforms.logging.deliveries import BUCKET
from remediator.transforms.logging.log_bucket import has_aes, log_bucket
from remediator.transforms.logging.new_log import COSTS
from remediator.transforms.wiring.follow import at
from remediator.transforms.wiring.links import meant
from remediator.transforms.wiring.properties import set_property

_V2 = "AWS::ElasticLoadBalancingV2::LoadBalancer"
_CLASSIC = "AWS::ElasticLoadBalancing::LoadBalancer"
_LIST = "LoadBalancerAttributes"
_ENABLED, _BUCKET = "access_logs.s3.enabled", "access_logs.s3.bucket"

_BEFORE = """\
Resources:
  Front:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties:
      Subnets: [subnet-0a1b2c3d, subnet-1a2b3c4d]
      LoadBalancerAttributes:
        - Key: idle_timeout.timeout_seconds
          Value: "30"

  LogBucket:
    Type: AWS::S3::Bucket
"""
_ITEMS = """\
        - Key: access_logs.s3.enabled
          Value: "true"
        - Key: access_logs.s3.bucket
          Value: !Ref LogBucket
"""
_POLICY = """
  LogBucketPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref LogBucket
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Sid: LoadBalancerLogs
            Effect: Allow
            Principal:
              Service: logdelivery.elasticloadbalancing.amazonaws.com
            Action: s3:PutObject
            Resource: !Sub "${LogBucket.Arn}/AWSLogs/${AWS::AccountId}/*"
"""
_WAITING = _BEFORE.replace("LoadBalancer\n", "LoadBalancer\n    DependsOn: LogBucketPolicy\n")


class LoadBalancerWithoutAccessLog(Pass):
    """A load balancer keeps no log of the requests that it gets.

    Its access log goes to the log bucket of the stack, as in LOG010. LOG001 lets Elastic Load Balancing write there, and
    CRE005 makes the load balancer wait for it. A network load balancer only logs the requests of TLS listeners.

    Where the log is switched off in so many words, it is an unsafe fix. Left alone: gateway load balancers, which have none,
    and what a parameter or a condition decides.
    """

    code = "LOG011"
    name = "load-balancer-without-access-log"
    profile = "secure"
    stage = 3
    companions = ("LOG001", "CRE005")
    answers = ("CKV_AWS_91", "CKV_AWS_92", "W26", "W52")
    sources = (
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/enable-access-logs.html",
    )
    examples = (Example("A load balancer", _BEFORE, _WAITING.replace("\n  LogBucket:", _ITEMS + "\n  LogBucket:") + _POLICY),)

    def run(self, context: Context) -> Iterator[Finding]:
        for balancer in context.template.resources.values():
            off = _off(balancer) if balancer.type in (_V2, _CLASSIC) and balancer.properties else None
            if off is None:
                continue
            path = (*balancer.path, "Properties", _LIST if balancer.type == _V2 else "AccessLoggingPolicy")
            message = f"{balancer.logical_id} keeps no log of the requests"
            yield self.finding(context.template, path, off, message, _remedy(context, balancer, off))


def _remedy(context: Context, balancer: Resource, off: Node) -> Remedy:
    named = next(_named(balancer), None)
    target = log_bucket(context, balancer) if named is None else None
    where = f"into {target.logical_id}" if target else "where it says"
    why, level = COSTS, Applicability.SAFE
    if off is not balancer.key:
        why, level = "the log is switched off, maybe on purpose", Applicability.UNSAFE
    elif named is not None and not any(has_aes(each) for each in meant(context.template, named, BUCKET)):
        why, level = (
            "creation fails where the bucket does not let the service in, by its policy or its key",
            Applicability.UNSAFE,
        )

    def make(builder: EditBuilder) -> None:
        bucket = Ref(target.add(builder)) if target else None
        (_set_attributes if balancer.type == _V2 else _set_policy)(builder, balancer, bucket)

    return Remedy(f"log the requests to {balancer.logical_id} {where}", make, why, level)


def _named(balancer: Resource) -> Iterator[Node]:
    """The bucket that a load balancer names although it logs nothing."""
    yield from at(balancer, "AccessLoggingPolicy.S3BucketName")
    for item in at(balancer, _LIST):
        value = item.get("Value") if isinstance(item, Mapping) and text_of(item.get("Key")) == _BUCKET else None
        if value is not None:
            yield value


def _off(balancer: Resource) -> Node | None:
    """What says that there is no log: the balancer's key where nothing is said, or the switch."""
    if balancer.type == _CLASSIC:
        policy = balancer.property("AccessLoggingPolicy")
        return balancer.key if policy is None else _if_false(policy.get("Enabled") if isinstance(policy, Mapping) else policy)
    kind = balancer.property("Type")
    if kind is not None and text_of(kind) not in ("application", "network"):
        return None
    listed = balancer.property(_LIST)
    if listed is None:
        return balancer.key
    if not isinstance(listed, Sequence) or intrinsic(listed):
        return None
    items = [each for each in listed.items if isinstance(each, Mapping)]
    if len(items) != len(listed.items) or any(text_of(each.get("Key")) is None for each in items):
        return None
    switch = next((each.get("Value") for each in items if text_of(each.get("Key")) == _ENABLED), None)
    return balancer.key if switch is None else _if_false(switch)


def _if_false(node: Node | None) -> Node | None:
    return node if isinstance(node, Scalar) and node.tag is None and node.value.lower() == "false" else None


def _set_attributes(builder: EditBuilder, balancer: Resource, bucket: Ref | None) -> None:
    wanted: dict[str, Any] = {_ENABLED: "true", **({_BUCKET: bucket} if bucket else {})}
    listed = balancer.property(_LIST)
    if listed is None:
        set_property(builder, balancer, _LIST, [{"Key": key, "Value": value} for key, value in wanted.items()])
        return
    if not isinstance(listed, Sequence) or not listed.items:
        raise CannotEdit(f"{_LIST} is not a list with items")
    path = (*balancer.path, "Properties", _LIST)
    for index, item in enumerate(listed.items):
        switch = item.get("Value") if isinstance(item, Mapping) and text_of(item.get("Key")) == _ENABLED else None
        if switch is not None:
            builder.replace(switch, wanted.pop(_ENABLED), (*path, index, "Value"))
    for key, value in wanted.items():
        builder.append_item(listed, {"Key": key, "Value": value}, path)


def _set_policy(builder: EditBuilder, balancer: Resource, bucket: Ref | None) -> None:
    policy = balancer.property("AccessLoggingPolicy")
    wanted: dict[str, Any] = {"Enabled": True, **({"S3BucketName": bucket} if bucket else {})}
    if not isinstance(policy, Mapping):
        set_property(builder, balancer, "AccessLoggingPolicy", wanted)
        return
    for key, value in wanted.items():
        builder.set_entry(policy, key, value, (*balancer.path, "Properties", "AccessLoggingPolicy"))
