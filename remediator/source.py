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
from remediator.reader import RepeatedKey, TemplateError, read

__all__ = ["MAX_BYTES", "RepeatedKey", "Source", "TemplateError"]

MAX_BYTES = 1_048_576
"""CloudFormation's limit for a template in S3, 1 MB.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html (2026-11)"""

_BOM = "\ufeff"


@dataclass(frozen=True)
class Source:
    """The text of a template and its tree, which is read when it is first asked for.

    ``repeats``: a mapping may hold a key twice; only repairs look at a text that way.
    """

    text: str
    bom: bool = False
    repeats: bool = False

    @classmethod
    def from_bytes(cls, data: bytes) -> Source:
        """Decodes a file. Raises TemplateError where it is no text; whether the text can be read shows later."""
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
        return cls(text.removeprefix(_BOM), bom=text.startswith(_BOM))

    @cached_property
    def _read(self) -> tuple[Node, tuple[tuple[int, int], ...]] | TemplateError:
        if not self.text.strip():
            return TemplateError("the file is empty")
        try:
            return read(self.text, is_json=self.is_json, repeats=self.repeats)
        except TemplateError as error:
            return error

    @property
    def fault(self) -> TemplateError | None:
        """Why the text can't be read, with line and column."""
        return self._read if isinstance(self._read, TemplateError) else None

    @property
    def root(self) -> Node:
        """The tree. Raises TemplateError where the text can't be read."""
        return self._tree[0]

    @property
    def aliased(self) -> tuple[tuple[int, int], ...]:
        """The spans that a YAML alias or merge key shows in more than one place: an edit there would change meaning
        elsewhere too."""
        return self._tree[1]

    @property
    def _tree(self) -> tuple[Node, tuple[tuple[int, int], ...]]:
        if isinstance(self._read, TemplateError):
            raise self._read
        return self._read

    @cached_property
    def is_json(self) -> bool:
        return self.text.lstrip().startswith("{")

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

    def offset(self, line: int, column: int) -> int:
        """The offset of a line and column."""
        return self._line_starts[line - 1] + column - 1

    def line_start(self, offset: int) -> int:
        return self._line_starts[bisect.bisect_right(self._line_starts, offset) - 1]

    def line_end(self, offset: int) -> int:
        """The end of the line that holds an offset, before its line break."""
        match = re.compile(r"[^\r\n]*").match(self.text, offset)
        return match.end() if match else offset

    def next_line(self, offset: int) -> int:
        """The start of the line after the one that holds an offset; the end of the text behind the last one."""
        index = bisect.bisect_right(self._line_starts, offset)
        return self._line_starts[index] if index < len(self._line_starts) else len(self.text)

    def column(self, offset: int) -> int:
        """Characters between the start of the line and an offset."""
        return offset - self.line_start(offset)


def _byte_position(data: bytes, index: int) -> tuple[int, int]:
    head = data[:index].decode("utf-8", "replace")
    return head.count("\n") + 1, len(head) - (head.rfind("\n") + 1) + 1
