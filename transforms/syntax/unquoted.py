"""SYN008: texts that need quotes, by what they begin with."""

from __future__ import annotations

import re
from collections.abc import Iterator

from remediator.api import Broken, Edit, Example, Reading, Repair
from remediator.transforms.syntax.yaml_text import goes_on, line_at, quoted

_BEFORE = """\
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal: *  # everybody
            Action: 'sts:AssumeRole'
"""

_AFTER = _BEFORE.replace("*  #", "'*'  #")

_PARAMETER = """\
Parameters:
  Stage:
    Type: String
    AllowedPattern: [a-z]+
Resources:
  Topic:
    Type: AWS::SNS::Topic
"""

_DYNAMIC = "{{resolve:"
_REFERENCE = re.compile(r"\{\{resolve:(?:\$\{[^{}]*\}|[^{}\r\n])*\}\}")
_PATTERN = re.compile(r"\[[^\[\]\s'\",]*\](?:[*+?$({.\\^]|\[)\S*")
_HEADER = re.compile(r"[|>][-+0-9]*")


class UnquotedText(Repair):
    """A text begins with a character that means something else to YAML.

    It is put in quotes: `*` and `&` alone, `@`, `%`, a backtick, a dynamic reference (`{{resolve:…}}`), and a pattern that
    begins with a bracket, such as `[a-z]+`. A name behind `*` is an alias, which may be defined nowhere by mistake, and is
    left alone; so is a text that goes on below its line.
    """

    code = "SYN008"
    name = "unquoted-text"
    answers = ("E0000",)
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html",
        "https://yaml.org/spec/1.1/",
    )
    examples = (
        Example("Everybody", _BEFORE, _AFTER),
        Example("A pattern", _PARAMETER, _PARAMETER.replace("[a-z]+", '"[a-z]+"')),
    )

    def readings(self, broken: Broken) -> Iterator[Reading]:
        start, end = _span(broken) or (0, 0)
        if start == end:
            return
        value = broken.text[start:end]
        text = quoted(value, broken.text)
        mark = _DYNAMIC if value.startswith(_DYNAMIC) else value[0]
        message = f"a text that begins with {mark} needs quotes"
        yield (self.mended(message, (Edit(start, end, text),), f"write {text}", "it can't be read otherwise"),)


def _span(broken: Broken) -> tuple[int, int] | None:
    """The text that needs quotes, where it is certain how far it goes."""
    line, start = line_at(broken), _start(broken)
    if line is None:
        return None
    if start is not None and _in_flow(broken, start):
        return start, _flow_end(broken, start)
    if goes_on(broken, line):
        return None
    if start is None:
        here = line.start <= broken.offset <= line.end
        return (line.start, line.end) if here and _needs_quotes(line.value) else None
    key = re.compile(r"[^\s:]+(?=:(?:\s|$))", re.MULTILINE).match(broken.text, start)
    return (start, key.end()) if key and not line.key else (start, line.end)


def _needs_quotes(value: str) -> bool:
    return bool(_PATTERN.fullmatch(value)) or (value[0] in "|>" and not _HEADER.fullmatch(value))


def _start(broken: Broken) -> int | None:
    """The offset of a character that nothing can begin with, where a value or a key should begin."""
    text, at = broken.text, broken.offset
    dynamic = text.rfind(_DYNAMIC, broken.source.line_start(at), at + len(_DYNAMIC))
    reference = _REFERENCE.match(text, dynamic) if dynamic >= 0 else None
    if reference and at <= reference.end():
        start = dynamic
    elif text[at : at + 1] in ("@", "%", "`") and not text.startswith("```", at):
        start = at
    elif text[at - 1 : at] in ("*", "&") and not re.match(r"[\w-]", text[at:]):
        start = at - 1
    else:
        return None
    return start if start == 0 or text[start - 1] in " \t\r\n[{," else None


def _in_flow(broken: Broken, start: int) -> bool:
    """Whether a place is between brackets, by the brackets and commas around it."""
    begin = broken.source.line_start(start)
    before, rest = broken.text[begin:start], _without_comment(broken.text[start : broken.source.line_end(start)])
    above = _without_comment(broken.text[broken.source.line_start(max(begin - 1, 0)) : begin]) if begin else ""
    return _depth(before) > 0 or _depth(rest) < 0 or rest.endswith(",") or above.endswith((",", "[", "{"))


def _without_comment(line: str) -> str:
    return re.split(r"(?:^|\s)#", line.strip())[0].rstrip()


def _flow_end(broken: Broken, start: int) -> int:
    """The next comma, bracket, colon or comment."""
    whole = _REFERENCE.match(broken.text, start)
    at = whole.end() if whole else start
    end = re.compile(r"[^\r\n]*?(?=[ \t]*(?:[,\]}\r\n]|:\s|\s#|\Z))").match(broken.text, at)
    return end.end() if end else at


def _depth(text: str) -> int:
    """Brackets that a stretch of text opens and does not close; negative where it closes more."""
    plain = re.sub(r"\"[^\"]*\"|'[^']*'", "", text)
    return len(re.findall(r"[\[{]", plain)) - len(re.findall(r"[\]}]", plain))
