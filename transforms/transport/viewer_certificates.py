"""TLS004: distributions that accept old versions of TLS."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import (
    Applicability,
    Context,
    EditBuilder,
    Entry,
    Example,
    Finding,
    Mapping,
    Node,
    Pass,
    Path,
    Remedy,
    Resource,
    Scalar,
    Sequence,
    intrinsic,
    text_of,
)
from remediator.transforms.transport.known import of_type

_KEY = "MinimumProtocolVersion"
_VERSION = "TLSv1.2_2021"
_OLD = ("SSLv3", "TLSv1", "TLSv1_2016", "TLSv1.1_2016")
_OWN = ("AcmCertificateArn", "IamCertificateId")

_BEFORE = """\
Resources:
  Distribution:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        Aliases: [www.example.com]
        DefaultCacheBehavior:
          CachePolicyId: 658327ea-f89d-4fab-a63d-7e88639e58f6
          TargetOriginId: app
          ViewerProtocolPolicy: redirect-to-https
        Origins:
          - Id: app
            DomainName: app.example.com
            CustomOriginConfig:
              OriginProtocolPolicy: https-only
        ViewerCertificate:
          AcmCertificateArn: !Ref CertificateArn
          SslSupportMethod: sni-only
"""


class OldTlsAcceptedByDistribution(Pass):
    """A distribution accepts TLS 1.0 and 1.1 from its viewers.

    One with a certificate of its own gets `TLSv1.2_2021` as the oldest version. Browsers and SDKs have spoken TLS 1.2 for ten
    years. Where an older version is written out, it is an unsafe fix.

    With the certificate of CloudFront the version can't be chosen; the finding asks for the names and the certificate.

    Left alone: distributions that answer on addresses of their own (`SslSupportMethod: vip`), and those whose certificate a
    condition decides, as far as it is the one of CloudFront.
    """

    code = "TLS004"
    name = "old-tls-accepted-by-distribution"
    profile = "secure"
    stage = 3
    answers = ("CKV_AWS_174", "W70", "AwsSolutions-CFR4")
    sources = (
        "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/secure-connections-supported-viewer-protocols-ciphers.html",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-cloudfront-distribution-viewercertificate.html",
    )
    examples = (Example("A certificate, and no version", _BEFORE, f"{_BEFORE}          MinimumProtocolVersion: {_VERSION}\n"),)

    def run(self, context: Context) -> Iterator[Finding]:
        for distribution in of_type(context, "AWS::CloudFront::Distribution"):
            config = distribution.property("DistributionConfig")
            if not isinstance(config, Mapping) or intrinsic(config):
                continue
            path: Path = (*distribution.path, "Properties", "DistributionConfig", "ViewerCertificate")
            certificate = config.get("ViewerCertificate")
            found: tuple[Path, Node | Entry, Remedy | str] | None
            if certificate is None or _is_default(certificate):
                if config.get("Aliases") is None and config.entry("Fn::Transform") is None:
                    at = config.entry("ViewerCertificate") or distribution.key
                    yield self._say(context, distribution, path, at, _question(distribution))
                continue
            for where, each in _certificates(certificate, path):
                found = _finding(distribution, where, each)
                if found:
                    yield self._say(context, distribution, *found)

    def _say(self, context: Context, owner: Resource, path: Path, at: Node | Entry, remedy: Remedy | str) -> Finding:
        return self.finding(context.template, path, at, f"{owner.logical_id} accepts TLS 1.0", remedy)


def _question(distribution: Resource) -> str:
    return (
        f"under which names of its own, with which certificate, should {distribution.logical_id} be reached? With the "
        "certificate of CloudFront it accepts TLS 1.0"
    )


def _is_default(node: Node) -> bool:
    value = node.get("CloudFrontDefaultCertificate") if isinstance(node, Mapping) and not intrinsic(node) else None
    return isinstance(value, Scalar) and value.value.lower() == "true"


def _certificates(node: Node, path: Path) -> Iterator[tuple[Path, Mapping]]:
    """The certificates of its own that a distribution may have, through both branches of a condition."""
    call = intrinsic(node)
    if call and call.name == "Fn::If" and isinstance(call.argument, Sequence):
        for index, branch in enumerate(call.argument.items[1:], 1):
            yield from _certificates(branch, (*path, "Fn::If", index))
    elif isinstance(node, Mapping) and not call and node.keys.intersection(_OWN):
        yield path, node


def _finding(distribution: Resource, path: Path, certificate: Mapping) -> tuple[Path, Node | Entry, Remedy] | None:
    version = certificate.get(_KEY)
    if text_of(certificate.get("SslSupportMethod")) != "sni-only":
        return None
    step = f"let {distribution.logical_id} accept TLS 1.2 and later only"

    def make(builder: EditBuilder) -> None:
        builder.set_entry(certificate, _KEY, _VERSION, path)

    if version is None:
        why = "viewers that speak TLS 1.2, which all browsers and SDKs do, notice nothing"
        own = next(entry for entry in certificate.entries if entry.key.value in _OWN)
        return (*path, _KEY), own, Remedy(step, make, why)
    if text_of(version) in _OLD:
        risk = "it is written as it is, maybe for viewers with old programs"
        return (*path, _KEY), version, Remedy(step, make, risk, Applicability.UNSAFE)
    return None
