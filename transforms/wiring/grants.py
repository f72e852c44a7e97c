"""One more right for an identity of the template: a managed policy, or an inline policy with exactly what is missing."""

from __future__ import annotations

from typing import Any

from remediator.api import CannotEdit, EditBuilder, Mapping, Path, Resource, Sequence, intrinsic, text_of
from remediator.transforms.wiring.links import inside

IDENTITIES = ("AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group")


def allow(builder: EditBuilder, identity: Resource, name: str, statements: list[dict[str, Any]]) -> None:
    """Gives a role, user or group an inline policy of its own, named ``name`` or the next free one like it."""
    document = {"Version": "2012-10-17", "Statement": statements}
    add_to_list(builder, identity, "Policies", [{"PolicyName": free_name(identity, name), "PolicyDocument": document}])


def statement(actions: list[str], resources: list[Any], condition: dict[str, Any] | None = None) -> dict[str, Any]:
    """An allowing statement of an identity's policy; one action or resource stands by itself, without a list."""
    value: dict[str, Any] = {
        "Effect": "Allow",
        "Action": actions if len(actions) > 1 else actions[0],
        "Resource": resources if len(resources) > 1 else resources[0],
    }
    return {**value, "Condition": condition} if condition else value


def free_name(identity: Resource, wish: str) -> str:
    """A name that no other inline policy of the identity has."""
    policies = inside(identity.property("Policies"))
    taken = {text_of(name) for policy in policies for name in inside(policy, "PolicyName")}
    return next(name for name in (wish, *(f"{wish}-{number}" for number in range(2, 99))) if name not in taken)


def add_to_list(builder: EditBuilder, resource: Resource, key: str, values: list[Any]) -> None:
    """Adds items to a list among the properties of a resource, or the list."""
    properties: Mapping | None = resource.properties
    if properties is None or not properties.entries:
        raise CannotEdit(f"{resource.logical_id} has no properties")
    listed = properties.get(key)
    path: Path = (*resource.path, "Properties")
    if values and listed is None:
        builder.insert_entry(properties, key, values, path, after=properties.entries[-1].key.value)
    for value in values if listed else ():
        if not isinstance(listed, Sequence) or not listed.items or intrinsic(listed):
            raise CannotEdit(f"{key} is not a list with items")
        builder.append_item(listed, value, (*path, key))
