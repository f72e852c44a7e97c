"""A rule that is one property with one value, made from a row of a table.

A table is a file of ``knowledge``; its keys are the codes. A row has::

    name, summary, source           as a pass has them; summary is its documentation, in Markdown
    profile, stage, answers         likewise; secure, 3 and none where they are left out
    message                         what is wrong, in a few words that follow "Name: ", such as "keeps no backups"
    why                             why to set it is safe, or what it risks
    risk                            where it is not safe: makes the fix unsafe, and says why
    on_purpose                      what to do where another value is written: "unsafe" (default), "safe", or a question
    example, after                  templates for the documentation; after is left out where the fix needs unsafe fixes
                                    too, and then unsafe_after stands there
    [[CODE.at]]
    types                           the resource types
    path                            the property, with dots; lists are stepped into; ``Name?`` only where it is there
    value                           what is set: text (with ``${}`` it becomes Fn::Sub), number, true or false, list, table
    wrong                           the texts that count as wrong where something is written; for true and false, the other
    least                           instead of wrong: smaller numbers are wrong
    missing                         "leave" where AWS's default is right
    with                            properties beside it that are set too, where they are missing
    where, unless                   paths and texts, as in ``wiring.follow.fits``: to which resources it applies

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
from remediator.transforms.settings.slots import Slot, slots
from remediator.transforms.wiring.follow import fits

_GLOBALS = {
    "AWS::Serverless::Api": "Api",
    "AWS::Serverless::Function": "Function",
    "AWS::Serverless::HttpApi": "HttpApi",
    "AWS::Serverless::SimpleTable": "SimpleTable",
    "AWS::Serverless::StateMachine": "StateMachine",
}
"""https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html
(2026-11)"""


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
                if resource.type in spot["types"] and fits(resource, spot.get("where"), spot.get("unless")):
                    yield from self._findings(context.template, resource, spot)

    def _findings(self, template: Template, resource: Resource, spot: dict[str, Any]) -> Iterator[Finding]:
        if _set_for_all(template, resource, spot["path"]):
            return
        for slot in slots(resource, spot["path"]):
            missing = slot.node is None and spot.get("missing") != "leave"
            if missing or (slot.node is not None and _is_wrong(slot.node, spot)):
                at: Node | Entry = slot.node or slot.owner
                at = resource.key if at in (resource.properties, resource.node) else at
                path = (*slot.path, *slot.rest)
                message = f"{resource.logical_id} {self.row['message']}"
                yield self.finding(template, path, at, message, self._remedy(resource, slot, spot))

    def _remedy(self, resource: Resource, slot: Slot, spot: dict[str, Any]) -> Remedy | str:
        purpose = self.row.get("on_purpose", "unsafe")
        if slot.node is not None and purpose not in ("safe", "unsafe"):
            return str(purpose)
        effect = _effect(resource, spot["path"])
        risk = self.row.get("risk")
        if slot.node is not None and purpose == "unsafe":
            risk = risk or "it is written as it is, maybe on purpose"
        if effect >= UpdateEffect.REPLACEMENT:
            risk = f"a deployed resource is replaced by a new one, which is empty; {risk or self.row['why']}"
        name = spot["path"].replace("?", "")
        step = f"set {name} of {resource.logical_id}"
        level = Applicability.UNSAFE if risk else Applicability.SAFE
        return Remedy(step, lambda builder: _write(builder, slot, spot), risk or self.row["why"], level, effect)


def _set_for_all(template: Template, resource: Resource, path: str) -> bool:
    """Whether the section ``Globals`` of a SAM template sets a property."""
    section = template.section("Globals")
    shared = section.get(_GLOBALS.get(resource.type, "")) if section else None
    return isinstance(shared, type(resource.node)) and shared.entry(path.partition(".")[0].removesuffix("?")) is not None


def _is_wrong(node: Node, spot: dict[str, Any]) -> bool:
    if not isinstance(node, Scalar) or node.tag:
        return False
    text = node.value.strip().lower()
    if "least" in spot:
        return text.isdigit() and int(text) < spot["least"]
    wrong = spot.get("wrong", [str(not spot["value"])] if isinstance(spot["value"], bool) else [])
    return text in [str(each).lower() for each in wrong]


def _effect(resource: Resource, path: str) -> UpdateEffect:
    """What a change of a property does to a deployed resource, as far as the schema tells."""
    kind = resource_type(resource.type)
    name = path.replace("?", "")
    fixed = kind.create_only if kind else frozenset[str]()
    touched = any(f"{each}.".startswith(f"{name}.") or f"{name}.".startswith(f"{each}.") for each in fixed)
    return UpdateEffect.REPLACEMENT if touched else UpdateEffect.NONE


def _write(builder: EditBuilder, slot: Slot, spot: dict[str, Any]) -> None:
    value = _value(spot["value"])
    if slot.node is not None:
        builder.replace(slot.node, value, slot.path)
        return
    first, *deeper = slot.rest
    beside = {key: _value(each) for key, each in spot.get("with", {}).items()}
    if deeper:
        value = {**beside, deeper.pop(): value}
        for name in reversed(deeper):
            value = {name: value}
        beside = {}
    last = slot.owner.entries[-1].key.value if slot.owner.entries else None
    for name, each in {first: value, **{key: each for key, each in beside.items() if slot.owner.entry(key) is None}}.items():
        builder.insert_entry(slot.owner, name, each, slot.path, after=last)


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _value(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_value(each) for each in value]
    return Sub(value) if isinstance(value, str) and "${" in value else value
