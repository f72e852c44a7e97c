"""PUB004: administrative and database ports that are open to the whole internet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from remediator.api import (
    Applicability,
    CannotEdit,
    Context,
    EditBuilder,
    Example,
    Finding,
    Mapping,
    Node,
    Origin,
    Pass,
    Path,
    Ref,
    Remedy,
    Template,
    UpdateEffect,
    asked,
    intrinsic,
    origins,
    text_of,
)
from remediator.transforms.public_access.clients import clients
from remediator.transforms.public_access.narrowing import let_in, renewed
from remediator.transforms.public_access.traffic import RANGES, Rule, is_world, risk, rules

_BEFORE = """\
Parameters:
  Vpc:
    Type: AWS::EC2::VPC::Id
Resources:
  Servers:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: The servers of the shop
      VpcId: !Ref Vpc
      SecurityGroupIngress:
        - Description: Login from anywhere
          IpProtocol: tcp
          FromPort: 22
          ToPort: 22
          CidrIp: 0.0.0.0/0
"""
_PARAMETER = """\
  AdminCidr:
    Type: String
    Description: "Addresses from which the servers are administered, such as 203.0.113.0/24"
    AllowedPattern: "^([0-9]{1,3}\\\\.){3}[0-9]{1,3}/([1-9]|[12][0-9]|3[0-2])$"
    ConstraintDescription: "an IPv4 range in CIDR notation, and not the whole internet"
"""
_AFTER = (
    _BEFORE.replace("Resources:\n", f"{_PARAMETER}Resources:\n")
    .replace("CidrIp: 0.0.0.0/0", "CidrIp: !Ref AdminCidr")
    .replace("Login from anywhere", "SSH from AdminCidr")
)

_PATTERNS = {
    "CidrIp": (r"^([0-9]{1,3}\.){3}[0-9]{1,3}/([1-9]|[12][0-9]|3[0-2])$", "an IPv4 range"),
    "CidrIpv6": (r"^[0-9a-fA-F:]+/([1-9]|[1-9][0-9]|1[01][0-9]|12[0-8])$", "an IPv6 range"),
}
_WISHES = {
    "administration": ("AdminCidr", "Addresses from which the servers are administered"),
    "database": ("DatabaseClientCidr", "Addresses from which the databases are used"),
    "": ("AllowedCidr", "Addresses from which the servers may be reached on every port"),
}
_NETWORKS = ("AWS::EC2::VPC", "AWS::EC2::Subnet")
_SAMPLES = {"CidrIp": "203.0.113.0/24", "CidrIpv6": "2001:db8::/32"}


@dataclass(frozen=True, slots=True)
class _Opening:
    """A rule that lets the whole internet in, the key and the text that say so, and what for."""

    rule: Rule
    key: str
    origin: Origin
    names: list[str]
    use: str


class PortOpenToTheWorld(Pass):
    """A security group lets the whole internet reach a port of administration (SSH, RDP, WinRM …) or of a database, or every
    port.

    Who should come is not in the template, so that each fix is unsafe. A range of addresses that the template already has for
    the same purpose takes the place of the whole internet; a database is opened to the security group of exactly those
    that use it, where there is one; otherwise a parameter without default asks for the range. Where the whole internet is the
    default of a parameter that is for nothing else, that default goes, so that CloudFormation asks.

    Ports for everybody, such as 80 and 443, are left alone. So is what a mapping or an expression makes.
    """

    code = "PUB004"
    name = "port-open-to-the-world"
    profile = "secure"
    stage = 3
    answers = ("CKV_AWS_24", "CKV_AWS_25", "W2")
    sources = (
        "https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-19",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ec2-securitygroup-ingress.html",
    )
    examples = (Example("A login that anybody may try", _BEFORE, _AFTER, unsafe=True),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        said: set[Path] = set()
        for opening in _openings(template):
            origin, holder = opening.origin, opening.rule.holder
            if origin.path not in said:
                said.add(origin.path)
                message = f"{holder.logical_id} lets the whole internet reach {' and '.join(opening.names)}"
                remedy = _remedy(context, opening)
                yield self.finding(template, origin.path, origin.node, message, remedy, (holder.path,))


def _openings(template: Template) -> Iterator[_Opening]:
    for rule in rules(template):
        found = risk(rule) if rule.inward else None
        for key in RANGES if found else ():
            node = rule.body.get(key)
            for origin in origins(template, node, (*rule.path, key)) if node else ():
                if found and is_world(origin.node.value) and origin.node.tag is None:
                    yield _Opening(rule, key, origin, *found)


def _remedy(context: Context, opening: _Opening) -> Remedy | str:
    origin, rule = opening.origin, opening.rule
    if origin.shared:
        return _without_default(context.template, opening)
    effect = UpdateEffect.INTERRUPTION if rule.inline else UpdateEffect.REPLACEMENT
    if opening.use == "database":
        users = clients(context, rule.group)
        if len(users) == 1 and origin.path == (*rule.path, opening.key):
            return let_in(context, rule, opening.key, users[0], "only what uses the database in this template reaches it then")
    known = _known(context.template, opening)
    if known is not None:
        step = f"open the port only to {_named(known)}, as the template does elsewhere"
    else:
        step = "ask for the addresses that should be let in"

    def make(builder: EditBuilder) -> None:
        value = Ref(_named(known)) if known is not None else _range(builder, context.template, opening)
        builder.replace(origin.node, value, origin.path)
        renewed(builder, rule, value.name if origin.path == (*rule.path, opening.key) else None)

    return Remedy(step, make, "whoever comes from other addresses is shut out", Applicability.UNSAFE, effect)


def _named(node: Node) -> str:
    call = intrinsic(node)
    return (text_of(call.argument) if call else None) or ""


def _known(template: Template, opening: _Opening) -> Node | None:
    """The parameter from whose range another rule lets people in for the same purpose."""
    for rule in rules(template):
        found = risk(rule) if rule.inward else None
        node = rule.body.get(opening.key)
        call = intrinsic(node) if node else None
        if found and found[1] == opening.use and node and call and call.name == "Ref":
            name = text_of(call.argument) or ""
            values = [each.node.value for each in origins(template, node, ())]
            if name in template.parameters and not any(map(is_world, values)) and not _is_own_network(template, name):
                return node
    return None


def _is_own_network(template: Template, parameter: str) -> bool:
    """Whether a parameter is the range of a network of the template, from which nobody comes in from outside."""
    nodes = [each.property("CidrBlock") for each in template.resources.values() if each.type in _NETWORKS]
    return any(node is not None and _named(node) == parameter for node in nodes)


def _range(builder: EditBuilder, template: Template, opening: _Opening) -> Ref:
    """A parameter for a range: the one that an earlier fix has added, or a new one."""
    wish, text = _WISHES[opening.use]
    pattern, what = _PATTERNS[opening.key]
    wish = wish if opening.key == "CidrIp" else wish.replace("Cidr", "Ipv6Cidr")
    definition = {
        "Type": "String",
        "Description": f"{text}, such as {_SAMPLES[opening.key]}",
        "AllowedPattern": pattern,
        "ConstraintDescription": f"{what} in CIDR notation, and not the whole internet",
    }
    there = template.parameter(wish)
    if there is not None and text_of(there.get("Description")) == definition["Description"]:
        return Ref(wish)
    return asked(builder, wish, definition)


def _without_default(template: Template, opening: _Opening) -> Remedy | str:
    """Removes the default of a parameter, where it is for nothing that everybody may reach."""
    section, name = str(opening.origin.path[0]), str(opening.origin.path[1])
    definition = template.parameter(name) if section == "Parameters" else None
    if definition is None:
        return "who should reach it?"
    uses = [each for each in template.references if each.target == name]
    narrow = [each for each in rules(template) if each.inward and risk(each)]
    inside = [any(_within(rule.body, use.node) for rule in narrow) for use in uses]
    if not all(inside):
        return f"who should reach it? {name} is also for what everybody may reach"
    return Remedy(
        f"ask for {name} instead of a default that means everybody",
        lambda builder: _remove_default(builder, definition, name),
        "whoever creates the stack has to say which addresses are let in",
        Applicability.UNSAFE,
    )


def _remove_default(builder: EditBuilder, definition: Mapping, name: str) -> None:
    if definition.get("AllowedValues") is not None:
        raise CannotEdit("the values that the parameter allows would have to change too")
    builder.remove_entry(definition, "Default", ("Parameters", name))


def _within(outer: Mapping, node: Node) -> bool:
    return outer.start <= node.start and node.end <= outer.end
