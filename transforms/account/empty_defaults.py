"""ACC005: parameters whose empty default makes the stack fail."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import (
    Context,
    EditBuilder,
    Example,
    Finding,
    Mapping,
    Pass,
    Remedy,
    Scalar,
    show,
    text_of,
)
from remediator.transforms.account.optional_values import OptionalValue

BEFORE = """\
Parameters:
  Key:
    Type: String
    Default: ""
Resources:
  Server:
    Type: AWS::EC2::Instance
    Properties:
      ImageId: !Ref Image
      KeyName: !Ref Key
"""
AFTER = """\
Parameters:
  Key:
    Type: String
    Default: ""
Conditions:
  HasKey: !Not [!Equals [!Ref Key, ""]]
Resources:
  Server:
    Type: AWS::EC2::Instance
    Properties:
      ImageId: !Ref Image
      KeyName: !If [HasKey, !Ref Key, !Ref AWS::NoValue]
"""


class EmptyDefault(Pass):
    """A parameter is empty unless somebody fills it in, and what it is used for fails with an empty text.

    The property that holds it is left out while it is empty, or the subscription whose endpoint it is; a condition of the
    template that says so is used, or a new one. A type such as `AWS::EC2::KeyPair::KeyName` becomes `String`:
    CloudFormation looks the value up in the account, and finds nothing by an empty name.

    Uses that a condition on the parameter guards are left alone. So are texts, tags and other places in which an empty
    text may be meant. Where something can't do without the value, the report asks for it.
    """

    code = "ACC005"
    name = "empty-default"
    profile = "deploy"
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/conditions-section-structure.html",
    )
    examples = (Example("A key pair that nobody has to name", BEFORE, AFTER),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        section = template.section("Parameters")
        for entry in section.entries if section else ():
            definition = entry.value
            if isinstance(definition, Mapping) and text_of(definition.get("Default")) == "":
                yield from self._findings(context, entry.key.value, definition)

    def _findings(self, context: Context, name: str, definition: Mapping) -> Iterator[Finding]:
        kind, value = definition.get("Type"), OptionalValue(context, name)
        plain = _plain_type(text_of(kind) or "")
        if not plain and not value.changes:
            return
        path = ("Parameters", name, "Type") if plain else ("Parameters", name, "Default")
        at = kind if plain and kind else definition
        if plain:
            message = f"{name} is empty unless it is given, and CloudFormation looks it up in the account"
        else:
            message = f"{name} is empty unless it is given, and what uses it fails then"
        remedy: Remedy | str
        if plain and value.indispensable:
            remedy = f"what should {name} be by default? {show(value.indispensable[0].path[:-1])} can't do without it"
        else:
            remedy = _remedy(value, kind, plain)
        yield self.finding(context.template, path, at, message, remedy)


def _plain_type(kind: str) -> str:
    """The type of the same texts that CloudFormation does not look up; empty where it is one already."""
    if kind.startswith("List<AWS::"):
        return "CommaDelimitedList"
    return "String" if kind.startswith("AWS::") and not kind.startswith("AWS::SSM::") else ""


def _remedy(value: OptionalValue, kind: object, plain: str) -> Remedy:
    def make(builder: EditBuilder) -> None:
        if plain and isinstance(kind, Scalar):
            builder.replace(kind, plain, ("Parameters", value.name, "Type"))
        if value.changes:
            value.make(builder)

    steps = [f"do without {value.name} while it is empty"] if value.changes else []
    if plain:
        steps.append(f"make the type of {value.name} {plain}")
    why = "with an empty value the stack can't be created, and with any other it stays as it is"
    return Remedy(" and ".join(steps), make, why)
