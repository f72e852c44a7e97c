"""Where each character of a scalar's text stands in the text of the template."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from remediator.nodes import Scalar
from remediator.source import Source

_PROPERTIES = re.compile(r"(?:[!&][^\s]*[ \t\r\n]+)*")
"""The tag and the anchor before a value."""
_FOLD = r"[ \t]*(?:\r\n|\r|\n)(?:[ \t]*(?:\r\n|\r|\n))*[ \t]*"
_DOUBLE = re.compile(
    r"(?P<pair>\\u[dD][89abAB]..\\u[dD][c-fC-F]..)"
    rf"|(?P<joined>\\(?:\r\n|\r|\n)[ \t]*)|(?P<escape>\\(?:x..|u.{{4}}|U.{{8}}|.))|(?P<fold>{_FOLD})|(?P<char>.)",
    re.DOTALL,
)
_SINGLE = re.compile(rf"(?P<escape>'')|(?P<fold>{_FOLD})|(?P<char>.)", re.DOTALL)
_NAMED = {"0": "\0", "a": "\a", "v": "\v", "e": "\x1b", " ": " ", "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029"}
_BREAK = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Span:
    """The place of one character. ``folded``: a line break of the template that counts as something else. ``loose``: a line
    break behind the last line of a block."""

    start: int
    end: int
    folded: bool = False
    loose: bool = False


@lru_cache(maxsize=4)  # several findings in one function ask one after the other
def characters(source: Source, scalar: Scalar) -> list[Span] | None:
    """The place of each character of a scalar's text; None where they can't be told apart, as in folded blocks."""
    if scalar.style == ">":
        return None
    start = _content(source, scalar)
    if scalar.style == "|":
        found = list(_block(source, scalar, start))
    else:
        quoted = scalar.style in ("'", '"')
        inner = (start + 1, scalar.end - 1) if quoted else (start, scalar.end)
        found = list(_flow(source.text, scalar.style, *inner))
    if "".join(text for text, _ in found) != scalar.value:
        return None
    return [span for text, span in found for _ in text]


def _content(source: Source, scalar: Scalar) -> int:
    match = None if source.is_json else _PROPERTIES.match(source.text, scalar.start, scalar.end)
    return match.end() if match else scalar.start


def _flow(text: str, style: str, start: int, end: int) -> Iterator[tuple[str, Span]]:
    pattern = _DOUBLE if style == '"' else _SINGLE
    for match in pattern.finditer(text, start, end):
        kind, token = match.lastgroup, match.group()
        if kind == "fold":
            breaks = len(_BREAK.findall(token))
            yield "\n" * (breaks - 1) or " ", Span(*match.span(), folded=True)
        elif kind == "char" or (kind == "escape" and style == ""):
            yield token, Span(*match.span())
        elif kind != "joined":
            yield _unescaped(token), Span(*match.span())


def _unescaped(token: str) -> str:
    if token == "''":
        return "'"
    if token[1] in _NAMED:
        return _NAMED[token[1]]
    if token[1] in "xU":
        return chr(int(token[2:], 16))
    try:
        return str(json.loads(f'"{token}"'))
    except ValueError:
        return token


def content_indentation(source: Source, scalar: Scalar) -> int:
    """The columns before each line of a literal block."""
    line = _first_line(source, _content(source, scalar))
    for each in scalar.value.split("\n"):
        if each:
            return max(source.text.find(each, line, line + len(each) + 100) - line, 0)
        line = _first_line(source, line)
    return 0


def _first_line(source: Source, start: int) -> int:
    match = _BREAK.search(source.text, start)
    return match.end() if match else len(source.text)


def _block(source: Source, scalar: Scalar, start: int) -> Iterator[tuple[str, Span]]:
    """The characters of a literal block; the indentation of a line belongs to the line break before it."""
    at, text = _first_line(source, start), source.text
    lines = scalar.value.split("\n")
    pad = content_indentation(source, scalar)
    last = max((index for index, line in enumerate(lines) if line), default=-1)
    for index, line in enumerate(lines):
        end = source.line_end(at)
        at = min(at + pad, end) if line else end
        yield from ((text[each], Span(each, each + 1)) for each in range(at, min(at + len(line), len(text))))
        at += len(line)
        if index == len(lines) - 1 or at > len(text):
            return
        match = _BREAK.match(text, at)
        if match is None:
            return
        following = match.end()
        indented = min(following + pad, source.line_end(following)) if index < last else following
        yield "\n", Span(at, indented, loose=index >= last)
        at = following
