"""The keys of the template: what is encrypted with one, and what its policy says by itself."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from remediator.api import Mapping, Node, Resource, Template, intrinsic, table, text_of
from remediator.transforms.cycles.names import as_sub_text
from remediator.transforms.encryption.via import holds, services_of
from remediator.transforms.wiring.follow import at
from remediator.transforms.wiring.links import inside, meant, texts

KEY = "AWS::KMS::Key"
_ALIAS = "AWS::KMS::Alias"


def keys(template: Template, node: Node | None) -> list[Resource]:
    """The keys that a value means, by an alias too."""
    found: dict[str, Resource] = {}
    for each in meant(template, node, KEY, _ALIAS):
        for key in [each] if each.type == KEY else meant(template, each.property("TargetKeyId"), KEY):
            found[key.logical_id] = key
    return list(found.values())


def keys_of(template: Template, store: Resource) -> list[Resource]:
    """The keys of the template that a store is encrypted with."""
    row = table("key_users").get(store.type)
    if row is None:
        return []
    found = [key for node in at(store, row["key"]) for key in keys(template, node)]
    return list({each.logical_id: each for each in found}.values())


def statements(key: Resource) -> list[Mapping] | None:
    """The allowing statements of a key's policy; None where the policy is not written out."""
    policy = key.property("KeyPolicy")
    if policy is None:
        return []
    found = list(inside(policy, "Statement"))
    plain = [each for each in found if isinstance(each, Mapping) and intrinsic(each) is None]
    if len(plain) != len(found) or not plain:
        return None
    return [each for each in plain if text_of(each.get("Effect")) != "Deny"]


def delegates(key: Resource, action: str) -> bool:
    """Whether the key's policy leaves an action to the policies of the account's identities."""
    found = statements(key)
    if not found:
        return True
    return any(_is_for_account(each) and _allows(each, action) for each in found)


def grants(template: Template, key: Resource, identity: Resource, used: Resource) -> Iterator[str]:
    """The actions that a key's policy itself allows an identity for what is encrypted with it, as patterns."""
    for statement in statements(key) or ():
        if not holds(services_of(statement), used):
            continue
        principal = statement.get("Principal")
        named = list(inside(principal, "AWS"))
        everybody = principal is not None and text_of(principal) == "*"
        if everybody or any(text_of(each) == "*" or identity in meant(template, each, identity.type) for each in named):
            yield from texts(statement.get("Action"))


def _is_for_account(statement: Mapping) -> bool:
    principal = statement.get("Principal")
    if principal is None or not isinstance(principal, Mapping) or intrinsic(principal):
        return True
    for each in inside(principal, "AWS"):
        text = as_sub_text(each)
        if text is None or text in ("*", "${AWS::AccountId}") or text.endswith(":root"):
            return True
    return False


def _allows(statement: Mapping, action: str) -> bool:
    found = [text_of(each) for each in inside(statement.get("Action"))]
    return statement.get("NotAction") is not None or any(
        each is None or fnmatchcase(action.lower(), each.lower()) for each in found
    )
