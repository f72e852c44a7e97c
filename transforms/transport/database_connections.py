"""TLS008: databases that accept connections without TLS."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from remediator.api import (
    Applicability,
    CannotEdit,
    Context,
    EditBuilder,
    Entry,
    Example,
    Finding,
    Mapping,
    Node,
    Pass,
    Remedy,
    Resource,
    Scalar,
    Sequence,
    Template,
    intrinsic,
    table,
    text_of,
)
from remediator.transforms.transport.known import of_type
from remediator.transforms.wiring.grants import add_to_list

_KEY = "Parameters"
_NAMES = ("DBParameterGroupName", "DBClusterParameterGroupName", "ClusterParameterGroupName")
"""What names a parameter group at its database."""
_RISK = "clients that connect without TLS no longer get through"

_BEFORE = """\
Resources:
  Settings:
    Type: AWS::RDS::DBParameterGroup
    Properties:
      Description: orders
      Family: postgres14
      Parameters:
        log_connections: "1"
"""


class PlainDatabaseConnections(Pass):
    """A database accepts connections without TLS: its parameter group says so, or its version does so by default.

    The parameter that requires TLS is set: `rds.force_ssl`, `require_secure_transport`, `tls` or `require_ssl`, depending on
    the engine. That is an unsafe fix, because clients that do not use TLS no longer get through; where the version requires
    TLS by default, writing that down is safe.

    Left alone: parameter groups whose family or parameters an expression makes, those of the instances of an Aurora cluster,
    where the parameter has no effect, and databases with the default group of AWS.
    """

    code = "TLS008"
    name = "plain-database-connections"
    profile = "secure"
    stage = 3
    answers = ("CKV2_AWS_69", "CKV_AWS_90", "CKV_AWS_105")
    sources = tuple(row["source"] for row in table("required_tls").values())
    examples = (Example("PostgreSQL before version 15", _BEFORE, f'{_BEFORE}        rds.force_ssl: "1"\n', unsafe=True),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        types = {each for row in table("required_tls").values() for each in row["types"]}
        for group in of_type(context, *types):
            row, version = _row(group)
            if row is None:
                continue
            found = _found(group, row)
            default = version >= row.get("default", 999)
            if found is None or (found is _MISSING and default and not row["types"][0].startswith("AWS::RDS")):
                continue
            at: Node | Entry = found if isinstance(found, Scalar) else group.key
            related = tuple(each.path for each in _users(template, group))
            message = f"{group.logical_id} lets clients connect without TLS"
            if found is _MISSING and default:
                message = f"{group.logical_id} leaves it to the version of the database to require TLS"
            path = (*group.path, "Properties", _KEY, row["parameter"])
            yield self.finding(template, path, at, message, _remedy(group, row, found, default), related)


_MISSING = object()


def _row(group: Resource) -> tuple[dict[str, Any] | None, int]:
    """The row for a parameter group, and the version of its family."""
    for row in table("required_tls").values():
        family = text_of(group.property(row.get("property", "Family"))) if group.type in row["types"] else None
        match = re.fullmatch(row["family"], family) if family else None
        if match:
            return row, int(match.group(1) or 0)
    return None, 0


def _found(group: Resource, row: dict[str, Any]) -> Scalar | object | None:
    """What a group says that is wrong, or that it says nothing; None where it is right or nobody can know."""
    parameters = group.property(_KEY)
    if parameters is None:
        return _MISSING
    if intrinsic(parameters):
        return None
    if row.get("named"):
        value = _named(parameters, row["parameter"])
    else:
        value = parameters.get(row["parameter"]) or _MISSING if isinstance(parameters, Mapping) else None
    if value is _MISSING:
        return _MISSING
    wrong = isinstance(value, Scalar) and value.tag is None and value.value.lower() in row["off"]
    return value if wrong else None


def _named(parameters: Node, name: str) -> Node | object | None:
    for item in parameters.items if isinstance(parameters, Sequence) else ():
        if not isinstance(item, Mapping) or text_of(item.get("ParameterName")) is None:
            return None
        if text_of(item.get("ParameterName")) == name:
            return item.get("ParameterValue")
    return _MISSING if isinstance(parameters, Sequence) else None


def _users(template: Template, group: Resource) -> Iterator[Resource]:
    """The databases that use a parameter group."""
    for each in template.references:
        if each.target == group.logical_id and each.path[0] == "Resources" and set(each.path).intersection(_NAMES):
            yield template.resources[str(each.path[1])]


def _remedy(group: Resource, row: dict[str, Any], found: Scalar | object, default: bool) -> Remedy:
    def make(builder: EditBuilder) -> None:
        path = (*group.path, "Properties")
        parameters = group.property(_KEY)
        if isinstance(found, Scalar):
            builder.replace(found, row["value"], (*path, _KEY))
        elif row.get("named"):
            item = {"ParameterName": row["parameter"], "ParameterValue": row["value"]}
            add_to_list(builder, group, _KEY, [item])
        elif isinstance(parameters, Mapping):
            builder.set_entry(parameters, row["parameter"], row["value"], (*path, _KEY))
        elif group.properties is not None:
            builder.set_entry(group.properties, _KEY, {row["parameter"]: row["value"]}, path)
        else:
            raise CannotEdit(f"{group.logical_id} has no properties")

    step = f"set {row['parameter']} of {group.logical_id} to {row['value']}"
    if default and found is _MISSING:
        return Remedy(step, make, "it is the default of this version, and stays when the family changes")
    return Remedy(step, make, _RISK, Applicability.UNSAFE)
