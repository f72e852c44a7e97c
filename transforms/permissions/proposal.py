"""The policy that a role's needs ask for, and nothing else: as statements, in an order that depends on the template only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from remediator.transforms.permissions.forms import of_action
from remediator.transforms.usage.needs import Need, Usage
from remediator.transforms.wiring.grants import statement
from remediator.transforms.wiring.sources import arn_value

ANYTHING = ("*",)


@dataclass(frozen=True, slots=True)
class Proposed:
    """One statement. ``resources``: ARNs as texts of ``Fn::Sub``, or ``ANYTHING``. ``needs``: what it is for."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    needs: tuple[Need, ...]

    @property
    def is_exact(self) -> bool:
        """Whether it is known of every need which resources it is about."""
        return all(need.resources for need in self.needs)


def statements(usage: Usage) -> list[Proposed]:
    """The statements that allow everything a role is needed for."""
    return of_needs(usage.needs)


def of_needs(needs: Iterable[Need]) -> list[Proposed]:
    """One statement for each service and the resources that are meant together, or for the same actions, in the order in which
    they are needed."""
    found: dict[tuple[str, tuple[str, ...]], list[Need]] = {}
    for need in _sufficient(list(needs)):
        found.setdefault((need.action.partition(":")[0].lower(), resources_of(need)), []).append(need)
    return _together(Proposed(_named_once(group), resources, tuple(group)) for (_, resources), group in found.items())


def _together(statements: Iterable[Proposed]) -> list[Proposed]:
    """The statements with those as one that allow the same actions on different resources."""
    found: dict[tuple[frozenset[str], bool, bool], Proposed] = {}
    for each in statements:
        key = frozenset(map(str.lower, each.actions)), each.resources == ANYTHING, each.is_exact
        other = found.get(key)
        resources = tuple(dict.fromkeys((*other.resources, *each.resources))) if other else each.resources
        found[key] = Proposed(each.actions, resources, (*other.needs, *each.needs) if other else each.needs)
    return list(found.values())


def resources_of(need: Need) -> tuple[str, ...]:
    """What a statement for a need has as resources: in this account and Region, where no one knows which are meant."""
    return tuple(dict.fromkeys(need.resources or of_action(need.action))) or ANYTHING


def value(proposed: Proposed) -> dict[str, Any]:
    """A statement as a value for ``EditBuilder``."""
    return statement(list(proposed.actions), [arn_value(text) for text in proposed.resources])


def _sufficient(needs: list[Need]) -> list[Need]:
    """The needs without those whose resources are among those of another need for the same action."""
    wide: dict[str, list[set[str]]] = {}
    for need in needs:
        wide.setdefault(need.action.lower(), []).append(set(resources_of(need)))
    return [need for need in needs if not any(_is_within(need, other) for other in wide[need.action.lower()])]


def _is_within(need: Need, other: set[str]) -> bool:
    own = set(resources_of(need))
    return own < other or ("*" in other and "*" not in own)


def _named_once(needs: list[Need]) -> tuple[str, ...]:
    return tuple({need.action.lower(): need.action for need in needs}.values())
