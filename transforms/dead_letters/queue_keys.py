"""Whether those who would send dead letters to a queue that is there can be let use its key; if not, it is not for them."""

from __future__ import annotations

from collections.abc import Iterable

from remediator.api import Context, Mapping, Node, Resource, Sequence, intrinsic, table, text_of
from remediator.transforms.encryption.allowances import is_identity, kept_by_boundary
from remediator.transforms.encryption.key_grants import obstacle
from remediator.transforms.encryption.keys import delegates, grants, keys, statements
from remediator.transforms.wiring import rights
from remediator.transforms.wiring.links import inside


def may_use_key(context: Context, queue: Resource, parties: Iterable[Resource], *, service: bool) -> bool:
    """Whether a service, or else the identities among the parties, may use the key of a queue, or can be let.

    ENC101 grants identities the keys of the template that leave the decision to the account, and CRE007 lets services in.
    Nobody sees whom a key from outside lets in.
    """
    identities = [each for each in parties if is_identity(context.template, each)]
    nodes = list(inside(queue.property("KmsMasterKeyId")))
    if service:
        return all(_may_let_services_in(context, node) for node in nodes)
    return all(_may_let_in(context, node, queue, each) for node in nodes for each in identities)


def _may_let_services_in(context: Context, node: Node) -> bool:
    found = keys(context.template, node)
    return bool(found) and all(map(_can_be_added_to, found))


def _can_be_added_to(key: Resource) -> bool:
    """Whether the policy of a key is missing, or is a list of statements that are written out."""
    policy = key.property("KeyPolicy")
    if key.properties is None or policy is None:
        return key.properties is not None
    listed = policy.get("Statement") if isinstance(policy, Mapping) else None
    return isinstance(listed, Sequence) and intrinsic(listed) is None and statements(key) is not None


def _may_let_in(context: Context, node: Node, queue: Resource, identity: Resource) -> bool:
    if text_of(node) == table("dead_letters")["key"]["closed"]:  # to services; it lets in every identity of the account
        return True
    actions: list[str] = table("key_users")[queue.type]["write"]
    found = keys(context.template, node)
    if not found:  # a right to any key will do
        known = rights.allowed(context.template, identity) if identity.type == "AWS::IAM::Role" else None
        return known is not None and not rights.missing(known, actions)
    own = ((key, rights.missing(list(grants(context.template, key, identity, queue)), actions)) for key in found)
    return all(_may_be_granted(context, key, identity, lacking) for key, lacking in own)


def _may_be_granted(context: Context, key: Resource, identity: Resource, lacking: list[str]) -> bool:
    """Whether nothing is in the way of granting an identity what the policy of a key of the template does not."""
    if statements(key) is None:
        return False
    return not lacking or (
        all(delegates(key, action) for action in lacking)
        and kept_by_boundary(context.template, identity, lacking) is None
        and obstacle(context, identity, {key.logical_id: lacking}) is None
    )
