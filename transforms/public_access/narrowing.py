"""Rules that let in fewer: a security group in place of the whole internet, and a description that is true again. No passes."""

from __future__ import annotations

import re

from remediator.api import Applicability, Context, EditBuilder, GetAtt, Remedy, Resource, Scalar, UpdateEffect, reachable
from remediator.transforms.public_access.traffic import Rule, described

_STALE = re.compile(
    r"anywhere|everywhere|internet|world|public|everyone|everybody|0\.0\.0\.0|::/0|\ball\b|\bany\b", re.IGNORECASE
)


def renewed(builder: EditBuilder, rule: Rule, peer: str | None) -> None:
    """Writes the description of a rule anew where it says that everybody comes in, or where there is none."""
    there = rule.body.get("Description")
    if there is None or (isinstance(there, Scalar) and not there.tag and _STALE.search(there.value)):
        builder.set_entry(rule.body, "Description", described(rule, peer), rule.path)


def let_in(context: Context, rule: Rule, key: str, group: Resource, why: str) -> Remedy | str:
    """Puts a security group of the template where a rule has a range of addresses."""
    owner = rule.group or rule.holder
    if owner.logical_id in reachable(context.graph.arcs, group.logical_id):
        return f"should only {group.logical_id} come in? It already refers to {owner.logical_id}, which would be a cycle"
    if group.condition not in (None, rule.holder.condition):
        return f"who should come in where the condition of {group.logical_id} does not hold?"

    def make(builder: EditBuilder) -> None:
        builder.replace_entry(rule.body, key, "SourceSecurityGroupId", GetAtt(group.logical_id, "GroupId"), rule.path)
        renewed(builder, rule, group.logical_id)

    effect = UpdateEffect.INTERRUPTION if rule.inline else UpdateEffect.REPLACEMENT
    return Remedy(f"let in only {group.logical_id}", make, why, Applicability.UNSAFE, effect)
