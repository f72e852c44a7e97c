"""SCH012: resources that are the same thing twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from remediator.api import Context, Finding, Pass, Remedy, Resource, meaning, resource_type
from remediator.transforms.schema import examples
from remediator.transforms.schema.unknown_type import is_mentioned, remove


class RepeatedResource(Pass):
    """Two resources of a type have the same physical name, so the second one can't be created: *already exists*.

    The one that says nothing beyond the other goes, if only `DependsOn` names it; who waited for it waits for what it
    waited for. Where each says something of its own, a person has to decide.
    """

    code = "SCH012"
    name = "repeated-resource"
    profile = "deploy"
    answers = ("E3019",)
    sources = ("https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-name.html",)
    examples = examples.REPEATED_RESOURCE

    def run(self, context: Context) -> Iterator[Finding]:
        if context.template.has_custom_macro:
            return
        first: dict[tuple[str, str], Resource] = {}
        for resource in context.template.resources.values():
            identity = _identity(resource)
            if identity is None:
                continue
            other = first.setdefault((resource.type, repr(identity)), resource)
            if other is not resource and resource.condition == other.condition:
                message = f"{resource.logical_id} is the same {resource.type} as {other.logical_id}: they have one name"
                yield self.finding(
                    context.template, resource.path, resource.key, message, _remedy(context, other, resource), (other.path,)
                )


def _identity(resource: Resource) -> dict[str, Any] | None:
    """What identifies a resource to AWS, where the template says all of it."""
    kind = resource_type(resource.type)
    pointers = kind.document.get("primaryIdentifier", ()) if kind else ()
    names = [pointer.removeprefix("/properties/") for pointer in pointers]
    if kind is None or not names or any(name in kind.read_only or "/" in name for name in names):
        return None
    found = {name: node for name in names if (node := resource.property(name)) is not None}
    return {name: meaning(node) for name, node in found.items()} if len(found) == len(names) else None


def _remedy(context: Context, first: Resource, second: Resource) -> Remedy | str:
    for less, more in ((second, first), (first, second)):
        if _within(_said(less), _said(more)) and not is_mentioned(context, less):
            return _without(context, less, more)
    return f"which of {first.logical_id} and {second.logical_id} should stay, or what should the other be called?"


def _without(context: Context, less: Resource, more: Resource) -> Remedy:
    step = f"remove {less.logical_id}"
    return Remedy(step, lambda b: remove(b, context, less), f"{more.logical_id} says all that it says")


def _said(resource: Resource) -> Any:
    return meaning(resource.properties) if resource.properties else {}


def _within(less: Any, more: Any) -> bool:
    """Whether one value says nothing that the other does not say."""
    if isinstance(less, dict) and isinstance(more, dict):
        return all(key in more and _within(value, more[key]) for key, value in less.items())
    return bool(less == more)
