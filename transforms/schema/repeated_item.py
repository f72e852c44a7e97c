"""SCH010: items that stand twice in a list that may have them once."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import (
    Context,
    Finding,
    Mapping,
    Node,
    Pass,
    Place,
    Remedy,
    Sequence,
    Template,
    intrinsic,
    meaning,
    show,
    text_of,
)
from remediator.transforms.schema import examples


class RepeatedItem(Pass):
    """A tag is set twice, or a list that may have each item once has one of them twice.

    The second one goes where both say the same. Two values for one tag are a question: which holds?
    """

    code = "SCH010"
    name = "repeated-item"
    profile = "deploy"
    answers = ("E3024", "E3037", "F3037")
    sources = ("https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html",)
    examples = examples.REPEATED_ITEM

    def run(self, context: Context) -> Iterator[Finding]:
        owners: dict[tuple[str | int, ...], Place] = {}
        for _, place in context.places:
            owners[place.path] = place
            if isinstance(place.node, Sequence) and not intrinsic(place.node):
                yield from self._list(context.template, place, place.node, owners.get(place.path[:-1]))

    def _list(self, template: Template, place: Place, node: Sequence, owner: Place | None) -> Iterator[Finding]:
        tags = _are_tags(place)
        unique = place.shape.schema.get("uniqueItems", False)
        seen: dict[str, object] = {}
        for index, item in enumerate(node.items):
            key = _key(item) if tags else repr(meaning(item)) if unique else None
            if key is None:
                continue
            if key in seen:
                said = f"the tag {key}" if tags else "the same item"
                message = f"{show(place.path[1:])} has {said} twice"
                remedy = _remedy(place, owner, index, same=seen[key] == meaning(item), key=key)
                yield self.finding(template, (*place.path, index), item, message, remedy)
            seen.setdefault(key, meaning(item))


def _are_tags(place: Place) -> bool:
    """Whether a list holds the tags of a resource; filters may well name a tag twice, with two values."""
    known = place.shape.items.properties.keys() if place.shape.items else frozenset[str]()
    own = len(place.path) == 4 or "TagSpecifications" in place.path
    return own and str(place.path[-1]).endswith("Tags") and {"Key", "Value"} <= known


def _key(item: Node) -> str | None:
    return text_of(item.get("Key")) if isinstance(item, Mapping) and not intrinsic(item) else None


def _remedy(place: Place, owner: Place | None, index: int, *, same: bool, key: str) -> Remedy | str:
    if not same:
        return f"which value should the tag {key} have?"
    if owner is None or not isinstance(owner.node, Mapping) or intrinsic(owner.node):
        return "the list stands inside an intrinsic"
    mapping, name = owner.node, str(place.path[-1])
    return Remedy(
        f"remove the second one from {show(place.path[1:])}",
        lambda b: b.remove_item(mapping, name, index, owner.path),
        "both say the same",
    )
