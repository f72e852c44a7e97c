"""CRE007: key policies that lock out the services that use the key, or everybody."""

from __future__ import annotations

from collections.abc import Iterator
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
    table,
    text_of,
)
from remediator.transforms.creation.key_services import Need, admitted, enough, lacking, needs_of
from remediator.transforms.wiring.links import inside
from remediator.transforms.wiring.sources import arn_value

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


class KeyPolicyLocksOut(Pass):
    """The policy of a key does not let a service use it that encrypts something else of the template with it, or lets nobody
    change the policy again.

    Log groups, trails and buckets that notify an encrypted topic are refused while the stack is created; alarms, rules
    and subscriptions are created, and nothing arrives; distributions and deliveries of logs can't read or write encrypted
    buckets. A service that the policy of an encrypted topic, queue or bucket lets in counts as well. The service gets a
    statement of its own, limited to what it does for this account where it always says so. A key without a policy gets the
    one that AWS would give it, and that statement.

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
        needs = needs_of(template)
        for key in template.resources.values():
            if key.type == _KEY and key.properties is not None:
                yield from self._findings(template, key, key.properties, needs.get(key.logical_id, []))

    def _findings(self, template: Template, key: Resource, properties: Mapping, needs: list[Need]) -> Iterator[Finding]:
        policy = properties.get("KeyPolicy")
        statements = _statements(policy)
        if statements is None:
            return
        missing = [lacking(statements, need) for need in needs if not admitted(statements, need.row)]
        locked = policy is not None and _locks_everybody_out(key, statements)
        if not missing and not locked:
            return
        services = enough(missing)
        who = list(dict.fromkeys(["the account"] * locked + [str(need.row["service"]) for need in services]))
        remedy = Remedy(
            f"let {', '.join(who)} use {key.logical_id}",
            lambda builder: _write(builder, key, properties, services, locked),
            "nobody gets more than what the template makes them do with the key",
        )
        related = tuple(need.user.path for need in missing)
        message = _message(key, missing, locked)
        profile = "secure" if missing and not locked and all("profile" in need.row for need in missing) else ""
        path = (*key.path, "Properties", "KeyPolicy")
        yield self.finding(template, path, policy or key.key, message, remedy, related, profile)


def _statements(policy: Node | None) -> list[Mapping] | None:
    """The statements of a policy; None where not all of it is written out."""
    found = list(inside(policy, "Statement"))
    plain = [each for each in found if isinstance(each, Mapping) and intrinsic(each) is None]
    if policy is None:
        return []
    return plain if plain and len(plain) == len(found) and isinstance(policy, Mapping) else None


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


def _message(key: Resource, missing: list[Need], locked: bool) -> str:
    parts = [f"locks everybody out of {key.logical_id}: KMS refuses it"] if locked else []
    for need in {need.row["service"]: need for need in missing}.values():
        fails = need.row.get("fails")
        result = f"creation fails ({fails})" if fails else "nothing arrives"
        parts.append(f"does not let {need.row['service']} use {key.logical_id} for {need.user.logical_id}: {result}")
    return f"the key policy {'; '.join(parts)}"


def _write(builder: EditBuilder, key: Resource, properties: Mapping, needs: list[Need], locked: bool) -> None:
    policy = properties.get("KeyPolicy")
    path = (*key.path, "Properties", "KeyPolicy")
    if policy is None:
        statements = [_ROOT, *(_statement(need.row) for need in needs)]
        document = {"Version": "2012-10-17", "Statement": statements}
        builder.insert_entry(properties, "KeyPolicy", document, path[:-1], after=properties.entries[-1].key.value)
        return
    listed = policy.get("Statement") if isinstance(policy, Mapping) else None
    if not isinstance(listed, Sequence) or intrinsic(listed):
        raise CannotEdit("Statement is not a list")
    sids = [text_of(each.get("Sid")) for each in listed.items if isinstance(each, Mapping) and each.entry("Sid")]
    new = [{"Sid": _ROOT_SID, **_ROOT}] * locked + [{"Sid": need.row["sid"], **_statement(need.row)} for need in needs]
    for statement in new:
        wish = str(statement.pop("Sid"))
        sid = next(name for name in (wish, *(f"{wish}{number}" for number in range(2, 99))) if name not in sids)
        builder.append_item(listed, {"Sid": sid, **statement} if sids else statement, (*path, "Statement"))
        sids += [sid] if sids else []


def _statement(row: dict[str, Any]) -> dict[str, Any]:
    value: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": arn_value(row["service"])},
        "Action": row["actions"] if len(row["actions"]) > 1 else row["actions"][0],
        "Resource": "*",
    }
    if "condition" in row:
        value["Condition"] = {
            operator: {name: arn_value(text) for name, text in test.items()} for operator, test in row["condition"].items()
        }
    return value
