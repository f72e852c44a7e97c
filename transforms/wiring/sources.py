"""The ARN of what makes a service act, for the policy that lets the service in."""

from __future__ import annotations

import re
from typing import Any

from remediator.api import GetAtt, Ref, Resource, Sub, table
from remediator.transforms.cycles.names import as_sub_text

_PLACEHOLDER = re.compile(r"(?<!\$)\{(\w+)\}")


def source_arn(source: Resource, row: dict[str, Any]) -> str | None:
    """The pattern of a row filled in; None where one of its parts is not to be had as text."""
    pattern = row.get("source_arn")
    if pattern is None:
        return None
    found: dict[str, str | None] = {"Ref": f"${{{source.logical_id}}}", "Arn": f"${{{source.logical_id}.Arn}}"}
    for key in _PLACEHOLDER.findall(pattern):
        name = table("physical_names").get(source.type, {}).get("name") if key == "Name" else key
        node = source.property(str(name))
        if key not in found:
            found[key] = as_sub_text(node) if node else None
    if any(found[key] is None for key in _PLACEHOLDER.findall(pattern)):
        return None
    return _PLACEHOLDER.sub(lambda match: str(found[match.group(1)]), pattern)


def arn_value(text: str) -> Any:
    """A text for ``Fn::Sub``, as a plain string, ``Ref`` or ``GetAtt`` where it is no more than that."""
    whole = re.fullmatch(r"\$\{([A-Za-z0-9:]+)(?:\.([A-Za-z0-9.]+))?\}", text)
    if whole:
        return GetAtt(whole.group(1), whole.group(2)) if whole.group(2) else Ref(whole.group(1))
    return Sub(text) if "${" in text else text
