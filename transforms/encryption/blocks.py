"""Settings that belong together, written at once: what is missing is added, what is written otherwise is changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from remediator.api import EditBuilder, Node, Path, Resource, Scalar, Sequence, intrinsic
from remediator.transforms.settings.rule import add_entries
from remediator.transforms.settings.slots import Slot, slots

KEY = "$key"


@dataclass(slots=True)
class Block:
    """``missing``: slots, and what goes below the mappings that own them, by name. ``changed``: what is written otherwise.

    ``gone``: the name of another setting that makes room; ``off``: it is turned off.
    """

    missing: list[tuple[Slot, dict[str, Any]]] = field(default_factory=list)
    changed: list[tuple[Node, Any, Path]] = field(default_factory=list)
    gone: str | None = None
    off: bool = False
    is_new: bool = True
    """Whether nothing of it is there yet."""

    @property
    def differs(self) -> bool:
        """Whether somebody chose something else."""
        return bool(self.changed or self.gone or self.off)

    def write(self, builder: EditBuilder, key: Any) -> None:
        for node, value, path in self.changed:
            builder.replace(node, _with_key(value, key), path)
        for slot, value in self.missing:
            entries = _with_key(value, key)
            if self.gone in slot.owner.keys:
                (name, first), *rest = entries.items()
                builder.replace_entry(slot.owner, str(self.gone), name, first, slot.home)
                entries = dict(rest)
            add_entries(builder, slot, entries)


def block(resource: Resource, wanted: dict[str, Any], instead_of: str | None = None) -> Block | None:
    """What has to be written for some settings, by path; None where some of it is made by an expression."""
    found = Block()
    merged: dict[int, tuple[Slot, dict[str, Any]]] = {}
    for path, value in wanted.items():
        for slot in slots(resource, path.replace("[]", "")):
            found.is_new &= slot.owner is resource.properties or slot.owner is resource.node
            if slot.node is None:
                _, entries = merged.setdefault(id(slot.owner), (slot, {}))
                _merge(entries, _nested(slot, path, value))
            elif value != KEY and not _is_known(slot.node):
                return None
            elif value != KEY and isinstance(slot.node, Scalar) and slot.node.value.lower() != str(value).lower():
                found.changed.append((slot.node, value, slot.path))
    found.missing = list(merged.values())
    other = resource.property(instead_of) if instead_of else None
    if other is not None and not (isinstance(other, Scalar) and other.tag is None):
        return None
    on = isinstance(other, Scalar) and other.value.lower() == "true"
    found.gone, found.off = instead_of if on else None, other is not None and not on
    return found


def _is_known(node: Node) -> bool:
    return intrinsic(node) is None and (isinstance(node, Sequence) or not node.tag)


def _nested(slot: Slot, path: str, value: Any) -> dict[str, Any]:
    """The rest of a path as mappings and lists around a value."""
    steps = ["Properties", *path.replace("?", "").split(".")][-len(slot.rest) :]
    for step in reversed(steps):
        value = {step.removesuffix("[]"): [value] if step.endswith("[]") else value}
    result: dict[str, Any] = value
    return result


def _merge(into: dict[str, Any], more: dict[str, Any]) -> None:
    for name, value in more.items():
        here = into.setdefault(name, value)
        if here is value:
            continue
        if isinstance(here, list):
            here, value = here[0], value[0]
        _merge(here, value)


def _with_key(value: Any, key: Any) -> Any:
    if isinstance(value, dict):
        return {name: _with_key(each, key) for name, each in value.items()}
    if isinstance(value, list):
        return [_with_key(each, key) for each in value]
    return key if value == KEY else value
