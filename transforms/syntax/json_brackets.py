"""SYN003: brackets of JSON that do not come in pairs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from remediator.api import Applicability, Broken, Edit, Example, Reading, Repair, Source
from remediator.transforms.syntax.json_text import Token, significant, tokens_of
from remediator.transforms.syntax.yaml_text import MAX_LINE

_BEFORE = """\
{
  "Resources": {
    "Topic": {
      "Type": "AWS::SNS::Topic"
    }
}
"""

_AFTER = """\
{
  "Resources": {
    "Topic": {
      "Type": "AWS::SNS::Topic"
    }
  }
}
"""

_CLOSERS = {"{": "}", "[": "]"}
_SAFE = "by the indentation of all the others, no other bracket can be meant"
_UNSAFE = "several are missing: the text may have been cut off, and what followed is lost"


class UnbalancedBrackets(Repair):
    """JSON has a bracket that is never closed, or one too many at its end.

    Every bracket of the text has to stand where the indentation says that it belongs; then that says which one is
    missing, too, and it is added. Where several are missing, the text may have been cut off, so it is only done with
    `--unsafe-fixes`. Brackets behind the end are removed. Text on one line, or not indented by its nesting, is left
    alone.
    """

    code = "SYN003"
    name = "unbalanced-brackets"
    answers = ("E0000",)
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html",
        "https://www.rfc-editor.org/rfc/rfc8259",
    )
    examples = (Example("A brace that is missing", _BEFORE, _AFTER),)

    def readings(self, broken: Broken) -> Iterator[Reading]:
        if max(map(len, broken.text.splitlines()), default=0) > MAX_LINE:
            return
        tokens = significant(tokens_of(broken.text))
        layout = _Layout(broken.source)
        if not tokens or not layout.fits(tokens):
            return
        newline = broken.source.newline
        safe = len(layout.missing) == 1
        found = [
            self.mended(
                f"a {_CLOSERS[opener.text]} is missing here",
                (Edit(at, at, f"{newline}{layout.margin(opener)}{_CLOSERS[opener.text]}"),),
                "add it",
                _SAFE if safe else _UNSAFE,
                Applicability.SAFE if safe else Applicability.UNSAFE,
            )
            for opener, at in layout.missing
        ]
        if layout.surplus:
            edit = Edit(layout.end, layout.surplus[-1].end, "")
            found.append(self.mended("a bracket too many at the end", (edit,), "remove it", _SAFE))
        if found:
            yield tuple(found)


@dataclass
class _Open:
    """A bracket that is not closed yet. ``members``: the indentation of what begins a line in it."""

    token: Token
    members: str | None = None


class _Layout:
    """Holds the brackets of a text against its indentation.

    ``missing``: brackets without the one that closes them, and where that has to go. ``surplus``: those behind the end
    of the document, which is at ``end``: that of the last token that is no comma.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.missing: list[tuple[Token, int]] = []
        self.surplus: list[Token] = []
        self.end = 0
        self._open: list[_Open] = []
        self._is_tall = False  # the members of the bracket that was closed last have lines of their own

    def fits(self, tokens: list[Token]) -> bool:
        """Whether every bracket that is there stands where the indentation says that it belongs."""
        last = ""
        for index, token in enumerate(tokens):
            if last and not self._open:
                self.surplus = tokens[index:]
                return self._is_tall and all(each.text in ("}", "]") for each in self.surplus)
            if not (self._close(token, last) if token.text in ("}", "]") else self._take(token, last)):
                return False
            last, self.end = token.text, self.end if token.text == "," else token.end
        return last not in (",", ":") and all(self._miss() for _ in range(len(self._open)))

    def _miss(self) -> bool:
        """Notes that the innermost bracket should have been closed by now; only where its members have lines of their own."""
        opened = self._open.pop()
        self.missing.append((opened.token, self.end))
        return opened.members is not None

    def margin(self, token: Token) -> str:
        """The space that the line of a token begins with."""
        line = self.source.text[self.source.line_start(token.start) : token.end]
        return line[: len(line) - len(line.lstrip(" \t"))]

    def _before(self, token: Token) -> str:
        return self.source.text[self.source.line_start(token.start) : token.start].strip()

    def _take(self, token: Token, last: str) -> bool:
        """What is no closing bracket: whether it is indented like the other members of its mapping or list."""
        if self._open and last != ":" and not self._before(token):
            margin = self.margin(token)
            while self._open and last == "," and len(margin) < len(self._open[-1].members or ""):
                self._miss()
            if not self._open:
                return False
            outer = self._open[-1]
            if outer.members is None:
                outer.members = margin
            if margin != outer.members or len(margin) <= len(self.margin(outer.token)):
                return False
        if token.text in _CLOSERS:
            self._open.append(_Open(token))
        return True

    def _close(self, token: Token, last: str) -> bool:
        margin, before = self.margin(token), self._before(token)
        while not before and self._open and len(self.margin(self._open[-1].token)) > len(margin):
            if last in (",", ":") or not self._miss():
                return False
        if not self._open:
            return False
        opened = self._open.pop()
        opener, self._is_tall = opened.token, opened.members is not None
        if before.strip("}] "):  # not the first of its line: its other half has to be on the same one
            near = self.source.line_start(opener.start) == self.source.line_start(token.start)
        else:
            near = margin == self.margin(opener)
        return near and _CLOSERS[opener.text] == token.text
