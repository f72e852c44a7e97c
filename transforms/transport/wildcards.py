"""TLS024: certificates for every name of a domain."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Context, Entry, Example, Finding, Pass
from remediator.transforms.cycles.names import as_sub_text
from remediator.transforms.transport.known import of_type
from remediator.transforms.wiring.links import inside

_EXAMPLE = """\
Resources:
  Certificate:
    Type: AWS::CertificateManager::Certificate
    Properties:
      DomainName: "*.example.com"
      ValidationMethod: DNS
"""


class WildcardCertificate(Pass):
    """A certificate is for every name of a domain: whoever gets at its key can pass for all of them.

    There is no fix: which names there are, only people know.
    """

    code = "TLS024"
    name = "wildcard-certificate"
    profile = "production"
    stage = 3
    answers = ("CKV2_AWS_71",)
    sources = ("https://docs.aws.amazon.com/acm/latest/userguide/acm-bestpractices.html",)
    examples = (Example("A certificate with an asterisk", _EXAMPLE),)

    def run(self, context: Context) -> Iterator[Finding]:
        for certificate in of_type(context, "AWS::CertificateManager::Certificate"):
            for key in ("DomainName", "SubjectAlternativeNames"):
                entry: Entry | None = certificate.properties.entry(key) if certificate.properties else None
                names = list(inside(entry.value)) if entry else []
                if entry and any("*" in (as_sub_text(each) or "") for each in names):
                    path = (*certificate.path, "Properties", key)
                    message = f"{certificate.logical_id} is for every name of a domain"
                    question = f"which names should {certificate.logical_id} be for?"
                    yield self.finding(context.template, path, entry, message, question)
                    break
