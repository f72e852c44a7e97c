"""SYN001: comments in JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator

from remediator.api import Applicability, Broken, Edit, Example, Finding, Reading, Repair
from remediator.transforms.syntax.json_text import Token, tokens_of

_BEFORE = """\
{
  "Resources": {
    // who gets the alarms
    "Topic": {"Type": "AWS::SNS::Topic"}
  }
}
"""

_AFTER = """\
{
  "Resources": {
    "Topic": {"Type": "AWS::SNS::Topic"}
  }
}
"""


class CommentInJson(Repair):
    """JSON has no comments, so CloudFormation does not read a JSON template that has one.

    The comments (`// …`, `/* … */`, `# …`) are removed. JSON has no other place for them, so that is only done with
    `--unsafe-fixes`, unless they are empty. A template in YAML keeps its comments.
    """

    code = "SYN001"
    name = "comment-in-json"
    answers = ("E0000",)
    sources = ("https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html",)
    examples = (Example("A comment of its own line", _BEFORE, _AFTER, unsafe=True),)

    def readings(self, broken: Broken) -> Iterator[Reading]:
        comments = [token for token in tokens_of(broken.text) if token.kind == "comment"]
        if comments:
            yield tuple(self._without(broken.text, token) for token in comments)

    def _without(self, text: str, token: Token) -> Finding:
        said = re.sub(r"^[/*#\s]+|[/*#\s]+$", "", token.text)
        return self.mended(
            "a comment, which JSON does not have",
            (Edit(*_span(text, token), ""),),
            f"remove it: {_shortened(said)}" if said else "remove it",
            "JSON has no place for its text, which is lost" if said else "it has no text",
            Applicability.UNSAFE if said else Applicability.SAFE,
            at=token.start,
        )


def _shortened(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 60 else f"{words[:59]}…"


def _span(text: str, token: Token) -> tuple[int, int]:
    """A comment with the space before it, or with its whole line where it has one to itself."""
    start, end = len(text[: token.start].rstrip(" \t")), token.end
    after = re.compile(r"[ \t]*(?:(\r\n|\r|\n|\Z)|(?=[,:}\]])|)").match(text, end)
    rest = after.end() if after else end
    if after and after.group(1) is not None:
        alone = start == 0 or text[start - 1] in "\r\n"
        return (start, rest) if alone else (start, end)
    return (start, end) if text[rest : rest + 1] in tuple(",:}]") else (token.start, rest)
