"""Telling a secret from a setting: by the names that people give it, and by where its value comes from."""

from __future__ import annotations

import re
from collections.abc import Iterator

from remediator.api import Mapping, Node, Resource, Scalar, Template, walk

_WORD = (
    r"passw(?:or)?d|passphrase|secret(?![-_ /.]?(?:arn|id|name))|token|credential"
    r"|(?:api|private|access|auth|signing)[-_ /.]?key"
)
_NAMED = re.compile(_WORD, re.IGNORECASE)
_GIVEN = re.compile(
    rf"(?:{_WORD})[\"']?\s*[:=]|://[^/\s:@]+:[^/\s@]+@|\{{\{{resolve:(?:secretsmanager|ssm-secure):", re.IGNORECASE
)
"""In a value: a secret with its name, a URL with a password, a dynamic reference to a secret."""


def sounds_secret(text: str) -> bool:
    """Whether a name or a description is that of a password, a token or a key."""
    return _NAMED.search(text) is not None


def holds_secret(template: Template, parameter: Resource) -> bool:
    """Whether a parameter of Parameter Store keeps something that not everybody may read."""
    said = [parameter.logical_id, *_texts(parameter.property("Name")), *_texts(parameter.property("Description"))]
    value = parameter.property("Value")
    return any(map(sounds_secret, said)) or (value is not None and _is_secret(template, value))


def _is_secret(template: Template, value: Node) -> bool:
    """Whether a value names a secret, or is made of one."""
    if any(_GIVEN.search(text) for text in _texts(value)):
        return True
    for reference in template.references:
        if value.start <= reference.node.start and reference.node.end <= value.end:
            definition = template.parameter(reference.target)
            named = reference.target if definition else reference.attribute or ""
            if sounds_secret(named) or (definition is not None and is_hidden(definition)):
                return True
    return False


def is_hidden(definition: Mapping) -> bool:
    """Whether a parameter of the template has ``NoEcho``."""
    node = definition.get("NoEcho")
    return isinstance(node, Scalar) and node.value.lower() == "true"


def _texts(node: Node | None) -> Iterator[str]:
    if node is not None:
        yield from (inner.value for _, inner in walk(node) if isinstance(inner, Scalar))
