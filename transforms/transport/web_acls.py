"""TLS007: distributions and GraphQL APIs without a web ACL."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import (
    Applicability,
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
    reachable,
    text_of,
)
from remediator.transforms.transport.known import of_type
from remediator.transforms.wiring.links import condition_of, meant

_FIREWALL = "AWS::WAFv2::WebACL"
_ASSOCIATION = "AWS::WAFv2::WebACLAssociation"
_API = "AWS::AppSync::GraphQLApi"
_DISTRIBUTION = "AWS::CloudFront::Distribution"
_RISK = "requests that a rule of the web ACL matches are blocked, and each request is billed"

_BEFORE = """\
Resources:
  Firewall:
    Type: AWS::WAFv2::WebACL
    Properties:
      Scope: REGIONAL
      DefaultAction: {Allow: {}}
      VisibilityConfig: {SampledRequestsEnabled: true, CloudWatchMetricsEnabled: true, MetricName: firewall}
  Api:
    Type: AWS::AppSync::GraphQLApi
    Properties:
      Name: orders
      AuthenticationType: AWS_IAM
"""
_ADDED = """\
  ApiFirewall:
    Type: AWS::WAFv2::WebACLAssociation
    Properties:
      ResourceArn: !GetAtt Api.Arn
      WebACLArn: !GetAtt Firewall.Arn
"""


class NoWebAcl(Pass):
    """A distribution or a GraphQL API takes requests from everywhere, and no web ACL looks at them.

    Where the template has exactly one web ACL of the right scope, it is attached. That is an unsafe fix: its rules then apply
    to those requests. Otherwise the finding asks for one; which rules it should have depends on the application, and the one
    of a distribution has to be made in us-east-1.

    Left alone: APIs that are private, or whose web ACL another stack may attach because the template exports their ARN.
    """

    code = "TLS007"
    name = "no-web-acl"
    profile = "secure"
    stage = 3
    answers = ("CKV_AWS_68", "CKV2_AWS_33", "AwsSolutions-CFR2")
    sources = (
        "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/distribution-web-awswaf.html",
        "https://docs.aws.amazon.com/appsync/latest/devguide/WAF-Integration.html",
    )
    examples = (Example("An API beside a web ACL", _BEFORE, _BEFORE + _ADDED, unsafe=True),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for resource in of_type(context, _API, _DISTRIBUTION):
            if _is_distribution_without(resource):
                remedy = _for_distribution(context, resource)
            elif resource.type == _API and not _is_private(resource) and not _has_association(template, resource):
                remedy = _for_api(context, resource)
            else:
                continue
            message = f"no web ACL looks at the requests to {resource.logical_id}"
            yield self.finding(template, resource.path, resource.key, message, remedy)


def _is_distribution_without(resource: Resource) -> bool:
    config = resource.property("DistributionConfig") if resource.type == _DISTRIBUTION else None
    plain = isinstance(config, Mapping) and not intrinsic(config) and config.entry("Fn::Transform") is None
    return plain and isinstance(config, Mapping) and config.get("WebACLId") is None


def _is_private(api: Resource) -> bool:
    return text_of(api.property("Visibility")) == "PRIVATE" or api.properties is None


def _has_association(template: Template, api: Resource) -> bool:
    """Whether a web ACL is attached to an API: here, for all we know, or maybe in another stack that reads its ARN."""
    for each in template.resources.values():
        if each.type == _ASSOCIATION and meant(template, each.property("ResourceArn"), _API) in ([api], []):
            return True
    return any(
        each.target == api.logical_id and each.path[0] == "Outputs" and each.attribute in ("Arn", None)
        for each in template.references
    )


def _only(context: Context, resource: Resource, scope: str) -> Resource | None:
    """The only web ACL of a scope, where a resource may name it."""
    found = [
        each
        for each in context.template.resources.values()
        if each.type == _FIREWALL and text_of(each.property("Scope")) == scope
    ]
    if len(found) != 1 or found[0].condition not in (None, resource.condition):
        return None
    return found[0] if resource.logical_id not in reachable(context.graph.arcs, found[0].logical_id) else None


def _for_distribution(context: Context, distribution: Resource) -> Remedy | str:
    firewall = _only(context, distribution, "CLOUDFRONT")
    config = distribution.property("DistributionConfig")
    if firewall is None or not isinstance(config, Mapping):
        return f"which web ACL, of scope CLOUDFRONT in us-east-1, should look at the requests to {distribution.logical_id}?"

    def make(builder: EditBuilder) -> None:
        path = (*distribution.path, "Properties", "DistributionConfig")
        builder.set_entry(config, "WebACLId", GetAtt(firewall.logical_id, "Arn"), path)

    return Remedy(f"attach {firewall.logical_id} to {distribution.logical_id}", make, _RISK, Applicability.UNSAFE)


def _for_api(context: Context, api: Resource) -> Remedy | str:
    firewall = _only(context, api, "REGIONAL")
    condition = condition_of(api, firewall) if firewall else None
    if firewall is None or condition is None:
        return f"which web ACL should look at the requests to {api.logical_id}?"

    def make(builder: EditBuilder) -> None:
        properties = {"ResourceArn": GetAtt(api.logical_id, "Arn"), "WebACLArn": GetAtt(firewall.logical_id, "Arn")}
        name = builder.new_logical_id(f"{api.logical_id}Firewall")
        builder.add_resource(name, {"Type": _ASSOCIATION, **condition, "Properties": properties}, after=api.logical_id)

    return Remedy(f"attach {firewall.logical_id} to {api.logical_id}", make, _RISK, Applicability.UNSAFE)
