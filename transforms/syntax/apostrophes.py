"""SYN010: apostrophes in single quotes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from remediator.api import Broken, Edit, Example, Reading, Repair
from remediator.transforms.syntax.yaml_text import line_at

_BEFORE = """\
Description: 'The team's alarms'
Resources:
  Topic:
    Type: AWS::SNS::Topic
"""


class Apostrophe(Repair):
    """An apostrophe ends a text in single quotes before its end.

    It is doubled, which is how YAML writes it. Only an apostrophe between two letters is certain to be one.
    """

    code = "SYN010"
    name = "apostrophe-in-quotes"
    answers = ("E0000",)
    sources = ("https://yaml.org/spec/1.1/",)
    examples = (Example("A description", _BEFORE, _BEFORE.replace("team's", "team''s")),)

    def readings(self, broken: Broken) -> Iterator[Reading]:
        line = line_at(broken)
        if not line or not line.start < broken.offset < line.end or not re.fullmatch(r"'.*'", line.value):
            return
        found = [line.start + match.start() for match in re.finditer(r"(?<=\w)'(?=\w)", line.value)]
        rest = re.sub(r"(?<=\w)'(?=\w)|''", "", line.value[1:-1])
        if found and "'" not in rest:
            edits = tuple(Edit(at, at, "'") for at in found)
            yield (self.mended("an apostrophe in single quotes", edits, "double it", "quotes stand around it"),)
