"""What a pass says: findings, each with at most one fix."""

from __future__ import annotations

import enum
import itertools
from dataclasses import dataclass, field

from remediator.nodes import Path


class Applicability(enum.IntEnum):
    """How far a fix may be trusted; ordered, so that a fix is applied up to a level."""

    DISPLAY = 0
    """Needs a value that only a person knows; the report asks for it. Never applied."""
    UNSAFE = 1
    """Rests on a guess about intent, or may change behaviour, replace a resource or cost noticeably more."""
    SAFE = 2
    """Every party that the template shows keeps working, nothing is replaced, and it deploys."""


class UpdateEffect(enum.IntEnum):
    """What a fix does to a stack that is already deployed, in CloudFormation's terms.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
    """

    NONE = 0
    INTERRUPTION = 1
    REPLACEMENT = 2
    DATA_LOSS = 3

    @property
    def phrase(self) -> str:
        return ("no interruption", "some interruption", "replacement", "data loss")[self]


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Replaces the characters ``[start, end)`` of the text; an insertion where both are the same."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that are made together or not at all.

    ``paths`` are the places, in long form, below which the meaning of the template may change; the proof holds the
    fix to them. ``steps`` says for people what is done, a sentence each; ``why`` says in one sentence why that is safe
    or what it risks.
    """

    edits: tuple[Edit, ...]
    paths: tuple[Path, ...]
    steps: tuple[str, ...]
    applicability: Applicability
    effect: UpdateEffect
    why: str
    additions: tuple[tuple[Path, Edit], ...] = ()
    """The edits that write something new by name. Where several fixes need the same new thing, such as the key of the stack,
    and write it with the same words, it is made once."""

    def __post_init__(self) -> None:
        if not self.edits or not self.why or not self.paths:
            raise ValueError("a fix has edits, the paths that they change, and a reason")
        if any(before.end > after.start for before, after in itertools.pairwise(sorted(self.edits))):
            raise ValueError("the edits of a fix overlap")


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem at one place. Without a fix, ``reason`` says why there is none, or asks what only a person knows."""

    code: str
    message: str
    path: Path
    start: int
    end: int
    fix: Fix | None = None
    reason: str = ""
    related: tuple[Path, ...] = field(default=())
    """Other places that take part; a suppression at any of them counts."""
    profile: str = ""
    """The first profile in which it counts, where that is a later one than that of its pass."""

    def __post_init__(self) -> None:
        if self.fix is None and not self.reason:
            raise ValueError("a finding without a fix says why")

    @property
    def logical_id(self) -> str | None:
        return str(self.path[1]) if len(self.path) > 1 and self.path[0] == "Resources" else None

    @property
    def identity(self) -> tuple[str, Path]:
        """What stays the same from round to round, unlike offsets."""
        return self.code, self.path
