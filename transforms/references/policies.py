"""Places in policy documents that want ARNs."""

from __future__ import annotations

from collections.abc import Iterable

from remediator.api import Context, Mapping, Path, text_of, walk
from remediator.transforms.references.uses import Use


def statements(context: Context) -> dict[Path, Mapping]:
    """The statements of every policy document in the template, by path."""
    return {
        path: node
        for resource in context.template.resources.values()
        for path, node in (walk(resource.properties, (*resource.path, "Properties")) if resource.properties else ())
        if isinstance(node, Mapping) and _is_statement(node)
    }


def _is_statement(node: Mapping) -> bool:
    acts = node.get("Action") is not None or node.get("NotAction") is not None
    return acts and text_of(node.get("Effect")) in ("Allow", "Deny")


def actions(statement: Mapping) -> tuple[str, ...]:
    """The actions that a statement writes out."""
    node = statement.get("Action") or statement.get("NotAction")
    items: Iterable[object] = getattr(node, "items", ()) or (node,)
    return tuple(str(getattr(item, "value", "?")) for item in items)


def statement_of(use: Use, known: dict[Path, Mapping]) -> Mapping | None:
    """The statement in which a mention begins an ARN: alone, or as the first part of a text."""
    for length in range(len(use.path) - 1, 3, -1):
        if use.path[:length] in known:
            return known[use.path[:length]] if _begins_arn(use.path[length:]) else None
    return None


def _begins_arn(steps: Path) -> bool:
    """Whether the rest of a path, from the key in the statement on, leads to the beginning of an ARN."""
    key, rest = steps[0], [step for step in steps[1:] if not isinstance(step, int) and step != "Fn::If"]
    if key == "Principal":
        return rest[:1] == ["AWS"] and rest[1:] in (["Ref"], ["Fn::Sub"])
    if key == "Condition":
        operator, name = (str(step) for step in [*rest, "", ""][:2])
        return rest[2:] in (["Ref"], ["Fn::Sub"]) and (operator.startswith("Arn") or name.lower().endswith("sourcearn"))
    if key not in ("Resource", "NotResource"):
        return False
    joined = "Fn::Join" in steps and steps[steps.index("Fn::Join") + 1 :] in ((1, 0, "Ref"), (1, 0, "Fn::Sub"))
    return rest in (["Ref"], ["Fn::Sub"]) or joined
