"""ACC006: parameters of Parameter Store that CloudFormation can't create."""

from __future__ import annotations

import re
from collections.abc import Iterator

from remediator.api import (
    Applicability,
    CannotEdit,
    Context,
    EditBuilder,
    Example,
    Finding,
    Node,
    Pass,
    Remedy,
    Resource,
    Scalar,
    Template,
    text_of,
    walk,
)
from remediator.transforms.account.secret_words import holds_secret
from remediator.transforms.account.stored_secrets import StoredSecret, Unreadable

_KEYS = ("KeyId", "KmsKeyId")
_SECURE = re.compile("SecureString")

BEFORE = """\
Resources:
  LogLevel:
    Type: AWS::SSM::Parameter
    Properties:
      Name: /app/log-level
      Type: SecureString
      Value: INFO
      KeyId: !Ref Key
"""
AFTER = """\
Resources:
  LogLevel:
    Type: AWS::SSM::Parameter
    Properties:
      Name: /app/log-level
      Type: String
      Value: INFO
"""


class SecureStringParameter(Pass):
    """A parameter of Parameter Store is a `SecureString`, which CloudFormation can't create.

    One that holds no secret becomes a `String`; its key goes, which the type does not have. That is safe where its value is
    written out, for everybody who sees the template to read. One that holds a secret (by its
    name, its description, or where its value comes from) becomes an `AWS::SecretsManager::Secret`, encrypted as it was meant
    to be. What reads it goes on doing so with `ssm:GetParameter`, under the name that Parameter Store has for secrets,
    `/aws/reference/secretsmanager/…`; who was allowed to read the parameter is allowed to read the secret.

    Where something reads it in another way, the report asks.
    """

    code = "ACC006"
    name = "secure-string-parameter"
    profile = "deploy"
    answers = ("E3030", "F3030")
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ssm-parameter.html",
        "https://docs.aws.amazon.com/systems-manager/latest/userguide/integration-ps-secretsmanager.html",
    )
    examples = (Example("A setting that is no secret", BEFORE, AFTER),)

    def run(self, context: Context) -> Iterator[Finding]:
        for resource in context.template.resources.values():
            node = resource.property("Type")
            if resource.type == "AWS::SSM::Parameter" and node is not None and text_of(node) == "SecureString":
                yield self._finding(context.template, resource, node)

    def _finding(self, template: Template, resource: Resource, node: Node) -> Finding:
        path = (*resource.path, "Properties", "Type")
        message = f"{resource.logical_id} is a SecureString, which CloudFormation can't create"
        if not holds_secret(template, resource):
            return self.finding(template, path, node, message, _as_string(resource))
        secret = StoredSecret(template, resource)
        try:
            secret.make(EditBuilder(template))
        except Unreadable as obstacle:
            question = f"how should {resource.logical_id} be kept? It can be a secret of Secrets Manager, but {obstacle}"
            return self.finding(template, path, node, message, question)
        except CannotEdit:
            pass  # the finding says so
        why = "what reads it by its old name has to use the new one, outside of the template too; a secret has a monthly price"
        return self.finding(template, path, node, message, Remedy(secret.step, secret.make, why, Applicability.UNSAFE))


def _as_string(resource: Resource) -> Remedy:
    path = (*resource.path, "Properties")

    def make(builder: EditBuilder) -> None:
        properties, kind = resource.properties, resource.property("Type")
        assert properties is not None
        assert isinstance(kind, Scalar)
        builder.substitute(kind, _SECURE, "String", (*path, "Type"))
        for key in _KEYS:
            if properties.entry(key) is not None:
                builder.remove_entry(properties, key, path)
        _read_as_string(builder, resource)

    step, value = f"make {resource.logical_id} a String", resource.property("Value")
    if isinstance(value, Scalar) and value.tag is None:
        return Remedy(step, make, "its value stands in the template for everybody to read, and no name calls it a secret")
    why = "nothing says that it is a secret, but it is no longer encrypted as the template wanted it"
    return Remedy(step, make, why, Applicability.UNSAFE)


def _read_as_string(builder: EditBuilder, resource: Resource) -> None:
    """Lets dynamic references to the parameter read a ``String``."""
    name = resource.property("Name")
    if not isinstance(name, Scalar):
        return
    pattern = re.compile(rf"(?<=\{{\{{resolve:ssm)-secure(?=:{re.escape(name.value)}[:}}])")
    for path, node in walk(builder.template.root):
        if isinstance(node, Scalar) and pattern.search(node.value):
            builder.substitute(node, pattern, "", (*path, "Fn::Sub") if node.tag else path)
