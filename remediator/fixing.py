"""The public functions: a text goes in, an outcome comes out."""

from __future__ import annotations

from remediator import engine
from remediator.engine import Options, Outcome
from remediator.source import Source


def fix_text(text: str, options: Options | None = None) -> Outcome:
    """Fixes a template. ``Outcome.after.text`` is the result.

    Raises TemplateError, with line and column, where the text is no template that can be read.
    """
    return engine.fix(Source.from_text(text), options or Options())


def check_text(text: str, options: Options | None = None) -> Outcome:
    """Looks for problems and changes nothing. Raises TemplateError as ``fix_text`` does."""
    return engine.check(Source.from_text(text), options or Options())
