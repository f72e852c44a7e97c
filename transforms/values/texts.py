"""The texts that a value is known to come from, and writing another text where one stands."""

from __future__ import annotations

import re
from collections.abc import Iterator

from remediator.api import CannotEdit, EditBuilder, Mapping, Node, Origin, Path, Scalar, Sequence, Template, origins, text_of

_DYNAMIC = "{{resolve:"
_PLAIN = re.compile(r"[A-Za-z][\w./*@+-]*(:[\w./*@+-]+)*")
_WORDS = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null"])


def literals(template: Template, node: Node | None, path: Path) -> Iterator[Origin]:
    """The texts that a value comes from, without those that AWS only resolves at deployment."""
    if node is not None:
        yield from (each for each in origins(template, node, path) if _DYNAMIC not in each.node.value)


def list_literals(template: Template, node: Node | None, path: Path) -> Iterator[Origin]:
    """The texts of a list's items, or of a single value in place of the list."""
    if isinstance(node, Sequence) and node.tag is None:
        for index, item in enumerate(node.items):
            yield from literals(template, item, (*path, index))
    else:
        yield from literals(template, node, path)


def retext(builder: EditBuilder, node: Scalar, text: str, path: Path) -> None:
    """Writes another text where a scalar stands, in the quotes that it has, or without where it has none."""
    if node.style in ("'", '"'):
        builder.replace_in_scalar(node, node.start + 1, node.end - 1, text, path)
    elif node.style == "" and _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        builder.replace_text(node.start, node.end, text, path)
    else:
        builder.replace(node, text, path)


def mend(builder: EditBuilder, origin: Origin, text: str) -> None:
    """Writes another text where a literal stands. The default of a parameter stays one that the parameter allows."""
    if origin.path[0] == "Parameters":
        name = str(origin.path[1])
        definition = builder.template.parameter(name)
        if definition is not None:
            _allow(builder, definition, origin.node.value, text, ("Parameters", name))
    retext(builder, origin.node, text, origin.path)


def _allow(builder: EditBuilder, definition: Mapping, old: str, new: str, path: Path) -> None:
    pattern, longest = text_of(definition.get("AllowedPattern")), definition.get("MaxLength")
    if pattern is not None and not _matches(pattern, new):
        raise CannotEdit(f"the AllowedPattern of {path[1]} forbids {new}")
    if isinstance(longest, Scalar) and longest.value.isdigit() and len(new) > int(longest.value):
        raise CannotEdit(f"the MaxLength of {path[1]} forbids {new}")
    allowed = definition.get("AllowedValues")
    if not isinstance(allowed, Sequence) or any(isinstance(item, Scalar) and item.value == new for item in allowed.items):
        return
    for index, item in enumerate(allowed.items):
        if isinstance(item, Scalar) and item.value == old:
            retext(builder, item, new, (*path, "AllowedValues", index))
            return
    raise CannotEdit(f"the AllowedValues of {path[1]} hold neither {old} nor {new}")


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.fullmatch(pattern, text) is not None
    except re.error:
        return False  # Java's patterns have what Python's have not
