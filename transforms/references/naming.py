"""Which name is meant by a name that is not there: near misses in spelling."""

from __future__ import annotations

import enum
import itertools
import re
from collections.abc import Iterable

from remediator.api import table

_WORD = re.compile(r"EC2|S3|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


class Nearness(enum.IntEnum):
    """How near two names are; the nearer ones are greater."""

    FAR = 0
    WORDING = 1
    """The same words but for an abbreviation, a filler such as ``My`` or ``Resource``, a plural or a slip of the pen."""
    CASE = 2
    """The same letters and digits; capitals and punctuation differ."""


def words(name: str) -> tuple[str, ...]:
    """The words of a name in lower case: ``DBSubnetGroup`` has three."""
    return tuple(word.lower() for word in _WORD.findall(name))


def squashed(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "", name).lower()


def nearness(name: str, other: str, kind: str) -> Nearness:
    """How near a name is to that of a ``resource``, ``parameter``, ``condition`` or ``mapping``."""
    if squashed(name) == squashed(other):
        return Nearness.CASE
    one, two = gist(name, kind), gist(other, kind)
    return Nearness.WORDING if one and two and (one == two or _slip(one, two)) else Nearness.FAR


def nearest(name: str, candidates: Iterable[str], kind: str) -> tuple[tuple[str, ...], Nearness]:
    """The candidates that are nearest to a name, and how near; nothing and FAR where none is near."""
    found: dict[Nearness, list[str]] = {}
    for candidate in candidates:
        found.setdefault(nearness(name, candidate, kind), []).append(candidate)
    best = max(found, default=Nearness.FAR)
    return (tuple(found[best]), best) if best > Nearness.FAR else ((), Nearness.FAR)


def gist(name: str, kind: str) -> tuple[str, ...]:
    """The words that tell a name from others, in their long forms: ``MyDBTable`` and ``DatabaseTable`` have the same."""
    facts = table("references_words")
    long = " ".join(facts["long"].get(word, word) for word in words(name)).split()
    kept = [word for word in long if word not in facts["fillers"][kind]]
    return tuple(word for word, _ in itertools.groupby(kept))


def _slip(one: tuple[str, ...], two: tuple[str, ...]) -> bool:
    """Whether one word differs, by what is easily mistyped. Short words and numbers are names of their own: ``SubnetA``."""
    if len(one) != len(two):
        return False
    differing = [(a, b) for a, b in zip(one, two, strict=True) if a != b]
    return len(differing) == 1 and _mistyped(*differing[0])


def _mistyped(one: str, two: str) -> bool:
    shorter = min(len(one), len(two))
    if shorter < 4 or one[0] != two[0] or not (one.isalpha() and two.isalpha()):
        return False
    plurals = {f"{one}s", f"{one}es", f"{one[:-1]}ies"} & {two} or {f"{two}s", f"{two}es", f"{two[:-1]}ies"} & {one}
    swapped = sorted(one) == sorted(two)
    return bool(plurals) or _distance(one, two) <= (2 if shorter > 8 else 1 if shorter > 4 or swapped else 0)


def _distance(one: str, two: str) -> int:
    """Letters to insert, drop, change or swap with the next one (optimal string alignment)."""
    before: list[int] = []
    last = list(range(len(two) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(two, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if before and j > 1 and a == two[j - 2] and b == one[i - 2]:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]


def spoken(name: str) -> str:
    """A name as people would say it: ``DBSecurityGroup`` is a ``DB security group``."""
    return " ".join(_spoken(name))


def thing(name: str) -> str:
    """What a name stands for, without saying that it is an ARN or a name: ``TopicArn`` is that of a ``topic``."""
    parts = _spoken(name)
    while len(parts) > 1 and parts[-1].lower() in ("arn", "id", "name", "url"):
        parts.pop()
    return " ".join(parts)


def _spoken(name: str) -> list[str]:
    return [part if part.isupper() or any(map(str.isdigit, part)) else part.lower() for part in _WORD.findall(name)]
