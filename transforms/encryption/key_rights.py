"""ENC101: identities that use what is encrypted with a key of the template, and may not use the key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from remediator.api import Context, Example, Finding, Pass, Remedy, Resource, Template, table
from remediator.transforms.encryption.allowances import allowed, kept_by_boundary
from remediator.transforms.encryption.covers import covers
from remediator.transforms.encryption.key_grants import grant, obstacle
from remediator.transforms.encryption.keys import delegates, grants, keys, keys_of, statements
from remediator.transforms.encryption.users import identities, settings, uses, values
from remediator.transforms.encryption.via import holds
from remediator.transforms.wiring.follow import follow
from remediator.transforms.wiring.links import meant
from remediator.transforms.wiring.rights import missing

_TABLES = ("key_users", "key_wiring", "key_outputs")

_BEFORE = """\
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      EnableKeyRotation: true

  Orders:
    Type: AWS::SQS::Queue
    Properties:
      KmsMasterKeyId: !Ref Key

  ShopRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Service: lambda.amazonaws.com}
            Action: sts:AssumeRole
      Policies:
        - PolicyName: order
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: sqs:SendMessage
                Resource: !GetAtt Orders.Arn
"""
_ADDED = """\
        - PolicyName: use-key
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action:
                  - kms:Decrypt
                  - kms:GenerateDataKey
                Resource: !GetAtt Key.Arn
"""


@dataclass(slots=True)
class _Lack:
    """What an identity lacks: actions by key, and what is encrypted with those keys."""

    identity: Resource
    rights: dict[str, list[str]] = field(default_factory=dict)
    stores: dict[str, Resource] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KeyNeed:
    """That an identity has to use a key, for what, and with which actions."""

    identity: Resource
    key: Resource
    used: Resource
    actions: list[str]
    essential: list[str] | None = None


class RoleLacksKeyRight(Pass):
    """A role, user or group of the template uses a bucket, queue, topic, table, stream or secret that is encrypted with a key
    of the template, and may not use the key: each of its requests is refused, whatever right to the store it has.

    Who uses a store is found in the policies, in the settings that make a role act (event sources, dead letters,
    destinations, deliveries, replication, targets of rules, pipes and schedules, secrets of containers, artifacts), and for
    policies of AWS's in what the environment names. The identity is allowed exactly the missing actions on exactly that
    key: in its statement about the key, in a new inline policy, in the `Policies` of a SAM function, or in a policy of its
    own where the key's policy names the role.

    Left alone: whom the key's policy lets in itself, and statements with a condition on the key, which count as granted, except
    where `kms:ViaService` limits them to calls that come through other services. Where a key's policy does not leave the
    decision to the account, the finding says so.
    """

    code = "ENC101"
    name = "role-lacks-key-right"
    profile = "secure"
    sources = tuple(
        dict.fromkeys(row["source"] for name in ("key_users", "key_wiring", "key_outputs") for row in table(name).values())
    )
    examples = (Example("A sender to an encrypted queue", _BEFORE, _BEFORE + _ADDED),)

    def run(self, context: Context) -> Iterator[Finding]:
        for lack in _lacking(context):
            identity, template = lack.identity, context.template
            related = (*(each.path for each in lack.stores.values()), *(template.resources[name].path for name in lack.rights))
            yield self.finding(template, identity.path, identity.key, _message(lack), _remedy(context, lack), related)


def _lacking(context: Context) -> list[_Lack]:
    """What the identities lack, in the order of the template; apart from the rest, what nobody can give them to a key."""
    template = context.template
    found: dict[tuple[str, str], _Lack] = {}
    for need in needs(context):
        lacked = _missing(template, need)
        if lacked:
            name = need.key.logical_id
            apart = name if _reason(context, need.identity, name, lacked) else ""
            lack = found.setdefault((need.identity.logical_id, apart), _Lack(need.identity))
            lack.rights[name] = sorted({*lack.rights.get(name, ()), *lacked})
            lack.stores[need.used.logical_id] = need.used
    return [lack for name in template.resources for (owner, _), lack in found.items() if owner == name]


def needs(context: Context) -> Iterator[KeyNeed]:
    """Who needs which key, for what, and for which actions."""
    template = context.template
    if not any(each.type == "AWS::KMS::Key" for each in template.resources.values()):
        return
    for store in template.resources.values():
        found = keys_of(template, store)
        for use in uses(context, store) if found else ():
            yield from (KeyNeed(use.identity, key, store, list(use.actions)) for key in found)
    for user, row in settings(template):
        for key in _named(template, user, row["key"]) if "key" in row else ():
            for identity in identities(template, user, row["role"]):
                yield KeyNeed(identity, key, user, row["actions"], row.get("essential"))
    yield from _of_readers(context)


def _of_readers(context: Context) -> Iterator[KeyNeed]:
    """Who reads what something wrote under a key of its own, which it stays encrypted with."""
    template = context.template
    for writer in template.resources.values():
        for row in table("key_outputs").values():
            found = _named(template, writer, row["key"]) if writer.type in row["users"] else []
            for node in values(template, writer, row["store"]) if found else ():
                for store in meant(template, node, *table("key_users")):
                    readers = [use.identity for use in uses(context, store) if "read" in use.kinds]
                    yield from (KeyNeed(each, key, store, ["kms:Decrypt"]) for each in readers for key in found)


def _named(template: Template, user: Resource, paths: str | list[str]) -> list[Resource]:
    """The keys that a resource names at some paths, those of others included."""
    found: list[Resource] = []
    for path in [paths] if isinstance(paths, str) else paths:
        nodes = follow(template, user, path) if ">" in path else values(template, user, path)
        found += [key for node in nodes for key in keys(template, node)]
    return list({each.logical_id: each for each in found}.values())


def _missing(template: Template, need: KeyNeed) -> list[str]:
    if statements(need.key) is None:
        return []
    patterns = list(grants(template, need.key, need.identity, need.used))
    wanted = [*need.actions, *(need.essential or ())]
    for each in allowed(template, need.identity).allowances:
        if covers(template, each, need.key) and holds(each.via, need.used):
            patterns += [action for action in wanted if each.allows(action)]
    return missing(patterns, need.actions) if missing(patterns, need.essential or need.actions) else []


def _message(lack: _Lack) -> str:
    parts = [f"{', '.join(actions)} on {name}" for name, actions in lack.rights.items()]
    return f"{lack.identity.logical_id} uses {', '.join(lack.stores)} and lacks {'; '.join(parts)}"


def _reason(context: Context, identity: Resource, key: str, actions: list[str]) -> str | None:
    """Why nobody can give an identity rights to a key."""
    kept = [action for action in actions if not delegates(context.template.resources[key], action)]
    if kept:
        return f"the policy of {key} does not leave {', '.join(kept)} to the account; whom should it name?"
    return kept_by_boundary(context.template, identity, actions) or obstacle(context, identity, {key: actions})


def _remedy(context: Context, lack: _Lack) -> Remedy | str:
    for name, actions in lack.rights.items():
        reason = _reason(context, lack.identity, name, actions)
        if reason:
            return reason
    names = ", ".join(lack.rights)
    return Remedy(
        f"let {lack.identity.logical_id} use {names} for {', '.join(lack.stores)}",
        lambda builder: grant(context, builder, lack.identity, lack.rights),
        "it may do with the key what it takes to do what it may do already, and nothing else",
    )
