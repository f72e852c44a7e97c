"""Which resources of the template a value means: by reference, or by the physical name that a resource states."""

from __future__ import annotations

import re
from collections.abc import Iterator

from remediator.api import Mapping, Node, Resource, Sequence, Template, intrinsic, is_no_value, references, table, text_of
from remediator.transforms.cycles.names import as_sub_text

FUNCTIONS = ("AWS::Lambda::Function", "AWS::Serverless::Function")
_QUALIFIED = ("AWS::Lambda::Alias", "AWS::Lambda::Version")


def meant(template: Template, node: Node | None, *types: str) -> list[Resource]:
    """The resources of some types that a value means, in the order in which it names them."""
    if node is None:
        return []
    found: dict[str, Resource] = {}
    for reference in references(node, template.source.text):
        resource = template.resources.get(reference.target) or template.resources.get(reference.target.partition(".")[0])
        if resource and resource.type in types:
            found[resource.logical_id] = resource
    return list((found or {each.logical_id: each for each in _by_name(template, node, types)}).values())


def _by_name(template: Template, node: Node, types: tuple[str, ...]) -> Iterator[Resource]:
    text = as_sub_text(node)
    for resource in template.resources.values() if text else ():
        key = table("physical_names").get(resource.type, {}).get("name") if resource.type in types else None
        given = resource.property(str(key)) if key else None
        name = as_sub_text(given) if given else None
        if name and re.search(rf"(?:^|[:/]){re.escape(name)}(?:$|[:/])", text or ""):
            yield resource


def functions(template: Template, node: Node | None) -> list[Resource]:
    """The functions that a value means, through aliases and versions too."""
    found = meant(template, node, *FUNCTIONS, *_QUALIFIED)
    through = [each.property("FunctionName") for each in found if each.type in _QUALIFIED]
    direct = [each for each in found if each.type in FUNCTIONS]
    inner = [function for name in through for function in meant(template, name, *FUNCTIONS)]
    return list({each.logical_id: each for each in (*direct, *inner)}.values())


def inside(node: Node | None, *keys: str) -> Iterator[Node]:
    """The values below some keys: lists are gone through, and both branches of ``Fn::If``."""
    if node is None or is_no_value(node):
        return
    call = intrinsic(node)
    if call and call.name == "Fn::If" and isinstance(call.argument, Sequence):
        for branch in call.argument.items[1:]:
            yield from inside(branch, *keys)
    elif isinstance(node, Sequence) and not call:
        for item in node.items:
            yield from inside(item, *keys)
    elif not keys:
        yield node
    elif isinstance(node, Mapping) and not call:
        yield from inside(node.get(keys[0]), *keys[1:])


def condition_of(*resources: Resource) -> dict[str, str] | None:
    """The ``Condition`` of a new resource that needs all of these: an entry, none, or None where two would be needed."""
    found = {resource.condition for resource in resources if resource.condition}
    if len(found) > 1:
        return None
    return {"Condition": found.pop()} if found else {}


def texts(node: Node | None) -> Iterator[str]:
    """The plain texts of a value that is one or a list of them."""
    for each in inside(node):
        text = text_of(each)
        if text is not None:
            yield text
