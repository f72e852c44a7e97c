"""ACC007: HTTPS without a certificate."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Context, Example, Finding, Mapping, Node, Pass, Path, Resource, Sequence, intrinsic, text_of
from remediator.transforms.account.optional_values import OptionalValue

EXAMPLE = """\
Resources:
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      Protocol: HTTPS
      Port: 443
      DefaultActions: [{Type: forward, TargetGroupArn: !Ref Targets}]
"""


class MissingCertificate(Pass):
    """A listener for HTTPS or TLS has no certificate, or one that is empty unless somebody fills it in; a distribution has
    names of its own and no certificate for them. Neither can be created.

    There is no fix: which names the certificate is for, and that they are theirs, only people know. A listener beside
    another one that serves HTTP is made optional by `empty-default` (ACC005).
    """

    code = "ACC007"
    name = "missing-certificate"
    profile = "deploy"
    sources = (
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/https-listener-certificates.html",
        "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html",
    )
    examples = (Example("A listener", EXAMPLE),)

    def run(self, context: Context) -> Iterator[Finding]:
        for resource in context.template.resources.values():
            for path, node in _without_certificate(context, resource):
                message = f"{resource.logical_id} serves HTTPS without a certificate"
                question = f"which certificate should {resource.logical_id} have?"
                yield self.finding(context.template, path, node, message, question)


def _without_certificate(context: Context, resource: Resource) -> Iterator[tuple[Path, Node]]:
    path: Path = (*resource.path, "Properties")
    if resource.type == "AWS::ElasticLoadBalancingV2::Listener":
        protocol, certificates = resource.property("Protocol"), resource.property("Certificates")
        if protocol is None or text_of(protocol) not in ("HTTPS", "TLS"):
            return
        if certificates is None:
            if not _has_transform(resource.properties):
                yield (*path, "Protocol"), protocol
        elif _is_empty(context, certificates, (*path, "Certificates")):
            yield (*path, "Certificates"), certificates
    elif resource.type == "AWS::CloudFront::Distribution":
        config = resource.property("DistributionConfig")
        if isinstance(config, Mapping) and not intrinsic(config) and _names_without(config):
            aliases = config.get("Aliases")
            assert aliases is not None
            yield (*path, "DistributionConfig", "Aliases"), aliases


def _has_transform(node: Mapping | None) -> bool:
    return node is not None and node.entry("Fn::Transform") is not None


def _is_empty(context: Context, certificates: Node, path: Path) -> bool:
    """Whether the only certificate is empty by default, and nothing makes the listener do without."""
    items = certificates.items if isinstance(certificates, Sequence) and not certificates.tag else ()
    item = items[0] if len(items) == 1 else None
    arn = item.get("CertificateArn") if isinstance(item, Mapping) and not intrinsic(item) else None
    call = intrinsic(arn) if arn else None
    name = text_of(call.argument) if call and call.name == "Ref" else None
    definition = context.template.parameter(name) if name else None
    if arn is not None and call is None:
        return text_of(arn) == ""
    if name is None or definition is None or text_of(definition.get("Default")) != "":
        return False
    return any(use.path[: len(path)] == path for use in OptionalValue(context, name).unsettled)


def _names_without(config: Mapping) -> bool:
    """Whether a distribution has names of its own, and no certificate but that of CloudFront."""
    aliases, certificate = config.get("Aliases"), config.get("ViewerCertificate")
    named = isinstance(aliases, Sequence) and not aliases.tag and len(aliases.items) > 0
    if not named or _has_transform(config):
        return False
    if certificate is None:
        return True
    plain = isinstance(certificate, Mapping) and not intrinsic(certificate)
    return (
        plain
        and isinstance(certificate, Mapping)
        and certificate.keys <= {"CloudFrontDefaultCertificate", "MinimumProtocolVersion"}
    )
