"""What is known of a value before the stack is deployed."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from remediator.api import (
    Mapping,
    Node,
    Resource,
    Scalar,
    Sequence,
    Template,
    intrinsic,
    is_no_value,
    origins,
    references,
    sub_template,
    table,
    text_of,
)

REFERS = "-> "
"""Before a resource type in a pattern: the value refers to a resource of that type."""
LISTED = "@"
"""Before ``table.row`` in a pattern: the value is one of the row's ``values``."""


class Known(enum.IntEnum):
    """Whether something holds."""

    NO = 0
    """It does not, or nobody can know."""
    BY_DEFAULT = 1
    """It does, unless somebody gives a parameter another value."""
    YES = 2


def holds(template: Template, node: Node | None, patterns: Iterable[str]) -> Known:
    """Whether a value matches one of some patterns; for a list, whether one of its items does."""
    if node is None or is_no_value(node):
        return Known.NO
    call = intrinsic(node)
    if _refers(template, node, patterns):
        return Known.YES
    if call is None and isinstance(node, Sequence):
        return max((holds(template, item, patterns) for item in node.items), default=Known.NO)
    if call is None or call.name == "Fn::Sub":
        return Known.YES if _fits(written(node), patterns) else Known.NO
    if call.name == "Ref":
        return _of_parameter(template, text_of(call.argument) or "", patterns)
    if call.name == "Fn::If" and isinstance(call.argument, Sequence):
        return min((holds(template, branch, patterns) for branch in call.argument.items[1:]), default=Known.NO)
    found = list(origins(template, node, ()))
    return Known.YES if found and all(_fits(plain(each.node), patterns) for each in found) else Known.NO


def refuted(template: Template, node: Node | None, patterns: Iterable[str]) -> bool:
    """Whether a value is not there, or is known to match none of some patterns; for a list, none of its items."""
    if node is None or is_no_value(node):
        return True
    if _refers(template, node, patterns):
        return False
    if isinstance(node, Sequence) and intrinsic(node) is None:
        return all(refuted(template, item, patterns) for item in node.items)
    text = written(node)
    found = [text] if text is not None else [plain(each.node) for each in origins(template, node, ())]
    return bool(found) and not any(_fits(each, patterns) for each in found)


def _of_parameter(template: Template, name: str, patterns: Iterable[str]) -> Known:
    definition = template.parameter(name)
    if definition is None or (text_of(definition.get("Type")) or "").startswith("AWS::SSM::Parameter::Value"):
        return Known.NO
    allowed, default = definition.get("AllowedValues"), definition.get("Default")
    if isinstance(allowed, Sequence) and allowed.items and all(_fits(written(item), patterns) for item in allowed.items):
        return Known.YES
    return Known.BY_DEFAULT if default is not None and _fits(written(default), patterns) else Known.NO


def _refers(template: Template, node: Node, patterns: Iterable[str]) -> bool:
    types = {pattern.removeprefix(REFERS) for pattern in patterns if pattern.startswith(REFERS)}
    return bool(types) and any(each.type in types for each in targets(template, node))


def targets(template: Template, node: Node | None) -> list[Resource]:
    """The resources that a value refers to."""
    found = references(node, template.source.text) if node else ()
    return [template.resources[each.target] for each in found if each.target in template.resources]


def _fits(text: str | None, patterns: Iterable[str]) -> bool:
    return text is not None and any(fnmatchcase(text.casefold(), each.casefold()) for each in _expanded(patterns))


def _expanded(patterns: Iterable[str]) -> Iterator[str]:
    for pattern in patterns:
        if pattern.startswith(LISTED):
            name, _, row = pattern.removeprefix(LISTED).partition(".")
            yield from table(name)[row]["values"]
        elif not pattern.startswith(REFERS):
            yield pattern


def written(node: Node) -> str | None:
    """The text of a scalar or of a ``Fn::Sub``, with its variables as they are written; None for anything else."""
    call = intrinsic(node)
    if call is None:
        return plain(node) if isinstance(node, Scalar) else None
    found = sub_template(call) if call.name == "Fn::Sub" else None
    return found[0].value if found else None


def plain(node: Scalar) -> str:
    """The value of a scalar; a truth value as CloudFormation writes it."""
    return node.value.lower() if node.kind == "bool" else node.value


def inner(node: Node | None, name: str) -> Node | None:
    """The value below some keys, with dots between."""
    for key in name.split("."):
        node = node.get(key) if isinstance(node, Mapping) and intrinsic(node) is None else None
    return node


def is_set(node: Node | None) -> bool:
    """Whether a value is there under every condition."""
    if node is None or is_no_value(node):
        return False
    call = intrinsic(node)
    if call and call.name == "Fn::If" and isinstance(call.argument, Sequence):
        return all(is_set(branch) for branch in call.argument.items[1:])
    return True


def is_absent(node: Node | None) -> bool:
    """Whether a value is there under no condition."""
    return node is None or is_no_value(node)
