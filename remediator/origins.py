"""Where a value comes from: the texts in the template that a property ends up with.

``!Ref Version`` comes from the default of the parameter, ``!FindInMap [Versions, mysql, current]`` from a mapping,
``!If [IsProd, a, b]`` from both branches. A rule about a value looks at its origins, and mends the text where it stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from remediator.intrinsics import intrinsic, is_no_value
from remediator.nodes import Mapping, Node, Path, Scalar, Sequence, children, text_of
from remediator.template import Template


@dataclass(frozen=True, slots=True)
class Origin:
    """One text. ``shared``: it stands in a parameter or a mapping, so that other values may come from it too."""

    path: Path
    node: Scalar
    shared: bool = False


def origins(template: Template, node: Node, path: Path) -> Iterator[Origin]:
    """The literals that a value comes from. Nothing for what can't be known: ``Fn::Sub``, imports, other intrinsics."""
    call = intrinsic(node)
    if call is None:
        if isinstance(node, Scalar):
            yield Origin(path, node)
    elif call.name == "Ref":
        yield from _of_parameter(template, text_of(call.argument) or "")
    elif call.name == "Fn::If" and isinstance(call.argument, Sequence):
        for index, branch in enumerate(call.argument.items[1:], 1):
            if not is_no_value(branch):
                yield from origins(template, branch, (*path, "Fn::If", index))
    elif call.name == "Fn::FindInMap" and isinstance(call.argument, Sequence):
        yield from _of_mapping(template, [text_of(item) for item in call.argument.items])


def _of_parameter(template: Template, name: str) -> Iterator[Origin]:
    definition = template.parameter(name)
    default = definition.get("Default") if definition else None
    stored = definition is not None and (text_of(definition.get("Type")) or "").startswith("AWS::SSM::Parameter::Value")
    if isinstance(default, Scalar) and default.tag is None and not stored:  # else the default is a parameter's name
        yield Origin(("Parameters", name, "Default"), default, shared=True)


def _of_mapping(template: Template, keys: list[str | None]) -> Iterator[Origin]:
    """The entries that ``Fn::FindInMap`` may pick: a key that is not written out stands for all of them."""
    section = template.section("Mappings")
    if section is None or len(keys) < 3 or keys[0] is None:
        return
    found: list[tuple[Path, Node]] = [(("Mappings",), section)]
    for key in keys[:3]:
        found = [
            ((*path, step), child)
            for path, node in found
            if isinstance(node, Mapping)
            for step, child in children(node)
            if key is None or step == key
        ]
    for path, node in found:
        if isinstance(node, Scalar) and node.tag is None:
            yield Origin(path, node, shared=True)
