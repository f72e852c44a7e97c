"""Where a property stands, or would stand: a path followed through lists and through both branches of ``Fn::If``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from remediator.api import Mapping, Node, Path, Resource, Sequence, intrinsic, is_no_value


@dataclass(frozen=True, slots=True)
class Slot:
    """The innermost mapping that is there, its path, the rest of the way, and what stands at the end, if anything does.

    Where something does, the path is its own, and ``home`` is that of the mapping.
    """

    owner: Mapping
    path: Path
    rest: tuple[str, ...]
    node: Node | None
    home: Path

    @property
    def varies(self) -> bool:
        """Whether a condition of the template decides between this and something else."""
        return "Fn::If" in self.path


def slots(resource: Resource, path: str) -> Iterator[Slot]:
    """The slots of a dotted path among the properties of a resource.

    A step that ends in ``?`` is looked for only where it is there. What an intrinsic other than ``Fn::If`` makes, and what
    ``AWS::NoValue`` takes away, is no slot, nor is a property beside ``Fn::Transform``: nobody can know.
    """
    steps = tuple(path.split("."))
    if resource.properties is not None:
        yield from _slots(resource.properties, (*resource.path, "Properties"), steps)
    elif resource.node.entry("Properties") is None and not any(step.endswith("?") for step in steps):
        yield Slot(resource.node, resource.path, ("Properties", *steps), None, resource.path)


def _slots(node: Node, path: Path, steps: tuple[str, ...]) -> Iterator[Slot]:
    call = intrinsic(node)
    if call and call.name == "Fn::If" and isinstance(call.argument, Sequence):
        for index, branch in enumerate(call.argument.items[1:], 1):
            if not is_no_value(branch):
                yield from _slots(branch, (*path, "Fn::If", index), steps)
    elif call or node.tag:
        return
    elif isinstance(node, Sequence):
        for index, item in enumerate(node.items):
            yield from _slots(item, (*path, index), steps)
    elif isinstance(node, Mapping):
        yield from _in_mapping(node, path, steps)


def _in_mapping(node: Mapping, path: Path, steps: tuple[str, ...]) -> Iterator[Slot]:
    name = steps[0].removesuffix("?")
    value = node.get(name)
    if value is None and not steps[0].endswith("?") and not any(key.startswith("Fn::") for key in node.keys):
        yield Slot(node, path, tuple(step.removesuffix("?") for step in steps), None, path)
    elif value is not None and len(steps) > 1:
        yield from _slots(value, (*path, name), steps[1:])
    elif value is not None:
        yield from _ends(node, value, path, name, (*path, name))


def _ends(owner: Mapping, value: Node, path: Path, name: str, at: Path) -> Iterator[Slot]:
    """The values at the end of a path: one, or those of both branches."""
    call = intrinsic(value)
    if call and call.name == "Fn::If" and isinstance(call.argument, Sequence):
        for index, branch in enumerate(call.argument.items[1:], 1):
            if not is_no_value(branch):
                yield from _ends(owner, branch, path, name, (*at, "Fn::If", index))
    else:
        yield Slot(owner, at, (), value, path)
