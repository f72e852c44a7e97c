"""SCH001: properties that the resource type does not have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from remediator.api import (
    Applicability,
    Context,
    EditBuilder,
    Entry,
    Finding,
    Mapping,
    Node,
    Pass,
    Path,
    Place,
    Remedy,
    Resource,
    Shape,
    Template,
    intrinsic,
    is_no_value,
    meaning,
    resource_type,
    show,
    text_of,
)
from remediator.transforms.schema import bucket_log_events, examples, moves
from remediator.transforms.schema.likeness import completed, fits, nearest, words
from remediator.transforms.schema.misplaced_attribute import ATTRIBUTES

_SAFE = "the template can't be deployed as it is, and the value stays as it is written"
_COMMON = frozenset(["Arn", "Description", "Enabled", "Id", "Key", "Name", "State", "Status", "Type", "Value", "Version"])
"""Names that too many things have for them to tell where they belong."""


@dataclass(frozen=True, slots=True)
class _Unknown:
    """A property that its type does not have, with the objects around it, innermost first."""

    resource: Resource
    place: Place
    entry: Entry
    around: tuple[Place, ...]

    @property
    def name(self) -> str:
        return self.entry.key.value

    @property
    def path(self) -> Path:
        return (*self.place.path, self.name)

    @property
    def mapping(self) -> Mapping:
        assert isinstance(self.place.node, Mapping)
        return self.place.node


class UnknownProperty(Pass):
    """A resource has a property that its type does not know, so CloudFormation refuses the template: *extraneous key is
    not permitted*.

    Where one property is plainly meant, it gets its name: one that differs in case, in the order of its words, or in a
    letter; one that a table knows; one of the same name that belongs a level deeper or higher. Properties that nothing in
    the type corresponds to are removed only as an unsafe fix, and the report says what is lost.

    Names are compared with those of the type's schema, and only taken where no other comes near, where the place is
    free, and where the value has the right type.
    """

    code = "SCH001"
    name = "unknown-property"
    profile = "deploy"
    stage = 0
    answers = ("E3002", "F3002")
    sources = ("https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html",)
    examples = examples.UNKNOWN_PROPERTY

    def run(self, context: Context) -> Iterator[Finding]:
        done: set[tuple[Path, str]] = set()
        for unknown in _unknown(context):
            remedy = _remedy(context.template, unknown)
            if remedy is None:
                continue
            if isinstance(remedy, _Nested):  # one finding for all that belongs into one object
                key = unknown.place.path, remedy.under
                if key not in done:
                    done.add(key)
                    yield self._nested(context, unknown, remedy)
                continue
            message = f"{unknown.resource.type} has no property {show(unknown.path[3:])}"
            yield self.finding(context.template, unknown.path, unknown.entry, message, remedy)

    def _nested(self, context: Context, unknown: _Unknown, nested: _Nested) -> Finding:
        names = ", ".join(nested.keys)
        remedy = Remedy(
            f"move {names} of {unknown.resource.logical_id} into {nested.under}",
            lambda b: b.nest(unknown.mapping, nested.keys, nested.under, unknown.place.path),
            "the property of that name is there, and the values stay as they are written",
        )
        message = f"{unknown.resource.type} has {names} in {nested.under}"
        return self.finding(context.template, unknown.path, unknown.entry, message, remedy)


@dataclass(frozen=True, slots=True)
class _Nested:
    """Properties that belong into an object beside them, which is not there."""

    under: str
    keys: tuple[str, ...]


def _unknown(context: Context) -> Iterator[_Unknown]:
    """Every property that its schema does not know."""
    known: dict[Path, Place] = {}
    for resource, place in context.places:
        known[place.path] = place
        node = place.node
        if not isinstance(node, Mapping) or intrinsic(node) or not place.shape.closed or "Fn::Transform" in node.keys:
            continue
        for entry in node.entries:
            name = entry.key.value
            top = len(place.path) == 3
            if name in place.shape.properties or name.startswith("Fn::") or entry.merged or (top and name in ATTRIBUTES):
                continue
            if is_no_value(entry.value):
                continue
            if resource.type == "AWS::S3::Bucket" and name == bucket_log_events.NAME:
                continue
            outer = (known.get(place.path[:length]) for length in range(len(place.path) - 1, 2, -1))
            around = tuple(each for each in outer if each and isinstance(each.node, Mapping))
            yield _Unknown(resource, place, entry, around)


def _remedy(template: Template, unknown: _Unknown) -> Remedy | _Nested | str | None:
    resource, place, entry = unknown.resource, unknown.place, unknown.entry
    row = moves.row(resource.type, unknown.path)
    if row is not None:
        return moves.remedy(row, template, resource, place, entry)
    known = place.shape.properties
    needed = [name for name in place.shape.required if name not in unknown.mapping.keys]
    meant = nearest(unknown.name, [name for name in known if not _read_only(unknown, name)])
    meant = meant or completed(unknown.name, needed)
    if meant is not None and meant in unknown.mapping.keys:
        return moves.already_there(resource, place, entry, meant)
    value = moves.as_wanted(entry.value, known[meant], template) if meant is not None else None
    if meant is not None and value is not None:
        return moves.renamed(place, entry, meant, value)
    found = _deeper(template, unknown) or _higher(template, unknown) or _other_kind(template, unknown) or _described(unknown)
    return found or _dropped(unknown, meant)


def _read_only(unknown: _Unknown, name: str) -> bool:
    kind = resource_type(unknown.resource.type)
    names = ".".join("*" if isinstance(step, int) else step for step in (*unknown.place.path[3:], name) if step != "Fn::If")
    return kind is not None and names in kind.read_only


def _deeper(template: Template, unknown: _Unknown) -> Remedy | _Nested | str | None:
    """Into the object one level down that all the unknown properties beside this one belong into, if there is just one."""
    known, mapping = unknown.place.shape.properties, unknown.mapping
    strange = [entry for entry in mapping.entries if entry.key.value not in known]
    able: dict[str, set[str]] = {}
    for name, shape in known.items():
        if "array" not in shape.types and not _read_only(unknown, name) and _takes(template, shape, unknown.entry):
            able[name] = {entry.key.value for entry in strange if _takes(template, shape, entry)}
    best = max(able, key=lambda name: len(able[name]), default=None)
    if best is None or any(not able[name] < able[best] for name in able if name != best):
        return None
    there = mapping.get(best)
    if there is not None:
        return _into(unknown, best, there)
    complete = best in unknown.place.shape.required or able[best] >= set(known[best].required)
    keys = tuple(entry.key.value for entry in strange if entry.key.value in able[best])
    return _Nested(best, keys) if complete and not set(keys) <= _COMMON else None


def _takes(template: Template, shape: Shape, entry: Entry) -> bool:
    inner = shape.properties.get(entry.key.value)
    return inner is not None and fits(entry.value, inner, template, nearly=True)


def _into(unknown: _Unknown, under: str, inner: Node) -> Remedy | str | None:
    """Into an object beside the property that knows it."""
    name, path = unknown.name, unknown.place.path
    if not isinstance(inner, Mapping) or intrinsic(inner):
        return None
    if name in _COMMON and name not in unknown.place.shape.properties[under].required:
        return None
    if name in inner.keys:
        return _there_already(unknown, under, inner)

    def make(builder: EditBuilder) -> None:
        span = builder.copy_entry(unknown.mapping, unknown.entry, inner, (*path, under))
        builder.remove_entry(unknown.mapping, name, path, moved=(span,))

    return Remedy(f"move {show(unknown.path[1:])} into {under}", make, _SAFE)


def _there_already(unknown: _Unknown, where: str, holder: Mapping) -> Remedy | str:
    there = holder.get(unknown.name)
    if there is None or meaning(there) != meaning(unknown.entry.value):
        return f"{where} has {unknown.name}, too, and they differ: which of the two holds?"
    drop = f"remove {show(unknown.path[1:])}"
    return Remedy(drop, lambda b: moves.drop(b, unknown.resource, unknown.path), f"{where} says the same")


def _higher(template: Template, unknown: _Unknown) -> Remedy | str | None:
    """Up to the nearest object around that has such a property; not out of a list or a condition, which say when it holds."""
    if unknown.name in _COMMON:
        return None
    for outer in unknown.around:
        shape = outer.shape.properties.get(unknown.name)
        inside = unknown.place.path[len(outer.path) :]
        if any(isinstance(step, int) for step in inside):
            return None
        if shape is None or not isinstance(outer.node, Mapping) or not fits(unknown.entry.value, shape, template, nearly=True):
            continue
        if unknown.name in outer.node.keys:
            return _there_already(unknown, show(outer.path[3:]) or "the resource", outer.node)
        return moves.lifted(unknown.resource, unknown.place, unknown.entry, outer)
    return None


def _other_kind(template: Template, unknown: _Unknown) -> Remedy | None:
    """Where another property of the object around knows everything that stands here, that one was meant."""
    if not unknown.around:
        return None
    outer, name = unknown.around[0], unknown.place.path[-1]
    if not isinstance(outer.node, Mapping) or len(unknown.place.path) != len(outer.path) + 1:
        return None
    entry = outer.node.entry(str(name))
    able = [
        other
        for other, shape in outer.shape.properties.items()
        if other not in outer.node.keys and words(str(name)) < words(other) and fits(unknown.mapping, shape, template)
    ]
    if entry is None or len(able) != 1:
        return None
    return Remedy(
        f"rename {show((*outer.path, name)[1:])} to {able[0]}", lambda b: b.rename_key(entry, able[0], outer.path), _SAFE
    )


def _described(unknown: _Unknown) -> Remedy | None:
    """A description that the type has no place for goes where CloudFormation keeps such things."""
    resource, text = unknown.resource, unknown.entry.value
    if unknown.name != "Description" or len(unknown.path) != 4 or text_of(text) is None or not moves.may_describe(resource):
        return None
    return moves.described(resource, text, unknown.path)


def _dropped(unknown: _Unknown, meant: str | None) -> Remedy:
    name, level = unknown.name, Applicability.UNSAFE
    if meant is not None:
        why = f"{meant} may have been meant, but what stands here does not fit it"
    elif meaning(unknown.entry.value) in (("bool", "false"), "false"):
        why, level = f"{name} is off, and the type has nothing that would be on", Applicability.SAFE
    else:
        why = f"what {name} was meant to do is not done; nothing in the type corresponds to it"
    what = f"{show(unknown.path[1:])}, which {unknown.resource.type} does not have"
    return moves.dropped(unknown.resource, unknown.path, why, level, what)
