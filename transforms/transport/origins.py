"""TLS005: distributions that call their origin over HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterator

from remediator.api import (
    Applicability,
    Context,
    Example,
    Finding,
    Mapping,
    Node,
    Pass,
    Path,
    Remedy,
    Resource,
    Sequence,
    Template,
    intrinsic,
    text_of,
)
from remediator.transforms.cycles.names import as_sub_text
from remediator.transforms.transport.known import of_type
from remediator.transforms.wiring.links import meant

_BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
_PLAIN = ("http-only", "match-viewer")
_WEBSITE = re.compile(r"s3-website|\.WebsiteURL\}")
_SECURE = re.compile(r"\.execute-api\.|\.lambda-url\.|\.on\.aws$")
"""Endpoints that answer over HTTPS only, with a certificate for their name.
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-rest-api.html (2026-11)"""

_BEFORE = """\
Resources:
  Distribution:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        DefaultCacheBehavior:
          CachePolicyId: 658327ea-f89d-4fab-a63d-7e88639e58f6
          TargetOriginId: app
          ViewerProtocolPolicy: redirect-to-https
        Origins:
          - Id: app
            DomainName: app.example.com
            CustomOriginConfig:
              OriginProtocolPolicy: match-viewer
"""


class OriginCalledOverHttp(Pass):
    """A distribution calls its origin over HTTP, so that what viewers send over HTTPS goes the rest of its way in plain text.

    It calls the origin over HTTPS only. That is an unsafe fix, except for endpoints of API Gateway and Lambda, which answer
    over HTTPS only: the origin needs a certificate for the name that the distribution calls it by.

    Left alone: websites of S3, which speak HTTP only. For a load balancer there is a question, because no certificate can be
    for the name that AWS gives it.
    """

    code = "TLS005"
    name = "origin-called-over-http"
    profile = "secure"
    stage = 3
    answers = ("CKV2_AWS_72",)
    sources = (
        "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-https-cloudfront-to-custom-origin.html",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteEndpoints.html",
    )
    examples = (
        Example("An origin that viewers choose the protocol for", _BEFORE, _BEFORE.replace("match-viewer", "https-only"), True),
    )

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for distribution in of_type(context, "AWS::CloudFront::Distribution"):
            for path, origin, policy in _plain_origins(distribution):
                remedy = _remedy(template, distribution, origin, policy, path)
                if remedy:
                    message = f"{distribution.logical_id} calls an origin over HTTP"
                    yield self.finding(template, path, policy, message, remedy)


def _plain_origins(distribution: Resource) -> Iterator[tuple[Path, Mapping, Node]]:
    """The origins that are written out and called over HTTP, each with the path and node of its policy."""
    config = distribution.property("DistributionConfig")
    origins = config.get("Origins") if isinstance(config, Mapping) and not intrinsic(config) else None
    for index, origin in enumerate(origins.items if isinstance(origins, Sequence) and not intrinsic(origins) else ()):
        custom = origin.get("CustomOriginConfig") if isinstance(origin, Mapping) and not intrinsic(origin) else None
        policy = custom.get("OriginProtocolPolicy") if isinstance(custom, Mapping) else None
        if isinstance(origin, Mapping) and policy is not None and text_of(policy) in _PLAIN:
            steps = ("DistributionConfig", "Origins", index, "CustomOriginConfig", "OriginProtocolPolicy")
            yield (*distribution.path, "Properties", *steps), origin, policy


def _remedy(template: Template, distribution: Resource, origin: Mapping, policy: Node, path: Path) -> Remedy | str | None:
    name = origin.get("DomainName")
    text = (as_sub_text(name) if name else None) or ""
    called = next(iter(meant(template, name, _BALANCER, "AWS::S3::Bucket")), None)
    if _WEBSITE.search(text) or (called and called.type != _BALANCER):
        return None
    if called:
        return (
            f"by which name of its own, for which it has a certificate, should {distribution.logical_id} call "
            f"{called.logical_id}? There is none for the name that AWS gives it"
        )
    step = f"let {distribution.logical_id} call {text or 'an origin'} over HTTPS only"
    if _SECURE.search(text):
        return Remedy(step, lambda builder: builder.replace(policy, "https-only", path), "the endpoint answers over HTTPS only")
    risk = "an origin that has no certificate for the name it is called by can't be reached from then on"
    return Remedy(step, lambda builder: builder.replace(policy, "https-only", path), risk, Applicability.UNSAFE)
