"""Where the code of a function stands in the template, and its text as Lambda gets it."""

from __future__ import annotations

from dataclasses import dataclass

from remediator.intrinsics import VARIABLE, intrinsic, sub_template
from remediator.nodes import Mapping, Node, Path, Scalar, Sequence
from remediator.template import Resource

_FILLER = "_"


@dataclass(frozen=True, slots=True)
class InlineCode:
    """The code of a function.

    ``text``: what Lambda gets, with a name of as many characters wherever CloudFormation fills something in; ``filled``: the
    spans of these names in it.
    """

    text: str
    node: Node
    path: Path
    filled: tuple[tuple[int, int], ...] = ()


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


def _text(node: Node) -> tuple[str, tuple[tuple[int, int], ...]] | None:
    call = intrinsic(node)
    if call is None:
        return (node.value, ()) if isinstance(node, Scalar) else None
    if call.name == "Fn::Sub":
        template = sub_template(call)
        return _substituted(template[0].value) if template else None
    argument = call.argument
    if call.name != "Fn::Join" or not isinstance(argument, Sequence) or len(argument.items) != 2:
        return None
    separator, parts = argument.items
    if not isinstance(separator, Scalar) or separator.tag or not isinstance(parts, Sequence) or parts.tag:
        return None
    return _joined(separator.value, parts)


def _substituted(text: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The text of ``Fn::Sub`` with its variables as names of the same length; ``${!Literal}`` loses its mark."""
    done, filled, end = "", [], 0
    for match in VARIABLE.finditer(text):
        done += text[end : match.start()]
        end = match.end()
        if match.group(1).startswith("!"):
            done += f"${{{match.group(1)[1:]}}}"
        else:
            filled.append((len(done), len(done) + len(match.group())))
            done += _FILLER * len(match.group())
    return done + text[end:], tuple(filled)


def _joined(separator: str, parts: Sequence) -> tuple[str, tuple[tuple[int, int], ...]] | None:
    done, filled = "", []
    for index, part in enumerate(parts.items):
        done += separator if index else ""
        inner = _text(part)
        start = len(done)
        if inner is None and intrinsic(part) is None:
            return None
        text, spans = inner or (_FILLER * 8, ((0, 8),))
        filled += [(start + first, start + last) for first, last in spans]
        done += text
    return done, tuple(filled)
