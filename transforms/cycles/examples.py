"""Examples for the documentation and the tests."""

from remediator.api import Example

DEPENDENCY_CYCLE: tuple[Example, ...] = ()
CONDITION_CYCLE: tuple[Example, ...] = ()
