"""COM025: properties that only AWS sets."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Context, Example, Finding, Mapping, Pass, Remedy, intrinsic, resource_type, show

_BEFORE = """\
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties:
      TopicName: orders
      TopicArn: arn:aws:sns:us-east-1:111122223333:orders
"""


class ReadOnlyProperty(Pass):
    """A property is set that only AWS sets, such as the ARN of what is created; it is refused, or has no effect.

    It goes: what AWS sets is there for `Fn::GetAtt`.

    Left alone: properties that are required all the same, or that identify what exists already.
    """

    code = "COM025"
    name = "read-only-property"
    profile = "deploy"
    answers = ("E3040",)
    sources = (
        "https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html#schema-properties-readonlyproperties",
    )
    examples = (Example("An ARN", _BEFORE, _BEFORE.replace("      TopicArn: arn:aws:sns:us-east-1:111122223333:orders\n", "")),)

    def run(self, context: Context) -> Iterator[Finding]:
        for resource, place in context.places:
            kind, node = resource_type(resource.type), place.node
            if kind is None or not kind.read_only or not isinstance(node, Mapping) or intrinsic(node):
                continue
            above = [step for step in place.path[3:] if isinstance(step, str) and not step.startswith("Fn::")]
            for entry in node.entries:
                name = entry.key.value
                if ".".join((*above, name)) in kind.read_only and name not in place.shape.required:
                    path = (*place.path, name)
                    message = f"{show(path[1:])} is set by AWS, and by nobody else"
                    yield self.finding(context.template, path, entry, message, _remedy(node, name, place.path))


def _remedy(node: Mapping, name: str, path: tuple[str | int, ...]) -> Remedy:
    return Remedy(f"remove {name}", lambda b: b.remove_entry(node, name, path), "AWS sets it whatever stands here")
