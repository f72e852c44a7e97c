"""COM022: parameters and resources of one name."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Context, Example, Finding, Pass

_EXAMPLE = """\
Parameters:
  Orders:
    Type: String
Resources:
  Orders:
    Type: AWS::SNS::Topic
"""


class SharedName(Pass):
    """A parameter and a resource have the same name, and CloudFormation refuses the template: what `Ref` means is not known.

    What the one or the other should be called, and which of both each mention means, only a person knows.
    """

    code = "COM022"
    name = "name-of-two"
    profile = "deploy"
    answers = ("E3007",)
    sources = ("https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html",)
    examples = (Example("A topic and a text", _EXAMPLE),)

    def run(self, context: Context) -> Iterator[Finding]:
        for resource in context.template.resources.values():
            name = resource.logical_id
            if name in context.template.parameters:
                question = f"what should the parameter {name} be called, and which mentions of {name} mean it?"
                message = f"{name} is the name of a parameter and of a resource"
                yield self.finding(context.template, resource.path, resource.key, message, question)
