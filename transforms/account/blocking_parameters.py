"""ACC009: parameters that an unattended deployment can't answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from remediator.api import (
    Applicability,
    Context,
    EditBuilder,
    Entry,
    Example,
    Finding,
    Mapping,
    Pass,
    Remedy,
    Scalar,
    text_of,
)
from remediator.transforms.account.optional_values import OptionalValue

BEFORE = """\
Parameters:
  Key:
    Type: AWS::EC2::KeyPair::KeyName
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


class BlockingParameter(Pass):
    """A parameter without default asks for something that the stack works without: a key pair to log in with, an address to
    be notified at. A deployment without people has no answer.

    It gets an empty default, and what uses it is left out while it is empty. Whoever gives a value gets what he got before.

    Parameters with any other use are left alone, and so are those whose constraints on the length refuse an empty text.
    """

    code = "ACC009"
    name = "blocking-parameter"
    profile = "sandbox"
    sources = ("https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/conditions-section-structure.html",)
    examples = (Example("A key pair that nobody has to name", BEFORE, AFTER, unsafe=True),)

    def run(self, context: Context) -> Iterator[Finding]:
        section = context.template.section("Parameters")
        for entry in section.entries if section else ():
            definition = entry.value
            if not isinstance(definition, Mapping) or definition.keys & {"Default", "MinLength", "AllowedValues"}:
                continue
            value = OptionalValue(context, entry.key.value)
            if text_of(definition.get("Type")) in ("String", "AWS::EC2::KeyPair::KeyName") and value.is_dispensable:
                message = f"{value.name} has no default, so a deployment without people can't go on"
                path = ("Parameters", value.name)
                yield self.finding(context.template, path, entry, message, _remedy(value, entry, definition))


def _remedy(value: OptionalValue, entry: Entry, definition: Mapping) -> Remedy:
    path = ("Parameters", entry.key.value)

    def make(builder: EditBuilder) -> None:
        kind, pattern = definition.get("Type"), definition.get("AllowedPattern")
        builder.insert_entry(definition, "Default", "", path, after="Type")
        if isinstance(kind, Scalar) and kind.value != "String":
            builder.replace(kind, "String", (*path, "Type"))
        if isinstance(pattern, Scalar) and re.search(pattern.value, "") is None:
            builder.replace(pattern, f"^$|{pattern.value}", (*path, "AllowedPattern"))
        value.make(builder)

    why = f"who forgets to give {value.name} is no longer reminded of it, and the console offers no key pairs to choose from"
    return Remedy(f"do without {value.name} while it is empty", make, why, Applicability.UNSAFE)
