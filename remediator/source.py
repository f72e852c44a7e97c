"""Bytes to text to tree, and back.

The text is the truth: it is decoded once, edited as text, and encoded once. Nothing is ever dumped.
"""

from __future__ import annotations

import bisect
import codecs
import re
from dataclasses import dataclass
from functools import cached_property

from remediator.nodes import Node
from remediator.reader import TemplateError, read

__all__ = ["MAX_BYTES", "Source", "TemplateError"]

MAX_BYTES = 1_048_576
"""CloudFormation's limit for a template in S3, 1 MB.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html (2026-11)"""

_BOM = "\ufeff"


@dataclass(frozen=True)
class Source:
    """The text of a template and its tree.

    ``aliased`` holds the spans that a YAML alias or merge key shows in more than one place: an edit there would
    change meaning elsewhere too.
    """

    text: str
    root: Node
    bom: bool = False
    is_json: bool = False
    aliased: tuple[tuple[int, int], ...] = ()

    @classmethod
    def from_bytes(cls, data: bytes) -> Source:
        if len(data) > MAX_BYTES:
            raise TemplateError(f"the file has {len(data):,} bytes; CloudFormation takes templates up to {MAX_BYTES:,}")
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise TemplateError("the file is UTF-16; save it as UTF-8")
        if b"\0" in data:
            raise TemplateError("the file is binary (it has a NUL byte), not a text", *_byte_position(data, data.index(b"\0")))
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise TemplateError("the file is not UTF-8", *_byte_position(data, error.start)) from None
        return cls.from_text(text)

    @classmethod
    def from_text(cls, text: str) -> Source:
        """Reads a template. Raises TemplateError with line and column where that is not possible."""
        bom = text.startswith(_BOM)
        text = text.removeprefix(_BOM)
        if not text.strip():
            raise TemplateError("the file is empty")
        is_json = text.lstrip().startswith("{")
        root, aliased = read(text, is_json=is_json)
        return cls(text, root, bom, is_json, aliased)

    def to_bytes(self) -> bytes:
        return ((_BOM if self.bom else "") + self.text).encode("utf-8")

    def with_text(self, text: str) -> Source:
        return Source.from_text((_BOM if self.bom else "") + text)

    @cached_property
    def newline(self) -> str:
        return "\r\n" if "\r\n" in self.text else "\n"

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", self.text))]

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both counted from 1."""
        line = bisect.bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    def line_start(self, offset: int) -> int:
        return self._line_starts[bisect.bisect_right(self._line_starts, offset) - 1]

    def line_end(self, offset: int) -> int:
        """The end of the line that holds an offset, before its line break."""
        match = re.compile(r"[^\r\n]*").match(self.text, offset)
        return match.end() if match else offset

    def column(self, offset: int) -> int:
        """Characters between the start of the line and an offset."""
        return offset - self.line_start(offset)


def _byte_position(data: bytes, index: int) -> tuple[int, int]:
    head = data[:index].decode("utf-8", "replace")
    return head.count("\n") + 1, len(head) - (head.rfind("\n") + 1) + 1
