"""Letting Secrets Manager make a password that a template asks for or has in plain text.

A secret that keeps the password already generates it from now on; otherwise one is added. What is given the password
gets it by a dynamic reference.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from remediator.api import (
    Context,
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
    table,
)
from remediator.transforms.account.kept_passwords import (
    GENERATED,
    SECRET,
    KeptPassword,
    NotReplaceable,
    as_text,
    json_text,
    keeps,
    kept_password,
)


@dataclass(frozen=True, slots=True)
class PasswordPlace:
    """A property that holds a password."""

    resource: Resource
    node: Node
    path: Path
    sets: bool
    username: Node | None


def password_places(template: Template) -> Iterator[PasswordPlace]:
    """Every property that holds a password."""
    for resource in template.resources.values():
        row = table("passwords").get(resource.type)
        if row is None or any(resource.property(name) for name in row["unless"]):
            continue
        keys = tuple(row["password"].split("."))
        node = _inside(resource.properties, keys)
        username = _inside(resource.properties, tuple(row["username"].split("."))) if "username" in row else None
        if node is not None:
            yield PasswordPlace(resource, node, (*resource.path, "Properties", *keys), row["sets"], username)


def _inside(node: Node | None, keys: tuple[str, ...]) -> Node | None:
    for key in keys:
        node = node.get(key) if isinstance(node, Mapping) and intrinsic(node) is None else None
    return node


@dataclass(frozen=True)
class GeneratedPassword:
    """A password in the places that share it, and the secret that keeps it, if there is one."""

    context: Context
    places: tuple[PasswordPlace, ...]
    parameter: str = ""
    kept: KeptPassword | None = None

    @cached_property
    def owner(self) -> PasswordPlace:
        """What is created with the password."""
        return next(place for place in self.places if place.sets)

    def make(self, builder: EditBuilder) -> None:
        if self.kept:
            name, key = self.kept.secret.logical_id, self.kept.key
            self.kept.make(builder)
        else:
            name = builder.new_logical_id(f"{self.owner.resource.logical_id}Secret")
            key = "password" if self._username else ""
            builder.add_resource(name, self._secret(), after=self._anchor())
        suffix = f":SecretString:{key}" if key else ""
        for place in self.places:
            builder.replace(place.node, Sub(f"{{{{resolve:secretsmanager:${{{name}}}{suffix}}}}}"), place.path)
        if self.parameter:
            forget_parameter(builder, self.parameter)

    def _anchor(self) -> str:
        """The resource above the one with the password, so that its secret comes before it; else that one."""
        names = list(self.context.template.resources)
        return names[max(names.index(self.owner.resource.logical_id) - 1, 0)]

    @cached_property
    def _username(self) -> str | None:
        return as_text(self.owner.username) if self.owner.username else None

    def _secret(self) -> dict[str, Any]:
        template = json_text({"username": self._username})
        head = {"SecretStringTemplate": template, "GenerateStringKey": "password"} if self._username else {}
        conditions = {place.resource.condition for place in self.places}
        condition = conditions.pop() if len(conditions) == 1 else None
        kind = {"Type": SECRET, "Condition": condition} if condition else {"Type": SECRET}
        return {**kind, "Properties": {"GenerateSecretString": {**head, **GENERATED}}}


def of_parameter(context: Context, name: str) -> GeneratedPassword | None:
    """The password that a parameter holds; None where it is none. Raises NotReplaceable."""
    places: list[PasswordPlace] = []
    keepers: list[Reference] = []
    others: list[Reference] = []
    known = {place.path: place for place in password_places(context.template)}
    for use in (each for each in context.template.references if each.target == name):
        place = known.get(use.path[:-1]) if use.kind == "Ref" else None
        if place is not None:
            places.append(place)
        elif keeps(context.template, use):
            keepers.append(use)
        else:
            others.append(use)
    owners = [place for place in places if place.sets]
    if not owners:
        return None
    if others or len(keepers) > 1:
        raise NotReplaceable(str([*others, *keepers][0].path[1]))
    kept = kept_password(context, keepers[0], owners[0].resource) if keepers else None
    return GeneratedPassword(context, tuple(places), name, kept)


def forget_parameter(builder: EditBuilder, name: str) -> None:
    """Removes a parameter, and its name from the description of the console's form."""
    template = builder.template
    section = template.section("Parameters")
    if section is not None and len(section.entries) == 1:
        builder.remove_entry(template.root, "Parameters", ())
    elif section is not None:
        builder.remove_entry(section, name, ("Parameters",))
    path: Path = ("Metadata", "AWS::CloudFormation::Interface")
    form = _inside(template.root, ("Metadata", "AWS::CloudFormation::Interface"))
    labels = form.get("ParameterLabels") if isinstance(form, Mapping) else None
    if isinstance(labels, Mapping) and labels.entry(name):
        if len(labels.entries) > 1:
            builder.remove_entry(labels, name, (*path, "ParameterLabels"))
        elif isinstance(form, Mapping):
            builder.remove_entry(form, "ParameterLabels", path)
    groups = form.get("ParameterGroups") if isinstance(form, Mapping) else None
    for index, group in enumerate(groups.items if isinstance(groups, Sequence) else ()):
        names = group.get("Parameters") if isinstance(group, Mapping) else None
        for position, item in enumerate(names.items if isinstance(names, Sequence) else ()):
            if isinstance(item, Scalar) and item.value == name and isinstance(group, Mapping):
                builder.remove_item(group, "Parameters", position, (*path, "ParameterGroups", index))
