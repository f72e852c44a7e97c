"""SYN002: commas in JSON."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Broken, Edit, Example, Reading, Repair
from remediator.transforms.syntax.json_text import scan

_TRAILING = """\
{
  "Resources": {
    "Topic": {
      "Type": "AWS::SNS::Topic",
    },
  }
}
"""

_WITHOUT = """\
{
  "Resources": {
    "Topic": {
      "Type": "AWS::SNS::Topic"
    }
  }
}
"""

_MISSING = """\
{
  "Description": "Alarms"
  "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}
}
"""

_WITH = """\
{
  "Description": "Alarms",
  "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}
}
"""


class MisplacedComma(Repair):
    """A comma in JSON is missing, or has nothing behind it.

    A comma before a closing bracket is removed, and one of two commas in a row. A comma is added between two members
    that stand on lines of their own; on one line, something else may be missing, and the template is left alone.
    """

    code = "SYN002"
    name = "misplaced-comma"
    answers = ("E0000",)
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html",
        "https://www.rfc-editor.org/rfc/rfc8259",
    )
    examples = (Example("Commas too many", _TRAILING, _WITHOUT), Example("A comma too few", _MISSING, _WITH))

    def readings(self, broken: Broken) -> Iterator[Reading]:
        json = scan(broken.text)
        if json is None:
            return
        why = "there is no other way to read it, and nothing else changes"
        found = [
            *(self.mended("a comma too many", (Edit(each.start, each.end, ""),), "remove it", why) for each in json.surplus),
            *(self.mended("a comma is missing here", (Edit(each.end, each.end, ","),), "add it", why) for each in json.missing),
        ]
        if found:
            yield tuple(sorted(found, key=lambda finding: finding.start))
