"""REF003: attributes that a resource type does not have."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Applicability, Context, EditBuilder, Example, Finding, Pass, Ref, Remedy, Resource, resource_type
from remediator.transforms.references import kinds
from remediator.transforms.references.attributes import instead
from remediator.transforms.references.naming import squashed
from remediator.transforms.references.uses import Use, is_open, put_variable, refer, uses

_BEFORE = """\
Resources:
  Database:
    Type: AWS::RDS::DBCluster
    Properties:
      Engine: aurora-mysql
Outputs:
  Readers:
    Value: !GetAtt Database.ReaderEndpoint.Address
"""
_MAX_NAMED = 8


class UnknownAttribute(Pass):
    """`Fn::GetAtt`, or `${Name.Attribute}` in `Fn::Sub`, asks for an attribute that the type of the resource does not have,
    and CloudFormation refuses the template.

    The attribute that is meant takes its place where the type has it in other letters (`DnsName`), with or without the name
    of the type (`Topic.Arn`, `Queue.Url`), or under a name that is known to be mixed up with it. What `Ref` returns becomes
    `Ref`: the name of a bucket, the ARN of a secret. A property that is asked for as if it were an attribute becomes what the
    template sets it to. An attribute that is only near in spelling is a guess, and unsafe.

    A parameter has no attributes; `Ref` takes its place where its name or type says that it holds just that, as an unsafe fix.
    Everything else is a question, with the attributes that there are.
    """

    code = "REF003"
    name = "unknown-attribute"
    profile = "deploy"
    answers = ("E1010", "E1019", "E6101")
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getatt.html",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbcluster.html",
    )
    examples = (Example("The endpoint for readers", _BEFORE, _BEFORE.replace("ReaderEnd", "ReadEnd")),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        if is_open(template):
            return
        for use in uses(context):
            resource = template.resources.get(use.reference.target)
            asked = use.reference.attribute
            if use.reference.target in template.parameters and asked:
                message = f"{use.reference.target} is a parameter, and parameters have no attributes"
                yield self.finding(template, use.path, use.reference.node, message, _of_parameter(context, use))
            if resource is None or not asked or kinds.has_attribute(resource.type, asked):
                continue
            message = f"{resource.type} has no attribute {asked}"
            yield self.finding(template, use.path, use.reference.node, message, _remedy(resource, use))


def _remedy(resource: Resource, use: Use) -> Remedy | str:
    found = instead(resource, use)
    if found is None:
        known = resource_type(resource.type)
        names = known.attributes if known else ()
        some = f"it has {', '.join(names[:_MAX_NAMED])}{' …' if len(names) > _MAX_NAMED else ''}" if names else "it has none"
        return f"what is meant by {use.reference.attribute} of {resource.logical_id}? {some}"
    return Remedy(found.step(resource.logical_id), lambda builder: found.write(builder, use), found.why, found.level)


def _of_parameter(context: Context, use: Use) -> Remedy | str:
    """The value of the parameter, where that is what its name or its type says the attribute is."""
    name, asked = use.reference.target, squashed(use.reference.attribute or "")
    typed = kinds.parameter_type(context.template, name).lower().endswith(f"::{asked}")
    if not typed and asked != "value" and not squashed(name).endswith(asked):
        return f"what is meant by {use.reference.attribute} of {name}? A parameter has its value, and nothing else"

    def make(builder: EditBuilder) -> None:
        if use.reference.kind == "Sub":
            put_variable(builder, use.reference, f"${{{name}}}")
        else:
            refer(builder, use.reference, Ref(name))

    why = f"the value of {name} is taken to be its {use.reference.attribute}"
    return Remedy(f"use Ref {name}", make, why, Applicability.UNSAFE)
