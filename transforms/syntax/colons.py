"""SYN009: two colons on a line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from remediator.api import Broken, Edit, Example, Finding, Reading, Repair
from remediator.transforms.syntax.yaml_text import Line, goes_on, line_at, quoted, step

_TEXT = """\
Description: Alarms: who gets them
Resources:
  Topic:
    Type: AWS::SNS::Topic
"""

_NESTED = """\
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties:
      DisplayName: Ref: AWS::StackName
"""

_UNNESTED = """\
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties:
      DisplayName:
        Ref: AWS::StackName
"""

_TEXTS = re.compile(r"\w*(?:Description|Comment|Message|Title|Subject|Text)")
_FUNCTION = re.compile(r"Ref|Fn::\w+")
_PRINCIPALS = ("AWS", "CanonicalUser", "Federated", "Service")


class SecondColon(Repair):
    """A line has a second colon, behind which YAML expects nothing.

    Where the value is a text (it has spaces before the colon, or belongs to a description, a comment or the like, or to
    `!Sub`), it is put in quotes. Where it is a function in the long form, or the kind of a principal, it moves to a line
    of its own below its key. Anything else may be meant either way and is left alone.
    """

    code = "SYN009"
    name = "second-colon"
    answers = ("E0000",)
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html",
        "https://yaml.org/spec/1.1/",
    )
    examples = (
        Example("A text", _TEXT, _TEXT.replace("Alarms: who gets them", '"Alarms: who gets them"')),
        Example("A function", _NESTED, _UNNESTED),
    )

    def readings(self, broken: Broken) -> Iterator[Reading]:
        line = line_at(broken)
        if line and line.start < broken.offset < line.end and broken.text[broken.offset] == ":" and not goes_on(broken, line):
            finding = self._read(broken, line)
            if finding:
                yield (finding,)

    def _read(self, broken: Broken, line: Line) -> Finding | None:
        before = broken.text[line.start : broken.offset]
        is_item = bool(line.dashes) and not re.fullmatch(r"[\w:.-]+", line.key)
        if not line.key or is_item or line.value[0] in "\"'[{&*|>":
            return None
        if _FUNCTION.fullmatch(before) or (line.key == "Principal" and before in _PRINCIPALS):
            margin = broken.source.newline + " " * (line.column + step(broken.text))
            start = len(broken.text[: line.tag].rstrip(" \t"))
            edit = Edit(start, line.tag, margin)
            how = f"put {before} on a line of its own"
            return self.mended("a second colon on one line", (edit,), how, _WHY, at=broken.offset)
        tag = broken.text[line.tag : line.start].strip()
        if tag in ("!Base64", "!Sub") or (not tag and (" " in before or _TEXTS.fullmatch(line.key))):
            text = quoted(line.value, broken.text)
            edit = Edit(line.start, line.end, text)
            return self.mended("a colon in a text without quotes", (edit,), f"write {text}", _WHY)
        return None


_WHY = "there is no other way to read it"
