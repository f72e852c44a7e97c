"""Who uses a store of the template: roles, users, functions and services, as far as the template shows."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Context, Resource, intrinsic, table
from remediator.transforms.encryption.allowances import SERVERLESS, kept_by_boundary
from remediator.transforms.encryption.strangers import forbidden, strangers
from remediator.transforms.encryption.users import held_roles, roles, settings, touches, uses, values
from remediator.transforms.wiring.links import functions, meant


def obstacles(context: Context, store: Resource) -> list[str]:
    """Why a customer key would lock somebody out of a store whom no pass can grant the key; empty where nobody is."""
    found = [*strangers(context.template, store), *forbidden(context, store)]
    if store.type in table("key_users"):
        found += [*_unknown_roles(context, store), *_unwritable(context, store)]
    return list(dict.fromkeys(found))


def _unknown_roles(context: Context, store: Resource) -> Iterator[str]:
    """What uses a store under a role that is not in the template."""
    template = context.template
    for user in template.resources.values():
        if user is store or not touches(template, user, store):
            continue
        if any(not roles(template, node) for node in held_roles(template, user, store)):
            yield f"{user.logical_id} uses it under a role that is not in the template, and would need kms:Decrypt"
    for user, row in settings(template):
        hop, through, _ = row["role"].partition(">")
        found = [
            node
            for node in values(template, user, row.get("store", ""))
            if through and store in meant(template, node, store.type)
        ]
        if found and any(not functions(template, node) for node in values(template, user, hop)):
            yield f"{user.logical_id} uses it for a function that is not in the template, whose role would need kms:Decrypt"


def _unwritable(context: Context, store: Resource) -> Iterator[str]:
    """Identities of the template that can't be given the right: because of their boundary, or because SAM makes their role,
    which nothing else can name, from policies that are made by an expression."""
    for use in uses(context, store):
        kept = kept_by_boundary(context.template, use.identity, list(use.actions))
        if kept:
            yield kept
        node = use.identity.property("Policies")
        if use.identity.type in SERVERLESS and node is not None and intrinsic(node):
            name = use.identity.logical_id
            yield f"the policies of {name} are made by an expression, and it would need {', '.join(use.actions)}"
