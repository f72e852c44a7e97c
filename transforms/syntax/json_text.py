"""JSON as people and models write it: its tokens, and what keeps it from being JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_TOKENS = re.compile(
    r"""(?P<space>\s+)
    | (?P<comment>//[^\r\n]*|/\*.*?\*/|\#[^\r\n]*)
    | (?P<text>"(?:[^"\\\r\n]|\\.)*")
    | (?P<single>'(?:[^'\\\r\n]|\\.)*')
    | (?P<tag>![A-Z][A-Za-z0-9]*[ ]+(?:"(?:[^"\\\r\n]|\\.)*"|'[^'\\\r\n]*'|[A-Za-z0-9][\w.:]*))
    | (?P<word>[-+.\w]+)
    | (?P<mark>[{}\[\]:,])
    | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    start: int
    end: int
    text: str


@dataclass
class JsonText:
    """A text whose tokens stand in the order of JSON, save for what is listed here.

    ``missing``: tokens that end a line and lack a comma behind them. ``surplus``: commas with nothing behind them.
    ``open``: brackets that the end of the text leaves open.
    """

    tokens: list[Token]
    missing: list[Token] = field(default_factory=list)
    surplus: list[Token] = field(default_factory=list)
    open: list[Token] = field(default_factory=list)

    def of_kind(self, kind: str) -> Iterator[Token]:
        return (token for token in self.tokens if token.kind == kind)


def tokens_of(text: str) -> list[Token]:
    """The tokens of a text that begins with a brace; none where it does not, or has what nobody can place."""
    tokens = []
    for match in _TOKENS.finditer(text):
        if match.lastgroup == "other":
            return []
        tokens.append(Token(match.lastgroup or "", *match.span(), match.group()))
    said = significant(tokens)
    return tokens if said and said[0].text == "{" else []


def significant(tokens: list[Token]) -> list[Token]:
    return [token for token in tokens if token.kind not in ("space", "comment")]


def scan(text: str) -> JsonText | None:
    """The text as JSON, or None."""
    tokens = tokens_of(text)
    found = JsonText(tokens)
    return found if tokens and _Walk(text, found).take(significant(tokens)) else None


class _Walk:
    """Goes through the tokens of JSON, and says of each whether it may stand where it stands."""

    def __init__(self, text: str, found: JsonText) -> None:
        self.text, self.found = text, found
        self.wants = "value"
        self.last: Token | None = None

    def take(self, tokens: list[Token]) -> bool:
        for token in tokens:
            if (self.last and not self.found.open) or not self._place(token):
                return False
            self.last = token
        return True

    def _place(self, token: Token) -> bool:
        if token.text in ("}", "]"):
            return self._close(token)
        if token.text == ":":
            fits, self.wants = self.wants == "colon", "value"
            return fits
        if token.text == ",":
            return self._comma(token)
        if self.wants == "comma":
            if not self.last or not re.search(r"[\r\n]", self.text[self.last.end : token.start]):
                return False
            self.found.missing.append(self.last)
            self.wants = self._member()
        if self.wants == "key":
            self.wants = "colon"
            return token.kind in ("text", "single")
        if self.wants != "value":
            return False
        self.wants = "comma"
        if token.text in ("{", "["):
            self.found.open.append(token)
            self.wants = self._member()
        return True

    def _comma(self, token: Token) -> bool:
        if self.wants == "comma":
            self.wants = self._member()
            return True
        self.found.surplus.append(token)  # a second one
        return self.last is not None and self.last.text == ","

    def _close(self, token: Token) -> bool:
        opener = self.found.open.pop()
        if self.last and self.last.text == "," and self.last not in self.found.surplus:
            self.found.surplus.append(self.last)
        elif self.wants != "comma" and self.last is not opener:
            return False
        self.wants = "comma"
        return opener.text + token.text in ("{}", "[]")

    def _member(self) -> str:
        return "key" if self.found.open[-1].text == "{" else "value"
