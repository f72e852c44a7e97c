"""What a module of a function's code offers under which names, and which of them Lambda could call."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Exports:
    """The names of a module that can be looked up from outside.

    ``names``: all that the text shows. ``complete``: whether there can be no others. ``entry_points``: those that take an
    event and a context, or may do so.
    """

    names: frozenset[str]
    entry_points: tuple[str, ...]
    complete: bool


@lru_cache(maxsize=64)
def exports(language: str, text: str) -> Exports | None:
    """The exports of a module in ``python`` or ``nodejs``; None where the text is no such module."""
    if language == "python":
        from remediator.lambda_code.python.exports import exports as read
    else:
        from remediator.lambda_code.javascript.exports import exports as read  # loads a parser of some size
    return read(text)
