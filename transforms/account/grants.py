"""Policy statements that let somebody read a thing by its name, and one more for the thing that takes its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from remediator.api import (
    CannotEdit,
    EditBuilder,
    Mapping,
    Node,
    Path,
    Scalar,
    Sequence,
    Sub,
    Template,
    intrinsic,
    sub_template,
    text_of,
    walk,
)

_READ = "ssm:GetParameter", "ssm:GetParameters"
_READ_SECRET = "secretsmanager:GetSecretValue"
_VARIABLE = re.compile(r"\$\{[^}]*\}")


@dataclass(frozen=True, slots=True)
class Grant:
    """``old``: the last part of the ARN of what was read; ``alias`` and ``new``: of what is to be read, in two services."""

    service: str
    old: str
    alias: str
    new_service: str
    new: str


@dataclass(frozen=True, slots=True)
class _Allowed:
    actions: tuple[str, ...]
    resources: tuple[str, ...]

    def reads(self, action: str) -> bool:
        return any(_matches(pattern.lower(), action.lower()) for pattern in self.actions)

    def covers(self, service: str, part: str) -> bool:
        return any(_covers(pattern, service, part) for pattern in self.resources)


@dataclass(frozen=True, slots=True)
class Statements:
    """The ``Statement`` lists of a template that allow something to identities.

    ``logical_id``: in their resources, ``${…}`` of this resource stands for its name.
    """

    template: Template
    logical_id: str

    def extend(self, builder: EditBuilder, grant: Grant) -> None:
        """Beside each statement that lets the old thing be read, allows the new one to be read."""
        for path, node in self._lists():
            statements = [self._allowed(item, grant) for item in (node.items if isinstance(node, Sequence) else (node,))]
            readers = [each for each in statements if any(map(each.reads, _READ)) and each.covers(grant.service, grant.old)]
            if not readers:
                continue
            actions, resources = _missing(statements, readers, grant)
            if actions and not isinstance(node, Sequence):
                raise CannotEdit("the policy that grants its reading has no list of statements")
            if actions and isinstance(node, Sequence):
                statement = {"Effect": "Allow", "Action": _one_or_all(actions), "Resource": _one_or_all(resources)}
                builder.append_item(node, statement, path)

    def _lists(self) -> Iterator[tuple[Path, Node]]:
        for path, node in walk(self.template.resources_node, ("Resources",)):
            statements = node.get("Statement") if isinstance(node, Mapping) else None
            if statements is not None and path[-1] != "KeyPolicy":
                yield (*path, "Statement"), statements

    def _allowed(self, item: Node, grant: Grant) -> _Allowed:
        if not isinstance(item, Mapping) or text_of(item.get("Effect")) != "Allow":
            return _Allowed((), ())
        name = grant.old.removeprefix("parameter")
        resources = (text.replace(f"${{{self.logical_id}}}", name) for text in _texts(item.get("Resource")))
        return _Allowed(tuple(_texts(item.get("Action"))), tuple(resources))


def _missing(statements: list[_Allowed], readers: list[_Allowed], grant: Grant) -> tuple[list[str], list[Sub]]:
    """The actions that nobody has granted yet, and on what."""
    actions: list[str] = []
    resources: list[Sub] = []
    exact = any("*" not in pattern and _covers(pattern, grant.service, grant.old) for r in readers for pattern in r.resources)
    if not exact and not any(any(map(each.reads, _READ)) and each.covers(grant.service, grant.alias) for each in statements):
        actions += _READ
        resources.append(_arn(grant.service, grant.alias))
    new = f"{grant.new}-??????"
    if not any(each.reads(_READ_SECRET) and each.covers(grant.new_service, new) for each in statements):
        actions.append(_READ_SECRET)
        resources.append(_arn(grant.new_service, new))
    return actions, resources


def _arn(service: str, part: str) -> Sub:
    return Sub(f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{part}")


def _one_or_all(values: list[str] | list[Sub]) -> object:
    return values[0] if len(values) == 1 else values


def _texts(node: Node | None) -> Iterator[str]:
    """The texts of a value or a list of values, as ``Fn::Sub`` reads them; what is no text is left out."""
    for item in node.items if isinstance(node, Sequence) else (node,) if node else ():
        call = intrinsic(item)
        found = sub_template(call) if call and call.name == "Fn::Sub" else None
        if found:
            yield found[0].value
        elif isinstance(item, Scalar) and call is None:
            yield item.value


def _covers(pattern: str, service: str, part: str) -> bool:
    """Whether the pattern of an ARN covers a resource of a service, whatever the Region and account."""
    steps = _VARIABLE.sub(lambda match: match.group().replace(":", "."), pattern).split(":", 5)
    part = _VARIABLE.sub(lambda match: match.group().replace(":", "."), part)
    return pattern == "*" or (len(steps) == 6 and _matches(steps[2], service) and _matches(steps[5], part))


def _matches(pattern: str, text: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), text, re.DOTALL) is not None
