"""SYN005: YAML's short forms in JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from remediator.api import Broken, Edit, Example, Reading, Repair
from remediator.transforms.syntax.json_text import scan

_BEFORE = """\
{
  "Resources": {
    "Topic": {
      "Type": "AWS::SNS::Topic",
      "Properties": {"TopicName": !Sub "${AWS::StackName}-alarms", "DisplayName": !Ref AWS::StackName}
    }
  }
}
"""

_AFTER = """\
{
  "Resources": {
    "Topic": {
      "Type": "AWS::SNS::Topic",
      "Properties": {"TopicName": {"Fn::Sub": "${AWS::StackName}-alarms"}, "DisplayName": {"Ref": "AWS::StackName"}}
    }
  }
}
"""

_LONG = {
    "Ref": "Ref",
    "Condition": "Condition",
    **{name: f"Fn::{name}" for name in ("Base64", "GetAtt", "GetAZs", "ImportValue", "Sub")},
}


class ShortFormInJson(Repair):
    """The short form of an intrinsic function, such as `!Ref Topic`, is YAML; JSON has the long form only.

    It is written in the long form: `{"Ref": "Topic"}`. Functions with lists for arguments are left alone.
    """

    code = "SYN005"
    name = "short-form-in-json"
    answers = ("E0000",)
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-ref.html",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html",
    )
    examples = (Example("Two functions", _BEFORE, _AFTER),)

    def readings(self, broken: Broken) -> Iterator[Reading]:
        found = scan(broken.text)
        space = " " if re.search(r'\{ +"', broken.text) else ""
        changed = [(each, text) for each in found.of_kind("tag") if (text := _long(each.text, space))] if found else []
        if changed:
            why = "it is the same function"
            yield tuple(
                self.mended("a short form, which is YAML", (Edit(each.start, each.end, text),), f"write {text}", why)
                for each, text in changed
            )


def _long(text: str, space: str) -> str:
    """The long form of a short form; nothing for what has no long form with one text."""
    tag, argument = text[1:].split(None, 1)
    said = json.loads(argument) if argument[0] == '"' else argument.strip("'")
    if tag not in _LONG or (tag == "GetAtt" and "." not in said):
        return ""
    value = said.split(".", 1) if tag == "GetAtt" else said
    return f'{{{space}"{_LONG[tag]}": {json.dumps(value, ensure_ascii=False)}{space}}}'
