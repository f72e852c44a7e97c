"""SYN011: two short forms on one value."""

from __future__ import annotations

import re
from collections.abc import Iterator

from remediator.api import Broken, Edit, Example, Finding, Reading, Repair
from remediator.transforms.syntax.yaml_text import Line, goes_on, indent, line_at, lines_below, quoted, step

_ZONES = """\
Resources:
  Group:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties:
      MinSize: '1'
      MaxSize: '1'
      AvailabilityZones: !GetAZs !Ref AWS::Region
"""

_LONG = _ZONES.replace(": !GetAZs !Ref", ":\n        Fn::GetAZs: !Ref")

_SCRIPT = """\
Resources:
  Template:
    Type: AWS::EC2::LaunchTemplate
    Properties:
      LaunchTemplateData:
        UserData: !Base64 !Sub |
          #!/bin/bash
          echo ${AWS::Region}
      LaunchTemplateName: web
"""

_DEEPER = """\
Resources:
  Template:
    Type: AWS::EC2::LaunchTemplate
    Properties:
      LaunchTemplateData:
        UserData:
          Fn::Base64: !Sub |
            #!/bin/bash
            echo ${AWS::Region}
      LaunchTemplateName: web
"""

_LIST = """\
Resources:
  Subnet:
    Type: AWS::EC2::Subnet
    Properties:
      VpcId: !ImportValue vpc
      CidrBlock: 10.0.0.0/24
      AvailabilityZone: !Select [0, !GetAZs !Ref AWS::Region]
"""

_CONDITION = """\
Parameters:
  Stage:
    Type: String
Conditions:
  IsTest: !Not !Equals [!Ref Stage, production]
Resources:
  Topic:
    Type: AWS::SNS::Topic
"""

_OUTER = ("Base64", "GetAZs", "ImportValue", "Length", "ToJsonString")
_INNER = ("FindInMap", "GetAtt", "If", "ImportValue", "Join", "Ref", "Select", "Split", "Sub")
_TAGS = re.compile(rf"!(?P<outer>{'|'.join(_OUTER)})[ ]+(?=!(?P<inner>{'|'.join(_INNER)})(?:[ \t]|$))", re.MULTILINE)
_NOT = re.compile(r"!Not[ ]+(?=!(?:And|Condition|Equals|Not|Or)[ ])")
_ARGUMENT = re.compile(r"""!\w+[ ]+(?P<value>"[^"\r\n]*"|'[^'\r\n]*'|[^\s"'\[\]{},!&*|>%@`#][^\s"'\[\]{},#]*)""")


class ConsecutiveShortForms(Repair):
    """A value has the short forms of two functions, as in `!GetAZs !Ref AWS::Region`; YAML allows one tag.

    One of them is written in the long form: the outer one, on a line below its key, or the inner one, where brackets stand
    around it. What goes on below is indented further where it has to be, which changes nothing of a script. That is done
    for functions that take one value: `!Base64`, `!GetAZs`, `!ImportValue`, `!Length` and `!ToJsonString`. `!Not` gets
    the brackets of its list of one. Others want longer lists, and which ones is for the author to say.
    """

    code = "SYN011"
    name = "consecutive-short-forms"
    answers = ("E0000",)
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-base64.html",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getavailabilityzones.html",
    )
    examples = (
        Example("A value", _ZONES, _LONG),
        Example("A script", _SCRIPT, _DEEPER),
        Example("In a list", _LIST, _LIST.replace("!Ref AWS::Region]", '{Ref: "AWS::Region"}]')),
        Example("A condition", _CONDITION, _CONDITION.replace("!Equals", "[!Equals").replace("ion]", "ion]]")),
    )

    def readings(self, broken: Broken) -> Iterator[Reading]:
        line = line_at(broken)
        if line and _NOT.match(broken.text, line.tag) and not goes_on(broken, line):
            yield (self._without_list(broken, line),)
        begin = broken.source.line_start(broken.offset)
        for tags in _TAGS.finditer(broken.text, begin, broken.source.line_end(broken.offset)):
            if not tags.start() < broken.offset <= tags.end():
                continue
            edits = _below(broken, line, tags) if line and line.tag == tags.start() else _inside(broken, tags)
            if edits:
                how = f"write {'the inner' if line and line.tag != tags.start() else 'the outer'} one in the long form"
                message = f"!{tags['outer']} and !{tags['inner']} on one value"
                why = "they are the same functions with the same arguments"
                yield (self.mended(message, edits, how, why, at=tags.start()),)

    def _without_list(self, broken: Broken, line: Line) -> Finding:
        start = broken.text.index("!", line.tag + 1)
        edits = (Edit(start, start, "["), Edit(line.end, line.end, "]"))
        return self.mended("!Not without the list that it takes", edits, "add the brackets", "the list can have one item only")


def _below(broken: Broken, line: Line, tags: re.Match[str]) -> tuple[Edit, ...]:
    """The outer function in the long form: below its key, or behind the dash of its list item."""
    if re.match(r".*[|>][-+]?[1-9]", line.value):  # the indentation of the text is counted from that of the key
        return ()
    name = f"Fn::{tags['outer']}: "
    if not line.key:
        return (Edit(tags.start(), tags.end(), name), *_deeper(broken, line, line.column, 2)) if line.dashes else ()
    column = line.column + step(broken.text)
    start = len(broken.text[: tags.start()].rstrip(" \t"))
    edit = Edit(start, tags.end(), broken.source.newline + " " * column + name)
    return (edit, *_deeper(broken, line, column, step(broken.text)))


def _deeper(broken: Broken, line: Line, column: int, shift: int) -> Iterator[Edit]:
    """Indents what goes on below a line, where that is not below a column already."""
    below: list[tuple[int, str]] = []
    outer = line.column if line.key else line.column - 1
    for at, text in lines_below(broken, line.end):
        if text.strip() and indent(text) <= outer:
            break
        below.append((at, text))
    least = min((indent(text) for _, text in below if text.strip()), default=column + 1)
    if least <= column:
        yield from (Edit(at, at, " " * shift) for at, text in below if indent(text) >= least)


def _inside(broken: Broken, tags: re.Match[str]) -> tuple[Edit, ...]:
    """The inner function in the long form, between braces."""
    argument = _ARGUMENT.match(broken.text, tags.end())
    if not argument:
        return ()
    value, inner = argument["value"], tags["inner"]
    if ":" in value and value[0] not in "\"'":
        value = quoted(value, broken.text)
    name = "Ref" if inner == "Ref" else f"Fn::{inner}"
    return (Edit(tags.end(), argument.end(), f"{{{name}: {value}}}"),)
