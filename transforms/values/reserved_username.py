"""VAL015: databases whose master user has a name that the engine keeps for itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from remediator.api import (
    Applicability,
    Context,
    EditBuilder,
    Example,
    Finding,
    Mapping,
    Node,
    Origin,
    Pass,
    Path,
    Remedy,
    Resource,
    Scalar,
    Template,
    intrinsic,
    references,
    sub_template,
    table,
)
from remediator.transforms.values.pieces import Piece
from remediator.transforms.values.texts import literals, mend

_TYPES = ("AWS::RDS::DBInstance", "AWS::RDS::DBCluster", "AWS::DocDB::DBCluster")
_INSTEAD = "dbadmin"
_IN_SECRET = re.compile(r"\{\{resolve:secretsmanager:\$\{(\w+)(?:\.\w+)?\}:SecretString:(\w+)")
_FIELD = r'"{}"\s*:\s*"([^"]*)"'

_BEFORE = """\
Resources:
  Secret:
    Type: AWS::SecretsManager::Secret
    Properties:
      GenerateSecretString:
        SecretStringTemplate: '{"username": "admin"}'
        GenerateStringKey: password
        ExcludeCharacters: '"@/'
  Orders:
    Type: AWS::RDS::DBInstance
    Properties:
      Engine: postgres
      MasterUsername: !Sub '{{resolve:secretsmanager:${Secret}:SecretString:username}}'
      MasterUserPassword: !Sub '{{resolve:secretsmanager:${Secret}:SecretString:password}}'
      DBInstanceClass: db.t4g.micro
      AllocatedStorage: 20
"""


@dataclass(frozen=True, slots=True)
class _Written:
    """A user name where it is written: as a value of its own, or inside the text of a secret."""

    text: str
    node: Scalar
    origin: Origin | None = None
    piece: Piece | None = None

    def write(self, builder: EditBuilder, text: str) -> None:
        if self.origin is not None:
            mend(builder, self.origin, text)
        elif self.piece is not None:
            self.piece.write(builder, text)


class ReservedUsername(Pass):
    """A database has a `MasterUsername` that its engine reserves, such as `admin` in PostgreSQL.

    *MasterUsername admin cannot be used as it is a reserved word used by the engine.* The name is found in the property,
    the default of a parameter, or the secret of the template that the property is resolved from. The fix writes `dbadmin`
    there, and in the secrets of the database that have the old name as their `username`. It is unsafe: it is a guess at a
    name, which clients outside of the template have to know.
    """

    code = "VAL015"
    name = "reserved-username"
    profile = "deploy"
    sources = (
        "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html",
        "https://docs.aws.amazon.com/documentdb/latest/developerguide/limits.html",
    )
    examples = (Example("PostgreSQL", _BEFORE, _BEFORE.replace('"admin"', '"dbadmin"'), unsafe=True),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for resource in template.resources.values():
            node = resource.property("MasterUsername") if resource.type in _TYPES else None
            path = (*resource.path, "Properties", "MasterUsername")
            reserved = _reserved(template, resource) if node is not None else None
            for written in _names(template, node, path) if node is not None and reserved else ():
                if reserved and reserved.fullmatch(written.text):
                    yield self._found(template, resource, written, path)

    def _found(self, template: Template, resource: Resource, written: _Written, path: Path) -> Finding:
        places = {id(each.node): each for each in (written, *_same_in_secrets(template, resource, written.text))}

        def make(builder: EditBuilder) -> None:
            for each in places.values():
                each.write(builder, _INSTEAD)

        remedy = Remedy(
            f"name the master user {_INSTEAD}",
            make,
            "the name is a guess, and clients that the template does not show have to follow",
            Applicability.UNSAFE,
        )
        message = f"the user name {written.text} of {resource.logical_id} is reserved by its engine"
        return self.finding(template, path, written.node, message, remedy)


def _reserved(template: Template, resource: Resource) -> re.Pattern[str] | None:
    """The names that every engine the resource may get reserves."""
    path = (*resource.path, "Properties", "Engine")
    engines = {each.node.value.lower() for each in literals(template, resource.property("Engine"), path)}
    engines = engines or ({"docdb"} if resource.type.startswith("AWS::DocDB") else set())
    rows = [table("reserved_usernames").get(engine) for engine in sorted(engines)]
    if not rows or not all(rows):
        return None
    words = set.intersection(*(set(row["words"]) for row in rows if row))
    prefixes = set.intersection(*(set(row.get("prefixes", ())) for row in rows if row))
    return re.compile("|".join([*map(re.escape, sorted(words)), *(f"{each}.*" for each in sorted(prefixes))]), re.IGNORECASE)


def _names(template: Template, node: Node, path: Path) -> Iterator[_Written]:
    for origin in literals(template, node, path):
        yield _Written(origin.node.value, origin.node, origin)
    call = intrinsic(node)
    found = sub_template(call) if call and call.name == "Fn::Sub" else None
    match = _IN_SECRET.search(found[0].value) if found else None
    secret = template.resources.get(match.group(1)) if match else None
    if match and secret:
        yield from _in_secret(template, secret, match.group(2))


def _in_secret(template: Template, secret: Resource, field: str) -> Iterator[_Written]:
    """A field of a secret, in its text or in the parameter that the text takes it from."""
    path: Path = (*secret.path, "Properties")
    node, generated = secret.property("SecretString"), secret.property("GenerateSecretString")
    if isinstance(generated, Mapping):
        node, path = generated.get("SecretStringTemplate"), (*path, "GenerateSecretString")
    path = (*path, "SecretString" if node is secret.property("SecretString") else "SecretStringTemplate")
    call = intrinsic(node) if node else None
    found = sub_template(call) if call and call.name == "Fn::Sub" else None
    text = found[0] if found else node if isinstance(node, Scalar) and node.tag is None else None
    match = re.search(_FIELD.format(re.escape(field)), text.value) if text else None
    if match is None or text is None:
        return
    value = match.group(1)
    if value.startswith("${") and found:
        definition = template.parameter(value[2:-1])
        default = definition.get("Default") if definition else None
        if isinstance(default, Scalar):
            origin = Origin(("Parameters", value[2:-1], "Default"), default, shared=True)
            yield _Written(default.value, default, origin)
        return
    inner = (*path, "Fn::Sub") if found else path
    yield _Written(value, text, piece=Piece(value, text, match.start(1), inner))


def _same_in_secrets(template: Template, database: Resource, name: str) -> Iterator[_Written]:
    """The secrets that a database mentions, or that are attached to it, where they have a name as their user name."""
    linked = {each.target for each in references(database.node, template.source.text)}
    for other in template.resources.values():
        ends = {each.target for each in references(other.node, template.source.text)}
        if other.type == "AWS::SecretsManager::SecretTargetAttachment" and database.logical_id in ends:
            linked |= ends
    for resource in template.resources.values():
        if resource.type == "AWS::SecretsManager::Secret" and resource.logical_id in linked:
            yield from (each for each in _in_secret(template, resource, "username") if each.text == name)
