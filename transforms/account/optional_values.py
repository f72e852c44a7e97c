"""Doing without what a parameter names when the parameter is empty.

A property that holds the value is left out, ``!If [HasKey, !Ref Key, !Ref AWS::NoValue]``; a subscription whose endpoint
it is isn't made.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/conditions-section-structure.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from remediator.api import (
    Call,
    CannotEdit,
    Context,
    EditBuilder,
    Mapping,
    Node,
    Path,
    Place,
    Ref,
    Reference,
    Resource,
    Sequence,
    Template,
    condition_arcs,
    intrinsic,
    meaning,
    reachable,
    text_of,
    to_value,
)

Change = Callable[[EditBuilder, str], None]
"""Makes one use optional, given the name of the condition."""

_LISTENER = "AWS::ElasticLoadBalancingV2::Listener"
_SUBSCRIPTION = "AWS::SNS::Subscription"
_KEY_NAMES = {
    "AWS::EC2::Instance": ("KeyName",),
    "AWS::EC2::LaunchTemplate": ("LaunchTemplateData", "KeyName"),
    "AWS::AutoScaling::LaunchConfiguration": ("KeyName",),
    "AWS::EC2::SpotFleet": ("SpotFleetRequestConfigData", "LaunchSpecifications", "KeyName"),
}
"""Where a key pair is named that must exist; the schemas allow an empty text there."""


@dataclass(frozen=True)
class OptionalValue:
    """A parameter and its uses. ``unsure``: uses of which it is not known what an empty text does there."""

    context: Context
    name: str

    @property
    def template(self) -> Template:
        return self.context.template

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """A change for each use that fails when the value is empty and can do without it."""
        return tuple(change for _, change in self._uses if change is not None)

    @cached_property
    def is_dispensable(self) -> bool:
        """Whether every use is a key pair to log in with or somebody to notify, which a stack works without."""
        uses = [each for each, change in self._uses if change is not None]
        return bool(uses) and not self.unsettled and all(each.path[-2] in ("KeyName", "Endpoint") for each in uses)

    @cached_property
    def unsettled(self) -> tuple[Reference, ...]:
        """The uses that nothing guards and nothing can be done about."""
        return tuple(reference for reference, change in self._uses if change is None)

    @cached_property
    def indispensable(self) -> tuple[Reference, ...]:
        """Of these, those that need a value: a required property, an item of a list."""
        return tuple(each for each in self.unsettled if self._is_needed(each))

    def _is_needed(self, use: Reference) -> bool:
        path = use.path[:-1]
        parent = self._places.get(path[:-1])
        needed = parent is not None and (isinstance(path[-1], int) or path[-1] in parent.shape.required)
        return use.kind == "Ref" and needed and "Tags" not in path

    def make(self, builder: EditBuilder) -> None:
        condition = self._condition(builder)
        for change in self.changes:
            change(builder, condition)

    @cached_property
    def _uses(self) -> tuple[tuple[Reference, Change | None], ...]:
        found = (each for each in self.template.references if each.target == self.name)
        return tuple(
            (each, self._change(each))
            for each in found
            if each.path[0] in ("Resources", "Outputs") and not self._is_guarded(each.path)
        )

    # Conditions

    @cached_property
    def _asking(self) -> frozenset[str]:
        """The conditions that depend on the parameter."""
        direct = {
            str(each.path[1]) for each in self.template.references if each.target == self.name and each.path[0] == "Conditions"
        }
        arcs = condition_arcs(self.template)
        return frozenset(name for name in arcs if name in direct or direct & reachable(arcs, name))

    def _is_guarded(self, path: Path) -> bool:
        names = [text_of(_at(self.template, (*path[:2], "Condition")))]
        for index, step in enumerate(path):
            if step == "Fn::If":
                names.append(text_of(_at(self.template, (*path[: index + 1], 0))))
        return any(name in self._asking for name in names)

    def _condition(self, builder: EditBuilder) -> str:
        """The condition that there is a value, made where the template has none."""
        wanted: list[Any] = [{"Ref": self.name}, ""]
        for name, node in self.template.conditions.items():
            if meaning(node) in ({"Fn::Not": [{"Fn::Equals": pair}]} for pair in (wanted, wanted[::-1])):
                return name
        name, number = f"Has{self.name[:1].upper()}{self.name[1:]}", 2
        while name in self.template.conditions:
            name, number = f"{name.rstrip('0123456789')}{number}", number + 1
        builder.add_to_section("Conditions", name, Call("Fn::Not", [Call("Fn::Equals", [Ref(self.name), ""])]))
        return name

    # Changes

    @cached_property
    def _places(self) -> dict[Path, Place]:
        return {place.path: place for _, place in self.context.places}

    def _change(self, use: Reference) -> Change | None:
        if use.kind != "Ref" or use.path[0] != "Resources":
            return None
        resource, path = self.template.resources[str(use.path[1])], use.path[:-1]
        if resource.type == _SUBSCRIPTION and path[3:] == ("Endpoint",):
            return self._without_resource(str(use.path[1]))
        if resource.type == "AWS::SNS::Topic" and path[3:4] == ("Subscription",) and path[5:] == ("Endpoint",):
            return self._without_item(path[:-1])
        if resource.type == _LISTENER and path[3:4] == ("Certificates",):
            return self._without_resource(str(use.path[1])) if self._serves_without(resource) else None
        place, parent = self._places.get(path), self._places.get(path[:-1])
        keys = tuple(step for step in path[3:] if isinstance(step, str) and not step.startswith("Fn::"))
        if place is None or parent is None or isinstance(path[-1], int) or path[-1] in parent.shape.required:
            return None
        if _KEY_NAMES.get(resource.type) != keys and not (len(keys) == 1 and refuses_empty(place)):
            return None
        return self._without_property(use.node, path)

    def _serves_without(self, listener: Resource) -> bool:
        """Whether the load balancer of a listener has another one that serves by itself."""
        balancer = listener.property("LoadBalancerArn")
        others = [
            other
            for other in self.template.resources.values()
            if other.type == _LISTENER and other is not listener and (arn := other.property("LoadBalancerArn"))
            if balancer and meaning(arn) == meaning(balancer) and text_of(other.property("Protocol")) == "HTTP"
        ]
        return any("redirect" not in str(meaning(other.node)) for other in others)

    def _without_property(self, node: Node, path: Path) -> Change:
        def change(builder: EditBuilder, condition: str) -> None:
            builder.replace(node, Call("Fn::If", [condition, Ref(self.name), Ref("AWS::NoValue")]), path)

        return change

    def _without_resource(self, logical_id: str) -> Change | None:
        resource = self.template.resources[logical_id]
        used = any(each.target == logical_id and each.kind != "DependsOn" for each in self.template.references)
        if used or resource.node.entry("Condition"):
            return None
        return lambda builder, condition: builder.insert_entry(
            resource.node, "Condition", condition, resource.path, after="Type"
        )

    def _without_item(self, path: Path) -> Change | None:
        item = _at(self.template, path)
        return (lambda builder, condition: _wrap(builder, item, path, condition)) if isinstance(item, Mapping) else None


def refuses_empty(place: Place) -> bool:
    """Whether the schema of a place rules out an empty text."""
    schema = place.shape.schema
    try:
        pattern = schema.get("pattern")
        return int(schema.get("minLength", 0)) > 0 or (pattern is not None and re.search(pattern, "") is None)
    except re.error:  # a dialect of another language
        return False


def _wrap(builder: EditBuilder, item: Mapping, path: Path, condition: str) -> None:
    """Puts an item of a list under a condition."""
    call = Call("Fn::If", [condition, to_value(item), Ref("AWS::NoValue")])
    source = builder.source
    if item.flow:
        builder.replace(item, call, path)
        return
    if "#" in source.text[item.start : item.end]:
        raise CannotEdit("a comment may stand inside what gets a condition")
    column = source.column(item.start)
    lines = builder.writer.block_item(call, column - 2)
    text = source.newline.join(lines).lstrip(" ").removeprefix("- ")
    builder.replace_text(item.start, item.end, text, path)


def _at(template: Template, path: Path) -> Node | None:
    """The node at a path in long form."""
    node: Node | None = template.root
    for step in path:
        call = intrinsic(node) if node else None
        if call and call.name == step:
            node = call.argument
        elif isinstance(node, Mapping):
            node = node.get(str(step))
        else:
            items = node.items if isinstance(node, Sequence) else ()
            node = items[step] if isinstance(step, int) and step < len(items) else None
    return node
