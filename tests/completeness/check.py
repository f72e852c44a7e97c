"""What is missing in a template, and what a change has left missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from completeness import dead_letters, encryption, logs, order, senders, services, structure
from completeness.encryption import Keys
from completeness.loading import load
from completeness.texts import Template


@dataclass(frozen=True, order=True)
class Gap:
    """Something that a template wires and does not allow."""

    kind: str
    who: str
    what: str
    lacks: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.who} → {self.what}: {self.lacks}"


def gaps(source: str | dict[str, Any]) -> set[Gap]:
    """Every gap of a template, given as text or as plain values in long form."""
    return set(_gaps(Template(load(source) if isinstance(source, str) else source)))


def _gaps(template: Template) -> Iterator[Gap]:
    keys = Keys(template)
    for kind, found in (
        ("key of a store", encryption.identity_gaps(template, keys)),
        ("key of an event source", encryption.source_gaps(template, keys)),
        ("key, for an outsider", encryption.outsider_gaps(template, keys)),
        ("key, for a sender", senders.sender_key_gaps(template, keys)),
        ("key, for a service", services.gaps(template, keys)),
        ("send", senders.send_gaps(template)),
        ("dead letters", dead_letters.sender_gaps(template, keys)),
        ("redrive", dead_letters.queue_gaps(template)),
        ("logs", logs.gaps(template, keys)),
        ("order", order.gaps(template)),
        ("structure", structure.gaps(template, keys)),
    ):
        yield from (Gap(kind, *each) for each in found)


def new_gaps(before: str, after: str) -> set[Gap]:
    """The gaps that a change leaves and that were not there before it."""
    return gaps(after) - gaps(before)
