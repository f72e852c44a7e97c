"""The ARNs of everything in this account and Region that an action can be about: for rights whose target is not known."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any

from remediator.api import iam, table

_FORM = re.compile(r"arn:\$\{Partition\}:(?P<service>[^:]*):(?P<region>[^:]*):(?P<account>[^:]*):(?P<resource>.*)")
_NO_ACCOUNT = re.compile(r"arn:\$\{AWS::Partition\}:[^:]*:::\*.*")
_HEAD = re.compile(r"arn:\$\{AWS::Partition\}:[^:]*:(?:\$\{AWS::Region\}|[^:$]*):(?:\$\{AWS::AccountId\}|[^:$]*):")
_MOST = 6
"""ARNs of a service beyond which a policy says all of the service instead."""


def of_action(action: str) -> tuple[str, ...]:
    """ARNs as texts of ``Fn::Sub``; none for an action that is unknown or takes only ``*``, or whose ARNs name no account."""
    known = iam.action(action)
    if known is None or takes_anything(known):
        return ()
    found = of_actions((known,))
    return () if any(map(names_no_account, found)) else found


def of_actions(actions: Iterable[iam.Action], services: Collection[str] = ()) -> tuple[str, ...]:
    """The same for several actions of a role that these services take on; ARNs that name no account are among them."""
    found: list[str] = []
    for action in actions:
        rows = list(_rows(action.name, services))
        instead = [text for row in rows for text in row.get("resources", ())]
        found += instead or _of_types(action)
        found += [text for row in rows for text in row.get("also", ())]
    return shortest(found)


def takes_anything(action: iam.Action, services: Collection[str] = ()) -> bool:
    """Whether an action takes only ``*``, or AWS wants it so for what such a role does."""
    stays = any("resources" not in row and "also" not in row for row in _rows(action.name, services))
    return stays or not action.resources or not of_actions((action,), services)


def uncovered(texts: Iterable[str]) -> tuple[str, ...]:
    """The ARNs that no other one covers."""
    distinct = list(dict.fromkeys(texts))
    return tuple(each for each in distinct if not any(covers(other, each) for other in distinct if other != each))


def shortest(texts: Iterable[str]) -> tuple[str, ...]:
    """The same; instead of too many, all of the service."""
    found = uncovered(texts)
    heads = [_head(text) for text in found]
    if len(found) > _MOST:
        found = uncovered(f"{head}*" if heads.count(head) > 1 else text for head, text in zip(heads, found, strict=True))
    return found


def covers(wide: str, text: str) -> bool:
    """Whether an ARN that may end with ``*`` is for everything that another one is for."""
    return wide == text or (wide.endswith("*") and text.startswith(wide[:-1]))


def names_no_account(text: str) -> bool:
    """Whether an ARN stands for things in all accounts, as that of any bucket does."""
    return _NO_ACCOUNT.fullmatch(text) is not None


def _head(text: str) -> str:
    """An ARN up to its account."""
    match = _HEAD.match(text)
    return match.group() if match else text


def _rows(action: str, services: Collection[str]) -> Iterator[dict[str, Any]]:
    """What the table says of an action of a role that these services take on."""
    for row in table("any_resource").values():
        meant = any(fnmatchcase(action.lower(), pattern.lower()) for pattern in row.get("actions", ()))
        if meant and ("services" not in row or set(row["services"]) & set(services)):
            yield row


def _of_types(action: iam.Action) -> list[str]:
    service = action.name.partition(":")[0]
    unusual = table("any_resource")["unusual"]["types"]
    kinds = [kind for kind, _ in action.resources if f"{service}:{kind}" not in unusual]
    return [text for kind in kinds for form in iam.arn_forms(service, kind) for text in _in_this_account(form)]


def _in_this_account(form: str) -> Iterator[str]:
    """An ARN of IAM's tables as text of ``Fn::Sub``, cut off behind the first part that can be anything."""
    match = _FORM.fullmatch(form)
    if match:
        region = match["region"].replace("${Region}", "${AWS::Region}")
        account = re.sub(r"\$\{Account(?:Id)?\}", "${AWS::AccountId}", match["account"])
        if not re.search(r"\$\{(?!AWS::)", region + account):
            fixed, placeholder, _ = match["resource"].partition("${")
            yield f"arn:${{AWS::Partition}}:{match['service']}:{region}:{account}:{fixed}{'*' if placeholder else ''}"
