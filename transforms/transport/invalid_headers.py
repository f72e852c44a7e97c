"""TLS003: load balancers that hand on headers which are no valid HTTP."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import (
    Applicability,
    Context,
    EditBuilder,
    Example,
    Finding,
    Mapping,
    Node,
    Pass,
    Remedy,
    Resource,
    Scalar,
    Sequence,
    intrinsic,
    text_of,
)
from remediator.transforms.transport.known import of_type
from remediator.transforms.wiring.grants import add_to_list

_KEY = "routing.http.drop_invalid_header_fields.enabled"
_LIST = "LoadBalancerAttributes"

_BEFORE = """\
Resources:
  Balancer:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties:
      Subnets: !Ref Subnets
"""
_ADDED = f"""\
      LoadBalancerAttributes:
        - Key: {_KEY}
          Value: "true"
"""


class InvalidHeadersPassedOn(Pass):
    """An application load balancer hands on header fields whose names are not valid in HTTP. Servers read them differently,
    which is what request smuggling rests on.

    They are dropped: names of letters, digits and hyphens stay. nginx and Apache drop the others by default as well. Where that
    is turned off in so many words, to turn it on is an unsafe fix.

    Left alone: load balancers whose type or attributes an expression decides.
    """

    code = "TLS003"
    name = "invalid-headers-passed-on"
    profile = "secure"
    stage = 3
    answers = ("CKV_AWS_131",)
    sources = (
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html",
        "https://docs.aws.amazon.com/securityhub/latest/userguide/elb-controls.html#elb-4",
    )
    examples = (Example("A load balancer without attributes", _BEFORE, _BEFORE + _ADDED),)

    def run(self, context: Context) -> Iterator[Finding]:
        for balancer in of_type(context, "AWS::ElasticLoadBalancingV2::LoadBalancer"):
            if not _is_for_http(balancer):
                continue
            found = _setting(balancer)
            if found is None:
                at: Node = balancer.key
                remedy: Remedy | str = _added(balancer)
            elif isinstance(found, Scalar) and found.tag is None and found.value.lower() == "false":
                at, remedy = found, _changed(balancer, found)
            else:
                continue
            path = (*balancer.path, "Properties", _LIST)
            message = f"{balancer.logical_id} hands on header fields that are not valid"
            yield self.finding(context.template, path, at, message, remedy)


def _is_for_http(balancer: Resource) -> bool:
    kind = balancer.property("Type")
    return balancer.properties is not None and (kind is None or text_of(kind) == "application")


def _setting(balancer: Resource) -> Node | None:
    """What is said about such headers, or what keeps anybody from knowing; None where nothing is said."""
    listed = balancer.property(_LIST)
    if listed is None:
        return None
    if not isinstance(listed, Sequence) or intrinsic(listed):
        return listed
    for item in listed.items:
        key = item.get("Key") if isinstance(item, Mapping) and not intrinsic(item) else None
        if text_of(key) is None:
            return item
        if isinstance(item, Mapping) and text_of(key) == _KEY:
            return item.get("Value") or item
    return None


def _added(balancer: Resource) -> Remedy:
    step = f"let {balancer.logical_id} drop invalid header fields"
    item = {"Key": _KEY, "Value": "true"}
    why = "only header fields whose names no valid request has are dropped"
    return Remedy(step, lambda builder: add_to_list(builder, balancer, _LIST, [item]), why)


def _changed(balancer: Resource, node: Scalar) -> Remedy:
    path = (*balancer.path, "Properties", _LIST)

    def make(builder: EditBuilder) -> None:
        builder.replace(node, "true", path)

    step = f"let {balancer.logical_id} drop invalid header fields"
    return Remedy(step, make, "it is turned off, maybe for a client that sends such fields", Applicability.UNSAFE)
