"""The rights that other passes would give to a role: they must count as needed, or a pass that takes away what is not needed
would fight with them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from weakref import WeakKeyDictionary

from remediator.api import Context, Resource, table, text_of
from remediator.transforms.creation import role_rights
from remediator.transforms.cycles.names import as_sub_text
from remediator.transforms.encryption import key_rights
from remediator.transforms.usage.needs import Need
from remediator.transforms.usage.resource_texts import KEY, arn_text, resource_of
from remediator.transforms.wiring.follow import at

_REGION = re.compile(r":cloudformation:((?:\$\{[^}]*\}|[^:$])+):")
_KEYS: WeakKeyDictionary[Context, list[key_rights.KeyNeed]] = WeakKeyDictionary()
"""Who needs which key, of the templates that are looked at; each role asks for its share."""


def of_settings(context: Context, role: Resource, known: set[str]) -> Iterator[Need]:
    """What the settings of a role's users need (CRE003). ``known``: actions of which is known better on what they are."""
    for each in role_rights.needs(context.template).get(role.logical_id, []):
        essential = each.row.get("essential", each.actions)
        for action in each.actions if each.target else [action for action in each.actions if action not in known]:
            yield Need(action, _on(each), each.user, _why(each), each.user.path, each.user.key.start, action in essential)


def _on(each: role_rights.RoleNeed) -> tuple[str, ...]:
    if each.target is None:
        return ("*",)
    kind = each.row.get("resource", "value")
    if each.resource is None:
        return ()
    if kind == "value":
        text = as_sub_text(each.target)
        return (text,) if text else ()
    return (f"${{{each.resource.logical_id}}}",) if kind == "Ref" else (f"${{{each.resource.logical_id}.Arn}}",)


def _why(each: role_rights.RoleNeed) -> str:
    what = each.name.replace("-", " ")
    return f"is set to {what}" + (f", with {each.resource.logical_id}" if each.resource else "")


def of_keys(context: Context, identity: Resource) -> Iterator[Need]:
    """What it takes to use what is encrypted with keys of the template (ENC101)."""
    if context not in _KEYS:
        _KEYS[context] = list(key_rights.needs(context))
    for each in _KEYS[context]:
        if each.identity is identity:
            essential = each.essential or each.actions
            why = f"uses {each.used.logical_id}, which is encrypted with {each.key.logical_id}"
            for action in each.actions:
                arn = (f"${{{each.key.logical_id}.Arn}}",)
                yield Need(action, arn, identity, why, each.used.path, each.used.key.start, action in essential)


def of_stores(context: Context, needs: list[Need]) -> Iterator[Need]:
    """What the stores of other needs take besides, because of the keys that they name: keys of the template, or of others."""
    for each in needs:
        service = each.action.partition(":")[0]
        for arn in each.resources:
            store = resource_of(context.template, arn)
            row = table("key_users").get(store.type) if store else None
            if store is None or row is None or row["service"] != service:
                continue
            kinds = [kind for kind in ("read", "write") if each.action in row[f"{kind}s"]]
            for node in at(store, row["key"]):
                if "alias/aws/" in (text_of(node) or ""):  # AWS's own key lets everybody in who may use the store
                    continue
                key, why = arn_text(context.template, node, KEY), f"{each.why}; {store.logical_id} is encrypted with a key"
                for action in dict.fromkeys(action for kind in kinds for action in row[kind]):
                    yield Need(action, (key,) if key else (), each.user, why, each.path, each.at, each.essential)


def of_strangers(context: Context, needs: list[Need]) -> Iterator[Need]:
    """What stores may take that are not in the template, so that nobody sees whether they are encrypted with a key."""
    services: dict[str, set[str]] = {}
    for row in table("key_users").values():
        for kind in ("read", "write"):
            for action in row[f"{kind}s"]:
                services.setdefault(action, set()).update(row[kind])
    for each in needs:
        named = each.resources or ("",)
        if named != ("*",) and any(resource_of(context.template, arn) is None for arn in named):
            for action in sorted(services.get(each.action, ())):
                why = f"{each.why}, which may be encrypted with a key"
                yield Need(action, (), each.user, why, each.path, each.at, essential=False)


def of_hidden_keys(context: Context, needs: list[Need]) -> Iterator[Need]:
    """What requests may take because of a key of which nothing is to be seen, such as that of a volume."""
    for each in needs:
        for row in table("hidden_keys").values():
            stores = [resource_of(context.template, arn) for arn in each.resources]
            surely_none = stores and all(store and store.type in row.get("types", ()) for store in stores)
            if not surely_none and any(fnmatchcase(each.action, pattern) for pattern in row["actions"]):
                for action in row["rights"]:
                    why = f"{each.why}, which may take a key"
                    yield Need(action, (), each.user, why, each.path, each.at, essential=False)


def of_transforms(needs: list[Need]) -> Iterator[Need]:
    """What a change set takes besides, where its template has a transform; nobody sees whether it has."""
    row = table("any_resource")["transforms"]
    for each in needs:
        if each.action in row["actions"] and each.resources and each.resources != ("*",):
            why = f"{each.why}, whose template may have a transform"
            regions = {match[1]: None for match in map(_REGION.search, each.resources) if match} or {"${AWS::Region}": None}
            arns = tuple(text.replace("${AWS::Region}", region) for text in row["also"] for region in regions)
            yield Need(each.action, arns, each.user, why, each.path, each.at, essential=False)
