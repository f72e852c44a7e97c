"""What the code of a function does, as far as its text tells: calls of AWS's SDK, reads of variables, modules that it loads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from remediator.lambda_code.values import Value


@dataclass(frozen=True, slots=True)
class SdkCall:
    """A request to AWS.

    ``service``: the client's name in boto3, such as ``dynamodb`` or ``stepfunctions``, whatever the language. ``operation``:
    the API operation, ``PutObject``. ``line``: from 1, in the text of the code. ``text``: the call as people know it, such as
    ``table.put_item``. ``arguments``: by the names of the API's parameters (``TableName``), all values that each may have;
    those not listed are unknown or not given, which ``complete`` tells: whether the text shows all arguments. ``own``: whether
    it is made with the role of the function; False with credentials from elsewhere, as of another role. ``region``: values of
    the Region, empty for the function's own.
    """

    service: str
    operation: str
    line: int
    text: str
    arguments: Mapping[str, frozenset[Value]] = field(default_factory=dict)
    complete: bool = True
    own: bool = True
    region: frozenset[Value] = frozenset()


@dataclass(frozen=True, slots=True)
class VariableRead:
    """A read of an environment variable. ``required``: the code fails where it is not set (``os.environ["NAME"]``)."""

    name: str
    line: int
    start: int
    end: int
    """The span of the whole expression, in characters of the text."""
    required: bool
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Module:
    """A module that the code loads: ``urllib.request``, ``@aws-sdk/client-s3``."""

    name: str
    line: int
    start: int
    end: int
    """The span of the statement, or of the call of ``require``."""


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """A place that may make requests which are not among the calls. ``reason`` for people, without the line."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a module of code does. Where ``gaps`` is empty, ``calls`` are all requests to AWS that it can make."""

    calls: tuple[SdkCall, ...]
    variables: tuple[VariableRead, ...]
    modules: tuple[Module, ...]
    gaps: tuple[NotUnderstood, ...]
    any_variable: bool = False
    """Whether it may read variables that are not among ``variables``, as with ``dict(os.environ)``."""


@lru_cache(maxsize=64)  # several rules ask in each round, and most rounds leave the code as it is
def behaviour(language: str, text: str) -> Behaviour | None:
    """What a module in ``python`` or ``nodejs`` does; None where the text is no such module."""
    if language == "python":
        from remediator.lambda_code.python.calls import behaviour as read
    else:
        from remediator.lambda_code.javascript.calls import behaviour as read  # loads a parser of some size
    return read(text)
