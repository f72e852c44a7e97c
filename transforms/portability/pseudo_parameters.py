"""Texts of a template in which a pseudo parameter may stand, and how it gets there: by ``Fn::Sub``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from remediator.api import CannotEdit, EditBuilder, Path, Ref, Scalar, Sub, Template, walk

_TAKE_VALUES = ("Fn::Join", "Fn::If", "Fn::Select")
"""Functions whose arguments may be functions in turn."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text on one line. ``in_sub``: it is that of a ``Fn::Sub``, so that variables have a meaning in it."""

    path: Path
    node: Scalar
    in_sub: bool


def texts(template: Template) -> Iterator[Text]:
    """The texts in the properties of resources."""
    for resource in template.resources.values():
        if resource.properties is None:
            continue
        for path, node in walk(resource.properties, (*resource.path, "Properties")):
            if not isinstance(node, Scalar) or node.kind != "str" or "\n" in node.value or node.style in ("|", ">"):
                continue
            call = next((step for step in reversed(path) if isinstance(step, str)), "")
            if node.tag == "!Sub":
                yield Text((*path, "Fn::Sub"), node, True)
            elif path[-1] == "Fn::Sub" or path[-2:] == ("Fn::Sub", 0):
                yield Text(path, node, True)
            elif node.tag is None and (call in _TAKE_VALUES or (not call.startswith("Fn::") and call != "Ref")):
                yield Text(path, node, False)


def write(builder: EditBuilder, text: Text, pattern: re.Pattern[str], pseudo: str) -> None:
    """Puts a pseudo parameter in place of what a pattern finds."""
    if text.in_sub:
        builder.substitute(text.node, pattern, f"${{{pseudo}}}", text.path)
        return
    if "{{resolve:" in text.node.value:
        raise CannotEdit("a dynamic reference takes no variables")
    whole = pattern.fullmatch(text.node.value)
    # what looks like a variable in a plain text is none, and has to stay so
    escaped = text.node.value.replace("${", "${!")
    value = Ref(pseudo) if whole else Sub(pattern.sub(f"${{{pseudo}}}", escaped))
    builder.replace(text.node, value, text.path)
