"""What is wrong with a text that is no YAML or no JSON, said so that a person can mend it."""

from __future__ import annotations

import json
import re

from ruamel.yaml.error import MarkedYAMLError

_CONTEXT = "context"
"""Marks wordings whose place is where the construct began, not where the parser gave up."""

_END = "end"
"""Marks wordings that hold at the end of the text only."""

_ESCAPE = "an unknown escape in double quotes: write \\\\, or use single quotes"
_YAML: tuple[tuple[str, str, str], ...] = (
    (r"found unexpected end of stream", "a quote that is never closed", _CONTEXT),
    (r"(?:did not find )?expected ',' or '[\]}]'(?:, but got .*)?", "a bracket that is never closed", _END),
    (r"did not find expected ',' or '([\]}])'", "a comma or '{0}' is missing", ""),
    (r"did not find expected node content", "the text ends in the middle", _END),
    (r"did not find expected node content", "{char} has no place here", ""),
    (r"did not find expected (key|'-' indicator)", "this line does not fit the lines above: check indentation and quotes", ""),
    (
        r"mapping values are not allowed in this context",
        "a colon where none can be: quote the text, or check the indentation",
        "",
    ),
    (r"could not find expected ':'", "a key without a colon", ""),
    (r"found character that cannot start any token", "a text that starts with {char} needs quotes", ""),
    (r"did not find expected alphabetic or numeric character", "a text that starts with * or & needs quotes", ""),
    (r"did not find expected hexdecimal number|found unknown escape character", _ESCAPE, ""),
    (r"did not find expected <document start>", "something follows the end of the document", ""),
)


def of_yaml(error: MarkedYAMLError, text: str) -> tuple[str, int]:
    """The reason and the offset of a parser's error."""
    problem = (error.problem or error.context or "it can't be read").strip()
    mark = error.problem_mark or error.context_mark
    offset = mark.index if mark else 0
    if text[offset : offset + 1] == "\t":
        return "a tab; YAML is indented with spaces", offset
    for pattern, reason, place in _YAML:
        match = re.fullmatch(pattern, problem)
        if match and (place != _END or not text[offset:].strip()):
            if place and error.context_mark:
                offset = error.context_mark.index
            return reason.format(*match.groups(), char=text[offset : offset + 1]), offset
    return problem, offset


_JSON_MARKS = (
    (r"//|/\*|#", "JSON has no comments"),
    (r"'", "texts and keys have double quotes in JSON"),
    (r"\{%|\{\{", "a placeholder of another tool?"),
)


def of_json(error: json.JSONDecodeError, text: str) -> str:
    """The reason of a JSON error."""
    rest = text[error.pos :]
    for pattern, reason in _JSON_MARKS:
        if re.match(pattern, rest):
            return reason
    if rest[:1] in ("}", "]") and text[: error.pos].rstrip().endswith(","):
        return "a comma too many"
    if error.msg == "Extra data":
        return "something follows the end of the document"
    message = error.msg[0].lower() + error.msg[1:]
    return message.removesuffix(" at").removesuffix(" starting")
