"""What an expression in the code of a function can be, as far as the text tells.

A value is a concatenation of pieces; an expression has several values where the code decides at run time between them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """Characters that stand in the code."""

    text: str


@dataclass(frozen=True, slots=True)
class Filled:
    """What CloudFormation fills in: an index into ``InlineCode.filled``."""

    index: int


@dataclass(frozen=True, slots=True)
class Variable:
    """An environment variable. ``default``: what the code takes where it is not set, as text; None where it takes nothing."""

    name: str
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """What only the run tells: a field of the event, an answer of a service."""


Piece = Text | Filled | Variable | Unknown
Value = tuple[Piece, ...]
UNKNOWN: Value = (Unknown(),)
