"""SYN007: tabs in the indentation of YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator

from remediator.api import Broken, Edit, Example, Reading, Repair

_BEFORE = """\
Resources:
\tTopic:
\t\tType: AWS::SNS::Topic
\t\tProperties:
\t\t\tDisplayName: alarms
"""

_WIDTHS = (2, 4, 8)
_BLOCK = re.compile(r"(?:.*[\s:-])?[|>][-+0-9]*(?:[ \t]+#.*)?[ \t]*")


class TabIndentation(Repair):
    """A line of YAML is indented with tabs, which YAML does not allow.

    Each tab of an indentation becomes spaces: two, where all of the indentation is tabs. Where tabs and spaces are mixed,
    the width of a tab must make no difference to what the template says. Inside a script or another block of text, only
    the indentation of the whole block changes: tabs behind it belong to the text.
    """

    code = "SYN007"
    name = "tab-indentation"
    answers = ("E0000",)
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html",
        "https://yaml.org/spec/1.1/",
    )
    examples = (Example("Tabs alone", _BEFORE, _BEFORE.replace("\t", "  ")),)

    def readings(self, broken: Broken) -> Iterator[Reading]:
        if broken.source.is_json or "\t" not in broken.text:
            return
        margins = list(_margins(broken.text))
        tabbed = [(at, margin) for at, margin in margins if "\t" in margin]
        mixed = any(" " in margin for _, margin in margins)
        for width in _WIDTHS if mixed else _WIDTHS[:1]:
            edits = tuple(Edit(at, at + len(margin), margin.expandtabs(width)) for at, margin in tabbed)
            if edits:
                message = f"{len(edits)} line{'s are' if len(edits) > 1 else ' is'} indented with tabs"
                yield (self.mended(message, edits, "indent with spaces", "the nesting stays as it is shown"),)


def _margins(text: str) -> Iterator[tuple[int, str]]:
    """The indentation of each line that is not blank, with its offset; of a line in a block of text, that of the block."""
    key, block = "", ""  # the indentation of the key whose block of text this is, and that of the block
    inside = False
    for match in re.finditer(r"(?m)^([ \t]*)([^\s][^\r\n]*)", text):
        margin, rest = match.groups()
        if inside and not block and len(margin) > len(key):
            block = margin
        if inside and block and margin.startswith(block):
            yield match.start(), block
            continue
        inside, block = bool(_BLOCK.fullmatch(rest)) and not rest.startswith("#"), ""
        key = margin
        yield match.start(), margin
