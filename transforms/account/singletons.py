"""ACC002: resources that an account has once in a Region."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from remediator.api import (
    Call,
    Context,
    EditBuilder,
    Example,
    Finding,
    Mapping,
    Pass,
    Ref,
    Remedy,
    Resource,
    Template,
    table,
)

BEFORE = """\
Resources:
  Detector:
    Type: AWS::GuardDuty::Detector
    Properties:
      Enable: true
"""
AFTER = """\
Parameters:
  CreateGuardDutyDetector:
    Type: String
    Description: "Whether to create the detector of Amazon GuardDuty, of which a Region has one"
    Default: "true"
    AllowedValues:
      - "true"
      - "false"
Conditions:
  WithGuardDutyDetector: !Equals [!Ref CreateGuardDutyDetector, "true"]
Resources:
  Detector:
    Type: AWS::GuardDuty::Detector
    Condition: WithGuardDutyDetector
    Properties:
      Enable: true
"""


class AccountSingleton(Pass):
    """A stack creates what an account has once in a Region, such as the recorder of AWS Config or the detector of GuardDuty,
    and can't be deployed to an account that has it.

    A parameter says whether it is created; as long as nobody sets it, everything is as before. What belongs to it, such as
    the filters of a detector, and the outputs that show it, get the same condition.

    Those under a condition of their own are left alone. Where something else needs it, a function that is told its id, say,
    the report says so.
    """

    code = "ACC002"
    name = "account-singleton"
    profile = "sandbox"
    sources = (
        "https://docs.aws.amazon.com/config/latest/developerguide/configlimits.html",
        "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_limits.html",
    )
    examples = (Example("A detector", BEFORE, AFTER),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        groups: dict[str, list[Resource]] = {}
        for resource in template.resources.values():
            row = table("once_per_region").get(resource.type)
            if row and resource.node.entry("Condition") is None:
                groups.setdefault(row["parameter"], []).append(resource)
        for singles in groups.values():
            found = _Singles(template, tuple(singles))
            first, message = singles[0], f"an account has one {singles[0].type} in a Region"
            yield self.finding(template, first.path, first.key, message, found.remedy())


@dataclass(frozen=True)
class _Singles:
    """The single resources of one service."""

    template: Template
    resources: tuple[Resource, ...]

    @property
    def row(self) -> dict[str, Any]:
        row: dict[str, Any] = table("once_per_region")[self.resources[0].type]
        return row

    @property
    def condition(self) -> str:
        return "With" + str(self.row["parameter"]).removeprefix("Create")

    def remedy(self) -> Remedy | str:
        users, outputs = self._users()
        for user in users:
            if isinstance(user, str):
                return f"{user} needs it, and nobody can say here what it should do without"
        name = str(self.row["parameter"])
        if name in self.template.parameters or self.condition in self.template.conditions:
            return f"should {name}, which is there, say whether it is created?"
        names = ", ".join(each.logical_id for each in self.resources)
        why = "as long as nobody sets the parameter, the stack is as before"
        return Remedy(f"let the parameter {name} say whether {names} is created", lambda b: self._make(b, users, outputs), why)

    def _users(self) -> tuple[list[Resource | str], list[str]]:
        """What refers to them, directly or not: resources, the names of those that can't go with them, and outputs."""
        found: dict[str, Resource | str] = {}
        outputs: dict[str, None] = {}
        names = {each.logical_id for each in self.resources}
        grown = True
        while grown:
            grown = False
            for reference in self.template.references:
                place, holder = reference.path[0], str(reference.path[1])
                if reference.target not in names or reference.kind == "DependsOn":
                    continue
                if place == "Outputs":
                    outputs[holder] = None
                elif holder not in names:
                    found[holder] = self._going_along(holder) or holder
                    names.add(holder)
                    grown = True
        section = self.template.section("Outputs")
        for name in outputs:
            node = section.get(name) if section else None
            if not isinstance(node, Mapping) or node.entry("Condition"):
                found[name] = f"the output {name}"
        return list(found.values()), list(outputs)

    def _going_along(self, name: str) -> Resource | None:
        """A resource that can stand under the same condition."""
        resource = self.template.resources.get(name)
        if resource is None or resource.node.entry("Condition"):
            return None
        return resource if resource.type.startswith(self.row["family"]) else None

    def _make(self, builder: EditBuilder, users: list[Resource | str], outputs: list[str]) -> None:
        name = str(self.row["parameter"])
        parameter = {
            "Type": "String",
            "Description": self.row["description"],
            "Default": "true",
            "AllowedValues": ["true", "false"],
        }
        builder.add_to_section("Parameters", name, parameter)
        builder.add_to_section("Conditions", self.condition, Call("Fn::Equals", [Ref(name), "true"]))
        for resource in (*self.resources, *(user for user in users if isinstance(user, Resource))):
            builder.insert_entry(resource.node, "Condition", self.condition, resource.path, after="Type")
        section = self.template.section("Outputs")
        for output in outputs:
            node = section.get(output) if section else None
            if isinstance(node, Mapping):
                builder.insert_entry(node, "Condition", self.condition, ("Outputs", output))
