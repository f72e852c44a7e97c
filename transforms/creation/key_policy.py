"""CRE007: key policies that lock out the services that use the key, or everybody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from remediator.api import (
    CannotEdit,
    Context,
    EditBuilder,
    Example,
    Finding,
    Mapping,
    Node,
    Pass,
    Remedy,
    Resource,
    Sequence,
    Sub,
    Template,
    intrinsic,
    meaning,
    table,
    text_of,
)
from remediator.transforms.cycles.names import as_sub_text
from remediator.transforms.wiring.follow import follow
from remediator.transforms.wiring.links import inside, meant

_KEY = "AWS::KMS::Key"
_ROOT = {
    "Effect": "Allow",
    "Principal": {"AWS": Sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")},
    "Action": "kms:*",
    "Resource": "*",
}
"""What the policy of a key says where the template says nothing."""
_ROOT_SID = "EnableIAMPolicies"

_BEFORE = """\
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              AWS: !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:root
            Action: kms:*
            Resource: "*"

  Log:
    Type: AWS::Logs::LogGroup
    Properties:
      KmsKeyId: !GetAtt Key.Arn
"""
_ADDED = """\
          - Effect: Allow
            Principal:
              Service: !Sub logs.${AWS::Region}.amazonaws.com
            Action:
              - kms:Encrypt*
              - kms:Decrypt*
              - kms:ReEncrypt*
              - kms:GenerateDataKey*
              - kms:Describe*
            Resource: "*"
            Condition:
              ArnLike:
                kms:EncryptionContext:aws:logs:arn: !Sub arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:*
"""


@dataclass(frozen=True, slots=True)
class _Need:
    """A service that uses a key on behalf of a resource."""

    user: Resource
    row: dict[str, Any]


class KeyPolicyLocksOut(Pass):
    """The policy of a key does not let a service use it that encrypts something else of the template with it, or lets nobody
    change the policy again.

    Log groups, trails and buckets that notify an encrypted topic are refused while the stack is created; alarms, rules
    and subscriptions are created, and nothing arrives. The service gets a statement of its own, limited to what it does for
    this account where it always says so. A key without a policy gets the one that AWS would give it, and that
    statement.

    KMS refuses a policy that would lock everybody out (*The new key policy will not allow you to update the key policy in the
    future*): the account gets the statement that AWS's default policy has.

    Left alone: policies made by an expression, and principals that are not written out, which may be the service.
    """

    code = "CRE007"
    name = "key-policy-locks-out"
    profile = "deploy"
    sources = (
        *dict.fromkeys(row["source"] for row in table("key_needs").values()),
        "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html",
    )
    examples = (Example("An encrypted log group", _BEFORE, _BEFORE.replace("\n  Log:", _ADDED + "\n  Log:")),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        needs = _needs(template)
        for key in template.resources.values():
            if key.type == _KEY and key.properties is not None:
                yield from self._findings(template, key, key.properties, needs.get(key.logical_id, []))

    def _findings(self, template: Template, key: Resource, properties: Mapping, needs: list[_Need]) -> Iterator[Finding]:
        policy = properties.get("KeyPolicy")
        statements = _statements(policy)
        if statements is None:
            return
        missing = [need for need in needs if not any(_admits(each, need.row["service"]) for each in statements)]
        locked = policy is not None and _locks_everybody_out(key, statements)
        if not missing and not locked:
            return
        services = list({need.row["service"]: need for need in missing}.values())
        admitted = ["the account"] * locked + [str(need.row["service"]) for need in services]
        remedy = Remedy(
            f"let {', '.join(admitted)} use {key.logical_id}",
            lambda builder: _write(builder, key, properties, services, locked),
            "nobody gets more than what the template makes them do with the key",
        )
        related = tuple(need.user.path for need in missing)
        message = _message(key, missing, locked)
        yield self.finding(template, (*key.path, "Properties", "KeyPolicy"), policy or key.key, message, remedy, related)


def _needs(template: Template) -> dict[str, list[_Need]]:
    """The services that use each key of the template."""
    found: dict[str, list[_Need]] = {}
    for user in template.resources.values():
        for row in table("key_needs").values():
            if user.type in row["users"]:
                for node in follow(template, user, row["key"]):
                    for key in _keys(template, node):
                        found.setdefault(key, []).append(_Need(user, row))
    return found


def _keys(template: Template, node: Node) -> Iterator[str]:
    """The keys that a value means, by an alias too."""
    for resource in meant(template, node, _KEY, "AWS::KMS::Alias"):
        if resource.type == _KEY:
            yield resource.logical_id
        else:
            yield from (key.logical_id for key in meant(template, resource.property("TargetKeyId"), _KEY))


def _statements(policy: Node | None) -> list[Mapping] | None:
    """The statements of a policy; None where not all of it is written out."""
    found = list(inside(policy, "Statement"))
    plain = [each for each in found if isinstance(each, Mapping) and intrinsic(each) is None]
    if policy is None:
        return []
    return plain if plain and len(plain) == len(found) and isinstance(policy, Mapping) else None


def _admits(statement: Mapping, service: str) -> bool:
    """Whether a statement is for a service, or for somebody who may be that service."""
    principal = statement.get("Principal")
    if principal is None or text_of(statement.get("Effect")) == "Deny":
        return False
    if meaning(principal) == "*" or not isinstance(principal, Mapping) or intrinsic(principal):
        return True
    if "*" in [as_sub_text(each) for each in inside(principal, "AWS")]:
        return True
    return any(_may_be(as_sub_text(each), service) for each in inside(principal, "Service"))


def _may_be(name: str | None, service: str) -> bool:
    label = (name or "*").partition(".")[0]
    return label in ("*", service.partition(".")[0]) or "$" in label


def _locks_everybody_out(key: Resource, statements: list[Mapping]) -> bool:
    """Whether no statement lets anybody of the account change the policy."""
    bypass = key.property("BypassPolicyLockoutSafetyCheck")
    return bypass is None and not any(_may_change_policy(each) for each in statements)


def _may_change_policy(statement: Mapping) -> bool:
    if text_of(statement.get("Effect")) == "Deny":
        return False
    principal = statement.get("Principal")
    services_only = isinstance(principal, Mapping) and [entry.key.value for entry in principal.entries] == ["Service"]
    actions = [text_of(each) for each in inside(statement.get("Action"))]
    able = any(action is None or fnmatchcase("kms:putkeypolicy", action.lower()) for action in actions)
    return not services_only and (able or statement.entry("NotAction") is not None)


def _message(key: Resource, missing: list[_Need], locked: bool) -> str:
    parts = [f"locks everybody out of {key.logical_id}: KMS refuses it"] if locked else []
    for need in {need.row["service"]: need for need in missing}.values():
        fails = need.row.get("fails")
        result = f"creation fails ({fails})" if fails else "nothing arrives"
        parts.append(f"does not let {need.row['service']} use {key.logical_id} for {need.user.logical_id}: {result}")
    return f"the key policy {'; '.join(parts)}"


def _write(builder: EditBuilder, key: Resource, properties: Mapping, needs: list[_Need], locked: bool) -> None:
    policy = properties.get("KeyPolicy")
    path = (*key.path, "Properties", "KeyPolicy")
    if policy is None:
        statements = [_ROOT, *(_statement(need.row, sid=False) for need in needs)]
        document = {"Version": "2012-10-17", "Statement": statements}
        builder.insert_entry(properties, "KeyPolicy", document, path[:-1], after=properties.entries[-1].key.value)
        return
    listed = policy.get("Statement") if isinstance(policy, Mapping) else None
    if not isinstance(listed, Sequence) or intrinsic(listed):
        raise CannotEdit("Statement is not a list")
    sid = any(isinstance(each, Mapping) and each.entry("Sid") for each in listed.items)
    for root in [_ROOT] * locked:
        builder.append_item(listed, {"Sid": _ROOT_SID, **root} if sid else root, (*path, "Statement"))
    for need in needs:
        builder.append_item(listed, _statement(need.row, sid=sid), (*path, "Statement"))


def _statement(row: dict[str, Any], *, sid: bool) -> dict[str, Any]:
    value: dict[str, Any] = {"Sid": row["sid"]} if sid else {}
    value |= {
        "Effect": "Allow",
        "Principal": {"Service": _text(row["service"])},
        "Action": row["actions"],
        "Resource": "*",
    }
    if "condition" in row:
        value["Condition"] = {
            operator: {name: _text(text) for name, text in test.items()} for operator, test in row["condition"].items()
        }
    return value


def _text(text: str) -> Any:
    return Sub(text) if "${" in text else text
