"""Texts that Python code puts together."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING

from remediator.lambda_code.inline import pieces
from remediator.lambda_code.python.objects import MOST, PLAIN, SOMETHING, Bag, Frame, Literal, Many, Row, Texts, Thing, Words
from remediator.lambda_code.values import UNKNOWN, Text, Value

if TYPE_CHECKING:
    from remediator.lambda_code.python.values import Values

_FORMATTED = re.compile(r"\{\{|\}\}|\{(\w*)(?:[.\[:!][^{}]*)?\}")
_PERCENT = re.compile(r"%%|%\((\w+)\)[#0 +.\d-]*[a-zA-Z]|%[#0 +.\d-]*[a-zA-Z]")
_EXACT = (
    *("lower", "upper", "strip", "lstrip", "rstrip", "title", "capitalize"),
    *("replace", "removeprefix", "removesuffix", "zfill"),
)


def joined(parts: Sequence[Texts]) -> Texts:
    """All concatenations."""
    count = 1
    for each in parts:
        count *= len(each)
    if count > MOST:
        return frozenset((UNKNOWN,))
    return frozenset(_merged(tuple(piece for value in chosen for piece in value)) for chosen in product(*parts))


def composed(values: Values, node: ast.JoinedStr | ast.FormattedValue | ast.BinOp, frame: Frame | None) -> Iterator[Thing]:
    """An f-string, or two things with an operator between."""
    if isinstance(node, ast.JoinedStr):
        yield from map(Words, joined([values.texts(each, frame) for each in node.values]))
    elif isinstance(node, ast.FormattedValue):
        changed = node.format_spec is not None or node.conversion == ord("r")
        yield from (SOMETHING,) if changed else map(Words, values.texts(node.value, frame))
    elif isinstance(node.op, ast.Add | ast.BitOr):
        yield from _sum(values, node, frame)
    elif isinstance(node.op, ast.Mod):
        yield from _percent(values, node, frame)
    elif isinstance(node.op, ast.Div):
        yield from map(Words, joined([values.texts(node.left, frame), _text("/"), values.texts(node.right, frame)]))
    else:
        yield PLAIN


def _sum(values: Values, node: ast.BinOp, frame: Frame | None) -> Iterator[Thing]:
    sides = (values.of(node.left, frame), values.of(node.right, frame))
    containers = [thing for side in sides for thing in side if isinstance(thing, Literal | Many | Bag | Row)]
    if containers:
        yield from containers
        if any(thing in (PLAIN, SOMETHING) for side in sides for thing in side):
            yield Many((PLAIN,))
    elif any(isinstance(thing, Words) for side in sides for thing in side):
        yield from map(Words, joined([values.texts_of(side) for side in sides]))
    else:
        yield PLAIN


def _percent(values: Values, node: ast.BinOp, frame: Frame | None) -> Iterator[Thing]:
    if isinstance(node.right, ast.Tuple):
        positional = [values.texts(each, frame) for each in node.right.elts]
    else:
        positional = [values.texts(node.right, frame)]
    named = dict(_named(values, node.right, frame)) if isinstance(node.right, ast.Dict) else {}
    for thing in values.of(node.left, frame):
        if isinstance(thing, Words):
            yield from map(Words, _filled(thing.value, _PERCENT, positional, named))
        else:
            yield PLAIN


def _named(values: Values, node: ast.Dict, frame: Frame | None) -> Iterator[tuple[str, Texts]]:
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Constant):
            yield str(key.value), values.texts(value, frame)


def _filled(form: Value, pattern: re.Pattern[str], positional: list[Texts], named: dict[str, Texts]) -> Texts:
    """A form with its places filled."""
    parts: list[Texts] = []
    number = 0
    for piece in form:
        if not isinstance(piece, Text):
            parts.append(frozenset(((piece,),)))
            continue
        end = 0
        for match in pattern.finditer(piece.text):
            parts.append(_text(piece.text[end : match.start()]))
            end = match.end()
            if match.group() in ("%%", "{{", "}}"):
                parts.append(_text(match.group()[0]))
                continue
            name = match.group(1) or ""
            index = int(name) if name.isdigit() else number
            plain = re.fullmatch(r"\{\w*\}|%(\(\w+\))?[sdi]", match.group())
            at_place = positional[index] if index < len(positional) else None
            given = named.get(name) if name and not name.isdigit() else at_place
            parts.append(given if given is not None and plain else frozenset((UNKNOWN,)))
            number += not name
        parts.append(_text(piece.text[end:]))
    return joined(parts)


def method(values: Values, base: Words, name: str, node: ast.Call, frame: Frame | None) -> Iterator[Thing]:
    """What a method of a text gives."""
    if name == "format":
        named = {each.arg: values.texts(each.value, frame) for each in node.keywords if each.arg}
        positional = [values.texts(each, frame) for each in node.args]
        yield from map(Words, _filled(base.value, _FORMATTED, positional, named))
    elif name == "join" and node.args and isinstance(node.args[0], ast.List | ast.Tuple):
        parts = [values.texts(each, frame) for each in node.args[0].elts]
        between = [part for each in parts for part in (frozenset((base.value,)), each)][1:]
        yield from map(Words, joined(between))
    elif name in _EXACT:
        arguments = [each.value for each in node.args if isinstance(each, ast.Constant)]
        yield _changed(base.value, name, arguments) if len(arguments) == len(node.args) else SOMETHING
    elif name in ("encode", "decode", "format_map", "casefold"):
        yield Words(base.value) if name in ("encode", "decode") else SOMETHING
    elif name in ("split", "rsplit", "splitlines", "partition", "rpartition"):
        yield Many((SOMETHING,)) if not _is_text(base.value) else Many(tuple(_split(base.value, name, node)))
    else:
        yield PLAIN if name.startswith(("is", "starts", "ends", "find", "index", "count")) else SOMETHING


def _split(value: Value, name: str, node: ast.Call) -> Iterator[Thing]:
    separator = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
    text = "".join(each.text for each in value if isinstance(each, Text))
    if name != "split" or len(node.args) > 1 or not (separator is None or (isinstance(separator, str) and separator)):
        yield SOMETHING
        return
    yield from (Words(tuple(pieces(each))) for each in text.split(separator))


def _changed(value: Value, name: str, arguments: Sequence[object]) -> Words:
    """A text after a method that changes it; of texts that are not known only what stays surely."""
    try:
        if _is_text(value):
            text = "".join(each.text for each in value if isinstance(each, Text))
            return Words(tuple(pieces(str(getattr(text, name)(*arguments)))))
        if name in ("lower", "upper"):
            return Words(tuple(Text(getattr(each.text, name)()) if isinstance(each, Text) else UNKNOWN[0] for each in value))
    except (TypeError, ValueError):
        pass
    return SOMETHING


def _is_text(value: Value) -> bool:
    return all(isinstance(each, Text) for each in value)


def _text(text: str) -> Texts:
    return frozenset((tuple(pieces(text)),))


def _merged(value: Value) -> Value:
    """The same with neighbouring texts as one."""
    found: list[object] = []
    for piece in value:
        last = found[-1] if found else None
        if isinstance(piece, Text) and isinstance(last, Text):
            found[-1] = Text(last.text + piece.text)
        else:
            found.append(piece)
    return tuple(found)  # type: ignore[arg-type]
