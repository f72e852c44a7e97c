"""COM024: descriptions that are put together."""

from __future__ import annotations

import re
from collections.abc import Iterator

from remediator.api import (
    Context,
    Example,
    Finding,
    Mapping,
    Node,
    Pass,
    Path,
    Remedy,
    Template,
    intrinsic,
    sub_template,
)

_BEFORE = """\
Description: !Sub "Orders of ${AWS::StackName}"
Resources:
  Topic:
    Type: AWS::SNS::Topic
Outputs:
  Topic:
    Description: !Sub "The topic of the ${AWS::Region} stack"
    Value: !Ref Topic
"""
_AFTER = """\
Description: Orders of AWS::StackName
Resources:
  Topic:
    Type: AWS::SNS::Topic
Outputs:
  Topic:
    Description: The topic of the AWS::Region stack
    Value: !Ref Topic
"""


class PlainDescription(Pass):
    """The description of a template, a parameter or an output is made by a function, and CloudFormation takes plain texts
    only.

    The text of an `Fn::Sub` stays, with the names of its variables in place of their values: nothing but people reads it.
    What any other function should have said is a question.
    """

    code = "COM024"
    name = "computed-description"
    profile = "deploy"
    answers = ("E1004", "E2001", "E6003")
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-description-structure.html",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html",
    )
    examples = (Example("Two of them", _BEFORE, _AFTER),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        if template.has_custom_macro:
            return
        for mapping, path in _owners(template):
            node = mapping.get("Description")
            if node is not None and intrinsic(node):
                where = (*path, "Description")
                message = f"the description of {path[-1] if path else 'the template'} is made by a function"
                yield self.finding(template, where, node, message, _remedy(mapping, node, path))


def _owners(template: Template) -> Iterator[tuple[Mapping, Path]]:
    """What has a description that CloudFormation itself keeps."""
    yield template.root, ()
    for section in ("Parameters", "Outputs"):
        node = template.section(section)
        for entry in node.entries if node else ():
            if isinstance(entry.value, Mapping) and not intrinsic(entry.value):
                yield entry.value, (section, entry.key.value)


def _remedy(mapping: Mapping, node: Node, path: Path) -> Remedy | str:
    call = intrinsic(node)
    found = sub_template(call) if call and call.name == "Fn::Sub" else None
    if found is None:
        return "what should the description say, as a plain text?"
    text = re.sub(r"\$\{!?([^{}]*)\}", r"\1", found[0].value)
    return Remedy(
        "write the text with the names of its variables",
        lambda b: b.set_entry(mapping, "Description", text, path),
        "only people read it, and nothing depends on it",
    )
