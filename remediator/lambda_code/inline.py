"""Where the code of a function stands in the template, and its text as Lambda gets it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from remediator.intrinsics import VARIABLE, Intrinsic, intrinsic, sub_template
from remediator.lambda_code.values import Filled, Piece, Text
from remediator.nodes import Mapping, Node, Path, Scalar, Sequence
from remediator.template import Resource

_FILLERS = range(0xA000, 0xA48D)
"""The syllables of the Yi script: letters to Python and JavaScript alike, and no code has them. Each stands for one place that
CloudFormation fills in, as often as the place has characters, so that whoever reads a text of the code knows which it holds."""
_LENGTH = 8
"""How many characters stand for what has no length of its own."""
_RUNS = re.compile(rf"([{chr(_FILLERS[0])}-{chr(_FILLERS[-1])}])\1*")


@dataclass(frozen=True, slots=True)
class Filling:
    """A place of the code that CloudFormation fills in: its span in the text of the code, and with what.

    ``node``: the value, where it stands in the template; None for ``name``, a variable of ``Fn::Sub`` such as ``Bucket.Arn``.
    """

    start: int
    end: int
    name: str = ""
    node: Node | None = None


@dataclass(frozen=True, slots=True)
class InlineCode:
    """The code of a function.

    ``text``: what Lambda gets, with a name of as many characters wherever CloudFormation fills something in: ``pieces`` knows
    them again. ``filled``: those places.
    """

    text: str
    node: Node
    path: Path
    filled: tuple[Filling, ...] = ()


def inline_code(function: Resource) -> InlineCode | None:
    """The code of a function that stands in the template, as plain text, ``Fn::Sub`` or ``Fn::Join`` of texts.

    None for code that lies elsewhere, and for what another intrinsic makes.
    """
    if function.type == "AWS::Serverless::Function":
        node, path = function.property("InlineCode"), (*function.path, "Properties", "InlineCode")
    else:
        code = function.property("Code")
        plain = isinstance(code, Mapping) and intrinsic(code) is None
        node = code.get("ZipFile") if plain and isinstance(code, Mapping) else None
        path = (*function.path, "Properties", "Code", "ZipFile")
    found = _text(node) if node else None
    return InlineCode(found[0], node, path, found[1]) if node and found else None


def pieces(text: str) -> Iterator[Piece]:
    """A text of the code, taken apart where CloudFormation fills something in."""
    end = 0
    for match in _RUNS.finditer(text):
        if text[end : match.start()]:
            yield Text(text[end : match.start()])
        yield Filled(ord(match.group(1)) - _FILLERS[0])
        end = match.end()
    if text[end:]:
        yield Text(text[end:])


_Pieces = list[str | Filling]
"""The code in order: text, and what is filled in, whose span says only how long it is."""


def _text(node: Node) -> tuple[str, tuple[Filling, ...]] | None:
    parts = _parts(node)
    if parts is None or sum(not isinstance(each, str) for each in parts) > len(_FILLERS):
        return None
    done, filled = "", list[Filling]()
    for each in parts:
        if isinstance(each, str):
            done += each
        else:
            filled.append(Filling(len(done), len(done) + each.end, each.name, each.node))
            done += chr(_FILLERS[len(filled) - 1]) * each.end
    return done, tuple(filled)


def _parts(node: Node) -> _Pieces | None:
    call = intrinsic(node)
    if call is None:
        return [node.value] if isinstance(node, Scalar) else None
    if call.name == "Fn::Sub":
        return _substituted(call)
    argument = call.argument
    if call.name != "Fn::Join" or not isinstance(argument, Sequence) or len(argument.items) != 2:
        return None
    separator, listed = argument.items
    if not isinstance(separator, Scalar) or separator.tag or not isinstance(listed, Sequence) or listed.tag:
        return None
    return _joined(separator.value, listed)


def _substituted(call: Intrinsic) -> _Pieces | None:
    """The text of ``Fn::Sub`` with its variables; ``${!Literal}`` loses its mark."""
    template = sub_template(call)
    if template is None:
        return None
    text, end, found = template[0].value, 0, _Pieces()
    own = call.argument.items[1] if isinstance(call.argument, Sequence) and len(call.argument.items) > 1 else None
    for match in VARIABLE.finditer(text):
        name = match.group(1).strip()
        found.append(text[end : match.start()])
        end = match.end()
        if name.startswith("!"):
            found.append(f"${{{name[1:]}}}")
        else:
            node = own.get(name) if isinstance(own, Mapping) else None
            found.append(Filling(0, len(match.group()), name, node))
    return [*found, text[end:]]


def _joined(separator: str, listed: Sequence) -> _Pieces | None:
    found = _Pieces()
    for index, part in enumerate(listed.items):
        inner = _parts(part)
        if inner is None and intrinsic(part) is None:
            return None
        found += [separator if index else "", *(inner or [Filling(0, _LENGTH, node=part)])]
    return found
