"""SYN012: lists that begin on the line of their key."""

from __future__ import annotations

import re
from collections.abc import Iterator

from remediator.api import Broken, Edit, Example, Reading, Repair
from remediator.transforms.syntax.yaml_text import Line, goes_on, line_at, step

_BEFORE = """\
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      ManagedPolicyArns: - arn:aws:iam::aws:policy/ReadOnlyAccess
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal: {Service: ec2.amazonaws.com}
            Action: - sts:AssumeRole - sts:TagSession
"""

_AFTER = """\
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      ManagedPolicyArns:
        - arn:aws:iam::aws:policy/ReadOnlyAccess
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal: {Service: ec2.amazonaws.com}
            Action:
              - sts:AssumeRole
              - sts:TagSession
"""

_ITEMS = re.compile(r"- +[^\s'\"\[\]{}]*[A-Za-z][^\s'\"\[\]{}]*(?: +- +[^\s'\"\[\]{}]*[A-Za-z][^\s'\"\[\]{}]*)+")


class ListBesideKey(Repair):
    """A list begins on the line of its key; the first dash has to begin a line.

    It is moved to a line of its own. Several items on the line get a line each, where they are words without spaces.
    """

    code = "SYN012"
    name = "list-beside-its-key"
    answers = ("E0000",)
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html",
        "https://yaml.org/spec/1.1/",
    )
    examples = (Example("Two lists", _BEFORE, _AFTER),)

    def readings(self, broken: Broken) -> Iterator[Reading]:
        line = line_at(broken)
        if not line or not line.key or line.start != broken.offset or not re.match(r"- +\S", line.value):
            return
        if " - " in line.value and not _ITEMS.fullmatch(line.value):
            return
        column = broken.source.column(line.start) if goes_on(broken, line) else line.column + step(broken.text)
        margin = broken.source.newline + " " * column
        edits = tuple(Edit(start, end, margin) for start, end in _gaps(broken, line))
        step_said = "put each item on a line of its own" if len(edits) > 1 else "put it on a line of its own"
        message, why = f"the list of {line.key} begins on its line", "its items stay as they are"
        yield (self.mended(message, edits, step_said, why, at=line.start),)


def _gaps(broken: Broken, line: Line) -> Iterator[tuple[int, int]]:
    """The space before each dash of the list."""
    yield len(broken.text[: line.start].rstrip(" \t")), line.start
    if _ITEMS.fullmatch(line.value):
        gaps = re.finditer(r" +(?=- )", line.value)
        yield from ((line.start + gap.start(), line.start + gap.end()) for gap in gaps)
