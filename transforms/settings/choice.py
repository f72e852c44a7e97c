"""To which resources a setting applies, where a parameter or a mapping decides what they say."""

from __future__ import annotations

from remediator.api import Node, Resource, Scalar, Sequence, Template, intrinsic, origins, text_of
from remediator.transforms.wiring.follow import Texts, at, fits


def applies(template: Template, resource: Resource, where: Texts | None, unless: Texts | None) -> bool:
    """As ``wiring.follow.fits``; besides, a parameter counts as wanted where each value that it allows is, and as unwanted
    where one of its values, or its default, is."""
    unwanted = (unless or {}).items()
    if not fits(resource, None, unless) or any(_may_say(template, resource, path, texts) for path, texts in unwanted):
        return False
    return fits(resource, where) or any(_always_says(template, resource, path, texts) for path, texts in (where or {}).items())


def _always_says(template: Template, resource: Resource, path: str, texts: list[str]) -> bool:
    found = [_allowed(template, node) for node in at(resource, path)]
    return bool(found) and all(values and _lower(values) <= _lower(texts) for values in found)


def _may_say(template: Template, resource: Resource, path: str, texts: list[str]) -> bool:
    for node in at(resource, path):
        values = [*_allowed(template, node), *(each.node.value for each in origins(template, node, ()))]
        if _lower(values) & _lower(texts):
            return True
    return False


def _allowed(template: Template, node: Node) -> list[str]:
    """Every text that a value can be; none where that can't be known."""
    call = intrinsic(node)
    if call is None:
        return [node.value] if isinstance(node, Scalar) else []
    if call.name == "Fn::FindInMap":
        return [each.node.value for each in origins(template, node, ())]
    definition = template.parameter(text_of(call.argument) or "") if call.name == "Ref" else None
    allowed = definition.get("AllowedValues") if definition else None
    return [each.value for each in allowed.items if isinstance(each, Scalar)] if isinstance(allowed, Sequence) else []


def _lower(texts: list[str]) -> set[str]:
    return {each.lower() for each in texts}
