"""TLS002: load balancers that serve clients over HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from remediator.api import (
    Applicability,
    CannotEdit,
    Context,
    Copy,
    EditBuilder,
    Example,
    Finding,
    GetAtt,
    Mapping,
    Node,
    Pass,
    Ref,
    Remedy,
    Resource,
    Scalar,
    Sequence,
    Template,
    asked,
    intrinsic,
    meaning,
    table,
    text_of,
)
from remediator.transforms.transport.known import of_type
from remediator.transforms.transport.ports import opening, secure_name
from remediator.transforms.wiring.links import meant

_LISTENER = "AWS::ElasticLoadBalancingV2::Listener"
_BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
_CERTIFICATE = "AWS::CertificateManager::Certificate"
_NAMED = re.compile(r"(?i)cert(ificate)?_?arn$|(ssl|tls|acm|https).*cert(ificate)?$|^certificate$")
_RISK = "clients are redirected, so those that do not follow redirects no longer get through over HTTP"

_TARGETS = """\
  Secure:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      Port: 443
      Protocol: HTTPS
      SslPolicy: ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09
      Certificates:
        - CertificateArn: !Ref CertificateArn
      DefaultActions:
        - Type: forward
          TargetGroupArn: !Ref Targets
  Plain:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      Port: 80
      Protocol: HTTP
      DefaultActions:
"""
_BEFORE = f"Resources:\n{_TARGETS}        - Type: forward\n          TargetGroupArn: !Ref Targets\n"
_AFTER = f"""Resources:\n{_TARGETS}        - Type: redirect
          RedirectConfig:
            Protocol: HTTPS
            Port: "443"
            StatusCode: HTTP_301
"""


class PlainListener(Pass):
    """A load balancer serves its clients over HTTP, so that anybody on the way can read and change what they see.

    The listener redirects to HTTPS. Where the load balancer has no listener for that yet, it gets one on port 443, which takes
    over the actions; rules, extra certificates, outputs and waits go with them, and the security groups of the load balancer
    let in on port 443 whom they let in on port 80. Its certificate is the one in the template, as a resource or a parameter;
    without one, a parameter asks for it. All of that is an unsafe fix, because clients are redirected.

    Left alone: listeners that redirect, whose protocol or actions an expression decides, and those of network load balancers.
    Where something in the template itself calls the load balancer over HTTP, where its security groups are not in the template,
    or where the rules of two listeners would have to be put together, there is a question instead of a fix.
    """

    code = "TLS002"
    name = "plain-listener"
    profile = "secure"
    stage = 3
    answers = ("CKV_AWS_2", "CKV_AWS_103", "W56")
    sources = (
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/create-https-listener.html",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-action-types.html",
    )
    examples = (Example("Beside a listener for HTTPS", _BEFORE, _AFTER, unsafe=True),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for listener in of_type(context, _LISTENER):
            node = listener.property("Protocol")
            actions = listener.property("DefaultActions")
            if node is None or text_of(node) != "HTTP" or not isinstance(actions, Sequence) or intrinsic(actions):
                continue
            if actions.items and not _redirects(actions):
                message = f"{listener.logical_id} serves clients over HTTP"
                path = (*listener.path, "Properties", "Protocol")
                yield self.finding(template, path, node, message, _remedy(template, listener, actions))


def _redirects(actions: Sequence) -> bool:
    first = actions.items[0]
    config = first.get("RedirectConfig") if isinstance(first, Mapping) else None
    protocol = config.get("Protocol") if isinstance(config, Mapping) else None
    return intrinsic(first) is not None or text_of(protocol) == "HTTPS"


def _remedy(template: Template, listener: Resource, actions: Sequence) -> Remedy | str:
    owner = listener.property("LoadBalancerArn")
    balancer = next(iter(meant(template, owner, _BALANCER)), None)
    callers = _callers(template, balancer, listener)
    if callers:
        called = balancer or listener
        return f"{callers[0]} calls {called.logical_id} over HTTP: by which name, with a certificate, should it do so?"
    others = list(_others(template, listener, owner))
    for other in others:
        if text_of(other.property("Protocol")) == "HTTPS":
            return _beside(template, listener, other)
    free = _port(listener) == "80" and not any(_port(other) in ("443", None) for other in others)
    if balancer is None or not free:
        return f"on which port, with which certificate, should the load balancer of {listener.logical_id} serve HTTPS?"
    return _anew(template, listener, balancer, actions)


def _others(template: Template, listener: Resource, owner: Node | None) -> Iterator[Resource]:
    """The other listeners of a load balancer."""
    for other in template.resources.values():
        same = other.property("LoadBalancerArn") if other.type == _LISTENER and other is not listener else None
        if same is not None and owner is not None and meaning(same) == meaning(owner):
            yield other


def _port(listener: Resource) -> str | None:
    port = listener.property("Port")
    return port.value if isinstance(port, Scalar) and port.tag is None else None


def _callers(template: Template, balancer: Resource | None, listener: Resource) -> list[str]:
    """What calls a load balancer itself, by its DNS name or through a listener, and would have to speak TLS."""
    row = table("listeners")["https"]
    found = []
    for each in template.references:
        user = template.resources.get(str(each.path[1])) if each.path[0] == "Resources" else None
        if user is None or user in (balancer, listener) or each.kind == "DependsOn":
            continue
        name = balancer is not None and each.target == balancer.logical_id and each.attribute == "DNSName"
        by_arn = balancer is not None and each.target == balancer.logical_id and user.type in row["carriers"]
        through = each.target == listener.logical_id and user.type not in row["followers"]
        if through or by_arn or (name and user.type not in row["indifferent"]):
            found.append(user.logical_id)
    return found


def _beside(template: Template, listener: Resource, other: Resource) -> Remedy | str:
    """Redirects to another listener of the same load balancer."""
    if other.condition not in (None, listener.condition):
        return f"which certificate should there be where {other.logical_id} does not exist?"
    if any(each.target == listener.logical_id and each.kind != "DependsOn" for each in template.references):
        return f"which of the rules of {listener.logical_id} should {other.logical_id} have?"
    port = _port(other)
    if port is None:
        return f"to which port of {other.logical_id} should {listener.logical_id} redirect?"
    step = f"redirect {listener.logical_id} to {other.logical_id}"
    return Remedy(step, lambda builder: _redirect(builder, listener, port), _RISK, Applicability.UNSAFE)


def _redirect(builder: EditBuilder, listener: Resource, port: str = "443") -> None:
    config = {"Protocol": "HTTPS", "Port": port, "StatusCode": "HTTP_301"}
    if listener.properties is None:
        raise CannotEdit(f"{listener.logical_id} has no properties")
    action = {"Type": "redirect", "RedirectConfig": config}
    builder.set_entry(listener.properties, "DefaultActions", [action], (*listener.path, "Properties"))


def _anew(template: Template, listener: Resource, balancer: Resource, actions: Sequence) -> Remedy | str:
    """Adds a listener for HTTPS, which takes over what the other one does."""
    open_port = opening(template, balancer, 80, 443)
    if isinstance(open_port, str):
        return open_port
    known = _certificate(template, listener)

    def make(builder: EditBuilder) -> None:
        definition = {
            "Type": "String",
            "Description": "ARN of the certificate for the names under which clients reach the load balancer",
            "AllowedPattern": table("listeners")["https"]["certificate"],
        }
        certificate = known or asked(builder, "CertificateArn", definition)
        name = builder.new_logical_id(secure_name(listener.logical_id))
        builder.add_resource(name, _secure(listener, actions, certificate), after=listener.logical_id)
        _follow(builder, template, listener, name)
        _redirect(builder, listener)
        open_port(builder)

    step = f"let {balancer.logical_id} serve HTTPS, and redirect {listener.logical_id} to it"
    risk = _RISK if known else f"you have to say which certificate it serves with; {_RISK}"
    return Remedy(step, make, risk, Applicability.UNSAFE)


def _certificate(template: Template, listener: Resource) -> Ref | None:
    """The only certificate that a template makes, or else the only one that it asks for."""
    made = [each for each in template.resources.values() if each.type == _CERTIFICATE]
    if made:
        fits = len(made) == 1 and made[0].condition in (None, listener.condition)
        return Ref(made[0].logical_id) if fits else None
    section = template.section("Parameters")
    names = [entry.key.value for entry in section.entries if _asks_for_one(entry.value, entry.key.value)] if section else []
    return Ref(names[0]) if len(names) == 1 else None


def _asks_for_one(definition: Any, name: str) -> bool:
    """Whether a parameter is for the ARN of a certificate, and is filled in by whoever makes the stack."""
    if not isinstance(definition, Mapping) or not _NAMED.search(name):
        return False
    default = text_of(definition.get("Default"))
    return text_of(definition.get("Type")) == "String" and (default is None or default.startswith("arn:"))


def _secure(listener: Resource, actions: Sequence, certificate: Ref) -> dict[str, Any]:
    condition = {"Condition": listener.condition} if listener.condition else {}
    owner = listener.property("LoadBalancerArn")
    assert owner is not None
    properties = {
        "LoadBalancerArn": Copy(owner),
        "Port": 443,
        "Protocol": "HTTPS",
        "SslPolicy": table("listeners")["https"]["policy"],
        "Certificates": [{"CertificateArn": certificate}],
        "DefaultActions": Copy(actions),
    }
    return {"Type": _LISTENER, **condition, "Properties": properties}


def _follow(builder: EditBuilder, template: Template, listener: Resource, name: str) -> None:
    """Lets all that names the one listener name the other one."""
    for each in template.references:
        if each.target != listener.logical_id:
            continue
        if each.kind == "DependsOn":
            waiting = template.resources[str(each.path[1])]
            builder.drop_depends_on(waiting, listener.logical_id)
            builder.add_depends_on(waiting, name)
        elif each.start is None or each.end is None:
            raise CannotEdit(f"{listener.logical_id} is named in a text with escapes")
        elif each.kind == "Sub":
            attribute = f".{each.attribute}" if each.attribute else ""
            builder.replace_text(each.start, each.end, f"${{{name}{attribute}}}", each.path)
        else:
            value = GetAtt(name, each.attribute) if each.attribute else Ref(name)
            builder.replace(each.node, value, each.path[:-1])
