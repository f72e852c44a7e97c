"""The definition of a state machine, as it stands in the template: its states, wherever they lie, as plain values.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html (2026-11)
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from remediator.api import Mapping, Node, Resource, Scalar, Sequence, intrinsic
from remediator.transforms.cycles.names import as_sub_text
from remediator.transforms.wiring.links import inside

OPEN = "\0"
"""Stands in a text for what an intrinsic makes that ``Fn::Sub`` can't hold."""
_PLACES = ("Definition", "DefinitionString", "DefinitionBody")
_LITERAL = re.compile(r"\$\{!([\w.]+)\}")
_BARE = re.compile(r"([:\[,]\s*)(\$\{[^}]*\})(?=\s*[,}\]])")


@dataclass(frozen=True, slots=True)
class State:
    """A state by its name, with what it says; ``settings`` are those of the machine or branch around it."""

    name: str
    value: dict[str, Any]


def definition(machine: Resource) -> tuple[Node, Any] | None:
    """The definition of a state machine with its node, texts in it being texts of ``Fn::Sub``; None where there is none that
    can be read."""
    for place in _PLACES:
        node = machine.property(place)
        if node is None:
            continue
        value = _parsed(as_sub_text(node)) if place == "DefinitionString" else _value(node)
        return (node, _substituted(value, _substitutions(machine))) if isinstance(value, dict) else None
    return None


def states(value: Any) -> Iterator[State]:
    """The states of a definition, those of its maps and branches included."""
    found = value.get("States") if isinstance(value, dict) else None
    for name, state in found.items() if isinstance(found, dict) else ():
        if not isinstance(state, dict):
            continue
        yield State(name, state)
        for inner in (state.get("Iterator"), state.get("ItemProcessor"), *_listed(state.get("Branches"))):
            yield from states(inner)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _parsed(text: str | None) -> Any:
    """The JSON of a text; what CloudFormation fills in may stand there without quotes."""
    if text is None:
        return None
    for each in (text, _BARE.sub(r'\1"\2"', text)):
        try:
            return json.loads(each, strict=False)
        except ValueError:
            continue
    return None


def _value(node: Node) -> Any:
    """A value as JSON would have it; what an intrinsic makes as text."""
    if intrinsic(node):
        branches = list(inside(node))
        text = as_sub_text(node)
        return text if text is not None else _value(branches[0]) if len(branches) == 1 and branches[0] is not node else OPEN
    if isinstance(node, Scalar):
        return as_sub_text(node)
    if isinstance(node, Sequence):
        return [_value(each) for each in node.items]
    return {entry.key.value: _value(entry.value) for entry in node.entries}


def _substitutions(machine: Resource) -> dict[str, str]:
    node = machine.property("DefinitionSubstitutions")
    if not isinstance(node, Mapping) or intrinsic(node):
        return {}
    return {entry.key.value: as_sub_text(entry.value) or OPEN for entry in node.entries}


def _substituted(value: Any, names: dict[str, str]) -> Any:
    """A definition with the values of ``DefinitionSubstitutions``, whose names are literals to ``Fn::Sub``."""
    if isinstance(value, dict):
        return {key: _substituted(each, names) for key, each in value.items()}
    if isinstance(value, list):
        return [_substituted(each, names) for each in value]
    return _LITERAL.sub(lambda match: names.get(match[1], OPEN), value) if isinstance(value, str) else value
