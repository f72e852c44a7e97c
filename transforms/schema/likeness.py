"""How near two names are, and whether a value may stand at a property."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from remediator.api import (
    GetAtt,
    Mapping,
    Node,
    Ref,
    Scalar,
    Sequence,
    Shape,
    Template,
    intrinsic,
    is_no_value,
    origins,
    resource_type,
    text_of,
    to_value,
)

_SAME = {
    "enabled": "enable",
    "configuration": "config",
    "configurations": "config",
    "settings": "config",
    "specification": "config",
    "options": "config",
    "number": "count",
    "num": "count",
}
_MINOR = frozenset(["in", "of", "the", "for"])
_GENERIC = frozenset(["config", "enable", "second", "name"])
"""Words that a name may lack or have too much and still mean the same: ``VisibilityTimeoutSeconds``, ``MaximumEventAge``."""

_SHORT = 4
"""A word of fewer letters with a wrong one among them may as well be another word: ``Min``, ``Max``; ``GBs``, ``TBs``."""

_LISTS = frozenset(["Fn::Cidr", "Fn::GetAZs", "Fn::Split"])
_TEXTS = frozenset(["Fn::Base64", "Fn::ImportValue", "Fn::Join", "Fn::Sub"])

_CLASSES = {r"\p{L}": r"\w", r"\p{N}": r"\d", r"\p{Z}": r"\s", r"\p{Zs}": " "}
"""Classes of characters in the patterns of the schemas that Python has under another name, or almost."""

_FORMATS = {".Arn": r"arn:[a-z-]+:[a-z0-9-]+:[a-z0-9-]*:\d{12}:.+", ".Id": r"[a-z]+-([0-9a-f]{8}|[0-9a-f]{17})"}
"""What a literal must look like at a property that names a thing of another service, by the end of the schema's format."""


def words(name: str) -> frozenset[str]:
    """The words of a name without case, plural and order: ``KeyRotationEnabled`` and ``EnableKeyRotation`` are alike."""
    return frozenset(_SAME.get(word, word).removesuffix("s") for word in _split(name) if word not in _MINOR)


def _split(name: str) -> list[str]:
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)]


def nearest(name: str, known: list[str], *, loosely: bool = True) -> str | None:
    """The one known name that plainly is meant; None where there is none, or more than one.

    ``loosely``: words such as ``Configuration`` count for nothing.
    """
    for alike in (_same_letters, _same_words, *([_same_but_for_generic_words] if loosely else []), _slip):
        found = [other for other in known if alike(name, other)]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def completed(name: str, needed: Iterable[str]) -> str | None:
    """The one needed name that ends in the words of another: the ``Description`` of a group is its ``GroupDescription``."""
    found = [other for other in needed if len(_split(other)) > len(_split(name)) == len(_tail(other, name))]
    return found[0] if len(found) == 1 else None


def _tail(other: str, name: str) -> list[str]:
    mine = _split(name)
    return mine if mine and _split(other)[-len(mine) :] == mine else []


def _same_letters(name: str, other: str) -> bool:
    return name.lower() == other.lower()


def _same_words(name: str, other: str) -> bool:
    return words(name) == words(other) != frozenset()


def _same_but_for_generic_words(name: str, other: str) -> bool:
    mine, its = words(name), words(other)
    too_much = _GENERIC | {"id"} if name.endswith("Ids") else _GENERIC  # SecurityGroupIds are the SecurityGroups
    lacks, exceeds = its - mine, mine - its
    return bool(mine & its - too_much) and ((not exceeds and lacks <= _GENERIC) or (not lacks and exceeds <= too_much))


def _slip(name: str, other: str) -> bool:
    """Whether one word differs by a letter: too much, missing, another, or two swapped."""
    mine, its = _split(name), _split(other)
    wrong = [sorted(pair, key=len) for pair in zip(mine, its, strict=False) if pair[0] != pair[1]]
    return len(mine) == len(its) and len(wrong) == 1 and _one_letter_off(*wrong[0])


def _one_letter_off(one: str, two: str) -> bool:
    if len(one) < _SHORT or len(two) > len(one) + 1 or not (one + two).isalpha():
        return False
    if len(one) < len(two):
        return any(two[:at] + two[at + 1 :] == one for at in range(len(two)))
    wrong = [at for at in range(len(one)) if one[at] != two[at]]
    return len(wrong) == 1 or (len(wrong) == 2 and [one[at] for at in wrong] == [two[at] for at in reversed(wrong)])


def fits(node: Node, shape: Shape, template: Template, *, nearly: bool = False) -> bool:
    """Whether a value may stand at a property; where it is not known what an intrinsic returns, it fits.

    ``nearly``: names in it may be misspelt, and values that are not listed may stand there, which other findings mend.
    """
    types = shape.types or (frozenset(["object"]) if shape.closed else frozenset[str]())
    if not types or is_no_value(node):
        return True
    call = intrinsic(node)
    if call and call.name == "Fn::If" and isinstance(call.argument, Sequence):
        return all(fits(branch, shape, template, nearly=nearly) for branch in call.argument.items[1:])
    if call:
        kind = returned(node, template)
        if "array" not in types and not all(scalar_fits(o.node, shape, listed=not nearly) for o in origins(template, node, ())):
            return False
        return kind is None or kind in types or (kind == "string" and not types <= {"array", "object"})
    if isinstance(node, Sequence):
        items, schema = shape.items, shape.schema
        enough = schema.get("minItems", 0) <= len(node.items) <= schema.get("maxItems", len(node.items))
        fitting = items is None or all(fits(item, items, template, nearly=nearly) for item in node.items)
        return "array" in types and enough and fitting
    if isinstance(node, Mapping):
        fitting = _object_fits(node, shape, template, nearly=nearly) if shape.closed else names_fit(node.keys, shape)
        return "object" in types and fitting
    return scalar_fits(node, shape, listed=not nearly)


def returned(node: Node, template: Template) -> str | None:
    """What an intrinsic returns, ``array`` or ``string``; None where that is not known."""
    call = intrinsic(node)
    if call is None or call.name in _LISTS | _TEXTS:
        return None if call is None else "array" if call.name in _LISTS else "string"
    value = to_value(node)
    if isinstance(value, Ref):
        definition = template.parameter(value.name)
        kind = text_of(definition.get("Type")) if definition else ""
        return "array" if kind and ("List<" in kind or kind == "CommaDelimitedList") else "string"
    target = template.resources.get(value.name) if isinstance(value, GetAtt) else None
    known = resource_type(target.type) if target else None
    shape = known.shape.at(*value.attribute.split(".")) if known and isinstance(value, GetAtt) else None
    return "string" if shape and shape.types == {"string"} else None


def names_fit(keys: Collection[str], shape: Shape) -> bool:
    """Whether the keys of an object that may have any, such as tags, look as they must."""
    patterns = shape.schema.get("patternProperties", ())
    free = not patterns or shape.schema.get("additionalProperties") is not False
    return free or all(key in shape.properties or any(_matches(pattern, key) for pattern in patterns) for key in keys)


def _object_fits(node: Mapping, shape: Shape, template: Template, *, nearly: bool) -> bool:
    known, given = shape.properties, dict[str, Node]()
    made = any(key.startswith("Fn::") for key in node.keys)  # what it brings is not known, and names beside it stay
    for entry in node.entries:
        key = entry.key.value
        if key.startswith("Fn::"):
            continue
        meant = key if key in known or made or not nearly else nearest(key, list(known))
        if meant is None or meant not in known or meant in given:
            return False
        given[meant] = entry.value
    fitting = all(fits(value, known[name], template, nearly=nearly) for name, value in given.items())
    return fitting and (made or given.keys() >= set(shape.required))


def scalar_fits(node: Scalar, shape: Shape, *, listed: bool = True) -> bool:
    """Whether CloudFormation takes a scalar for a property; it turns texts into numbers and booleans, and back."""
    types, text = shape.types, node.value
    if node.kind == "null" or (listed and shape.enum and text not in shape.enum):
        return False
    return (
        ("string" in types and _text_fits(text, shape))
        or ("boolean" in types and text.lower() in ("true", "false"))
        or ("integer" in types and bool(re.fullmatch(r"-?\d+", text)) and in_range(float(text), shape))
        or ("number" in types and bool(re.fullmatch(r"-?\d+(\.\d+)?", text)) and in_range(float(text), shape))
    )


def in_range(number: float, shape: Shape) -> bool:
    schema = shape.schema
    return bool(schema.get("minimum", number) <= number <= schema.get("maximum", number))


def _text_fits(text: str, shape: Shape) -> bool:
    schema = shape.schema
    if "{{resolve:" in text:
        return True
    if not schema.get("minLength", 0) <= len(text) <= schema.get("maxLength", len(text)):
        return False
    patterns = [
        pattern
        for end, pattern in _FORMATS.items()
        if schema.get("format", "").startswith("AWS::") and schema["format"].endswith(end)
    ]
    if any(not re.fullmatch(pattern, text) for pattern in patterns):
        return False
    return _matches(schema.get("pattern", ""), text)


def _matches(pattern: str, text: str) -> bool:
    for name, ours in _CLASSES.items():
        pattern = pattern.replace(name, ours)
    try:
        return bool(re.search(pattern, text))
    except re.error:  # the schemas are written for another dialect
        return True
