"""SCH009: resource attributes among the properties, and properties beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set

from remediator.api import (
    Applicability,
    Context,
    EditBuilder,
    Entry,
    Finding,
    GetAtt,
    Mapping,
    Node,
    Pass,
    Path,
    Ref,
    Remedy,
    Resource,
    ResourceType,
    Scalar,
    Sequence,
    intrinsic,
    meaning,
    reachable,
    resource_type,
    text_of,
    to_value,
)
from remediator.transforms.schema import examples, moves
from remediator.transforms.schema.likeness import fits, nearest

ATTRIBUTES = frozenset(
    ["Condition", "CreationPolicy", "DeletionPolicy", "DependsOn", "Metadata", "UpdatePolicy", "UpdateReplacePolicy"]
)
"""What stands beside Type and Properties.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-product-attribute-reference.html (2026-11)"""

_SAM = frozenset(["Connectors", "IgnoreGlobals"])
_POLICIES = frozenset(["Delete", "Retain", "RetainExceptOnCreate", "Snapshot"])
_SAFE = "it says there what it says here, and CloudFormation does not take it here"


class MisplacedAttribute(Pass):
    """`DependsOn`, `DeletionPolicy` and their like stand beside the properties of a resource, not among them; and a
    property stands among them, not beside.

    Each moves to where it belongs, if nothing of that name is there and what it says holds there: the resources and the
    condition that it names are in the template, and no circle of waiting comes of it. What belongs to neither is removed
    only as an unsafe fix.
    """

    code = "SCH009"
    name = "misplaced-attribute"
    profile = "deploy"
    stage = 0
    answers = ("E3001", "E3002", "F3001", "F3002")
    sources = ("https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-product-attribute-reference.html",)
    examples = examples.MISPLACED_ATTRIBUTE

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for resource in template.resources.values():
            kind = resource_type(resource.type)
            if kind is None or template.has_custom_macro:
                continue
            known = kind.shape.properties.keys()
            for entry in resource.properties.entries if resource.properties else ():
                name, path = entry.key.value, (*resource.path, "Properties", entry.key.value)
                if name in ATTRIBUTES and name not in known:
                    message = f"{name} of {resource.logical_id} stands among its properties"
                    yield self.finding(template, path, entry, message, _up(context, resource, entry))
            beside = [entry for entry in resource.node.entries if _strange(entry.key.value)]
            bare = [entry for entry in beside if _belongs_in(context, kind, entry)]
            if bare and _has_none(resource):
                names = ", ".join(entry.key.value for entry in bare)
                message = f"{names} of {resource.logical_id} stand beside its type, not among its properties"
                remedy = Remedy(f"move {names} into Properties", _all_in(resource, tuple(bare)), _SAFE)
                yield self.finding(template, (*resource.path, bare[0].key.value), bare[0], message, remedy)
                beside = [entry for entry in beside if entry not in bare]
            for entry in beside:
                name, path = entry.key.value, (*resource.path, entry.key.value)
                message = (
                    f"{name} stands beside the properties of {resource.logical_id}, where CloudFormation knows no such thing"
                )
                yield self.finding(template, path, entry, message, _beside(context, resource, kind, entry))


def _strange(name: str) -> bool:
    return name not in ATTRIBUTES | {"Type", "Properties"} | _SAM and not name.startswith("Fn::")


# Attributes among the properties


def _up(context: Context, resource: Resource, entry: Entry) -> Remedy | str:
    name = entry.key.value
    there = resource.node.get(name)
    doubt = _doubt(context, resource, name, entry.value)
    if name == "DependsOn" and not doubt:
        return Remedy(f"move {name} of {resource.logical_id} up", lambda b: _wait(b, resource, entry), _SAFE)
    if there is not None:
        return _twice(resource, entry, there)
    if doubt:
        return doubt

    def make(builder: EditBuilder) -> None:
        assert resource.properties is not None
        span = builder.copy_entry(resource.properties, entry, resource.node, resource.path, after="Type")
        moves.drop(builder, resource, (*resource.path, "Properties", name), moved=(span,))

    return Remedy(f"move {name} of {resource.logical_id} up", make, _SAFE)


def _twice(resource: Resource, entry: Entry, there: Node) -> Remedy | str:
    """An attribute that stands in both places: the one that CloudFormation reads holds, if it says as much."""
    name, path = entry.key.value, (*resource.path, "Properties", entry.key.value)
    if meaning(there) != meaning(entry.value):
        return f"{resource.logical_id} has {name} in both places, and they differ: which holds?"
    what = f"leave {name} of {resource.logical_id} only where CloudFormation reads it"
    return Remedy(what, lambda b: moves.drop(b, resource, path), _SAFE)


def _wait(builder: EditBuilder, resource: Resource, entry: Entry) -> None:
    path: Path = (*resource.path, "Properties", "DependsOn")
    assert resource.properties is not None
    if resource.node.get("DependsOn") is None and all(text_of(node) for node in _items(entry.value)):
        span = builder.copy_entry(resource.properties, entry, resource.node, resource.path, after="Type")
        moves.drop(builder, resource, path, moved=(span,))
        return
    said = {each.target for each in resource.depends_on()}
    for target in _awaited(entry.value):
        if target not in said:
            builder.add_depends_on(resource, str(target))
    moves.drop(builder, resource, path)


def _items(node: Node) -> tuple[Node, ...]:
    return node.items if isinstance(node, Sequence) and not intrinsic(node) else (node,)


def _awaited(node: Node) -> list[str | None]:
    """The names in a DependsOn; a reference to a resource is its name."""
    values = [to_value(item) for item in _items(node)]
    return [value.name if isinstance(value, Ref | GetAtt) else value if isinstance(value, str) else None for value in values]


def _arcs(context: Context) -> dict[str, Set[str]]:
    """Who waits for whom, once every misplaced dependency is where it belongs."""
    arcs: dict[str, Set[str]] = dict(context.graph.arcs)
    for resource in context.template.resources.values():
        node = resource.property("DependsOn")
        if node is not None:
            arcs[resource.logical_id] = arcs.get(resource.logical_id, frozenset()) | {str(name) for name in _awaited(node)}
    return arcs


def _doubt(context: Context, resource: Resource, name: str, node: Node) -> str:
    """Why an attribute would not do where it belongs; nothing if it would."""
    template, owner = context.template, resource.logical_id
    if name == "DependsOn":
        for target in _awaited(node):
            if target not in template.resources:
                return f"which resource should {owner} wait for?"
            if owner == target or owner in reachable(_arcs(context), target):
                return f"{target} waits for {owner} already: which of the two comes first?"
    if name == "Condition" and text_of(node) not in template.conditions:
        return f"under which condition should {owner} exist?"
    if name in ("DeletionPolicy", "UpdateReplacePolicy") and text_of(node) not in _POLICIES:
        return f"which {name} should {owner} have?"
    if name in ("Metadata", "CreationPolicy", "UpdatePolicy") and (not isinstance(node, Mapping) or intrinsic(node)):
        return f"what should {name} of {owner} say?"
    return ""


# Properties beside the properties


def _belongs_in(context: Context, kind: ResourceType, entry: Entry) -> bool:
    shape = kind.shape.properties.get(entry.key.value)
    return shape is not None and fits(entry.value, shape, context.template, nearly=True)


def _has_none(resource: Resource) -> bool:
    """Whether a resource has no properties at all, not even some under a name like it."""
    node = resource.node.get("Properties")
    named = any(nearest(key, ["Properties"]) for key in resource.node.keys - {"Properties"})
    return (node is None and not named) or (isinstance(node, Scalar) and node.kind == "null" and node.tag is None)


def _all_in(resource: Resource, entries: tuple[Entry, ...]) -> Callable[[EditBuilder], None]:
    def make(builder: EditBuilder) -> None:
        builder.nest(resource.node, tuple(entry.key.value for entry in entries), "Properties", resource.path)
        if resource.node.get("Properties") is not None:
            builder.remove_entry(resource.node, "Properties", resource.path)

    return make


def _beside(context: Context, resource: Resource, kind: ResourceType, entry: Entry) -> Remedy | str:
    name, path = entry.key.value, (*resource.path, entry.key.value)
    meant = nearest(name, sorted((ATTRIBUTES | {"Type", "Properties"}) - resource.node.keys))
    if meant is not None:
        doubt = _doubt(context, resource, meant, entry.value)
        if not doubt and meant == "Properties" and not fits(entry.value, kind.shape, context.template, nearly=True):
            doubt = "Properties is meant, but not all that stands here is known to the type"
        return doubt or Remedy(f"rename {name} to {meant}", lambda b: b.rename_key(entry, meant, resource.path), _SAFE)
    properties = resource.properties
    there = properties.get(name) if properties is not None else None
    if there is not None:
        if meaning(there) != meaning(entry.value):
            return f"{name} stands among the properties, too, and they differ: which holds?"
        return Remedy(f"remove {name}", lambda b: b.remove_entry(resource.node, name, resource.path), "the properties say it")
    if properties is not None and _belongs_in(context, kind, entry):
        return Remedy(f"move {name} into the properties", lambda b: _move_in(b, resource, entry, properties), _SAFE)
    if name in kind.shape.properties:
        return f"{name} belongs into the properties, but what stands here does not fit there: how should it be written?"
    if name == "Description" and text_of(entry.value) and moves.may_describe(resource):
        return moves.described(resource, entry.value, path)
    return Remedy(
        f"remove {name} of {resource.logical_id}",
        lambda b: b.remove_entry(resource.node, name, resource.path),
        f"CloudFormation has no {name} there; what it was meant to do is not done",
        Applicability.UNSAFE,
    )


def _move_in(builder: EditBuilder, resource: Resource, entry: Entry, properties: Mapping) -> None:
    span = builder.copy_entry(resource.node, entry, properties, (*resource.path, "Properties"))
    builder.remove_entry(resource.node, entry.key.value, resource.path, moved=(span,))
