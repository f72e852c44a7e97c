"""What the conditions of a template imply, as far as that is plain."""

from __future__ import annotations

from remediator.api import Node, Path, Sequence, Template, intrinsic, meaning, text_of


def implies(template: Template, one: str, other: str, *, depth: int = 10) -> bool:
    """Whether a condition holds only where another holds too: it is the same, or an ``Fn::And`` with it."""
    if one == other:
        return True
    node, rest = template.conditions.get(one), template.conditions.get(other)
    if node is None or rest is None or depth == 0:
        return False
    return meaning(node) == meaning(rest) or any(implies(template, each, other, depth=depth - 1) for each in _parts(node))


def _parts(node: Node) -> tuple[str, ...]:
    """The conditions that must hold for this one to hold."""
    call = intrinsic(node)
    if call and call.name == "Condition":
        return (text_of(call.argument) or "",)
    if call and call.name == "Fn::And" and isinstance(call.argument, Sequence):
        return tuple(part for item in call.argument.items for part in _parts(item))
    return ()


def is_guarded(path: Path) -> bool:
    """Whether a place is evaluated under some conditions only."""
    return "Fn::If" in path


def strongest(template: Template, names: list[str]) -> str | None:
    """The one condition that implies all the others."""
    return next((each for each in names if all(implies(template, each, other) for other in names)), None)
