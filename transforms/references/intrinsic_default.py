"""REF005: parameters whose default is an expression."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import (
    Applicability,
    CannotEdit,
    Context,
    EditBuilder,
    Entry,
    Example,
    Finding,
    GetAtt,
    Mapping,
    Pass,
    Ref,
    Remedy,
    Sub,
    intrinsic,
    to_value,
)
from remediator.transforms.references import kinds
from remediator.transforms.references.interface import remove_parameters
from remediator.transforms.references.uses import Use, put_variable, refer, uses

_BEFORE = """\
Parameters:
  Prefix:
    Type: String
    Default: !Sub "${AWS::StackName}-logs"
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties:
      DisplayName: !Ref Prefix
"""
_AFTER = """\
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties:
      DisplayName: !Sub "${AWS::StackName}-logs"
"""


class IntrinsicDefault(Pass):
    """The default of a parameter is an intrinsic function, where CloudFormation takes a plain value only: parameters are
    known before anything is evaluated.

    What the parameter was to be by default is written wherever the parameter is used, and the parameter goes, from the
    interface in `Metadata` too. That is unsafe, because nobody can give another value any more. A list, and an expression
    that can't be written into a text that uses the parameter, are left as a question.
    """

    code = "REF005"
    name = "parameter-default-is-intrinsic"
    profile = "deploy"
    answers = ("E2001",)
    sources = ("https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html",)
    examples = (Example("A name made of the stack's", _BEFORE, _AFTER, unsafe=True),)

    def run(self, context: Context) -> Iterator[Finding]:
        section = context.template.section("Parameters")
        for entry in section.entries if section else ():
            default = entry.value.entry("Default") if isinstance(entry.value, Mapping) else None
            if default and intrinsic(default.value):
                name = entry.key.value
                message = f"the default of {name} is an intrinsic function, and CloudFormation takes a plain value only"
                path = ("Parameters", name, "Default")
                yield self.finding(context.template, path, default, message, _remedy(context, name, default))


def _remedy(context: Context, name: str, default: Entry) -> Remedy | str:
    if kinds.is_list(kinds.parameter_type(context.template, name)):
        return f"which values should {name} have by default?"
    value = to_value(default.value)
    if not isinstance(value, (Ref, GetAtt, Sub)) and any(use.reference.kind == "Sub" for use in _mentions(context, name)):
        return f"what should {name} be by default? Its expression can't be written into the texts that use it"
    mentions = [use.reference for use in _mentions(context, name)]

    def make(builder: EditBuilder) -> None:
        for reference in mentions:
            if reference.kind == "Sub":
                put_variable(builder, reference, _as_text(value))
            elif isinstance(value, (Ref, GetAtt, Sub)):
                refer(builder, reference, value)
            else:
                builder.replace(reference.node, value, reference.path[:-1])
        remove_parameters(builder, context.template, [name])

    step = f"write what {name} is by default wherever it is used, and remove the parameter"
    return Remedy(step, make, f"{name} can't be given another value any more", Applicability.UNSAFE)


def _mentions(context: Context, name: str) -> list[Use]:
    return [use for use in uses(context) if use.reference.target == name]


def _as_text(value: object) -> str:
    """An expression inside the text of a ``Fn::Sub``."""
    if isinstance(value, Ref):
        return f"${{{value.name}}}"
    if isinstance(value, GetAtt):
        return f"${{{value.name}.{value.attribute}}}"
    if isinstance(value, Sub):
        return value.text
    raise CannotEdit("the expression can't be written into a text")
