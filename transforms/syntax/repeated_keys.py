"""SYN013 and SYN014: keys and sections that come twice."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from remediator.api import (
    Applicability,
    Broken,
    CannotEdit,
    Edit,
    EditBuilder,
    Entry,
    Example,
    Mapping,
    Path,
    Reading,
    Repair,
    Template,
    meaning,
    walk,
)

_KEY = """\
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties:
      DisplayName: alarms
      FifoTopic: false
      DisplayName: alarms
"""

_SECTION = """\
Mappings:
  Accounts:
    us-east-1: {Id: '127311923021'}

Resources:
  Topic:
    Type: AWS::SNS::Topic

# How long to keep what
Mappings:
  Days:
    production: {Keep: 90}
"""

_MERGED = """\
Mappings:
  Accounts:
    us-east-1: {Id: '127311923021'}
  # How long to keep what
  Days:
    production: {Keep: 90}

Resources:
  Topic:
    Type: AWS::SNS::Topic

"""

MAX_REPEATS = 200
"""Where more keys come twice, it was a program that went wrong."""

_FORMATS = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html"


def _pairs(template: Template) -> Iterator[tuple[Path, Mapping, Entry, Entry]]:
    """Each key that comes again: its mapping, its first and its last entry. Not those inside an entry already given."""
    inside: list[Entry] = []
    mappings = [(path, node) for path, node in walk(template.root) if isinstance(node, Mapping)]
    if sum(len(node.entries) - len(node.keys) for _, node in mappings) > MAX_REPEATS:
        return
    for path, node in mappings:
        if any(each.start <= node.start < each.end for each in inside):
            continue
        again = [key for key, count in Counter(entry.key.value for entry in node.entries).items() if count > 1]
        for key in again:
            first, *_, last = (entry for entry in node.entries if entry.key.value == key)
            inside.append(last)
            yield path, node, first, last


class RepeatedKey(Repair):
    """A mapping has the same key twice, with the same value.

    The second one is removed. Where the values differ, only the author knows which one is meant: the template is refused
    with the place.
    """

    code = "SYN013"
    name = "repeated-key"
    answers = ("E0000",)
    sources = (_FORMATS, "https://yaml.org/spec/1.1/")
    examples = (Example("A property twice", _KEY, _KEY.replace("false\n      DisplayName: alarms\n", "false\n")),)

    def readings(self, broken: Broken) -> Iterator[Reading]:
        template = broken.repeating
        if template is None:
            return
        found = []
        for path, mapping, first, last in _pairs(template):
            builder = EditBuilder(template)
            try:
                if meaning(first.value) == meaning(last.value):
                    builder.remove_entry(mapping, last.key.value, path)
            except CannotEdit:
                continue
            edits, _ = builder.finish()
            if edits:
                line, _ = broken.source.position(first.start)
                message = f"{first.key.value} comes twice with the same value (first on line {line})"
                found.append(self.mended(message, edits, "remove the second one", "both say the same", at=last.start))
        if found:
            yield tuple(found)


class RepeatedSection(Repair):
    """A section of the template, such as `Mappings`, comes twice, with different entries.

    CloudFormation says that what it does then is undefined. The entries of the second one move to the end of the first,
    with their comments, as an unsafe fix. Where an entry is in both, the template is refused with the place.
    """

    code = "SYN014"
    name = "repeated-section"
    answers = ("E0000",)
    sources = (_FORMATS,)
    examples = (Example("Mappings in two places", _SECTION, _MERGED, unsafe=True),)

    def readings(self, broken: Broken) -> Iterator[Reading]:
        template = broken.repeating
        if template is None:
            return
        pairs = list(_pairs(template))
        if any(meaning(first.value) == meaning(last.value) for _, _, first, last in pairs):
            return  # these are SYN013's, and come first
        for path, root, first, last in pairs:
            one, other = first.value, last.value
            if path or not isinstance(one, Mapping) or not isinstance(other, Mapping) or one.tag or other.tag:
                continue
            if not one.entries or not other.entries or one.keys & other.keys or one.flow != other.flow:
                continue
            edits = _moved_flow(broken, root, one, last) if one.flow else _moved_lines(broken, one, other, last)
            if edits:
                line, _ = broken.source.position(first.start)
                message = f"the section {first.key.value} comes twice (first on line {line})"
                step = "move the entries of the second one to the first"
                why = "no name is in both, so nothing is left out; what CloudFormation made of the two so far is not defined"
                yield (self.mended(message, edits, step, why, Applicability.UNSAFE, at=last.start),)
                return


def _moved_flow(broken: Broken, root: Mapping, one: Mapping, last: Entry) -> tuple[Edit, ...]:
    """In JSON: the entries with a comma before them; the section goes with the comma before it."""
    if not broken.source.is_json:
        return ()
    body = broken.text[last.value.start + 1 : last.value.end - 1].rstrip()
    at = one.entries[-1].end
    before = root.entries[root.entries.index(last) - 1]
    return Edit(at, at, f",{body}"), Edit(before.end, last.end, "")


def _moved_lines(broken: Broken, one: Mapping, other: Mapping, last: Entry) -> tuple[Edit, ...]:
    """In YAML: the lines of the entries, and above them the comments that stand above the section."""
    source, text = broken.source, broken.text
    column = source.column(one.entries[0].start)
    key_line = text[source.line_start(last.start) : source.line_end(last.start)]
    if source.column(other.start) != column or not re.fullmatch(r"\S+[ ]*:[ \t]*", key_line):
        return ()
    start = source.line_start(last.start)
    head = re.search(r"(?:^[ \t]*#[^\r\n]*(?:\r\n|\r|\n))*\Z", text[:start], re.MULTILINE)
    comments = head.group() if head else ""
    inner = _next_line(text, last.start)
    end = _next_line(text, last.end)
    body = re.sub(r"(?m)^[ \t]*(?=#)", " " * column, comments) + text[inner:end]
    if end == len(text) and not text.endswith(("\n", "\r")):
        body += source.newline
    if _has_blank_line(text, one) or _has_blank_line(text, other):
        body = source.newline + body
    at = _next_line(text, one.end)
    return Edit(at, at, body), Edit(start - len(comments), end, "")


def _next_line(text: str, offset: int) -> int:
    match = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)").match(text, offset)
    return match.end() if match else offset


def _has_blank_line(text: str, mapping: Mapping) -> bool:
    """Whether the first two entries have a blank line between them."""
    first, *rest = mapping.entries
    return bool(rest) and bool(re.search(r"(?:\r\n|\r|\n)[ \t]*[\r\n]", text[first.end : rest[0].start]))
