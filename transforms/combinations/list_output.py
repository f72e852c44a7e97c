"""COM017: outputs that are lists."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import (
    Call,
    Context,
    Example,
    Finding,
    Mapping,
    Node,
    Pass,
    Path,
    Remedy,
    Sequence,
    Template,
    intrinsic,
    references,
    resource_type,
    text_of,
    to_value,
)

_LISTS = ("Fn::GetAZs", "Fn::Split", "Fn::Cidr")
"""Functions that return lists.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html (2026-11)"""

_BEFORE = """\
Resources:
  Zone:
    Type: AWS::Route53::HostedZone
    Properties:
      Name: example.com
Outputs:
  NameServers:
    Value: !GetAtt Zone.NameServers
"""


class ListOutput(Pass):
    """The value of an output is a list, and CloudFormation takes texts only.

    The list becomes a text with commas, as people write it and as a parameter of type `CommaDelimitedList` takes it.
    """

    code = "COM017"
    name = "list-in-output"
    profile = "deploy"
    answers = ("E6101",)
    sources = ("https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html",)
    examples = (
        Example("Name servers", _BEFORE, _BEFORE.replace("!GetAtt Zone.NameServers", '!Join [",", !GetAtt Zone.NameServers]')),
    )

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        section = template.section("Outputs")
        for entry in section.entries if section and not template.has_custom_macro else ():
            output = entry.value
            value = output.get("Value") if isinstance(output, Mapping) and not intrinsic(output) else None
            if isinstance(output, Mapping) and value is not None and _is_list(template, value):
                path = ("Outputs", entry.key.value)
                remedy = _remedy(output, path)
                yield self.finding(template, (*path, "Value"), value, f"the output {entry.key.value} is a list", remedy)


def _remedy(output: Mapping, path: Path) -> Remedy:
    why = "an output is a text, and this one says all that the list says"
    return Remedy("join it with commas", lambda b: b.set_entry(output, "Value", _joined(output), path), why)


def _joined(output: Mapping) -> Call:
    value = output.get("Value")
    assert value is not None
    return Call("Fn::Join", [",", to_value(value)])


def _is_list(template: Template, node: Node) -> bool:
    call = intrinsic(node)
    if call is None:
        return isinstance(node, Sequence) and bool(node.items)
    if call.name in _LISTS:
        return True
    if call.name not in ("Ref", "Fn::GetAtt"):
        return False
    return any(_gives_list(template, each.target, each.attribute) for each in references(node, template.source.text))


def _gives_list(template: Template, name: str, attribute: str | None) -> bool:
    definition = template.parameter(name)
    if definition is not None and attribute is None:
        kind = text_of(definition.get("Type")) or ""
        return "List<" in kind or "CommaDelimitedList" in kind
    resource = template.resources.get(name)
    kind_of = resource_type(resource.type) if resource else None
    shape = kind_of.shape.at(*attribute.split(".")) if kind_of and attribute else None
    items = shape.items if shape else None
    return shape is not None and shape.types == {"array"} and items is not None and items.types == {"string"}
