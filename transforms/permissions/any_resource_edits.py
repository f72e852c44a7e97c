"""Writing a statement on any resource as statements on some: the smallest change, with every comment."""

from __future__ import annotations

from collections.abc import Sequence as List
from typing import Any

from remediator.api import (
    CannotEdit,
    Copy,
    EditBuilder,
    Mapping,
    Node,
    Ref,
    Scalar,
    Sequence,
    comments_beside,
    intrinsic,
    text_of,
)
from remediator.transforms.permissions.any_resource_parts import Part
from remediator.transforms.permissions.statements import PolicyStatement
from remediator.transforms.wiring.links import inside
from remediator.transforms.wiring.sources import arn_value

_ACCOUNT = {"aws:ResourceAccount": Ref("AWS::AccountId")}
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html (2026-11)"""


def write(builder: EditBuilder, statement: PolicyStatement, parts: List[Part]) -> None:
    """The statement keeps the part with most actions; the others follow right behind it."""
    kept = max(parts, key=lambda part: len(part.indexes))
    others = [part for part in parts if part is not kept]
    new = [_statement(builder, statement, part, number) for number, part in enumerate(others, 2)]
    if kept.limits:
        _limit(builder, statement, kept)
    elif kept.beside:
        _allow_beside(builder, statement, kept)
    _take_away(builder, statement, others)
    if new and (statement.listed is None or any(entry.merged for entry in statement.node.entries)):
        raise CannotEdit("there is no place for a second statement")
    if statement.listed is not None:
        listed = statement.listed  # its items up to this one: what is appended comes right behind it
        here = Sequence(listed.start, listed.end, listed.items[: statement.index + 1], listed.flow)
        for value in new:
            builder.append_item(here, value, statement.path[:-1])


def any_resource(statement: PolicyStatement) -> Scalar | None:
    """The ``*`` among the resources of a statement, where it is written out."""
    node = statement.node.get("Resource")
    for each in _items(node):
        if isinstance(each, Scalar) and text_of(each) == "*":
            return each
    return None


def _items(node: Node | None) -> tuple[Node, ...]:
    if isinstance(node, Sequence) and node.tag is None:
        return node.items
    return (node,) if node else ()


def _resources(statement: PolicyStatement, part: Part) -> list[Any]:
    """The resources of a part as values, with those that the statement names itself."""
    if not part.limits:
        return ["*"]
    own = [Copy(each) for each in _items(statement.node.get("Resource")) if text_of(each) != "*"]
    return [*map(arn_value, part.resources), *own]


def _limit(builder: EditBuilder, statement: PolicyStatement, part: Part) -> None:
    """Writes the resources of a part into the statement itself."""
    node, star, path = statement.node.get("Resource"), any_resource(statement), (*statement.path, "Resource")
    values = _resources(statement, part)
    if node is None or star is None:
        raise CannotEdit("its resources are not written out")
    if part.operator:
        builder.insert_entry(statement.node, "Condition", {part.operator: _ACCOUNT}, statement.path, after="Resource")
    if part.resources == ("*",):
        return
    if isinstance(node, Sequence):
        if len(node.items) == 1 == len(values):
            builder.replace(star, values[0], (*path, 0))
        else:
            builder.replace(node, values, path)
    elif len(values) == 1:
        builder.replace(node, values[0], path)
    elif statement.node.flow:  # over several lines where the statement is
        builder.replace_entry(statement.node, "Resource", "Resource", values, statement.path)
    else:
        builder.replace(node, values, path)


def _statement(builder: EditBuilder, statement: PolicyStatement, part: Part, number: int) -> dict[str, Any]:
    """A part as a statement of its own, with the keys in the order of the author's."""
    resources = _resources(statement, part)
    value: dict[str, Any] = {}
    for entry in statement.node.entries:
        key = entry.key.value
        if key == "Sid":
            value[key] = _free_sid(statement, number)
        elif key == "Action":
            value[key] = _actions(builder, statement, part)
        elif key == "Resource":
            value[key] = resources if len(resources) > 1 else resources[0]
        else:
            value[key] = Copy(entry.value)
    return {**value, "Condition": {part.operator: _ACCOUNT}} if part.operator else value


def _free_sid(statement: PolicyStatement, number: int) -> str:
    own = text_of(statement.node.get("Sid")) or "Statement"
    taken = {text_of(each) for each in inside(statement.document, "Statement", "Sid")}
    return next(name for name in (f"{own}{suffix}" for suffix in range(number, 999)) if name not in taken)


def _actions(builder: EditBuilder, statement: PolicyStatement, part: Part) -> Any:
    """The actions of a part, as the statement writes them, with their comments where they stand together."""
    listed = statement.node.get("Action")
    if part.beside and not part.indexes:
        return part.beside
    if not isinstance(listed, Sequence) or intrinsic(listed):
        raise CannotEdit("its actions are not written as a list")
    block = _with_comments(builder, listed, part)
    if block is not None:
        return Copy(block)
    names = [Copy(listed.items[index]) for index in part.indexes]
    return [*names, *part.beside]


def _take_away(builder: EditBuilder, statement: PolicyStatement, others: List[Part]) -> None:
    listed = statement.node.get("Action")
    for part in others:
        for index in part.indexes:
            if not isinstance(listed, Sequence):
                raise CannotEdit("its actions are not written as a list")
            moved = _with_comments(builder, listed, part) is not None
            builder.remove_item(statement.node, "Action", index, statement.path, moved=moved)


def _allow_beside(builder: EditBuilder, statement: PolicyStatement, part: Part) -> None:
    listed = statement.node.get("Action")
    if not isinstance(listed, Sequence) or intrinsic(listed):
        raise CannotEdit("its actions are not written as a list")
    for name in part.beside:
        builder.append_item(listed, name, (*statement.path, "Action"))


def _with_comments(builder: EditBuilder, listed: Sequence, part: Part) -> Sequence | None:
    """The actions of a part as they are written, with comments that are about them only.

    A comment above an action is about those below it, too, up to the next comment; where not all of them move, it stays.
    """
    first, last = part.indexes[0], part.indexes[-1]
    if listed.flow or part.beside or part.indexes != list(range(first, last + 1)):
        return None
    has_comments = any(_comments(builder, listed, index) for index in part.indexes)
    ends = last + 1 == len(listed.items) or bool(_comments(builder, listed, last + 1))
    return _as_written(builder, listed.items[first : last + 1]) if has_comments and ends else None


def _comments(builder: EditBuilder, listed: Sequence, index: int) -> tuple[str, ...]:
    item = listed.items[index]
    return comments_beside(builder.source, listed, index, Mapping(item.start, item.end, (), flow=True))


def _as_written(builder: EditBuilder, items: tuple[Node, ...]) -> Sequence:
    """Neighbours in a block list as a list of their own, from the comments above the first to the one behind the last."""
    source = builder.source
    line = source.line_start(items[0].start)
    start = source.text.index("-", line)
    column = start - line
    while line > 0:
        above = source.line_start(line - 1)
        if not source.text[above:line].startswith(f"{' ' * column}#"):
            break
        start, line = above + column, above
    return Sequence(start, source.line_end(items[-1].end), items, flow=False)
