"""COM004: properties of which a resource needs exactly one, or at least one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from remediator.api import (
    Applicability,
    Context,
    Copy,
    EditBuilder,
    Example,
    Finding,
    Mapping,
    Pass,
    Path,
    Place,
    Remedy,
    Resource,
    Sequence,
    asked,
    intrinsic,
    parameter_for,
    show,
)
from remediator.transforms.combinations.known import is_absent, is_set
from remediator.transforms.combinations.rows import listed

_AT_LEAST_ONE = {
    "AWS::EC2::Subnet": ("CidrBlock", "Ipv4IpamPoolId", "Ipv6IpamPoolId", "Ipv6CidrBlock"),
    "AWS::Events::Rule": ("EventPattern", "ScheduleExpression"),
}
"""What the schemas don't say. https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-subnet.html (2026-11)"""
_ASKED = {"AWS::ElasticLoadBalancingV2::LoadBalancer": "Subnets", "AWS::Route53::RecordSet": "HostedZoneId"}
"""The one of several that a parameter can ask for."""
_MANAGED = "AWS::IAM::ManagedPolicy"
_RULES = ("SecurityGroupIngress", "SecurityGroupEgress")

_BEFORE = """\
Resources:
  Web:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: Web servers
      SecurityGroupIngress:
        - IpProtocol: tcp
          FromPort: 443
          ToPort: 443
          CidrIp: 0.0.0.0/0
          CidrIpv6: ::/0
"""
_AFTER = """\
Resources:
  Web:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: Web servers
      SecurityGroupIngress:
        - IpProtocol: tcp
          FromPort: 443
          ToPort: 443
          CidrIp: 0.0.0.0/0
        - IpProtocol: tcp
          FromPort: 443
          ToPort: 443
          CidrIpv6: ::/0
"""


class NotExactlyOne(Pass):
    """A resource needs exactly one of several properties, and has two of them or none; or at least one, and has none.

    A rule of a security group with two sources becomes two rules, which is what such a rule means. A policy that belongs to
    nobody becomes a managed policy, which is safe where a role attaches it as one. A load balancer without subnets asks for
    them with a parameter, as an unsafe fix. Everything else is a question.

    Left alone: properties that are there under a condition, and mappings with a property that the type does not know, which
    may be the one that is missing (SCH001).
    """

    code = "COM004"
    name = "not-exactly-one"
    profile = "deploy"
    answers = ("E3014", "E3017", "E3018", "E3058")
    sources = ("https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html",)
    examples = (Example("A rule with two sources", _BEFORE, _AFTER),)

    def run(self, context: Context) -> Iterator[Finding]:
        owners: dict[Path, Place] = {}
        for resource, place in context.places:
            owners[place.path] = place
            node = place.node
            if isinstance(node, Mapping) and not intrinsic(node) and not _is_open(place, node):
                yield from self._of(context, resource, place, node, owners)

    def _of(
        self, context: Context, resource: Resource, place: Place, node: Mapping, owners: dict[Path, Place]
    ) -> Iterator[Finding]:
        at = resource.key if len(place.path) == 3 else node
        for names, most in _groups(resource.type, place):
            there = [name for name in names if not is_absent(node.get(name))]
            if not all(is_set(node.get(name)) for name in there):
                continue
            here = show(place.path[1:])
            if not there:
                message = f"{here} has none of {listed(names)}"
                remedy = _managed(context, resource, node) or _ask(resource, place, node, names)
                yield self.finding(context.template, place.path, at, message, remedy)
            elif len(there) > most:
                message = f"{here} has {listed(there)}, of which it may have one"
                which = _split(place, node, there, owners) or f"which of {listed(there)} is meant?"
                yield self.finding(context.template, place.path, at, message, which)


def _is_open(place: Place, node: Mapping) -> bool:
    """Whether there is something that may be one of the properties under another name, or bring one."""
    return "Fn::Transform" in node.keys or bool(node.keys - place.shape.properties.keys())


def _groups(kind: str, place: Place) -> Iterator[tuple[tuple[str, ...], int]]:
    """Properties of which one is needed, with how many of them there may be."""
    schema = place.shape.schema
    if "requiredXor" in schema:
        yield tuple(schema["requiredXor"]), 1
        return
    options: list[Any] = schema.get("anyOf", [])
    single = [each["required"][0] for each in options if isinstance(each, dict) and _is_requirement(each)]
    if options and len(single) == len(options):
        yield tuple(single), len(single)
    if len(place.path) == 3 and kind in _AT_LEAST_ONE:
        yield _AT_LEAST_ONE[kind], len(_AT_LEAST_ONE[kind])


def _is_requirement(option: dict[str, Any]) -> bool:
    return option.keys() == {"required"} and len(option["required"]) == 1


def _managed(context: Context, resource: Resource, node: Mapping) -> Remedy | None:
    """A policy that belongs to nobody is one of its own: a managed policy, which whoever needs it attaches."""
    kind, name = resource.node.get("Type"), node.entry("PolicyName")
    if resource.type != "AWS::IAM::Policy" or kind is None or name is None:
        return None

    def make(builder: EditBuilder) -> None:
        builder.replace(kind, _MANAGED, (*resource.path, "Type"))
        builder.rename_key(name, "ManagedPolicyName", (*resource.path, "Properties"))

    attached = any(
        each.target == resource.logical_id and each.kind == "Ref" and "ManagedPolicyArns" in each.path
        for each in context.template.references
    )
    why = "a role attaches it as a managed policy" if attached else "it may have been meant for a role, which is not said"
    level = Applicability.SAFE if attached else Applicability.UNSAFE
    return Remedy("make it a managed policy", make, why, level)


def _ask(resource: Resource, place: Place, node: Mapping, names: tuple[str, ...]) -> Remedy | str:
    question = f"which {listed(names, 'or')} should {resource.logical_id} have?"
    name = _ASKED.get(resource.type) if len(place.path) == 3 else None
    definition = parameter_for(name, place.shape.properties.get(name), f"{name} of {resource.logical_id}") if name else None
    if name is None or definition is None or name not in names:
        return question
    return Remedy(
        f"ask for {name} of {resource.logical_id} with a parameter",
        lambda b: b.set_entry(node, name, asked(b, f"{resource.logical_id}{name}", definition), place.path),
        f"whoever deploys has to answer: {question}",
        Applicability.UNSAFE,
    )


def _split(place: Place, node: Mapping, there: list[str], owners: dict[Path, Place]) -> Remedy | None:
    """A rule for each source of a rule that has several."""
    rules = owners.get(place.path[:-1])
    if len(place.path) != 5 or place.path[3] not in _RULES or rules is None or not isinstance(rules.node, Sequence):
        return None
    listing, first = rules.node, there[0]

    def make(builder: EditBuilder) -> None:
        for other in there[1:]:
            gone = set(there) - {other}
            rule = {entry.key.value: Copy(entry.value) for entry in node.entries if entry.key.value not in gone}
            builder.append_item(listing, rule, rules.path)
            builder.remove_entry(node, other, place.path)

    step = f"write a rule of its own for {listed(there[1:])}, and leave {first} in this one"
    return Remedy(step, make, "a rule is for one source, and each keeps the ports that it was given")
