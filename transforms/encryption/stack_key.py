"""The key of the stack: the fitting one that the template has, or one that is added, the same for everything it encrypts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from collections.abc import Sequence as List
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import takewhile
from typing import Any

from remediator.api import (
    MAX_RESOURCES,
    Context,
    EditBuilder,
    GetAtt,
    Mapping,
    Node,
    Ref,
    Resource,
    Scalar,
    Sequence,
    Sub,
    Template,
    intrinsic,
    reachable,
    table,
    text_of,
    to_value,
)
from remediator.transforms.cycles.names import as_sub_text
from remediator.transforms.encryption.keys import keys
from remediator.transforms.wiring.follow import at
from remediator.transforms.wiring.links import inside

KEY, ALIAS = "AWS::KMS::Key", "AWS::KMS::Alias"

_ROOT = "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"
_NEW_KEY = {
    "Type": KEY,
    "DeletionPolicy": "Retain",
    "UpdateReplacePolicy": "Retain",
    "Properties": {
        "Description": "Encrypts the data of this stack",
        "EnableKeyRotation": True,
        "KeyPolicy": {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": {"AWS": Sub(_ROOT)}, "Action": "kms:*", "Resource": "*"}],
        },
    },
}
"""The account decides by its own policies who uses the key, as AWS's default key policy has it; services come later, each
with what its store needs. Data without its key is lost, so that the key outlives the stack.
https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html (2026-11)"""
_ALIAS_NAME = "alias/${AWS::StackName}-encryption"
_SYMMETRIC = {"KeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "ENCRYPT_DECRYPT", "Origin": "AWS_KMS", "Enabled": "true"}
_ANY_KEY = re.compile(r"KMS|Kms|CMK|Cmk|Keys?|Encryption|Master")


@dataclass(frozen=True, slots=True)
class StackKey:
    """A key to encrypt with. ``arn`` gives its ARN as a value, and adds it to the template where it is new.

    ``given``: it comes from outside, by a parameter or an import, so that nobody sees whom its policy lets in.
    """

    name: str
    arn: Callable[[EditBuilder], Any]
    given: bool = False


def stack_key(context: Context, store: Resource, code: str) -> StackKey | str:
    """The key for a store, of which a rule of the table ``stores`` is about; or why there is none."""
    template, row = context.template, table("stores")[code]
    found = [(rank, key) for key in template.resources.values() if (rank := _rank(context, key, store, code))]
    found.sort(key=lambda each: (each[0], -_likeness(each[1].logical_id, store.logical_id)))
    given = next(_given(template, row), None)
    if given is not None and (not found or found[0][0] > 1):
        return StackKey(_said(given), lambda builder: to_value(given), given=True)
    if found:
        name = found[0][1].logical_id
        return StackKey(name, lambda builder: GetAtt(name, "Arn"))
    if len(template.resources) + 2 > MAX_RESOURCES:
        return f"a key would be one resource more than the {MAX_RESOURCES} that a template may have"
    return StackKey("a new key", lambda builder: GetAtt(_add(builder), "Arn"))


def _add(builder: EditBuilder) -> str:
    """Adds the key and its alias behind the last resource, with the same words whoever asks."""
    names = list(builder.template.resources)
    small = all(name[0].islower() for name in names)
    key = builder.new_logical_id("encryptionKey" if small else "EncryptionKey")
    alias = {"Type": ALIAS, "Properties": {"AliasName": Sub(_ALIAS_NAME), "TargetKeyId": Ref(key)}}
    builder.add_resource(key, _NEW_KEY, after=names[-1])
    builder.add_resource(builder.new_logical_id(f"{key}Alias"), alias, after=names[-1])
    return key


def _given(template: Template, row: dict[str, Any]) -> Iterator[Node]:
    """What already gives other stores of the same kind a key from outside: a parameter, or the export of another stack."""
    for node in _keys_in_use(template, row):
        call = intrinsic(node)
        definition = template.parameter(text_of(call.argument) or "") if call and call.name == "Ref" else None
        default = definition.get("Default") if definition else None
        if (call and call.name == "Fn::ImportValue") or (definition and (default is None or text_of(default))):
            yield node


def _said(node: Node) -> str:
    """A key from outside, in words."""
    call = intrinsic(node)
    name = text_of(call.argument) if call else None
    return name if call and call.name == "Ref" and name else "the imported key"


def _keys_in_use(template: Template, row: dict[str, Any]) -> Iterator[Node]:
    for spot in row["at"]:
        for store in template.resources.values():
            if store.type in spot["types"]:
                yield from at(store, re.sub(r"[?]|\[\]", "", spot["key"]))


def _rank(context: Context, key: Resource, store: Resource, code: str) -> int:
    """How well a key fits a store: 1 is best, 0 not at all.

    Best is the key of stores of the same kind, then one that is named for them, then one for everything. A key that is
    named for something else is left to that.
    """
    if key.type != KEY or not _is_usable(context, key, store):
        return 0
    row, named = table("stores")[code], _words(key.logical_id)
    if any(key in keys(context.template, node) for node in _keys_in_use(context.template, row)):
        return 1
    if not named.isdisjoint(row["words"]):
        return 2
    return 3 if named.isdisjoint(word for each in table("stores").values() for word in each["words"]) else 0


def _words(name: str) -> set[str]:
    """The words of a logical id, in singular and plural, without those that any key may have."""
    found = re.findall(r"[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z]+[0-9]*", _ANY_KEY.sub("-", name))
    return {word for each in found for word in (each.lower(), each.lower().removesuffix("s"))}


def _likeness(one: str, other: str) -> int:
    """How many letters two logical ids begin with in common."""
    pairs = zip(one.lower(), other.lower(), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _is_usable(context: Context, key: Resource, store: Resource) -> bool:
    """Whether a key is there whenever the store is, encrypts, lets the account decide, and waits for nobody who needs it.

    Roles that its policy names get the right to it in a policy of their own; those that SAM makes can't.
    """
    if key.properties is None or key.condition not in (None, store.condition):
        return False
    if any(_differs(key.property(name), value) for name, value in _SYMMETRIC.items()):
        return False
    behind = reachable(context.graph.arcs, key.logical_id)
    waits = [context.template.resources[name] for name in behind if name in context.template.resources]
    if store in waits or any(each.type == "AWS::Serverless::Function" for each in waits):
        return False
    return lets_the_account_decide(key)


def _differs(node: Node | None, default: str) -> bool:
    return node is not None and (not isinstance(node, Scalar) or node.tag is not None or node.value.lower() != default.lower())


def lets_the_account_decide(key: Resource) -> bool:
    """Whether a key policy leaves it to the account's own policies who uses the key, and can be added to."""
    policy = key.property("KeyPolicy")
    if policy is None:
        return True
    listed = policy.get("Statement") if isinstance(policy, Mapping) and intrinsic(policy) is None else None
    if not isinstance(listed, Sequence) or intrinsic(listed):
        return False
    statements: List[Any] = listed.items
    if not all(isinstance(each, Mapping) and intrinsic(each) is None for each in statements):
        return False
    if any(text_of(each.get("Effect")) == "Deny" for each in statements):
        return False
    return any(_is_for_account(each) for each in statements)


def _is_for_account(statement: Mapping) -> bool:
    principal = statement.get("Principal")
    named = [as_sub_text(each) or "" for each in inside(principal, "AWS")] if isinstance(principal, Mapping) else []
    root = any(name.endswith((":root", "${AWS::AccountId}")) for name in named) or text_of(principal) == "*"
    actions = [text_of(each) or "" for each in inside(statement.get("Action"))]
    wanted = ("kms:encrypt", "kms:decrypt", "kms:generatedatakey", "kms:creategrant", "kms:describekey")
    may = all(any(fnmatchcase(each, action.lower()) for action in actions) for each in wanted)
    return root and may and statement.entry("Condition") is None
