"""Moving a property to where it belongs, and the table of those that only a person could know."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from remediator.api import (
    Applicability,
    CannotEdit,
    Copy,
    EditBuilder,
    Entry,
    Mapping,
    Node,
    Path,
    Place,
    Remedy,
    Resource,
    Sequence,
    Shape,
    Template,
    intrinsic,
    meaning,
    resource_type,
    show,
    table,
    text_of,
)
from remediator.transforms.schema.likeness import fits, nearest

Value = Any
AS_IT_IS: Final = object()
"""The value needs no change, so only its key is edited."""

EMPTY = Mapping(0, 0, (), flow=True)
_PATTERNS = frozenset(["value", "item", "entries", "each"])


@dataclass(frozen=True, slots=True)
class _Each:
    """A pattern for every item of the old value."""

    pattern: Any


_SAFE = "the template can't be deployed as it is, and the property written instead says the same"
_RENAMED = "the template can't be deployed with the name as it is, and the value stays as it is written"


def row(kind: str, path: Path) -> dict[str, Any] | None:
    """The row of the table for a property, by its path below Properties without list indexes."""
    names = ".".join(step for step in path[3:] if isinstance(step, str) and step != "Fn::If")
    found: dict[str, Any] | None = table("property_moves").get(kind, {}).get(names)
    return found


def remedy(row: dict[str, Any], template: Template, resource: Resource, place: Place, entry: Entry) -> Remedy | str | None:
    """What a row says of a property; None where another row speaks for it."""
    path, mapping = (*place.path, entry.key.value), place.node
    assert isinstance(mapping, Mapping)
    if "drop" in row:
        said = resource.node.get(row.get("said_by", "")) is not None
        why = row["drop"] if said else f"what it was meant to do is not done: {row['drop']}"
        return dropped(resource, path, why, Applicability.SAFE if said else Applicability.UNSAFE)
    if "part_of" in row:
        return None if row["part_of"] in mapping.keys else dropped(resource, path, "it says nothing by itself")
    to, known = row.get("to", ""), place.shape.properties
    if to in mapping.keys and "item" not in row:
        return already_there(resource, place, entry, to)
    simple = to in known and not {"item", "entries", "each"} & row.keys()
    value = as_wanted(entry.value, known[to], template) if simple else None
    if value is not None:
        return renamed(place, entry, to, value)
    if not _PATTERNS & row.keys():
        return _misfit(resource, path, to)
    return _by_pattern(row, template, resource, place, entry)


def _by_pattern(row: dict[str, Any], template: Template, resource: Resource, place: Place, entry: Entry) -> Remedy | str:
    path, mapping = (*place.path, entry.key.value), place.node
    assert isinstance(mapping, Mapping)
    wanted = _wanted(row)
    try:
        values = {key: _filled(value, entry.value, mapping, row.get("optional", ())) for key, value in wanted.items()}
    except KeyError as missing:
        return f"{' and '.join(wanted)} is meant, but {missing.args[0]}"
    values = {key: value for key, value in values.items() if value is not None}
    there = sorted(values.keys() & mapping.keys) if "item" not in row else ()
    if there:
        return f"{there[0]} is meant, which is there already: which of the two holds?"
    shapes = {key: place.shape.properties[key] for key in values}
    if "item" in row:
        shapes = {key: shape.items or shape for key, shape in shapes.items()}
    if not values or not all(suits(value, shapes[key], template) for key, value in values.items()):
        return _misfit(resource, path, " and ".join(wanted))
    step = f"write {' and '.join(values)} for {show(path[1:])}"
    return Remedy(step, lambda b: _write(b, row, place, entry, values), _SAFE)


def already_there(resource: Resource, place: Place, entry: Entry, meant: str) -> Remedy | str:
    """What to do about a property whose right name is there, too."""
    path, mapping = (*place.path, entry.key.value), place.node
    assert isinstance(mapping, Mapping)
    there = mapping.get(meant)
    if there is None or meaning(there) != meaning(entry.value):
        return f"{meant} is meant, which is there already: which of the two holds?"
    return Remedy(f"remove {show(path[1:])}", lambda b: drop(b, resource, path), f"{meant} says the same")


def renamed(place: Place, entry: Entry, meant: str, value: Value) -> Remedy:
    mapping, name = place.node, entry.key.value
    assert isinstance(mapping, Mapping)

    def make(builder: EditBuilder) -> None:
        if value is AS_IT_IS:
            builder.rename_key(entry, meant, place.path)
        else:
            builder.replace_entry(mapping, name, meant, value, place.path)

    step = f"rename {show((*place.path, name)[1:])} to {meant}"
    others = place.shape.schema.get("dependentRequired", {}).get(meant, ())
    lacking = [other for other in others if not any(other == key or nearest(key, [other]) for key in mapping.keys)]
    if lacking:
        return Remedy(step, make, f"beside it the type needs {' and '.join(lacking)}", Applicability.UNSAFE)
    return Remedy(step, make, _RENAMED)


def _misfit(resource: Resource, path: Path, meant: str) -> Remedy:
    return dropped(resource, path, f"{meant} may have been meant, but what stands here does not fit it")


def suits(value: Value, shape: Shape, template: Template) -> bool:
    """Whether a filled pattern fits its property."""
    if isinstance(value, Copy):
        return fits(value.node, shape, template, nearly=True)
    if isinstance(value, list):
        return shape.items is None or all(suits(item, shape.items, template) for item in value)
    if isinstance(value, dict):
        known = shape.properties
        return all(suits(part, known[key], template) for key, part in value.items() if key in known)
    return True


def dropped(
    resource: Resource, path: Path, why: str, level: Applicability = Applicability.UNSAFE, what: str | None = None
) -> Remedy:
    return Remedy(f"remove {what or show(path[1:])}", lambda b: drop(b, resource, path), why, level)


def _wanted(row: dict[str, Any]) -> dict[str, Any]:
    entries: dict[str, Any] = row.get("entries", {row.get("to", ""): row.get("item", row.get("value", "$"))})
    return {name: _Each(row["each"]) for name in entries} if "each" in row else entries


def _write(builder: EditBuilder, row: dict[str, Any], place: Place, entry: Entry, values: dict[str, Value]) -> None:
    mapping, name = place.node, entry.key.value
    assert isinstance(mapping, Mapping)
    for other in row.get("with", ()):
        builder.remove_entry(mapping, other, place.path)
    (first, value), *rest = values.items()
    if "item" in row:
        _add_item(builder, place, entry, first, value)
        return
    builder.replace_entry(mapping, name, first, value, place.path)
    for key, value in rest:
        builder.insert_entry(mapping, key, value, place.path, after=name)


def _add_item(builder: EditBuilder, place: Place, entry: Entry, to: str, item: dict[str, Value]) -> None:
    """Adds an item to a list, or to the item there that is about the same thing."""
    mapping = place.node
    assert isinstance(mapping, Mapping)
    listed, path = mapping.get(to), (*place.path, to)
    if listed is None:
        builder.replace_entry(mapping, entry.key.value, to, [item], place.path)
        return
    if not isinstance(listed, Sequence) or not listed.items or intrinsic(listed):
        raise CannotEdit(f"{to} is there and is no list")
    name = {key: value for key, value in item.items() if isinstance(value, str)}
    for index, same in enumerate(listed.items):
        if name and isinstance(same, Mapping) and all(text_of(same.get(key)) == value for key, value in name.items()):
            for key, value in item.items():
                if key not in name:
                    _complete(builder, same, key, value, (*path, index))
            break
    else:
        builder.append_item(listed, item, path)
        builder.paths.append((*path, len(listed.items)))  # no other fix of the round may add this item
    builder.remove_entry(mapping, entry.key.value, place.path)


def _complete(builder: EditBuilder, item: Mapping, key: str, value: Copy, path: Path) -> None:
    there = item.get(key)
    if there is None:
        builder.set_entry(item, key, value, path)
    elif meaning(there) != meaning(value.node):
        raise CannotEdit(f"{key} is there already, with another value")


def _filled(pattern: Any, node: Node, beside: Mapping, optional: Collection[str] = ()) -> Value:
    """A pattern of the table with the old value in it; None for what may be missing and is."""
    if isinstance(pattern, _Each):
        return _each(pattern.pattern, node)
    if isinstance(pattern, dict):
        used = [part.removeprefix("$.") for part in pattern.values() if isinstance(part, str) and part.startswith("$.")]
        if used:
            _use_up(node, used)
        filled = {key: _filled(part, node, beside, optional) for key, part in pattern.items()}
        return {key: value for key, value in filled.items() if value is not None}
    if not isinstance(pattern, str) or not pattern.startswith("$"):
        return pattern
    name = pattern.lstrip("$^.")
    if pattern.startswith("$^."):
        inner = beside.get(name)
        where = "beside it"
    else:
        inner = node.get(name) if name and isinstance(node, Mapping) else None if name else node
        where = "in it"
    if inner is None and name not in optional:
        raise KeyError(f"there is no {name} {where}")
    return None if inner is None else Copy(inner)


def _use_up(node: Node, used: list[str]) -> None:
    """Nothing of an object that is taken apart may be lost."""
    if not isinstance(node, Mapping) or intrinsic(node):
        raise KeyError("it can't be taken apart")
    lost = sorted(node.keys - set(used))
    if lost:
        raise KeyError(f"it has no place for {lost[0]}")
    if not node.keys & set(used):
        raise KeyError(f"there is no {used[0]} in it")


def _each(pattern: Any, node: Node) -> Value:
    """A pattern for each item of a list; or, where it is a text, a prefix for each key of an object."""
    if isinstance(pattern, str) and isinstance(node, Mapping) and not intrinsic(node):
        return {f"{pattern}{entry.key.value.removeprefix(pattern)}": Copy(entry.value) for entry in node.entries}
    if isinstance(node, Sequence) and not intrinsic(node):
        return [_filled(pattern, item, EMPTY) for item in node.items]
    raise KeyError("it can't be taken apart")


def as_wanted(node: Node, shape: Shape, template: Template) -> Value | None:
    """A value for a property of that shape: as it is, a list of it, or the only item of it. None where it can't fit."""
    if fits(node, shape, template, nearly=True):
        return AS_IT_IS
    if shape.items is not None and shape.schema.get("minItems", 0) < 2 and fits(node, shape.items, template, nearly=True):
        return [Copy(node)]
    if isinstance(node, Sequence) and len(node.items) == 1 and not intrinsic(node):
        return Copy(node.items[0]) if fits(node.items[0], shape, template, nearly=True) else None
    return None


def lifted(resource: Resource, place: Place, entry: Entry, outer: Place) -> Remedy:
    """The property moved up into an object around the one that it stands in."""
    name = entry.key.value

    def make(builder: EditBuilder) -> None:
        assert isinstance(outer.node, Mapping)
        assert isinstance(place.node, Mapping)
        span = builder.copy_entry(place.node, entry, outer.node, outer.path, after=str(place.path[len(outer.path)]))
        drop(builder, resource, (*place.path, name), moved=(span,))

    where = show(outer.path[3:]) or "the properties"
    return Remedy(f"move {show((*place.path, name)[1:])} up into {where}", make, _SAFE)


def drop(builder: EditBuilder, resource: Resource, path: Path, *, moved: tuple[tuple[int, int], ...] = ()) -> None:
    """Removes a property, and with it the objects around it that would be left empty. ``moved``: spans that go elsewhere."""
    node: Node | None = resource.node
    trail: list[tuple[Mapping, Path]] = []
    for length, step in enumerate(path[2:], 2):
        if isinstance(node, Mapping) and isinstance(step, str) and step in node.keys:
            trail.append((node, path[:length]))
            node = node.get(step)
        elif isinstance(node, Sequence) and isinstance(step, int):
            node = node.items[step]
            trail.clear()
        elif intrinsic(node) if node else False:  # a short form: its argument is the node itself
            trail.clear()
        else:
            raise CannotEdit("the property stands inside an intrinsic")
    mapping, outer = trail.pop()
    while len(mapping.entries) == 1 and trail:
        mapping, outer = trail.pop()
        if _is_needed(resource, outer, str(path[len(outer)])):
            raise CannotEdit(f"{path[len(outer)]} would be empty, and the type needs it")
    builder.remove_entry(mapping, str(path[len(outer)]), outer, moved=moved)


def _is_needed(resource: Resource, outer: Path, name: str) -> bool:
    """Whether the object at a path has to have a property."""
    kind = resource_type(resource.type)
    shape = kind.shape.at(*(step for step in outer[3:] if isinstance(step, str) and step != "Fn::If")) if kind else None
    return shape is not None and name in (shape.items or shape).required


def may_describe(resource: Resource) -> bool:
    """Whether the metadata of a resource has room for a description."""
    metadata = resource.node.get("Metadata")
    if not isinstance(metadata, Mapping):
        return metadata is None
    return bool(metadata.entries) and not intrinsic(metadata) and "Description" not in metadata.keys


def described(resource: Resource, text: Node, path: Path) -> Remedy:
    """A description moved to the metadata of a resource."""
    metadata = resource.node.get("Metadata")

    def make(builder: EditBuilder) -> None:
        if isinstance(metadata, Mapping):
            builder.set_entry(metadata, "Description", Copy(text), (*resource.path, "Metadata"))
        else:
            builder.insert_entry(resource.node, "Metadata", {"Description": Copy(text)}, resource.path, after="Type")
        drop(builder, resource, path)

    step = f"move the description of {resource.logical_id} to its metadata"
    return Remedy(step, make, "the text stays, and nothing else reads it")
