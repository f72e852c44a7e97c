"""A request to AWS that settings of the template state, such as the task of a state machine: what it needs, and on what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from remediator.api import UNKNOWN, InlineCode, SdkCall, iam
from remediator.transforms.usage.arguments import Request, meant, resources
from remediator.transforms.usage.reading import Use

Texts = Mapping[str, list[str]]
"""The arguments: for each parameter what it may be, as texts of ``Fn::Sub``; nothing where that is not known."""


@dataclass(frozen=True, slots=True)
class _Stated(Request):
    given: Texts = field(default_factory=dict)

    def texts(self, parameter: str) -> list[str] | None:
        operation, _, name = parameter.partition(".")
        return self.given.get(name if operation == self.call.operation else parameter)

    @property
    def region(self) -> str | None:
        return None


@dataclass(frozen=True, slots=True)
class Right:
    """An action that a request needs, with what it is on; nothing where that is not known."""

    action: str
    resources: tuple[str, ...]
    essential: bool


def stated(use: Use, client: str, operation: str, given: Texts | None) -> list[Right] | None:
    """The rights that a request needs; None where it is not known what it needs. ``given``: None where more may be given."""
    actions = iam.needed(client, operation)
    if actions is None:
        return None
    return limited(use, client, operation, given, actions, iam.also_needed(client, operation))


def limited(
    use: Use, client: str, operation: str, given: Texts | None, actions: Iterable[str], further: Iterable[str] = ()
) -> list[Right]:
    """Actions, and further ones without which the request may do, each with what the request is about."""
    arguments = {name: frozenset([UNKNOWN]) for name in given or ()}
    call = SdkCall(client, operation, 0, operation, arguments, complete=given is not None)
    request = _Stated(use.context.template, use.user, InlineCode("", use.user.node, use.user.path), call, given or {})
    listed = [(action, True) for action in actions] + [(action, False) for action in further]
    return [Right(action, resources(request, action), sure) for action, sure in listed if meant(request, action)]
