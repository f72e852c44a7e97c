"""Edits inside the code of a function, at the places where the template says it."""

from __future__ import annotations

from collections.abc import Iterable

from remediator.api import (
    CannotEdit,
    EditBuilder,
    InlineCode,
    Scalar,
    Template,
    exports,
    handlers,
    rewritten,
    with_lines,
    written,
)

Edit = tuple[int, int, str]
"""Characters of the code, and what they become."""


def place(template: Template, code: InlineCode, start: int, end: int) -> Scalar:
    """The place of characters of the code, to report something at; the code as a whole where that can't be told."""
    found = written(template.source, code, start, end)
    return Scalar(found[1], found[2], "") if found else Scalar(code.node.start, code.node.end, "")


def line(template: Template, code: InlineCode, start: int) -> int:
    """The line of the template that has a character of the code."""
    return template.source.position(place(template, code, start, start + 1).start)[0]


def edit(builder: EditBuilder, *, language: str, code: InlineCode, edits: Iterable[Edit], imports: str = "") -> None:
    """Writes other characters in the code of a function, and a line that imports a Python module."""
    source, text = builder.source, code.text
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    if exports(language, text) is None:
        raise CannotEdit("the code could not be read afterwards")
    for start, end, text in edits:
        _write(builder, code, rewritten(source, code, start, end, text))
    if imports:
        at = handlers.place_for_imports("python", code.text)
        _write(builder, code, None if at is None else with_lines(source, code, at, f"import {imports}\n"))


def _write(builder: EditBuilder, code: InlineCode, found: Edit | None) -> None:
    if found is None:
        raise CannotEdit("the code is written in pieces or folded there")
    builder.replace_text(*found, code.path)
