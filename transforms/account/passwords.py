"""ACC003 and ACC004: passwords that people choose, and those that everybody can read."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import (
    Applicability,
    Context,
    Example,
    Finding,
    Mapping,
    Pass,
    Path,
    Remedy,
    Scalar,
    Template,
    UpdateEffect,
    text_of,
    walk,
)
from remediator.transforms.account.generated_passwords import GeneratedPassword, of_parameter, password_places
from remediator.transforms.account.kept_passwords import NotReplaceable

_SOURCES = (
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html",
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-secretsmanager-secret-generatesecretstring.html",
)
_RISK = (
    "the password changes, also that of a deployed database, and who knows the old one has to read the new one from the secret"
)

PARAMETER = """\
Parameters:
  Size:
    Type: String
  Password:
    Type: String
    NoEcho: true
Resources:
  Database:
    Type: AWS::RDS::DBInstance
    Properties:
      DBInstanceClass: !Ref Size
      MasterUsername: main
      MasterUserPassword: !Ref Password
"""
LITERAL = PARAMETER.replace("  Password:\n    Type: String\n    NoEcho: true\n", "").replace("!Ref Password", "change-me")
AFTER = """\
Parameters:
  Size:
    Type: String
Resources:
  Database:
    Type: AWS::RDS::DBInstance
    Properties:
      DBInstanceClass: !Ref Size
      MasterUsername: main
      MasterUserPassword: !Sub "{{resolve:secretsmanager:${DatabaseSecret}:SecretString:password}}"
  DatabaseSecret:
    Type: AWS::SecretsManager::Secret
    Properties:
      GenerateSecretString:
        SecretStringTemplate: '{"username": "main"}'
        GenerateStringKey: password
        PasswordLength: 30
        ExcludePunctuation: true
"""


class PasswordParameter(Pass):
    """A deployment asks for the password of a database, which somebody has to think up, hand over and keep.

    Secrets Manager generates it instead, and the database gets it by a dynamic reference, which nobody sees. A secret that
    keeps the password already generates it from now on. The parameter goes, since nothing asks for it any more.

    Where something else uses the parameter, it stays: a script, an environment variable or a nested stack would have
    another password than the database.
    """

    code = "ACC003"
    name = "password-parameter"
    profile = "secure"
    answers = ("W1011",)
    sources = _SOURCES
    examples = (Example("The password of a database", PARAMETER, AFTER, unsafe=True),)

    def run(self, context: Context) -> Iterator[Finding]:
        for name, definition in _parameters(context.template):
            if not _default(definition):
                message = f"the deployment asks for a password, {name}"
                yield from _of_parameter(self, context, name, definition, message, ("Parameters", name))


class PlainPassword(Pass):
    """The password of a database stands in the template, for everybody to read who can read the template.

    Secrets Manager generates another one, as for `password-parameter` (ACC003). A password that stands elsewhere in the
    template, too, is left alone: what uses it there would no longer get in.
    """

    code = "ACC004"
    name = "plain-password"
    profile = "secure"
    answers = ("W1011",)
    sources = _SOURCES
    examples = (Example("The password of a database", LITERAL, AFTER, unsafe=True),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for name, definition in _parameters(template):
            default = definition.get("Default")
            if default is not None and _default(definition):
                message = f"the default of {name} is a password that everybody can read"
                yield from _of_parameter(self, context, name, definition, message, ("Parameters", name, "Default"))
        for place in password_places(template):
            text = text_of(place.node)
            if not place.sets or not text or "{{resolve:" in text:
                continue
            remedy: Remedy | str = _remedy(GeneratedPassword(context, (place,)))
            elsewhere = [path for path, node in walk(template.root) if node is not place.node and _says(node, text)]
            if elsewhere:
                remedy = f"{elsewhere[0][1]} has the password, too, and would no longer get in with another one"
            message = f"the password of {place.resource.logical_id} can be read by everybody"
            yield self.finding(template, place.path, place.node, message, remedy)


def _parameters(template: Template) -> Iterator[tuple[str, Mapping]]:
    section = template.section("Parameters")
    for entry in section.entries if section else ():
        if isinstance(entry.value, Mapping):
            yield entry.key.value, entry.value


def _default(definition: Mapping) -> str:
    node = definition.get("Default")
    return node.value if isinstance(node, Scalar) and node.kind != "null" else ""


def _of_parameter(rule: Pass, context: Context, name: str, definition: Mapping, message: str, path: Path) -> Iterator[Finding]:
    if "{{resolve:" in _default(definition) or (text_of(definition.get("Type")) or "").startswith("AWS::SSM::"):
        return
    try:
        found = of_parameter(context, name)
    except NotReplaceable as other:
        reason = f"{other} uses {name}, too, and would have another password than the database"
        yield rule.finding(context.template, path, definition, message, reason)
        return
    if found is not None:
        yield rule.finding(context.template, path, definition, message, _remedy(found))


def _remedy(password: GeneratedPassword) -> Remedy:
    step = f"let Secrets Manager generate the password of {password.owner.resource.logical_id}"
    return Remedy(step, password.make, _RISK, Applicability.UNSAFE, UpdateEffect.INTERRUPTION)


def _says(node: object, text: str) -> bool:
    return isinstance(node, Scalar) and text in node.value
