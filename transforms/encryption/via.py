"""Rights to keys that hold only for calls that come through certain services."""

from __future__ import annotations

from fnmatch import fnmatchcase

from remediator.api import Mapping, Resource, intrinsic, table
from remediator.transforms.cycles.names import as_sub_text
from remediator.transforms.wiring.links import inside

_OPERATORS = ("stringequals", "stringequalsignorecase", "stringlike")


def services_of(statement: Mapping) -> tuple[str, ...]:
    """The services, as patterns, through which calls have to come for a statement to hold; empty for any, or unknown ones.

    https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
    """
    condition = statement.get("Condition")
    for operator in condition.entries if isinstance(condition, Mapping) and not intrinsic(condition) else ():
        name = operator.key.value.lower().rpartition(":")[2].removesuffix("ifexists")
        test = operator.value
        for entry in test.entries if name in _OPERATORS and isinstance(test, Mapping) and not intrinsic(test) else ():
            if entry.key.value.lower() == "kms:viaservice":
                found = [(as_sub_text(node) or "$").lower().partition(".")[0] for node in inside(entry.value)]
                return () if any("$" in each for each in found) else tuple(found)
    return ()


def holds(services: tuple[str, ...], used: Resource) -> bool:
    """Whether a right that is limited to some services holds for who uses a store; for what is no store nobody knows."""
    row = table("key_users").get(used.type, {})
    service = row.get("via", row.get("service"))
    return not services or not service or any(fnmatchcase(str(service), pattern) for pattern in services)
