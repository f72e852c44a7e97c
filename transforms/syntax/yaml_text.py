"""Lines of YAML that no parser reads: the parts that a person sees in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from remediator.api import Broken

_KEY = r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'#\[\]{},&*!|>%@`](?:[^:]|:(?=\S))*?)"""
_LINE = re.compile(
    rf"(?P<lead>[ ]*(?:-[ ]+)*)(?:(?P<key>{_KEY})[ ]*:[ \t]+)?"
    r"(?P<tag>![A-Za-z]\w*[ ]+)?(?P<value>[^\s#].*?)?(?:[ \t]+#.*)?[ \t]*$"
)


MAX_LINE = 5_000
"""Longer lines are not looked at: nobody sees through them, and the time for them grows with their square."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line such as ``- Key: !Tag value  # comment``. ``column``: that of the key, or of the item without one.

    ``start`` and ``end`` are offsets of the value in the text, ``tag`` of the tag before it.
    """

    key: str
    column: int
    dashes: int
    tag: int
    start: int
    end: int
    value: str


def line_at(broken: Broken) -> Line | None:
    """The line at which reading ends, where it is an entry or a list item with a value."""
    begin, end = broken.source.line_start(broken.offset), broken.source.line_end(broken.offset)
    match = _LINE.match(broken.text[begin:end]) if end - begin <= MAX_LINE else None
    if not match or not match["value"]:
        return None
    start, end = match.span("value")
    tag = match.start("tag") if match["tag"] else start
    return Line(
        match["key"] or "", match.end("lead"), match["lead"].count("-"), begin + tag, begin + start, begin + end, match["value"]
    )


def lines_below(broken: Broken, offset: int) -> Iterator[tuple[int, str]]:
    """The lines below an offset, each with its own offset and without its line break."""
    at = broken.source.line_end(offset)
    while match := re.compile(r"(?:\r\n|\r|\n)([^\r\n]*)").match(broken.text, at):
        yield match.start(1), match.group(1)
        at = match.end()


def indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def goes_on(broken: Broken, line: Line) -> bool:
    """Whether the value of a line goes on below it, where it is indented further."""
    below = (text for _, text in lines_below(broken, line.end) if text.strip())
    column = line.column if line.key else line.column - 1
    return indent(next(below, "")) > column


def step(text: str) -> int:
    """Columns that the text indents a nested mapping by: those of the first line that is indented."""
    match = re.search(r"(?m)^( +)[^\s#]", text)
    return len(match.group(1)) if match else 2


def quoted(value: str, text: str) -> str:
    """A value in the quotes that the text uses more often, save where the other ones fit better."""
    marks = {mark: len(re.findall(rf"(?m)[:,\[-] {mark}", text)) for mark in "\"'"}
    mark = "'" if marks["'"] > marks['"'] else '"'
    if "\\" in value or (mark in value and "'" not in value):
        mark = "'"
    elif mark == "'" and "'" in value and '"' not in value:
        mark = '"'
    return f"'{value.replace(chr(39), chr(39) * 2)}'" if mark == "'" or '"' in value else f'"{value}"'
