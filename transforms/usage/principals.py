"""Who may act with a role: the principals of its trust policy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from remediator.api import Mapping, Node, Path, intrinsic, text_of
from remediator.transforms.cycles.names import as_sub_text
from remediator.transforms.wiring.links import inside

_SERVICE = re.compile(
    r"(?P<name>[\w.-]+?)(?:\.(?:[a-z]{2}(?:-[a-z]+)+-\d|\$\{AWS::Region\}))?\.(?:amazonaws\.com(?:\.cn)?|\$\{AWS::URLSuffix\})"
)
_UNKNOWN = "somebody whom an expression names"
_ACCOUNT = re.compile(r"(?:arn:[^:]*:iam::)?(\d{12}|\$\{[\w:]+\})(?::root)?")


@dataclass(frozen=True, slots=True)
class Principal:
    """One principal. ``service``: a service's name without domain and Region, ``states``; empty for everybody else.
    ``who``: for people."""

    service: str
    who: str
    node: Node
    path: Path


def principals(document: Node | None, path: Path) -> Iterator[Principal]:
    """The principals whom a trust policy lets in; whoever can't be read comes out as somebody unknown."""
    found = False
    for statement in inside(document, "Statement"):
        found = True
        if not isinstance(statement, Mapping) or intrinsic(statement):
            yield Principal("", _UNKNOWN, statement, path)
        elif text_of(statement.get("Effect")) != "Deny":
            yield from _of_statement(statement, path)
    if document is not None and not found:
        yield Principal("", _UNKNOWN, document, path)


def _of_statement(statement: Mapping, path: Path) -> Iterator[Principal]:
    excluded = statement.get("NotPrincipal")
    if excluded is not None:
        yield Principal("", "everybody but some", excluded, path)
    for principal in inside(statement.get("Principal")):
        if not isinstance(principal, Mapping) or intrinsic(principal):
            who = "anybody" if text_of(principal) == "*" else _UNKNOWN
            yield Principal("", who, principal, path)
            continue
        for entry in principal.entries:
            for node in inside(entry.value):
                yield Principal(*_read(entry.key.value, node), node, path)


def _read(kind: str, node: Node) -> tuple[str, str]:
    """The service, if it is one, and who it is for people."""
    text = as_sub_text(node)
    if text is None:
        return "", _UNKNOWN
    if kind == "Service":
        match = _SERVICE.fullmatch(text)
        return (match["name"].lower(), text) if match else ("", f"the service {text}")
    if kind == "Federated":
        return "", f"people or programs that {text} knows"
    account = _ACCOUNT.fullmatch(text)
    if account:
        return "", f"people or programs of account {account[1]}"
    return "", "anybody" if text == "*" else text
