"""SCH008: resource types that do not exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from remediator.api import (
    Applicability,
    Call,
    Context,
    Copy,
    EditBuilder,
    Finding,
    GetAtt,
    Mapping,
    Node,
    Pass,
    Ref,
    Remedy,
    Resource,
    Sequence,
    Shape,
    Sub,
    Template,
    copied,
    intrinsic,
    meaning,
    reachable,
    references,
    resource_type,
    table,
    to_value,
    type_names,
)
from remediator.transforms.schema import examples, moves
from remediator.transforms.schema.likeness import fits, nearest, words


class UnknownType(Pass):
    """A resource has a type that CloudFormation does not have: *Unrecognized resource types*.

    A type that is only misspelt gets its name. Some of those that people invent say something that another resource of the
    template can say: the targets of a target group, the policies of a role, the replication of a bucket; it moves there.
    A recorder's status goes, because CloudFormation starts the recorder by itself. Whatever else there is no type for is
    removed only as an unsafe fix that names what is lost; who waited for it waits for what it waited for.

    Nothing is removed that other resources or outputs refer to.
    """

    code = "SCH008"
    name = "unknown-type"
    profile = "deploy"
    stage = 0
    answers = ("E3006", "F3006")
    sources = ("https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html",)
    examples = examples.UNKNOWN_TYPE

    def run(self, context: Context) -> Iterator[Finding]:
        known = type_names()
        if context.template.has_custom_macro:  # it may know the type
            return
        for resource in context.template.resources.values():
            kind = resource.type
            if kind in known or not kind.startswith("AWS::") or kind.count("::") != 2 or "<" in kind:
                continue
            if kind in table("account_settings"):  # ACC010 keeps the setting
                continue
            at = resource.node.get("Type") or resource.key
            remedy = _remedy(context, resource)
            yield self.finding(context.template, (*resource.path, "Type"), at, f"there is no type {kind}", remedy)


def _remedy(context: Context, resource: Resource) -> Remedy | str:
    row = table("unknown_types").get(resource.type, {})
    if "retired" in row:
        return f"{row['retired']}: what should {resource.logical_id} become?"
    meant = row.get("to") if row else _nearest(resource)
    if meant is not None:
        return _renamed(context.template, resource, meant)
    moved = _moved(context, resource, row) if "owner" in row else None
    return moved or _removed(context, resource, row)


def _nearest(resource: Resource) -> str | None:
    """The type that plainly is meant: another case, a slip in the name, or the same name in another service."""
    kind = resource.type
    service, _, name = kind.rpartition("::")
    alike = [each for each in type_names() if each.lower() == kind.lower()]
    if not alike:
        names = {each.rpartition("::")[2]: each for each in type_names() if each.rpartition("::")[0].lower() == service.lower()}
        meant = nearest(name, sorted(names), loosely=False)
        alike = [names[meant]] if meant else []
    if not alike and len(words(name)) > 1:  # many services have a Cluster
        alike = [each for each in type_names() if each.rpartition("::")[2] == name and _knows(each, resource)]
    return alike[0] if len(alike) == 1 else None


def _knows(kind: str, resource: Resource) -> bool:
    """Whether a type has every property that a resource gives, and the resource every one that the type needs."""
    known = resource_type(kind)
    given = resource.properties.keys if resource.properties else frozenset[str]()
    return known is not None and given <= known.shape.properties.keys() and given >= set(known.shape.required) and bool(given)


def _renamed(template: Template, resource: Resource, meant: str) -> Remedy | str:
    """Another type, with what it calls otherwise renamed and what it does not have left out."""
    node, kind = resource.node.get("Type"), resource_type(meant)
    if node is None or kind is None or (resource.properties is None and "Properties" in resource.node.keys):
        return f"{meant} may be meant, but its properties are not written out: which type should {resource.logical_id} have?"
    known, path = kind.shape.properties, (*resource.path, "Properties")
    entries = resource.properties.entries if resource.properties else ()
    names = {entry.key.value: _name(entry.key.value, known) for entry in entries}
    values = {name: entry.value for entry in entries if (name := names[entry.key.value]) is not None}
    lost = [name for name, known_as in names.items() if known_as is None]
    if len(values) + len(lost) < len(entries) or not values.keys() >= set(kind.shape.required):
        return f"{meant} is meant, but {resource.logical_id} has not what it needs: what should it be?"
    if not all(fits(value, known[name], template, nearly=True) for name, value in values.items()):
        return f"{meant} is meant, but what stands in {resource.logical_id} does not fit it: what should it be?"

    def make(builder: EditBuilder) -> None:
        builder.replace(node, meant, (*resource.path, "Type"))
        for entry in entries:
            name = names[entry.key.value]
            if name is not None and name != entry.key.value:
                builder.rename_key(entry, name, path)
        if len(lost) == len(entries) > 0:
            builder.remove_entry(resource.node, "Properties", resource.path)
        else:
            for each in lost:
                moves.drop(builder, resource, (*path, each))

    step = f"write {meant} for {resource.type}"
    if lost:
        why = f"what {', '.join(lost)} was meant to do is not done; the type of that name does not have it"
        return Remedy(f"{step}, without {', '.join(lost)}", make, why, Applicability.UNSAFE)
    return Remedy(step, make, "it is the type of that name")


def _name(name: str, known: dict[str, Shape]) -> str | None:
    return name if name in known else nearest(name, list(known))


def _moved(context: Context, resource: Resource, row: dict[str, Any]) -> Remedy | str | None:
    """What the resource says, said in the one that it belongs to."""
    template, where = context.template, row.get("list") or row["set"]
    owner = _owner(template, resource.property(row["owner"]), where)
    if owner is None or resource.properties is None or is_mentioned(context, resource):
        return None
    if owner.properties is None and "Properties" in owner.node.keys:  # what stands there is not known
        return None
    if resource.properties.keys - _said(row):  # nothing of it may be lost
        return None
    if owner.condition not in (None, resource.condition):
        return None
    value = _filled(row.get("item", row.get("value")), resource.properties, row.get("optional", ()))
    known = resource_type(owner.type)
    shape = known.shape.properties[where] if known else None
    if value is None or shape is None or not moves.suits(value, (shape.items or shape) if "list" in row else shape, template):
        return None
    if resource.condition != owner.condition:
        value = Call("Fn::If", [resource.condition, value, Ref("AWS::NoValue")])
    if _closes_cycle(context, value, owner):
        return None
    listed = owner.property(where)
    room = listed is None or ("list" in row and isinstance(listed, Sequence) and listed.items and not intrinsic(listed))
    if not room and listed is not None and not _says(listed, value):
        return f"{owner.logical_id} has {where} already, which says something else: which of the two holds?"

    def make(builder: EditBuilder) -> None:
        _say(builder, owner, row, value)
        remove(builder, context, resource, moved=tuple((node.start, node.end) for node in copied(value)))

    return Remedy(
        f"move {resource.logical_id} into {where} of {owner.logical_id}",
        make,
        f"{where} says the same; there is no resource for it",
    )


def _owner(template: Template, link: Node | None, name: str) -> Resource | None:
    """The resource that a property refers to, and nothing else, if it has a property of a name."""
    value = to_value(link) if link is not None else None
    whole = re.fullmatch(r"\$\{(\w+)(?:\.\w+)?\}", value.text) if isinstance(value, Sub) else None
    target = value.name if isinstance(value, Ref | GetAtt) else whole.group(1) if whole else ""
    owner = template.resources.get(target)
    kind = resource_type(owner.type) if owner else None
    return owner if kind is not None and name in kind.shape.properties else None


def _said(row: dict[str, Any]) -> set[str]:
    """The properties that a row takes up."""
    pattern = row.get("item") or row["value"]
    parts = pattern.values() if isinstance(pattern, dict) else [pattern]
    return {row["owner"], *row.get("ignored", ()), *(part[2:] for part in parts)}


def _filled(pattern: Any, properties: Mapping, optional: tuple[str, ...] | list[str]) -> Any:
    """A pattern with the properties of the resource in it; None where one is missing."""
    if isinstance(pattern, dict):
        filled = {key: _filled(part, properties, optional) for key, part in pattern.items()}
        filled = {key: value for key, value in filled.items() if value is not None or key not in optional}
        return None if None in filled.values() else filled
    node = properties.get(pattern[2:])
    return Copy(node) if node is not None else None


def _closes_cycle(context: Context, value: Any, owner: Resource) -> bool:
    """Whether the owner would wait for something that waits for it, otherwise than through the policies of a role.

    Those can always move out of the role, which CYC001 does.
    """
    roles = {each.logical_id for each in context.template.resources.values() if each.type == "AWS::IAM::Role"}
    arcs = {name: frozenset() if name in roles else targets for name, targets in context.graph.arcs.items()}
    text = context.template.source.text
    targets = {each.target for node in copied(value) for each in references(node, text)}
    return any(owner.logical_id in reachable(arcs, target) | {target} for target in targets)


def _say(builder: EditBuilder, owner: Resource, row: dict[str, Any], value: Any) -> None:
    path = (*owner.path, "Properties")
    name = row.get("list") or row["set"]
    written = [value] if "list" in row else value
    listed = owner.property(name)
    if owner.properties is None:
        builder.set_entry(owner.node, "Properties", {name: written}, owner.path)
    elif listed is None:
        builder.set_entry(owner.properties, name, written, path)
    elif isinstance(listed, Sequence) and not _says(listed, value):
        builder.append_item(listed, value, (*path, name))


def _says(listed: Node, value: Any) -> bool:
    """Whether a value is there already, in a list or as it is."""
    meant = _meaning(value)
    return meaning(listed) == meant or (isinstance(listed, Sequence) and any(meaning(item) == meant for item in listed.items))


def _meaning(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _meaning(part) for key, part in value.items()}
    return meaning(value.node) if isinstance(value, Copy) else value


def is_mentioned(context: Context, resource: Resource) -> bool:
    """Whether anything refers to the resource other than by DependsOn."""
    return any(each.target == resource.logical_id and each.kind != "DependsOn" for each in context.template.references)


def _removed(context: Context, resource: Resource, row: dict[str, Any]) -> Remedy | str:
    if is_mentioned(context, resource):
        return f"other parts of the template refer to {resource.logical_id}: which type should it have?"
    lost = row.get("drop", f"nothing takes the place of {resource.type}")
    return Remedy(
        f"remove {resource.logical_id}",
        lambda b: remove(b, context, resource),
        lost if row.get("safe") else f"what {resource.logical_id} was meant to do is not done: {lost}",
        Applicability.SAFE if row.get("safe") else Applicability.UNSAFE,
    )


def remove(builder: EditBuilder, context: Context, resource: Resource, *, moved: tuple[tuple[int, int], ...] = ()) -> None:
    """Removes a resource; who waited for it waits for what it waited for."""
    template, arcs = context.template, context.graph.arcs
    builder.remove_resource(resource, moved=moved)
    before = dict.fromkeys(edge.target for edge in context.graph.edges if edge.source == resource.logical_id)
    for other in template.resources.values():
        waits = [each.target for each in other.depends_on()]
        if resource.logical_id not in waits:
            continue
        rest = {name: targets - {resource.logical_id} for name, targets in arcs.items()}
        for target in before:
            if target in template.resources and target not in reachable(rest, other.logical_id) | {other.logical_id}:
                builder.add_depends_on(other, target)
