"""A secret of the template that keeps a password which something else chose, and what it is when it generates it.

Many have the address of the database in their text as well. A secret that generates the password can't wait for the
database that needs it; ``AWS::SecretsManager::SecretTargetAttachment`` writes the address into it later, under the same keys.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secrettargetattachment.html
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from remediator.api import (
    VARIABLE,
    Context,
    EditBuilder,
    Mapping,
    Node,
    Ref,
    Reference,
    Resource,
    Sequence,
    Sub,
    Template,
    intrinsic,
    reachable,
    sub_template,
    text_of,
)

SECRET = "AWS::SecretsManager::Secret"
GENERATED: dict[str, Any] = {"PasswordLength": 30, "ExcludePunctuation": True}

_ATTACHMENT = "AWS::SecretsManager::SecretTargetAttachment"
_ROTATION = "AWS::SecretsManager::RotationSchedule"
_ATTACHABLE = frozenset(["AWS::RDS::DBInstance", "AWS::RDS::DBCluster", "AWS::DocDB::DBCluster", "AWS::Redshift::Cluster"])
_ATTACHED = frozenset(["engine", "host", "port", "dbname"])
_BARE = re.compile(r"(:\s*)(\$\{[^}]*\})(\s*[,}])")
"""A variable where JSON wants a number."""


class NotReplaceable(Exception):
    """Something else needs the password as it is; the message says what."""


@dataclass(frozen=True, slots=True)
class KeptPassword:
    """``key``: where it is in the secret's JSON, empty for the whole text. ``attached``: the database whose address goes."""

    secret: Resource
    key: str
    rest: dict[str, Any]
    attached: Resource | None

    def make(self, builder: EditBuilder) -> None:
        """Lets the secret generate the password."""
        properties, path = self.secret.properties, (*self.secret.path, "Properties")
        assert properties is not None
        head = {"SecretStringTemplate": json_text(self.rest), "GenerateStringKey": self.key} if self.key else {}
        builder.replace_entry(properties, "SecretString", "GenerateSecretString", {**head, **GENERATED}, path)
        if self.attached is not None:
            name = builder.new_logical_id(f"{self.secret.logical_id}Attachment")
            builder.add_resource(name, self._attachment(self.attached), after=self.attached.logical_id)
            for resource in builder.template.resources.values():
                if _is_about(resource, _ROTATION, self.secret.logical_id):  # the first rotation needs the address
                    builder.add_depends_on(resource, name)

    def _attachment(self, database: Resource) -> dict[str, Any]:
        properties = {
            "SecretId": Ref(self.secret.logical_id),
            "TargetId": Ref(database.logical_id),
            "TargetType": database.type,
        }
        head = {"Type": _ATTACHMENT, "Condition": database.condition} if database.condition else {"Type": _ATTACHMENT}
        return {**head, "Properties": properties}


def keeps(template: Template, use: Reference) -> bool:
    """Whether a use of a parameter is in the text of a secret."""
    resource = template.resources.get(str(use.path[1])) if use.path[0] == "Resources" else None
    return resource is not None and resource.type == SECRET and use.path[2:4] == ("Properties", "SecretString")


def kept_password(context: Context, use: Reference, database: Resource) -> KeptPassword:
    """What keeps a password that is to be generated. Raises NotReplaceable."""
    secret = context.template.resources[str(use.path[1])]
    if use.kind == "Ref" and use.path[4:] == ("Ref",):
        kept = KeptPassword(secret, "", {}, None)
    else:
        kept = _in_json(context.template, secret, use.target, database)
    _check_order(context, kept, database)
    return kept


def _in_json(template: Template, secret: Resource, parameter: str, database: Resource) -> KeptPassword:
    text = _text(secret.property("SecretString"))
    try:
        found = json.loads(_BARE.sub(r'\1"\2"\3', text))
    except ValueError:
        found = None
    variable = f"${{{parameter}}}"
    keys = [key for key, value in found.items() if value == variable] if isinstance(found, dict) else []
    if len(keys) != 1 or not isinstance(found, dict):
        raise NotReplaceable(secret.logical_id)
    address = {key for key, value in found.items() if f"${{{database.logical_id}" in str(value)}
    rest = {key: value for key, value in found.items() if key not in (keys[0], *address)}
    bare = {match.group(2) for match in _BARE.finditer(text)} & {str(value) for value in rest.values()}
    if not address <= _ATTACHED or (address and database.type not in _ATTACHABLE) or variable in str(rest) or bare:
        raise NotReplaceable(secret.logical_id)
    attached = address and not any(_is_about(each, _ATTACHMENT, secret.logical_id) for each in template.resources.values())
    return KeptPassword(secret, keys[0], rest, database if attached else None)


def _is_about(resource: Resource, kind: str, secret: str) -> bool:
    call = intrinsic(node) if (node := resource.property("SecretId")) else None
    return resource.type == kind and call is not None and text_of(call.argument) == secret


def _check_order(context: Context, kept: KeptPassword, database: Resource) -> None:
    """A secret can't wait for what is created with the password that it generates."""
    name = kept.secret.logical_id
    direct = {
        edge.target
        for edge in context.graph.edges
        if edge.source == name and edge.property_path[:2] != ("Properties", "SecretString")
    }
    direct |= {match.partition(".")[0] for match in VARIABLE.findall(str(kept.rest))} & context.template.resources.keys()
    arcs = {**context.graph.arcs, name: frozenset(direct)}
    if database.logical_id in reachable(arcs, name):
        raise NotReplaceable(name)


def _text(node: Node | None) -> str:
    """A ``Fn::Sub`` with the values of its own map written in; empty for anything else."""
    call = intrinsic(node) if node else None
    found = sub_template(call) if call and call.name == "Fn::Sub" else None
    if found is None or call is None:
        return ""
    values = call.argument.items[1] if isinstance(call.argument, Sequence) and len(call.argument.items) > 1 else None
    texts = {entry.key.value: as_text(entry.value) for entry in values.entries} if isinstance(values, Mapping) else {}
    return VARIABLE.sub(lambda match: texts.get(match.group(1)) or match.group(), found[0].value)


def as_text(node: Node) -> str | None:
    """A literal, ``Ref`` or ``Fn::GetAtt`` as text for ``Fn::Sub``; None for anything else."""
    call = intrinsic(node)
    if call is None:
        text = text_of(node)
        return text if text and "{{" not in text and "${" not in text else None
    parts = call.argument.items if isinstance(call.argument, Sequence) else (call.argument,)
    names = [text_of(part) for part in parts]
    return f"${{{'.'.join(map(str, names))}}}" if call.name in ("Ref", "Fn::GetAtt") and None not in names else None


def json_text(value: dict[str, Any]) -> Sub | str:
    """A value as JSON, in which variables are those of ``Fn::Sub``."""
    text = json.dumps(value)
    return Sub(text) if "${" in text else text
