"""Taking statements, actions and policies out of a role, and what is left empty with them."""

from __future__ import annotations

import re

from remediator.api import CannotEdit, EditBuilder, Mapping, Path, Resource, Sequence, Template
from remediator.transforms.permissions.statements import GENERATED, ROLE, PolicyStatement

_COMMENT = re.compile(r"(?:^|\s)#")


def remove(builder: EditBuilder, statements: list[PolicyStatement]) -> None:
    """Removes statements; a policy of which none is left goes, too, and so does a list of which no policy is left."""
    for same in _by_document(statements):
        first = same[0]
        if len(same) == _total(first):
            _remove_policy(builder, first)
        else:
            for each in same:
                remove_item(builder, each.document, "Statement", each.index, each.document_path)


def remove_item(builder: EditBuilder, owner: Mapping, key: str, index: int, path: Path) -> None:
    """Removes an item of a list, unless a comment is about it: nothing would be left that it explains."""
    if is_commented(builder.template, owner, key, index):
        raise CannotEdit(f"a comment stands beside what is to go from {key}")
    builder.remove_item(owner, key, index, path)


def is_commented(template: Template, owner: Mapping, key: str, index: int) -> bool:
    """Whether a comment stands above an item of a block list, in it or behind it."""
    listed, entry, source = owner.get(key), owner.entry(key), template.source
    if source.is_json or entry is None or not isinstance(listed, Sequence) or listed.flow:
        return False
    above = listed.items[index - 1].end if index else entry.key.end
    start, end = source.line_end(above), source.line_end(listed.items[index].end)
    return _COMMENT.search(source.text, start, end) is not None


def obstacle(template: Template, same: list[PolicyStatement]) -> str:
    """Why several statements of one policy, perhaps all of them, can't go; nothing where they can."""
    first = same[0]
    resource, properties = first.resource, first.resource.properties
    if len(same) < _total(first):
        owners = [(each.document, "Statement", each.index) for each in same]
    elif _is_inline(first):
        index = _index(first)
        if properties is None or index is None:
            return "it is not in a plain list"
        owners = [(properties, "Policies", index)]
    else:
        return _why_kept(template, resource)
    return "a comment stands beside it" if any(is_commented(template, *each) for each in owners) else ""


def _why_kept(template: Template, policy: Resource) -> str:
    """Why a policy that is a resource of its own can't go."""
    if any(each.target == policy.logical_id and each.kind != "DependsOn" for each in template.references):
        return f"it is all that {policy.logical_id} says, which is referred to"
    within = _COMMENT.search(template.source.text, policy.key.end, policy.node.end)
    return "a comment stands beside it" if within and not template.source.is_json else ""


def _by_document(statements: list[PolicyStatement]) -> list[list[PolicyStatement]]:
    found: dict[Path, list[PolicyStatement]] = {}
    for each in statements:
        found.setdefault(each.document_path, []).append(each)
    return list(found.values())


def _total(statement: PolicyStatement) -> int:
    return len(statement.listed.items) if statement.listed else 1


def _is_inline(statement: PolicyStatement) -> bool:
    return statement.resource.type in (ROLE, *GENERATED)


def _index(statement: PolicyStatement) -> int | None:
    """Which of its role's policies a statement stands in; None where they are no plain list."""
    step = statement.document_path[4] if statement.document_path[3:4] == ("Policies",) else None
    return step if isinstance(step, int) else None


def _remove_policy(builder: EditBuilder, statement: PolicyStatement) -> None:
    resource, index = statement.resource, _index(statement)
    if not _is_inline(statement):
        if _why_kept(builder.template, resource):
            raise CannotEdit(_why_kept(builder.template, resource))
        builder.remove_resource(resource)
    elif resource.properties is None or index is None:
        raise CannotEdit("the policies are not a plain list")
    else:
        remove_item(builder, resource.properties, "Policies", index, (*resource.path, "Properties"))
