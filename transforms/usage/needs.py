"""What a role is needed for: the words in which code and wiring say it to the rules."""

from __future__ import annotations

from dataclasses import dataclass

from remediator.api import Path, Resource


@dataclass(frozen=True, slots=True)
class Need:
    """A right that somebody needs who acts with a role.

    ``action``: as IAM calls it, ``s3:PutObject``. ``resources``: ARNs as texts of ``Fn::Sub``, ``${Bucket.Arn}/*``; none where
    it can't be known which resources are meant. ``user``: the resource of the template that acts. ``why``: for people, after
    the name of the user: *calls table.put_item in line 12 of its code*, *reads its events from Orders*. ``path``, ``at``: where
    in the template that is to be seen, the latter as an offset of its text. ``essential``: whether something fails without it.
    """

    action: str
    resources: tuple[str, ...]
    user: Resource
    why: str
    path: Path
    at: int
    essential: bool = True


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that may need rights which are not among the needs. ``reason``: a clause for people, that names the user."""

    reason: str
    path: Path
    at: int


@dataclass(frozen=True, slots=True)
class Usage:
    """Everything that the template shows of a role's work. Without gaps, the needs are all that it is needed for."""

    role: Resource
    users: tuple[Resource, ...]
    needs: tuple[Need, ...]
    gaps: tuple[Gap, ...]
