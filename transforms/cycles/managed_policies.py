"""Cutting at a role: a managed policy of the template is attached from its own side.

``Roles`` of an ``AWS::IAM::ManagedPolicy`` says the same as ``ManagedPolicyArns`` of the role, with the wait the other
way round.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-managedpolicy.html
"""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import EditBuilder, Mapping, Ref, Resource, Sequence, UpdateEffect, references
from remediator.transforms.cycles.component import COSTS, Component, Cut, Plan
from remediator.transforms.cycles.inline_policies import let_users_wait

_SIDES = {"AWS::IAM::Role": "Roles", "AWS::IAM::User": "Users", "AWS::IAM::Group": "Groups"}


def cuts(component: Component) -> Iterator[Cut]:
    for index, edge in enumerate(component.edges):
        owner, policy, path = component.resource(edge.source), component.resource(edge.target), edge.property_path
        if owner is None or policy is None or owner.type not in _SIDES or policy.type != "AWS::IAM::ManagedPolicy":
            continue
        listed = owner.property("ManagedPolicyArns")
        plain = isinstance(listed, Sequence) and listed.tag is None and len(path) > 2 and isinstance(path[2], int)
        conditional = owner.condition not in (None, policy.condition)
        if path[1:2] == ("ManagedPolicyArns",) and plain and path[3:] == ("Ref",) and not conditional:
            yield _cut(index, owner, policy, int(path[2]))


def _cut(index: int, owner: Resource, policy: Resource, position: int) -> Cut:
    side = _SIDES[owner.type]

    def make(plan: Plan) -> None:
        if owner.properties is None or policy.properties is None:
            return
        plan.builder.remove_item(owner.properties, "ManagedPolicyArns", position, (*owner.path, "Properties"))
        _attach(plan.builder, policy, policy.properties, side, owner.logical_id)
        plan.arcs[policy.logical_id].add(owner.logical_id)
        let_users_wait(plan, owner.logical_id, policy.logical_id, policy.properties)

    return Cut(
        frozenset({index}),
        COSTS["attach a managed policy from its own side"],
        f"attach {policy.logical_id} to {owner.logical_id} by {side} of the policy",
        make,
        adds=((policy.logical_id, owner.logical_id),),
        effect=UpdateEffect.INTERRUPTION,
    )


def _attach(builder: EditBuilder, policy: Resource, properties: Mapping, side: str, owner: str) -> None:
    listed, path = properties.get(side), (*policy.path, "Properties")
    if listed is None:
        builder.insert_entry(properties, side, [Ref(owner)], path, after=properties.entries[-1].key.value)
        return
    there = [each.target for each in references(listed, builder.source.text)]
    if isinstance(listed, Sequence) and listed.items and owner not in there:
        builder.append_item(listed, Ref(owner), (*path, side))
