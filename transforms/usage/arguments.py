"""Which resources a request to AWS is about: the ARNs behind its arguments, as texts of ``Fn::Sub``.

The table ``sdk_parameters`` says for each type of resource which parameter of the API names it, and how.
"""

from __future__ import annotations

import re
from typing import Any

from remediator.api import iam, table
from remediator.transforms.usage.arguments_arns import Request, arn_of, composed
from remediator.transforms.usage.values import ANY

__all__ = ["ALL", "Request", "meant", "resources"]

ALL = ("*",)
"""For actions that IAM does not limit to resources."""
_ROLE = re.compile(r".*role(?:arn)?", re.IGNORECASE)


def resources(request: Request, action: str) -> tuple[str, ...]:
    """The resources that an action of a request is about; ``ALL`` where IAM knows none for it, none where that is unknown."""
    known = iam.action(action)
    if known is None:
        return ()
    if not known.resources:
        return ALL
    special = special_facts(known.name, request.call.operation)
    if any(request.texts(name) is not None for name in special.get("unlimited", ())):
        return ALL
    if known.name == "iam:PassRole":
        return _passed_roles(request)
    service = known.name.partition(":")[0]
    found: dict[str, list[str]] = {}
    for kind, required in known.resources:
        name = f"{service}:{kind}"
        arns = _of_kind(request, name, special)
        is_apart = name in special.get("without", ()) or name in table("sdk_parameters")["apart"]["types"]
        if arns is None or (not arns and not is_apart and (required or name not in table("sdk_parameters"))):
            return ()
        found[name] = arns
    for name, arns in list(found.items()):
        if arns and request.call.complete:
            found.pop(table("sdk_parameters").get(name, {}).get("instead", ""), None)
    listed = [arn for arns in found.values() for arn in arns]
    if not listed and special.get("all") and request.call.complete:
        return (str(special["all"]),)
    return tuple(dict.fromkeys(listed))


def meant(request: Request, action: str) -> bool:
    """Whether a request may need an action that only some of its parameters make it need."""
    parameters = special_facts(action, request.call.operation).get("only_with")
    if parameters is None or not request.call.complete:
        return True
    return any(
        name == given or given.startswith((f"{name}.", f"{name}[")) for name in parameters for given in request.call.arguments
    )


def special_facts(action: str, operation: str) -> dict[str, Any]:
    """What the table says of an action, and rather of one that an operation needs."""
    rows = table("sdk_parameters")["actions"]
    facts: dict[str, Any] = rows.get(f"{action} {operation}") or rows.get(action, {})
    return facts


def _of_kind(request: Request, kind: str, special: dict[str, Any]) -> list[str] | None:
    """The ARNs of one type of resource in a request: none where it is not about such, None where it is not known which."""
    row = table("sdk_parameters").get(kind)
    if row is None or kind in special.get("without", ()):
        return []
    if "inside" in row:
        return _inside(request, row, special)
    given = [texts for name in special.get("parameters", row["parameters"]) if (texts := request.texts(name)) is not None]
    if not given:
        return _left_out(request, row)
    arns = [arn_of(request, row, text) for texts in given for text in texts]
    if None in arns or not all(given):
        return None
    ends = special.get("suffixes") or (_qualifiers(request, row["qualifier"]) if "qualifier" in row else [""])
    return [str(arn).rstrip("/") + end for arn in arns for end in ends]


def _left_out(request: Request, row: dict[str, Any]) -> list[str]:
    """The ARNs of what no parameter names."""
    default = row.get("default", {}).get(request.call.operation)
    if default is None or not request.call.complete or ("beside" in row and request.texts(row["beside"]) is None):
        return [str(row["always"])] if "always" in row else []
    return [composed(request, row, str(default)) or ANY]


def _qualifiers(request: Request, parameter: str) -> list[str]:
    """What stands behind the ARN of a function where one of its versions is meant."""
    texts = request.texts(parameter)
    if texts is None:
        return [""] if request.call.complete else ["", f":{ANY}"]
    return [f":{text}" for text in texts] or [f":{ANY}"]


def _inside(request: Request, row: dict[str, Any], special: dict[str, Any]) -> list[str] | None:
    """What lies in another resource, such as the objects of a bucket and the indexes of a table."""
    outer = _of_kind(request, row["inside"], special)
    if not outer or "parameter" not in row:
        return outer
    names = request.texts(special.get("inner", row["parameter"]))
    if names is None and "unnamed" not in row and request.call.complete:
        return []
    return [f"{arn}{row['between']}{name}" for arn in outer for name in names or [str(row.get("unnamed", ANY))]]


def _passed_roles(request: Request) -> tuple[str, ...]:
    """The roles that a request hands over to a service."""
    row = {"form": "arn", "types": {"AWS::IAM::Role": "Arn"}}
    names = [name for name in request.call.arguments if _ROLE.fullmatch(name)]
    arns = [arn_of(request, row, text) for name in names for text in request.texts(name) or [ANY]]
    return tuple(dict.fromkeys(str(arn) for arn in arns)) if None not in arns else ()
