"""LOG012: distributions that keep no log of the requests."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import (
    Applicability,
    CannotEdit,
    Context,
    EditBuilder,
    Example,
    Finding,
    GetAtt,
    Mapping,
    Pass,
    Remedy,
    Resource,
    Template,
    intrinsic,
    text_of,
)
from remediator.transforms.logging.log_bucket import list_bucket
from remediator.transforms.logging.new_log import COSTS
from remediator.transforms.wiring.follow import at
from remediator.transforms.wiring.links import meant

_RISK = (
    "CloudFront takes no log bucket in Regions such as Hong Kong, Milan or Cape Town, where creation fails; "
    "elsewhere only the storage of the logs costs something"
)

_BEFORE = """\
Resources:
  Site:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        Origins:
          - {Id: site, DomainName: www.example.com, CustomOriginConfig: {OriginProtocolPolicy: https-only}}
        DefaultCacheBehavior:
          TargetOriginId: site
          ViewerProtocolPolicy: redirect-to-https
          CachePolicyId: 658327ea-f89d-4fab-a63d-7e88639e58f6
        WebACLId: !GetAtt Wall.Arn

  Wall:
    Type: AWS::WAFv2::WebACL
    Properties:
      Scope: CLOUDFRONT
      DefaultAction: {Allow: {}}
      VisibilityConfig: {CloudWatchMetricsEnabled: true, MetricName: wall, SampledRequestsEnabled: true}

  Shop:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        Origins:
          - {Id: shop, DomainName: shop.example.com, CustomOriginConfig: {OriginProtocolPolicy: https-only}}
        DefaultCacheBehavior:
          TargetOriginId: shop
          ViewerProtocolPolicy: redirect-to-https
          CachePolicyId: 658327ea-f89d-4fab-a63d-7e88639e58f6
        Logging:
          Bucket: !GetAtt Logs.RegionalDomainName
          Prefix: shop/

  Logs:
    Type: AWS::S3::Bucket
    Properties:
      OwnershipControls:
        Rules: [{ObjectOwnership: BucketOwnerPreferred}]
"""
_LOGGING = """\
        Logging:
          Bucket: !GetAtt Logs.RegionalDomainName
          Prefix: cloudfront/Site/
"""


class DistributionWithoutAccessLog(Pass):
    """A distribution keeps no log of the requests that it answers.

    Its standard log goes to the bucket that takes the logs of another distribution, or to a new one like the log bucket of
    LOG010; this one takes access control lists, by which CloudFront writes.

    It is safe where the template can only be in the Region `us-east-1`, because it has a web ACL for CloudFront or the
    certificate of the distribution; otherwise unsafe, because CloudFront takes no log buckets in some Regions that have to
    be opted into.
    """

    code = "LOG012"
    name = "distribution-without-access-log"
    profile = "secure"
    stage = 3
    companions = ("LOG003",)
    answers = ("CKV_AWS_86", "W10")
    sources = ("https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/AccessLogs.html",)
    examples = (Example("Two distributions", _BEFORE, _BEFORE.replace("Wall.Arn\n", "Wall.Arn\n" + _LOGGING)),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for each in template.resources.values():
            config = each.property("DistributionConfig") if each.type == "AWS::CloudFront::Distribution" else None
            if isinstance(config, Mapping) and not intrinsic(config) and config.entry("Logging") is None:
                message = f"{each.logical_id} keeps no log of the requests"
                path = (*each.path, "Properties", "DistributionConfig")
                yield self.finding(template, path, each.key, message, _remedy(context, each, config))


def _remedy(context: Context, each: Resource, config: Mapping) -> Remedy:
    target = list_bucket(context, each)
    step = f"log the requests to {each.logical_id} into {target.logical_id}"

    def make(builder: EditBuilder) -> None:
        if not config.entries:
            raise CannotEdit("DistributionConfig is empty")
        value = {"Bucket": GetAtt(target.add(builder), "RegionalDomainName"), "Prefix": f"cloudfront/{each.logical_id}/"}
        path = (*each.path, "Properties", "DistributionConfig")
        builder.insert_entry(config, "Logging", value, path, after=config.entries[-1].key.value)

    home = _is_in_virginia(context.template, each)
    return Remedy(step, make, COSTS if home else _RISK, Applicability.SAFE if home else Applicability.UNSAFE)


def _is_in_virginia(template: Template, distribution: Resource) -> bool:
    """Whether a stack can only be in us-east-1, because of what CloudFront wants from there."""
    for node in at(distribution, "DistributionConfig.ViewerCertificate.AcmCertificateArn"):
        if any(each.condition is None for each in meant(template, node, "AWS::CertificateManager::Certificate")):
            return True
    walls = [each for each in template.resources.values() if each.type == "AWS::WAFv2::WebACL" and each.condition is None]
    return any(text_of(each.property("Scope")) == "CLOUDFRONT" for each in walls)
