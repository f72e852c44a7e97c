"""A rule that is one property with one value, made from a row of a table.

A table is a file of ``knowledge``; its keys are the codes. A row has::

    name, summary, source           as a pass has them; summary is its documentation, in Markdown
    profile, stage, answers         likewise; secure, 3 and none where they are left out
    message                         what is wrong, in a few words that follow "Name: ", such as "keeps no backups"
    why                             why to set it is safe, or what it risks
    risk                            where it is not safe: makes the fix unsafe, and says why
    on_purpose                      what to do where another value is written: "unsafe" (default), "safe", "leave", or a
                                    question; what a condition chooses is only touched where it is safe
    doubt                           what is risked where another value is written; "it is written as it is, maybe on purpose"
    question                        instead of why: never a fix, but what only a person knows
    interrupts                      true: to change a written value interrupts the service
    example, after                  templates for the documentation; after is left out where the fix needs unsafe fixes
                                    too, and then unsafe_after stands there
    [[CODE.at]]
    types                           the resource types
    path                            the property, with dots; lists are stepped into, and not made, so that they are written
                                    with a mark: ``Name?`` is looked into only where it is there
    value                           what is set: text (with ``${}`` it becomes Fn::Sub), number, true or false, list, table
    wrong                           the texts that count as wrong where something is written; for true and false, the other
    least                           instead of wrong: smaller numbers are wrong
    missing                         "leave" where AWS's default is right
    with                            properties beside it that are set too, where they are missing
    where, unless                   paths and texts: to which resources it applies; see ``choice.applies``

A setting whose change replaces the resource is unsafe in any case.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from remediator.api import (
    Applicability,
    Context,
    EditBuilder,
    Entry,
    Example,
    Finding,
    Node,
    Pass,
    Remedy,
    Resource,
    Scalar,
    Sub,
    Template,
    UpdateEffect,
    resource_type,
    table,
)
from remediator.transforms.settings.choice import applies
from remediator.transforms.settings.slots import Slot, slots
from remediator.transforms.wiring.sam import for_all

_REVISED = ("AWS::ECS::TaskDefinition",)
"""Types that keep nothing, whose replacement is only a new revision that those who name it move on to.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/update-task-definition-console-v2.html (2026-11)"""


def rules(name: str, module: str) -> dict[str, type[Pass]]:
    """The passes of a table, by code, as classes of a module."""
    return {code: _rule(code, row, module) for code, row in table(name).items()}


def _rule(code: str, row: dict[str, Any], module: str) -> type[Pass]:
    said = {
        "__doc__": row["summary"],
        "__module__": module,
        "code": code,
        "name": row["name"],
        "profile": row.get("profile", "secure"),
        "stage": row.get("stage", 3),
        "answers": tuple(row.get("answers", ())),
        "sources": (row["source"],) if isinstance(row["source"], str) else tuple(row["source"]),
        "examples": (_example(row),),
        "row": row,
    }
    return type(code, (SettingRule,), said)


def _example(row: dict[str, Any]) -> Example:
    after = row.get("after") or row.get("unsafe_after")
    return Example(row["message"][0].upper() + row["message"][1:], row["example"], after, unsafe="unsafe_after" in row)


class SettingRule(Pass):
    """What the passes of a table have in common."""

    row: ClassVar[dict[str, Any]]

    def run(self, context: Context) -> Iterator[Finding]:
        for resource in context.template.resources.values():
            for spot in self.row["at"]:
                if resource.type in spot["types"] and _applies(context.template, resource, spot):
                    yield from self._findings(context.template, resource, spot)

    def _findings(self, template: Template, resource: Resource, spot: dict[str, Any]) -> Iterator[Finding]:
        if set_for_all(template, resource, spot["path"]):
            return
        for slot in slots(resource, spot["path"]):
            if self._is_missing(slot, spot) or self._is_wrong(slot, spot):
                at: Node | Entry = slot.node or slot.owner
                at = resource.key if at is resource.properties or at is resource.node else at
                message = f"{resource.logical_id} {self.row['message']}"
                yield self.finding(template, (*slot.path, *slot.rest), at, message, self._remedy(resource, slot, spot))

    def _is_missing(self, slot: Slot, spot: dict[str, Any]) -> bool:
        return slot.node is None and spot.get("missing") != "leave"

    def _is_wrong(self, slot: Slot, spot: dict[str, Any]) -> bool:
        purpose = self.row.get("on_purpose", "unsafe")
        if slot.node is None or purpose == "leave" or (slot.varies and purpose != "safe"):
            return False
        return _is_wrong(slot.node, spot)

    def _remedy(self, resource: Resource, slot: Slot, spot: dict[str, Any]) -> Remedy | str:
        if "question" in self.row:
            return str(self.row["question"])
        purpose = self.row.get("on_purpose", "unsafe")
        if slot.node is not None and purpose not in ("safe", "unsafe"):
            return str(purpose)
        effect = effect_of(resource, spot["path"])
        risk = self.row.get("risk")
        if slot.node is not None:
            effect = max(effect, UpdateEffect.INTERRUPTION if self.row.get("interrupts") else UpdateEffect.NONE)
            risk = risk or (_doubt(self.row) if purpose == "unsafe" else None)
        if effect >= UpdateEffect.REPLACEMENT:
            risk = f"a deployed resource is replaced by a new one, which is empty; {risk or self.row['why']}"
        step = f"set {spot['path'].replace('?', '')} of {resource.logical_id}{_in_words(spot['value'])}"
        level = Applicability.UNSAFE if risk else Applicability.SAFE
        return Remedy(step, lambda builder: _write(builder, slot, spot), risk or self.row["why"], level, effect)


def _applies(template: Template, resource: Resource, spot: dict[str, Any]) -> bool:
    return applies(template, resource, spot.get("where"), spot.get("unless"))


def _doubt(row: dict[str, Any]) -> str:
    return str(row.get("doubt", "it is written as it is, maybe on purpose"))


def set_for_all(template: Template, resource: Resource, path: str) -> bool:
    """Whether the section ``Globals`` of a SAM template sets a property."""
    return for_all(template, resource, path.partition(".")[0].removesuffix("?")) is not None


def _is_wrong(node: Node, spot: dict[str, Any]) -> bool:
    if not isinstance(node, Scalar) or node.tag:
        return False
    text = node.value.strip().lower()
    if "least" in spot:
        return text.isdigit() and int(text) < spot["least"]
    wrong = spot.get("wrong", [str(not spot["value"])] if isinstance(spot["value"], bool) else [])
    return text in [str(each).lower() for each in wrong]


def effect_of(resource: Resource, path: str) -> UpdateEffect:
    """What a change of a property does to a deployed resource, as far as the schema tells."""
    kind = resource_type(resource.type) if resource.type not in _REVISED else None
    name = path.replace("?", "")
    fixed = [each.replace(".*", "") for each in kind.create_only] if kind else []
    touched = any(f"{each}.".startswith(f"{name}.") or f"{name}.".startswith(f"{each}.") for each in fixed)
    return UpdateEffect.REPLACEMENT if touched else UpdateEffect.NONE


def _in_words(value: Any) -> str:
    """The value that is set, where it is short."""
    return f" to {str(value).lower() if isinstance(value, bool) else value}" if isinstance(value, bool | int | str) else ""


def _write(builder: EditBuilder, slot: Slot, spot: dict[str, Any]) -> None:
    value = _value(spot["value"])
    beside = {key: _value(each) for key, each in spot.get("with", {}).items()}
    if slot.node is not None:
        builder.replace(slot.node, value, slot.path)
        add_entries(builder, slot, beside)
        return
    first, *deeper = slot.rest
    if deeper:
        value = {**beside, deeper.pop(): value}
        for name in reversed(deeper):
            value = {name: value}
        beside = {}
    add_entries(builder, slot, {first: value, **beside})


def add_entries(builder: EditBuilder, slot: Slot, entries: dict[str, Any]) -> None:
    """Adds what is missing behind the last entry whose text stands there; Properties behind the type."""
    missing = {key: each for key, each in entries.items() if slot.owner.entry(key) is None}
    if not slot.owner.entries:
        builder.replace(slot.owner, missing, slot.home)
        return
    own = [each.key.value for each in slot.owner.entries if not each.merged and each.value.start >= each.key.end]
    last = "Type" if len(slot.home) == 2 else own[-1] if own else None
    for name, each in missing.items():
        builder.insert_entry(slot.owner, name, each, slot.home, after=last)


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _value(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_value(each) for each in value]
    return Sub(value) if isinstance(value, str) and "${" in value else value
