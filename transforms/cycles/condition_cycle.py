"""CYC002: conditions that are defined in terms of each other."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Context, Finding, Pass, condition_arcs, cyclic_components
from remediator.transforms.cycles import examples


class ConditionCycle(Pass):
    """Conditions refer to each other in a circle, so that none of them has a value, and CloudFormation refuses the
    template.

    There is no fix: which of the conditions is meant to stand on its own feet, only its author knows.
    """

    code = "CYC002"
    name = "condition-cycle"
    profile = "deploy"
    sources = ("https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/conditions-section-structure.html",)
    examples = examples.CONDITION_CYCLE

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for members in cyclic_components(condition_arcs(template)):
            section = template.section("Conditions")
            entry = section.entry(members[0]) if section else None
            if entry is None:
                continue
            message = f"conditions defined in terms of each other: {' → '.join((*members, members[0]))}"
            question = f"which of {', '.join(members)} should stand without the others?"
            yield Finding(self.code, message, ("Conditions", members[0]), entry.key.start, entry.key.end, reason=question)
