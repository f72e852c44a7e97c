"""COM014: parameters whose default is not among the values that they allow."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from remediator.api import (
    Applicability,
    Context,
    EditBuilder,
    Entry,
    Example,
    Finding,
    Mapping,
    Node,
    Pass,
    Path,
    Remedy,
    Scalar,
    Sequence,
    Template,
    intrinsic,
    meaning,
    text_of,
    walk,
)
from remediator.transforms.combinations.known import plain
from remediator.transforms.values.texts import retext

_BEFORE = """\
Parameters:
  Stage:
    Type: String
    Default: Test
    AllowedValues: [test, live]
  CertificateArn:
    Type: String
    Default: ""
    AllowedPattern: arn:aws:acm:.*
Conditions:
  HasCertificate: !Not [!Equals [!Ref CertificateArn, ""]]
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties:
      DisplayName: !If [HasCertificate, !Ref Stage, test]
"""
_AFTER = _BEFORE.replace("Default: Test", "Default: test").replace("arn:aws:acm:.*", '"^$|arn:aws:acm:.*"')


class ParameterDefault(Pass):
    """The default of a parameter is not among its `AllowedValues`, or does not match its `AllowedPattern` or its limits, and
    CloudFormation refuses the template.

    A default that differs from an allowed value in case only becomes that one. Where a condition of the template asks whether
    the parameter is empty, empty is allowed. Otherwise the default is added to the allowed values as an unsafe fix, and for
    a pattern or a limit the report asks.
    """

    code = "COM014"
    name = "default-not-allowed"
    profile = "deploy"
    answers = ("E2015",)
    sources = ("https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html",)
    examples = (Example("Another case, and an empty text", _BEFORE, _AFTER),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        section = template.section("Parameters")
        for entry in section.entries if section else ():
            definition = entry.value
            default = definition.get("Default") if isinstance(definition, Mapping) else None
            if isinstance(definition, Mapping) and isinstance(default, Scalar) and default.tag is None:
                yield from self._default(template, entry, definition, default)

    def _default(self, template: Template, entry: Entry, definition: Mapping, default: Scalar) -> Iterator[Finding]:
        name, path = entry.key.value, ("Parameters", entry.key.value)
        kind = text_of(definition.get("Type")) or ""
        values = plain(default).split(",") if kind.startswith(("List<", "CommaDelimitedList")) else [plain(default)]
        allowed = definition.get("AllowedValues")
        if isinstance(allowed, Sequence) and not intrinsic(allowed) and allowed.items:
            known = [plain(item) for item in allowed.items if isinstance(item, Scalar)]
            if any(value.strip() not in known for value in values):
                message = f"the default {default.value!r} of {name} is not among its AllowedValues"
                yield self.finding(template, (*path, "Default"), default, message, _among(default, allowed, known, path))
        for key, fits in _limits(definition, kind):
            if not fits(plain(default)):
                message = f"the default {default.value!r} of {name} is not what its {key} allows"
                remedy = _empty(template, name, definition, key, default) or f"which default should {name} have?"
                yield self.finding(template, (*path, "Default"), default, message, remedy)


def _among(default: Scalar, allowed: Sequence, known: list[str], path: Path) -> Remedy:
    same = [each for each in known if each.lower() == plain(default).strip().lower()]
    if len(same) == 1:
        where = (*path, "Default")
        why = "it differs in case or in spaces only, and no other value is accepted"
        return Remedy(f"write {same[0]}", lambda b: retext(b, default, same[0], where), why)
    value = plain(default)
    return Remedy(
        f"add {value!r} to AllowedValues",
        lambda b: b.append_item(allowed, value, (*path, "AllowedValues")),
        "the default may be wrong instead, and what uses the parameter may not know the value",
        Applicability.UNSAFE,
    )


def _limits(definition: Mapping, kind: str) -> Iterator[tuple[str, Callable[[str], bool]]]:
    """The attributes that restrict a default, each with what it asks of a text."""
    pattern = text_of(definition.get("AllowedPattern"))
    if pattern is not None and kind == "String":
        yield "AllowedPattern", lambda text: _matches(pattern, text)
    measure: Callable[[str], float] = len if kind == "String" else _value
    least, most = ("MinLength", "MaxLength") if kind == "String" else ("MinValue", "MaxValue")
    if kind not in ("String", "Number"):
        return
    low, high = _number(definition.get(least)), _number(definition.get(most))
    if low is not None:
        yield least, lambda text: not measure(text) < low
    if high is not None:
        yield most, lambda text: not measure(text) > high


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.fullmatch(pattern, text) is not None
    except re.error:
        return True  # Java's patterns have what Python's have not


def _value(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _number(node: Node | None) -> float | None:
    try:
        return float(node.value) if isinstance(node, Scalar) and node.tag is None else None
    except ValueError:
        return None


def _empty(template: Template, name: str, definition: Mapping, key: str, default: Scalar) -> Remedy | None:
    """Allows a text to be empty, where a condition of the template asks whether it is."""
    node, path = definition.get(key), ("Parameters", name, key)
    if default.value or not isinstance(node, Scalar) or not _is_asked_about(template, name):
        return None
    why = "a condition of the template asks whether it is empty, so it may be"
    if key == "AllowedPattern":
        return Remedy("allow the empty text, too", lambda b: _or_empty(b, node, path), why)
    number: int | str = "0" if node.style else 0
    return Remedy("allow the empty text, too", lambda b: b.replace(node, number, path), why) if key == "MinLength" else None


def _or_empty(builder: EditBuilder, node: Scalar, path: Path) -> None:
    retext(builder, node, f"^$|{node.value}", path)


def _is_asked_about(template: Template, name: str) -> bool:
    section = template.section("Conditions")
    for _, node in walk(section) if section else ():
        call = intrinsic(node)
        if call and call.name == "Fn::Equals" and isinstance(call.argument, Sequence):
            said = [meaning(item) for item in call.argument.items]
            if {"Ref": name} in said and "" in said:
                return True
    return False
