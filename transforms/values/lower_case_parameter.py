"""Parameters in names that have to be lower-case: their default and allowed values."""

from __future__ import annotations

import re
from collections.abc import Iterable

from remediator.api import (
    Applicability,
    CannotEdit,
    EditBuilder,
    Node,
    Path,
    Reference,
    Remedy,
    Scalar,
    Sequence,
    Template,
    UpdateEffect,
    text_of,
    walk,
)
from remediator.transforms.values.lower_case import Name, is_prose
from remediator.transforms.values.texts import retext

_STACKS = ("AWS::CloudFormation::Stack", "AWS::Serverless::Application")


def choices_of(template: Template, name: str) -> dict[Path, Scalar]:
    """The default and the allowed values of a parameter."""
    definition = template.parameter(name)
    if definition is None or (text_of(definition.get("Type")) or "").startswith("AWS::SSM::Parameter"):
        return {}
    default, allowed = definition.get("Default"), definition.get("AllowedValues")
    found: dict[Path, Scalar] = {("Parameters", name, "Default"): default} if isinstance(default, Scalar) else {}
    if isinstance(allowed, Sequence):
        items = [(index, item) for index, item in enumerate(allowed.items) if isinstance(item, Scalar)]
        found.update({("Parameters", name, "AllowedValues", index): item for index, item in items})
    return found


def remedy_for_parameter(template: Template, name: Name, parameter: str, choices: dict[Path, Scalar]) -> Remedy | str:
    uses = [each for each in template.references if each.target == parameter]
    if any(_decides(each) for each in uses):
        return f"which lower-case text should stand in the name of {name.resource.logical_id} for each value of {parameter}?"
    new = {path: name.mended(node.value) for path, node in choices.items()}
    old = [node.value for node in choices.values() if name.refuses(node.value)]
    if None in new.values():
        return f"which lower-case values should {parameter} have?"
    definition = template.parameter(parameter)
    pattern = text_of(definition.get("AllowedPattern")) if definition else None

    def make(builder: EditBuilder) -> None:
        for path, node in choices.items():
            text = new[path] or ""
            if pattern and not re.fullmatch(pattern, text):
                raise CannotEdit(f"the AllowedPattern of {parameter} forbids {text}")
            if text != node.value:
                retext(builder, node, text, path)

    step = f"write the values of {parameter} in lower case"
    if _may_be_left_out(name) or _stands_elsewhere(template, parameter, old):
        why = f"a stack without {name.resource.logical_id} may have the old value, or something may rely on it"
        return Remedy(step, make, why, Applicability.UNSAFE, UpdateEffect.REPLACEMENT)
    return Remedy(step, make, "no stack can exist with the old value, and what else it names follows")


def _decides(use: Reference) -> bool:
    """Whether the template compares a parameter, or looks something up by it."""
    steps = use.path
    return steps[0] in ("Conditions", "Rules") or "Fn::FindInMap" in steps or "Fn::Equals" in steps


def _may_be_left_out(name: Name) -> bool:
    return name.resource.node.get("Condition") is not None or _has_branches(name.node)


def _has_branches(node: Node) -> bool:
    return any("Fn::If" in path for path, _ in walk(node))


def _stands_elsewhere(template: Template, parameter: str, values: Iterable[str]) -> bool:
    """Whether a value of a parameter is also written out elsewhere, as in code that compares it, or goes to another stack."""
    own, words = ("Parameters", parameter), "|".join(re.escape(value) for value in values)
    pattern = re.compile(rf"(?<![A-Za-z0-9])({words})(?![A-Za-z0-9])")
    written = any(
        isinstance(node, Scalar) and pattern.search(node.value) and path[:2] != own and not is_prose(path)
        for path, node in walk(template.root)
    )
    stacks = [name for name, each in template.resources.items() if each.type in _STACKS]
    return written or any(each.target == parameter and each.path[1] in stacks for each in template.references)
