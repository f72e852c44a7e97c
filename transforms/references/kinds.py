"""What a reference returns, and what a place wants: names, ids, ARNs, as far as the schemas say."""

from __future__ import annotations

import re
from functools import cache

from remediator.api import Resource, Shape, Template, resource_type, table

_OWN_NAMES = ("AWS::CloudFormation::CustomResource", "AWS::CloudFormation::Stack", "AWS::Serverless::Application")


def formats(shape: Shape) -> frozenset[str]:
    """The formats such as ``AWS::EC2::Subnet.Id`` that a place takes; empty where the schema names none."""
    schemas = [shape.schema, *(each for each in shape.schema.get("anyOf", ()) if isinstance(each, dict))]
    return frozenset(each["format"] for each in schemas if str(each.get("format")).startswith("AWS::"))


def of_type(wanted: frozenset[str]) -> frozenset[str]:
    """The resource types that formats belong to."""
    return frozenset(each.rpartition(".")[0] for each in wanted)


def wants_arn(name: str, shape: Shape) -> bool:
    """Whether a property takes an ARN and nothing else: its format, its pattern or its name says so."""
    known, pattern = formats(shape), str(shape.schema.get("pattern", ""))
    if "string" not in shape.types or shape.enum:
        return False
    if re.match(r"\^?arn:", pattern) and not _has_alternatives(pattern):
        return True
    if known:
        return all(each.endswith(".Arn") for each in known)
    return bool(re.search(r"(?:^|[a-z])(?:Arn|ARN)s?$", name))


def _has_alternatives(pattern: str) -> bool:
    """Whether a pattern is several with ``|`` between, outside of any group."""
    inner = re.sub(r"\\.|\[[^\]]*\]", "", pattern)
    while (flat := re.sub(r"\([^()]*\)", "", inner)) != inner:
        inner = flat
    return "|" in inner


@cache
def ref_is_arn(kind: str) -> bool | None:
    """Whether ``Ref`` of a type returns an ARN; None where that isn't known."""
    facts = table("references_returns").get(kind, {})
    known = resource_type(kind)
    if "arn" in facts:
        return bool(facts["arn"])
    identifier = identifiers(kind)
    if known is None or kind in _OWN_NAMES or len(identifier) != 1:
        return None
    if identifier[0].lower().endswith("arn"):
        return True
    return False if arn_attribute(kind) else None


@cache
def identifiers(kind: str) -> tuple[str, ...]:
    """The properties that identify a resource of a type; ``Ref`` returns it where there is one."""
    known = resource_type(kind)
    pointers = known.document.get("primaryIdentifier", ()) if known else ()
    return tuple(pointer.rpartition("/")[2] for pointer in pointers)


@cache
def arn_attribute(kind: str) -> str | None:
    """The attribute of a type that is its ARN."""
    known = resource_type(kind)
    if known is None or kind in _OWN_NAMES:
        return None
    if "Arn" in known.attributes:
        return "Arn"
    service, last = kind.split("::")[-2:]
    wished = {f"{each}arn".lower() for each in (last, f"{service}{last}")}
    found = [each for each in known.attributes if each.lower() in wished]
    return found[0] if len(found) == 1 else None


def has_attribute(kind: str, attribute: str) -> bool:
    """Whether ``Fn::GetAtt`` knows an attribute of a type; true where the type isn't known."""
    known = resource_type(kind)
    return known is None or any(attribute == each or _pattern(each, attribute) for each in known.attributes)


def _pattern(listed: str, attribute: str) -> bool:
    """Attributes with free parts stand in the schemas as patterns: ``Outputs\\..*``, ``Destinations.*.Status``."""
    return "*" in listed and re.fullmatch(listed, attribute) is not None


def returned(resource: Resource, attribute: str | None) -> frozenset[str]:
    """The formats of what ``Ref`` or ``Fn::GetAtt`` returns; empty where the schema names none."""
    known = resource_type(resource.type)
    if known is None:
        return frozenset()
    if resource.type == "AWS::EC2::SecurityGroup" and attribute is None:
        return frozenset({f"AWS::EC2::SecurityGroup.{'Id' if resource.property('VpcId') else 'Name'}"})
    names = attribute.split(".") if attribute else list(identifiers(resource.type))
    shape = known.shape.at(*names) if attribute or len(names) == 1 else None
    return formats(shape) if shape else frozenset()


def parameter_type(template: Template, name: str) -> str:
    """The type of a parameter, ``String`` where it isn't said."""
    definition = template.parameter(name)
    kind = definition.get("Type") if definition else None
    return getattr(kind, "value", "String")


def is_list(parameter: str) -> bool:
    """Whether a parameter type holds several values."""
    return parameter == "CommaDelimitedList" or "List<" in parameter


def resource_is_known(resource: Resource) -> bool:
    """Whether the schemas know the type of a resource."""
    return resource_type(resource.type) is not None


def attributes(kind: str) -> tuple[str, ...]:
    known = resource_type(kind)
    return known.attributes if known else ()
