"""Making a secret of Secrets Manager out of a parameter of Parameter Store, with everything that reads it.

Who may read parameters reads secrets by ``ssm:GetParameter``, too, under a name of their own:
https://docs.aws.amazon.com/systems-manager/latest/userguide/integration-ps-secretsmanager.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from remediator.api import (
    CannotEdit,
    Copy,
    EditBuilder,
    Mapping,
    Node,
    Path,
    Reference,
    Resource,
    Scalar,
    Sequence,
    Sub,
    Template,
    intrinsic,
    sub_template,
    text_of,
    walk,
)
from remediator.transforms.account.grants import Grant, Statements

PREFIX = "/aws/reference/secretsmanager"
"""What ``ssm:GetParameter`` takes for a secret: this, a slash, and the secret's name."""

_DROPPED = ("Type", "Tier", "DataType", "AllowedPattern", "Policies")
_TYPE = re.compile("AWS::SSM::Parameter")
_RUNS_CODE = ("AWS::Lambda::Function", "AWS::Serverless::Function", "AWS::ECS::TaskDefinition")


class Unreadable(Exception):
    """What reads the parameter can't be made to read the secret; the message says what that is."""


@dataclass(frozen=True)
class StoredSecret:
    """A parameter that holds a secret."""

    template: Template
    parameter: Resource

    @cached_property
    def name(self) -> str:
        """Its name as text for ``Fn::Sub``; empty where AWS makes one."""
        node = self.parameter.property("Name")
        if node is None:
            return ""
        found = _sub_text(node)
        if found is None:
            raise Unreadable("its name is an expression")
        return found[1]

    @property
    def secret_name(self) -> str:
        return self.name.removeprefix("/")

    @property
    def new_name(self) -> str:
        """The name under which ``ssm:GetParameter`` returns it."""
        return f"{PREFIX}/{self.secret_name}"

    @property
    def step(self) -> str:
        read = f", read as {self.new_name}" if self.name else ""
        return f"make {self.parameter.logical_id} a secret of Secrets Manager{read}"

    def make(self, builder: EditBuilder) -> None:
        """Writes the secret and changes what reads it. Raises Unreadable where that can't be done."""
        for reference in self._references():
            self._mend_reference(builder, reference)
        for path, node in self._mentions():
            if not self._reads(path):
                raise Unreadable(f"{path[1]} mentions its name")
            builder.substitute(node, self._mention, PREFIX + r"\g<0>", path)
        if self.name:
            secret = f"secret:{self.secret_name}"
            grant = Grant("ssm", f"parameter{_absolute(self.name)}", f"parameter{self.new_name}", "secretsmanager", secret)
            Statements(self.template, self.parameter.logical_id).extend(builder, grant)
        self._rewrite(builder)

    # Who reads it

    def _references(self) -> Iterator[Reference]:
        for reference in self.template.references:
            container = reference.kind == "Ref" and reference.path[-2] == "ValueFrom"  # it takes the ARN of the secret
            if reference.target == self.parameter.logical_id and reference.kind != "DependsOn" and not container:
                yield reference

    def _mend_reference(self, builder: EditBuilder, reference: Reference) -> None:
        reader = f"{reference.path[0]}.{reference.path[1]}" if reference.path[0] != "Resources" else reference.path[1]
        if reference.attribute or not self.name or not self._reads(reference.path):
            raise Unreadable(f"{reader} reads it")
        call = intrinsic(reference.node)
        if reference.kind == "Ref":
            value = Sub(self.new_name) if "${" in self.new_name else self.new_name
            builder.replace(reference.node, value, reference.path[:-1])
            self._keep_order(builder, reference)
            return
        found = sub_template(call) if call else None
        if found is None or reference.start is None or reference.end is None:
            raise Unreadable(f"{reader} reads it")
        builder.replace_in_scalar(found[0], reference.start, reference.end, self.new_name, reference.path)
        self._keep_order(builder, reference)

    def _keep_order(self, builder: EditBuilder, reference: Reference) -> None:
        """What runs as soon as it is created goes on waiting for what it reads, now that it no longer refers to it."""
        if reference.path[0] == "Resources" and "PolicyDocument" not in reference.path:
            builder.add_depends_on(self.template.resources[str(reference.path[1])], self.parameter.logical_id)

    @cached_property
    def _mention(self) -> re.Pattern[str]:
        return re.compile(rf"(?<!{re.escape(PREFIX)}){re.escape(self.name)}(?![\w/.$*-])")

    def _mentions(self) -> Iterator[tuple[Path, Scalar]]:
        """The texts that say its name: only a path with a slash is a name beyond doubt."""
        if not self.name.startswith("/") or self.name.count("/") < 2:
            return
        own = self.parameter.node
        for path, node in walk(self.template.root):
            if isinstance(node, Scalar) and not own.start <= node.start < own.end and self._mention.search(node.value):
                in_sub = "Fn::Sub" in path[-2:] or node.tag == "!Sub"
                if "${" not in self.name or in_sub:
                    yield (*path, "Fn::Sub") if node.tag == "!Sub" else path, node

    def _reads(self, path: Path) -> bool:
        """Whether a place holds a name that is given to ``ssm:GetParameter``, or the right to do so."""
        resource = self.template.resources.get(str(path[1])) if path[0] == "Resources" else None
        code = resource is not None and resource.type in _RUNS_CODE and "Environment" in path
        return code or path[0] == "Outputs" or any(step in path for step in ("UserData", "PolicyDocument"))

    # What becomes of it

    def _rewrite(self, builder: EditBuilder) -> None:
        properties, path = self.parameter.properties, (*self.parameter.path, "Properties")
        kind = self.parameter.node.get("Type")
        if properties is None or not isinstance(kind, Scalar):
            raise CannotEdit("its properties are not written out")
        builder.substitute(kind, _TYPE, "AWS::SecretsManager::Secret", (*self.parameter.path, "Type"))
        for old, new in (("Value", "SecretString"), ("KeyId", "KmsKeyId")):
            entry = properties.entry(old)
            if entry is not None:
                builder.rename_key(entry, new, path)
        for key in _DROPPED:
            if properties.entry(key) is not None:
                builder.remove_entry(properties, key, path)
        self._rewrite_name(builder, properties.get("Name"), (*path, "Name"))
        self._rewrite_tags(builder, properties, path)

    def _rewrite_name(self, builder: EditBuilder, node: Node | None, path: Path) -> None:
        found = _sub_text(node) if node is not None and self.name.startswith("/") else None
        if found is not None:
            scalar = found[0]
            start = builder.source.text.index("/", scalar.start)
            builder.replace_in_scalar(scalar, start, start + 1, "", path)

    def _rewrite_tags(self, builder: EditBuilder, properties: Mapping, path: Path) -> None:
        tags = properties.get("Tags")
        if isinstance(tags, Mapping) and intrinsic(tags) is None:
            items: list[Any] = [{"Key": tag.key.value, "Value": Copy(tag.value)} for tag in tags.entries]
            builder.replace_entry(properties, "Tags", "Tags", items, path)
        elif tags is not None and not (isinstance(tags, Sequence) and tags.tag is None):
            raise CannotEdit("its tags are an expression")


def _sub_text(node: Node) -> tuple[Scalar, str] | None:
    """A literal or ``Fn::Sub`` as the scalar that holds its text, and that text as ``Fn::Sub`` reads it."""
    text = text_of(node)
    if text is not None and isinstance(node, Scalar):
        return node, text.replace("${", "${!")
    call = intrinsic(node)
    found = sub_template(call) if call and call.name == "Fn::Sub" else None
    return (found[0], found[0].value) if found and not found[1] else None


def _absolute(name: str) -> str:
    return name if name.startswith("/") else f"/{name}"
