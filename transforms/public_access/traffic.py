"""The rules of security groups, inline or resources of their own: what they let in or out, and from whom. No passes here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from remediator.api import (
    VARIABLE,
    Mapping,
    Node,
    Path,
    Resource,
    Scalar,
    Sequence,
    Template,
    intrinsic,
    is_no_value,
    table,
    text_of,
)
from remediator.transforms.cycles.names import as_sub_text
from remediator.transforms.wiring.links import meant

GROUP = "AWS::EC2::SecurityGroup"
RANGES = ("CidrIp", "CidrIpv6")

_OWN = {"AWS::EC2::SecurityGroupIngress": True, "AWS::EC2::SecurityGroupEgress": False}
_INLINE = {"SecurityGroupIngress": True, "SecurityGroupEgress": False}
_PEERS = ("SourceSecurityGroupId", "DestinationSecurityGroupId", "SourcePrefixListId", "DestinationPrefixListId")
_PROTOCOLS = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", "all": "-1"}
_ALL_PORTS = (0, 65535)
_TOO_MANY = 1000
"""Ports from which on a rule is said to open a range, not the services in it."""
_NOBODY = "127.0.0.1/32"
_IDENTITIES = ("GroupId", "Id", "CidrBlock", "VpcId", "SecurityGroupId", "PrefixListId", "PublicIp", "PrivateIp")
"""Attributes that stand for the resource itself."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: the resource in which it stands, the group that it is for where that is in the template, and where it stands."""

    holder: Resource
    group: Resource | None
    inward: bool
    body: Mapping
    path: Path

    @property
    def inline(self) -> bool:
        return self.holder.type == GROUP


def rules(template: Template) -> Iterator[Rule]:
    """Every rule that is written out, those in the branches of ``Fn::If`` included."""
    for resource in template.resources.values():
        if resource.properties is None:
            continue
        path: Path = (*resource.path, "Properties")
        if resource.type in _OWN:
            groups = meant(template, resource.property("GroupId"), GROUP)
            group = groups[0] if len(groups) == 1 else None
            yield Rule(resource, group, _OWN[resource.type], resource.properties, path)
        elif resource.type == GROUP:
            for key, inward in _INLINE.items():
                for at, body in _bodies(resource.property(key), (*path, key)):
                    yield Rule(resource, resource, inward, body, at)


def _bodies(node: Node | None, path: Path) -> Iterator[tuple[Path, Mapping]]:
    if node is None or is_no_value(node):
        return
    call = intrinsic(node)
    if call and call.name == "Fn::If" and isinstance(call.argument, Sequence):
        for index, branch in enumerate(call.argument.items[1:], 1):
            yield from _bodies(branch, (*path, "Fn::If", index))
    elif isinstance(node, Sequence) and not call:
        for index, item in enumerate(node.items):
            yield from _bodies(item, (*path, index))
    elif isinstance(node, Mapping) and not call:
        yield path, node


def is_world(text: str | None) -> bool:
    """Whether a range of addresses, as text, is that of all addresses."""
    return text is not None and text.strip().endswith("/0")


def protocol(rule: Rule) -> str | None:
    """``tcp``, ``udp``, ``icmp``, ``icmpv6``, ``-1`` for all, or a number; None where it is not written out."""
    text = (text_of(rule.body.get("IpProtocol")) or _number(rule.body.get("IpProtocol")) or "").lower()
    return _PROTOCOLS.get(text, text) or None


def ports(rule: Rule) -> tuple[int, int] | None:
    """The first and the last port of a rule for TCP, UDP or everything; None where they can't be known."""
    kind = protocol(rule)
    if kind == "-1":
        return _ALL_PORTS
    if kind not in ("tcp", "udp"):
        return None
    low, high = (_number(rule.body.get(key)) for key in ("FromPort", "ToPort"))
    if low == "-1" or (rule.body.get("FromPort") is None and rule.body.get("ToPort") is None):
        return _ALL_PORTS
    return (int(low), int(high)) if low and high and low.isdigit() and high.isdigit() else None


def _number(node: Node | None) -> str | None:
    return node.value.strip() if isinstance(node, Scalar) and node.tag is None else None


def services(rule: Rule) -> dict[str, str]:
    """The well-known services that a rule lets through, by port, with their uses (empty where they are for everybody)."""
    span, kind = ports(rule), protocol(rule)
    if span is None:
        return {}
    kinds = ("tcp", "udp") if kind == "-1" else (kind,)
    rows = table("network_ports").items()
    return {port: row.get("use", "") for port, row in rows if span[0] <= int(port) <= span[1] and row.keys() & set(kinds)}


def risk(rule: Rule) -> tuple[list[str], str] | None:
    """What a rule lets through that is not for everybody, in words, and its use; None where there is nothing of the kind."""
    span, kind = ports(rule), protocol(rule)
    if span is None:
        return None
    if kind == "-1":
        return ["every port"], ""
    if span[1] - span[0] >= _TOO_MANY:
        return [f"the {kind} ports {span[0]} to {span[1]}"], ""
    risky = {port: use for port, use in services(rule).items() if use}
    names = [str(table("network_ports")[port].get(str(kind), "port")) for port in risky]
    uses = set(risky.values())
    return ([f"{name} ({port})" for name, port in zip(names, risky, strict=True)], min(uses)) if risky else None


def described(rule: Rule, peer: str | None = None) -> str:
    """What a rule lets through, in the characters that EC2 allows in a description.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpRange.html (2026-11): up to 255 of a-z, A-Z, 0-9, spaces, and
    ``._-:/()#,@[]+=&;{}!$*``.
    """
    if not rule.inward and protocol(rule) == "-1" and text_of(rule.body.get("CidrIp")) == _NOBODY:
        return "No outbound traffic"
    what, other = _traffic(rule), peer or _peer(rule)
    if other is None:
        small = what[0].lower() + what[1:] if what.startswith(("All ", "Traffic")) else what
        text = f"{'Inbound' if rule.inward else 'Outbound'} {small}"
    else:
        text = f"{what} {'from' if rule.inward else 'to'} {other}"
    return re.sub(r"[^A-Za-z0-9 ._\-:/()#,@\[\]+=&;{}!$*]", "", text)[:255]


def _traffic(rule: Rule) -> str:
    kind, span = protocol(rule), ports(rule)
    if kind is None:
        return "Traffic"
    if kind == "-1":
        return "All traffic"
    if kind in ("icmp", "icmpv6"):
        return {"icmp": "ICMP", "icmpv6": "ICMPv6"}[kind]
    if kind not in ("tcp", "udp"):
        return f"IP protocol {kind}"
    if span is None:
        names = [_named(rule.body.get(key)) for key in ("FromPort", "ToPort")]
        known = names[0] and names[0] == names[1] and names[0].lower() != "port"
        return f"{kind.upper()} port {names[0]}" if known else kind.upper()
    if span in (_ALL_PORTS, (1, 65535)):
        return f"All {kind.upper()} ports"
    if span[0] != span[1]:
        return f"{kind.upper()} ports {span[0]}-{span[1]}"
    return str(table("network_ports").get(str(span[0]), {}).get(kind) or f"{kind.upper()} port {span[0]}")


def _peer(rule: Rule) -> str | None:
    """Who is at the other end, as the template names it; None where it has no plain name."""
    for key in RANGES:
        node = rule.body.get(key)
        if node is not None:
            text = text_of(node)
            return "anywhere" if is_world(text) else text or _named(node)
    for key in _PEERS:
        node = rule.body.get(key)
        if node is not None:
            name = text_of(node) or _named(node)
            return "members of this group" if rule.group and name == rule.group.logical_id else name
    return None


def _named(node: Node | None) -> str | None:
    """The one name in an expression: of a parameter or resource, of what a custom resource returns, or the key of a mapping."""
    call = intrinsic(node) if node else None
    if node is None or call is None:
        return None
    if call.name == "Fn::FindInMap" and isinstance(call.argument, Sequence):
        return text_of(call.argument.items[-1]) if len(call.argument.items) == 3 else None
    names: list[str] = VARIABLE.findall(as_sub_text(node) or "")
    if len(names) != 1 or names[0].startswith(("AWS::", "!")):
        return None
    name, _, attribute = names[0].partition(".")
    return attribute.rpartition(".")[2] if attribute and attribute not in _IDENTITIES else name
