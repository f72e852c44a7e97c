"""The handler of a function's code, and what it asks of the context that Lambda passes to it as second parameter.

https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html and nodejs-handler.html (2026-11)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ContextUse:
    """A read of an attribute of the context, in characters of the code. ``called``: whether parentheses follow.

    ``number``: whether the attribute itself is compared or calculated with. ``allowed``: whether the code reckons with its
    absence.
    """

    name: str
    line: int
    start: int
    """Where the expression begins: ``context.request_id``."""
    name_start: int
    end: int
    called: bool
    number: bool
    allowed: bool


def context_uses(language: str, text: str, handler: str) -> tuple[ContextUse, ...]:
    """What the function of this name asks of its context; nothing where it is not plain that it gets that of Lambda."""
    if language == "python":
        from remediator.lambda_code.python.handlers import context_uses as read
    else:
        from remediator.lambda_code.javascript.handlers import context_uses as read  # loads a parser of some size
    return read(text, handler)


def imported(language: str, text: str) -> frozenset[str]:
    """The names that a Python module binds at its top level by ``import``, as ``os`` does."""
    if language != "python":
        return frozenset()
    from remediator.lambda_code.python import handlers

    return handlers.imported(text)


def place_for_imports(language: str, text: str) -> int | None:
    """Where a line that imports a Python module can be added."""
    if language != "python":
        return None
    from remediator.lambda_code.python import handlers

    return handlers.place_for_imports(text)


@dataclass(frozen=True, slots=True)
class Refused:
    """Why code is not changed, for people: ``{line}`` in the reason stands for the line of the place."""

    reason: str
    start: int


def rewritten_sdk(text: str, table: Mapping[str, Any]) -> tuple[tuple[int, int, str], ...] | Refused:
    """The edits that make JavaScript use version 3 of the SDK instead of 2, or why there are none.

    ``table``: the knowledge table ``sdk_clients``.
    """
    from remediator.lambda_code.javascript import sdk2

    return sdk2.rewritten_sdk(text, table)


def loaded(language: str, text: str) -> tuple[tuple[str, int, int], ...]:
    """The modules that code needs to be there: name and place. Not those whose absence it reckons with (``try``)."""
    if language == "python":
        from remediator.lambda_code.python.handlers import loaded as read
    else:
        from remediator.lambda_code.javascript.handlers import loaded as read
    return read(text)


def without_comments(language: str, text: str) -> str:
    """The code with spaces in place of its comments, and in Python of its texts."""
    if language == "python":
        from remediator.lambda_code.python.handlers import without_comments as read
    else:
        from remediator.lambda_code.javascript.handlers import without_comments as read
    return read(text)


def parameters(language: str, text: str, handler: str) -> int:
    """How many parameters a JavaScript handler takes; 0 where it is not plain to see."""
    if language == "python":
        return 0
    from remediator.lambda_code.javascript import handlers

    return handlers.parameters(text, handler)


def plain(language: str, text: str, handler: str) -> bool:
    """Whether a Python module has one function of a name, which nothing wraps and which takes an event and a context."""
    if language != "python":
        return False
    from remediator.lambda_code.python import handlers

    return handlers.takes_both(text, handler)


@dataclass(frozen=True, slots=True)
class FixedRegion:
    """A client of the SDK that the code makes for one Region, as text. The span is what to replace by ``without``."""

    service: str
    region: str
    start: int
    end: int
    without: str


def fixed_regions(language: str, text: str) -> tuple[FixedRegion, ...]:
    """The clients that code makes for one Region, in the order of the text."""
    if language == "python":
        from remediator.lambda_code.python.handlers import fixed_regions as read
    else:
        from remediator.lambda_code.javascript.handlers import fixed_regions as read
    return read(text)


def commonjs(text: str) -> tuple[tuple[int, int, str], ...] | Refused | None:
    """The edits that make JavaScript a CommonJS module, or why there are none; None for what is no ECMAScript module."""
    from remediator.lambda_code.javascript.commonjs import commonjs as read

    return read(text)
