"""Where the characters of a function's code stand in the template, and how other characters are written there.

Everything that YAML, JSON and CloudFormation do to a text on its way to Lambda is undone for one stretch of it: quoting,
the indentation of a block, ``${!…}`` of ``Fn::Sub``, the items of ``Fn::Join``. What can't be told exactly gives None.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from remediator.intrinsics import VARIABLE, Intrinsic, intrinsic, sub_template
from remediator.lambda_code.characters import Span, characters, content_indentation
from remediator.lambda_code.inline import InlineCode
from remediator.nodes import Node, Scalar, Sequence
from remediator.source import Source

_LETTERS = re.compile(r"[^\W_][\w.]*(?:[ (][\w.]+)*\)?")
"""What can stand anywhere in a text without quotes."""


@dataclass(frozen=True, slots=True)
class _Letter:
    """A character of the code: the scalar that holds it, and where in the text of that."""

    scalar: Scalar
    start: int
    end: int
    substituted: bool = False
    """Whether ``Fn::Sub`` reads the scalar."""


def written(source: Source, code: InlineCode, start: int, end: int) -> tuple[Scalar, int, int] | None:
    """The scalar that holds the characters ``[start, end)`` of the code, and their span in the text of the template.

    None where they do not stand there in one piece, or in a way that leaves open where they end, as in folded text.
    """
    found = _stretch(code, start, end)
    spans = characters(source, found.scalar) if found else None
    if found is None or spans is None:
        return None
    span = _span(spans, found.start, found.end)
    return (found.scalar, *span) if span else None


def rewritten(source: Source, code: InlineCode, start: int, end: int, text: str) -> tuple[int, int, str] | None:
    """What to write where in the template, so that ``text`` stands in place of the characters ``[start, end)`` of the code.

    None where there is no way to do so that is sure to give that text.
    """
    found = _stretch(code, start, end)
    place = written(source, code, start, end)
    if found is None or place is None or not all(char.isprintable() or char in "\n\t" for char in text):
        return None
    items = _as_items(source, code, found, text)
    if items is not None:
        return items
    inner = re.sub(r"\$\{(?=[^{}]*\})", "${!", text) if found.substituted else text
    value = found.scalar.value[: found.start] + inner + found.scalar.value[found.end :]
    if found.substituted and not _reads_back(found, text, value):
        return None
    encoded = _encoded(source, found, place[1], inner, value)
    return (place[1], place[2], encoded) if encoded is not None else None


def with_lines(source: Source, code: InlineCode, at: int, lines: str) -> tuple[int, int, str] | None:
    """What to write where, so that whole lines stand in the code before the line that begins at ``at``, or behind the last.

    ``lines`` ends with a line break. In ``Fn::Join`` they become items of their own where each of its items is a line.
    """
    last = len(code.text.rstrip("\n"))
    if at > last:
        return rewritten(source, code, last, last, "\n" + lines.removesuffix("\n"))
    call = intrinsic(code.node)
    if call is not None and call.name == "Fn::Join":
        return _new_items(source, code, call, at, lines)
    return rewritten(source, code, at, at, lines)


def _stretch(code: InlineCode, start: int, end: int) -> _Letter | None:
    """A stretch of the code as one letter; of an empty one, where it would stand, if possible before the next letter."""
    letters = _letters(code.node)
    if len(letters) != len(code.text) or not 0 <= start <= end <= len(letters):
        return None
    if start == end:
        after = letters[start] if start < len(letters) else None
        before = letters[start - 1] if start else None
        if after is not None:
            return _Letter(after.scalar, after.start, after.start, after.substituted)
        return _Letter(before.scalar, before.end, before.end, before.substituted) if before else None
    first, last = letters[start], letters[end - 1]
    if first is None or last is None or any(each is None or each.scalar is not first.scalar for each in letters[start:end]):
        return None
    return _Letter(first.scalar, first.start, last.end, first.substituted)


def _span(spans: list[Span], start: int, end: int) -> tuple[int, int] | None:
    """The span in the template of characters of a scalar. None next to what is folded, or at line breaks behind the last
    line."""
    if start == end and start == len(spans):
        spans = [*spans, Span(spans[-1].end, spans[-1].end)] if spans and not spans[-1].loose else []
    if not spans or start >= len(spans):
        return None
    inner = spans[start:end] or spans[start : start + 1]
    beside = [*spans[max(start - 1, 0) : start], *spans[end : end + 1]]
    if any(each.folded for each in (*inner, *beside)) or any(each.loose for each in spans[start:end]):
        return None
    at = inner[0].start if not (start == end and inner[0].loose and start) else spans[start - 1].end
    return (at, at) if start == end else (at, inner[-1].end)


# The code as CloudFormation puts it together; the same ways as in ``inline``


def _letters(node: Node) -> list[_Letter | None]:
    """The characters of the code, None for those that stand nowhere as text."""
    call = intrinsic(node)
    if call is None:
        return [_Letter(node, at, at + 1) for at in range(len(node.value))] if isinstance(node, Scalar) else []
    if call.name == "Fn::Sub":
        template = sub_template(call)
        return list(_substituted(template[0])) if template else []
    return list(_joined(call)) if call.name == "Fn::Join" else []


def _substituted(scalar: Scalar) -> Iterator[_Letter | None]:
    end = 0
    for match in VARIABLE.finditer(scalar.value):
        yield from (_Letter(scalar, at, at + 1, True) for at in range(end, match.start()))
        start, end = match.span()
        name = match.group(1)
        if not name.strip().startswith("!"):
            yield from [None] * len(match.group())
        elif name == name.strip():
            yield _Letter(scalar, start, start + 1, True)
            yield _Letter(scalar, start + 1, start + 3, True)
            yield from (_Letter(scalar, at, at + 1, True) for at in range(start + 3, end))
        else:
            yield from [None] * (len(name.strip()) + 2)
    yield from (_Letter(scalar, at, at + 1, True) for at in range(end, len(scalar.value)))


def _joined(call: Intrinsic) -> Iterator[_Letter | None]:
    argument = call.argument
    if not isinstance(argument, Sequence) or len(argument.items) != 2:
        return
    separator, listed = argument.items
    if not isinstance(separator, Scalar) or not isinstance(listed, Sequence):
        return
    for index, item in enumerate(listed.items):
        yield from [None] * (len(separator.value) if index else 0)
        yield from _letters(item) if _is_text(item) else [None] * 8


def _is_text(node: Node) -> bool:
    call = intrinsic(node)
    return isinstance(node, Scalar) if call is None else call.name in ("Fn::Sub", "Fn::Join") and bool(_letters(node))


# Other characters in their place


def _reads_back(found: _Letter, text: str, value: str) -> bool:
    """Whether ``Fn::Sub`` makes of the new value what it made of the old one, with the text in its place."""

    old = found.scalar.value
    before, after = _read(old, 0, found.start), _read(old, found.end, len(old))
    return _read(value, 0, len(value)) == before + text + after and "\0" not in text


def _read(value: str, start: int, end: int) -> str:
    """The characters that ``Fn::Sub`` makes of a stretch of its text, NUL for what it fills in."""
    at, found = 0, ""
    for each in _substituted(Scalar(0, 0, value)):
        at = each.end if each else at + 1
        if each is None or (each.start >= start and each.end <= end):
            found += value[each.start : each.end].replace("{!", "{") if each else "\0" * (start < at <= end)
    return found


def _encoded(source: Source, found: _Letter, at: int, text: str, value: str) -> str | None:
    """A text as a scalar's quoting needs it at an offset; ``value``: the whole that the scalar is to say."""
    style = found.scalar.style
    if style == '"':
        return json.dumps(text, ensure_ascii=False)[1:-1]
    if style == "'":
        return text.replace("'", "''") if "\n" not in text and "\t" not in text else None
    if style == "|":
        return _in_block(source, found, at, text, value)
    return text if _LETTERS.fullmatch(text) and _LETTERS.fullmatch(value) else None


def _in_block(source: Source, found: _Letter, at: int, text: str, value: str) -> str | None:
    """A text with the indentation of its block. None where the first or the last line would read otherwise then."""
    old = found.scalar.value
    ends = [(each[: len(each) - len(each.lstrip())], len(each) - len(each.rstrip("\n"))) for each in (old, value)]
    if ends[0] != ends[1] or (ends[0][0] and found.start < len(ends[0][0])):
        return None
    if not value.rstrip("\n").rsplit("\n", 1)[-1].strip():
        return None  # a last line of spaces is no line
    pad, column = " " * content_indentation(source, found.scalar), source.column(at)
    rest = old[found.end :]
    first, *lines = text.split("\n")
    if first or (not lines and rest[:1] != "\n"):
        first = pad[column:] + first  # the line was empty, and had no indentation
    more = [pad + line if line or (index == len(lines) and rest[:1] != "\n") else "" for index, line in enumerate(lines, 1)]
    return source.newline.join([first, *more])


def _new_items(source: Source, code: InlineCode, call: Intrinsic, at: int, lines: str) -> tuple[int, int, str] | None:
    """New items of ``Fn::Join`` before the one that begins at ``at``."""
    letters = _letters(code.node)
    letter = letters[at] if at < len(letters) else None
    if letter is None or letter.start or letter.substituted:
        return None
    gap, separator = _gap(source, call, letter.scalar), _separator(call)
    if gap is None or separator not in ("", "\n"):
        return rewritten(source, code, at, at, lines)
    texts = lines.removesuffix("\n").split("\n")
    if separator == "":
        texts = [f"{each}\n" for each in texts]
        if letter.scalar.style == "'":
            return None
    quoted = [_quoted(each, letter.scalar) for each in texts]
    return letter.scalar.start, letter.scalar.start, "".join(each + gap for each in quoted)


def _as_items(source: Source, code: InlineCode, found: _Letter, text: str) -> tuple[int, int, str] | None:
    """Several lines in place of an item of ``Fn::Join`` whose items are lines: items, too."""
    call, scalar = intrinsic(code.node), found.scalar
    if call is None or call.name != "Fn::Join" or found.substituted or "\n" not in text or _separator(call) != "\n":
        return None
    gap = _gap(source, call, scalar) if found.start == 0 and found.end == len(scalar.value) else None
    if gap is None or not all(line.isprintable() for line in text.split("\n")):
        return None
    return scalar.start, scalar.end, gap.join(_quoted(line, scalar) for line in text.split("\n"))


def _separator(call: Intrinsic) -> str | None:
    first = call.argument.items[0] if isinstance(call.argument, Sequence) and call.argument.items else None
    return first.value if isinstance(first, Scalar) else None


def _gap(source: Source, call: Intrinsic, item: Scalar) -> str | None:
    """What stands between a quoted item of ``Fn::Join`` and one that goes before it; None where that can't be written."""
    listed = call.argument.items[1] if isinstance(call.argument, Sequence) and len(call.argument.items) == 2 else None
    if not isinstance(listed, Sequence) or not any(each is item for each in listed.items) or item.style not in ("'", '"'):
        return None
    before = source.text[source.line_start(item.start) : item.start]
    if listed.flow:
        return "," + (source.newline + before if not before.strip() else " ")
    dash = re.search(r"- +$", before)
    return source.newline + " " * dash.start() + dash.group() if dash else None


def _quoted(text: str, like: Scalar) -> str:
    return json.dumps(text, ensure_ascii=False) if like.style == '"' else "'" + text.replace("'", "''") + "'"
