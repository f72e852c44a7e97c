"""REF006: an ARN where a name is wanted, and the other way round."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Context, Example, Finding, GetAtt, Pass, Ref, Remedy, Resource, Shape, table, text_of
from remediator.transforms.references import kinds
from remediator.transforms.references.naming import words
from remediator.transforms.references.uses import Use, refer, uses

_BEFORE = """\
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      TaskRoleArn: !Ref Role
"""
_NOUNS = frozenset(
    {"bucket", "certificate", "cluster", "function", "key", "policy", "queue", "role", "secret", "table", "topic"}
)
_BY_PROTOCOL = ("sqs", "lambda", "firehose")


class ArnOrName(Pass):
    """A property takes the ARN of something and gets its name, or takes a name, id or URL and gets an ARN; the deployment
    fails when the service looks for it.

    `!Ref Role` becomes `!GetAtt Role.Arn` where the format, the pattern or the name of the property says that it takes an
    ARN and nothing else, and `Ref` of that type is known to return something else. `!GetAtt Role.Arn` becomes `!Ref Role`
    where a name is wanted. Where the format names one of several outputs of a type (`GroupId`, not `GroupName`), that one is
    taken.

    What is inside a text or comes from a parameter is left alone, and so are places that take both.
    """

    code = "REF006"
    name = "arn-or-name"
    profile = "deploy"
    answers = ("E1040", "E1041")
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecs-taskdefinition.html",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-role.html",
    )
    examples = (Example("A role's ARN", _BEFORE, _BEFORE.replace("!Ref Role", "!GetAtt Role.Arn")),)

    def run(self, context: Context) -> Iterator[Finding]:
        for use in uses(context):
            resource = context.template.resources.get(use.reference.target)
            if resource is None or use.owner is None or not use.alone:
                continue
            attribute = _better(use, use.owner, resource)
            if attribute is not None:
                wanted = "an ARN" if attribute.lower().endswith("arn") else attribute or "the name, id or URL"
                given = f"{use.reference.attribute or 'Ref'} of {resource.logical_id}"
                message = f"{use.property_name} takes {wanted}, and {given} is something else"
                yield self.finding(context.template, use.path, use.reference.node, message, _remedy(use, attribute))


def _remedy(use: Use, attribute: str) -> Remedy:
    name = use.reference.target
    value = GetAtt(name, attribute) if attribute else Ref(name)
    step = f"use {attribute} of {name}" if attribute else f"use Ref {name}"
    why = "the property takes nothing else, so it can't have worked"
    return Remedy(step, lambda builder: refer(builder, use.reference, value), why)


def _better(use: Use, owner: Resource, resource: Resource) -> str | None:
    """The attribute to use instead, ``""`` for ``Ref``; None where what is there may be right."""
    asked, arn = use.reference.attribute, kinds.arn_attribute(resource.type)
    place = ".".join(str(step) for step in use.place[3:] if isinstance(step, str) and step != "Fn::If")
    facts = table("references_places").get(owner.type, {})
    if place in facts.get("name", ()):
        return "" if asked and asked == arn else None
    by_protocol = owner.type == "AWS::SNS::Subscription" and place == "Endpoint"
    if place in facts.get("arn", ()) or (by_protocol and text_of(owner.property("Protocol")) in _BY_PROTOCOL):
        return arn if asked is None and kinds.ref_is_arn(resource.type) is False else None
    return _by_schema(use, resource, use.shape) if use.shape and place not in facts.get("either", ()) else None


def _by_schema(use: Use, resource: Resource, shape: Shape) -> str | None:
    asked, kind = use.reference.attribute, resource.type
    if asked and not kinds.has_attribute(kind, asked):
        return None
    if asked is None and kinds.wants_arn(use.property_name, shape) and kinds.ref_is_arn(kind) is False:
        return _arn_for(use, resource, shape)
    wanted = kinds.formats(shape)
    if kind not in kinds.of_type(wanted) or not _is_wrong(resource, asked, wanted):
        return None
    if kinds.returned(resource, None) & wanted:
        return ""
    found = [each for each in kinds.attributes(kind) if kinds.returned(resource, each) & wanted]
    return found[0] if len(found) == 1 else None


def _is_wrong(resource: Resource, asked: str | None, wanted: frozenset[str]) -> bool:
    """Whether what is there is an output of the type that the place wants, and another one than it wants."""
    given = kinds.returned(resource, asked)
    if given:
        return not given & wanted and all(each.rpartition(".")[0] == resource.type for each in given)
    return (
        asked is not None and asked == kinds.arn_attribute(resource.type) and not any(each.endswith(".Arn") for each in wanted)
    )


def _arn_for(use: Use, resource: Resource, shape: Shape) -> str | None:
    kind, name = resource.type, use.property_name
    types, named = kinds.of_type(kinds.formats(shape)), _NOUNS.intersection(words(name))
    if (types and kind not in types) or (not types and named and not named.intersection(words(kind))):
        return None
    if name == "EventSourceArn" and kind == "AWS::DynamoDB::Table":
        return "StreamArn"
    return kinds.arn_attribute(kind)
