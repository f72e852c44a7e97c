"""REF015: lists in the text of Fn::Sub."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Context, Example, Finding, Pass
from remediator.transforms.references import kinds
from remediator.transforms.references.uses import uses

_CASE = """\
Parameters:
  Zones:
    Type: CommaDelimitedList
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties:
      DisplayName: !Sub "alerts of ${Zones}"
"""


class ListInSub(Pass):
    """`Fn::Sub` puts texts into a text, and the parameter that it names is a list; CloudFormation refuses the template.

    There is no fix: only the author knows what should stand between the values, and around them.
    """

    code = "REF015"
    name = "list-in-sub"
    profile = "deploy"
    answers = ("E1019",)
    sources = ("https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html",)
    examples = (Example("A list of zones", _CASE),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for use in uses(context):
            name = use.reference.target
            listed = name in template.parameters and kinds.is_list(kinds.parameter_type(template, name))
            if use.reference.kind == "Sub" and listed and use.reference.attribute is None:
                message = f"{name} is a list, and Fn::Sub takes texts only"
                question = f"what should stand between the values of {name} here? Fn::Join makes a text of a list"
                yield self.finding(template, use.path, use.reference.node, message, question)
