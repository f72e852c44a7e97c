"""COM016: conditions whose operands are not what the function takes."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import (
    Call,
    Context,
    Copy,
    EditBuilder,
    Example,
    Finding,
    Intrinsic,
    Mapping,
    Node,
    Pass,
    Path,
    Remedy,
    Sequence,
    Template,
    intrinsic,
    text_of,
    walk,
)

_OPERANDS = {"Fn::And": (2, 10), "Fn::Or": (2, 10), "Fn::Not": (1, 1), "Fn::Equals": (2, 2)}
"""How few and how many operands a function takes.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-conditions.html (2026-11)"""

_BEFORE = """\
Parameters:
  Stage:
    Type: String
Conditions:
  IsLive: !Equals [!Ref Stage, live]
  IsTest:
    Fn::Not:
      Fn::Equals: [!Ref Stage, live]
  IsShown: !And [!Ref IsLive, !Condition IsTest]
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Condition: IsShown
"""
_AFTER = _BEFORE.replace(
    "    Fn::Not:\n      Fn::Equals: [!Ref Stage, live]\n", "    Fn::Not:\n      - Fn::Equals: [!Ref Stage, live]\n"
).replace("!Ref IsLive", "!Condition IsLive")


class ConditionOperands(Pass):
    """`Fn::And`, `Fn::Or`, `Fn::Not` or `Fn::Equals` has too few operands, or one that is no condition, and CloudFormation
    refuses the template.

    An operand that is not in a list is put into one. A condition that is meant by its bare name, or by `Ref`, is referred to
    with `Condition`. `Fn::And` and `Fn::Or` of a single condition are that condition. What an `Fn::Equals` without second
    operand should compare is a question.
    """

    code = "COM016"
    name = "condition-operands"
    profile = "deploy"
    answers = ("E8003", "E8004", "E8005", "E8006")
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-conditions.html",
    )
    examples = (Example("Two of them", _BEFORE, _AFTER),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        section = template.section("Conditions")
        if section is None or template.has_custom_macro:
            return
        for path, node in walk(section, ("Conditions",)):
            call = intrinsic(node) if len(path) > 1 else None
            if call and call.name in _OPERANDS and path[-1] != call.name:
                yield from self._call(template, call, path)

    def _call(self, template: Template, call: Intrinsic, path: Path) -> Iterator[Finding]:
        where = (*path, call.name)
        if not isinstance(call.argument, Sequence) or intrinsic(call.argument):
            message = f"the operand of {call.name} is not in a list"
            yield self.finding(template, where, call.argument, message, _in_list(call, where))
            return
        operands = call.argument.items
        least, most = _OPERANDS[call.name]
        if not least <= len(operands) <= most:
            message = f"{call.name} has {len(operands)} operands"
            yield self.finding(template, path, call.node, message, _single(template, call, operands, path))
        for index, operand in enumerate(operands if call.name != "Fn::Equals" else ()):
            name = _named(template, operand)
            if name:
                yield self._reference(template, operand, name, (*where, index))

    def _reference(self, template: Template, operand: Node, name: str, path: Path) -> Finding:
        remedy = Remedy(
            f"refer to {name} with Condition",
            lambda b: _refer(b, operand, name, path),
            "a condition is referred to in no other way",
        )
        return self.finding(template, path, operand, f"{name} is a condition, and not referred to as one", remedy)


def _refer(builder: EditBuilder, operand: Node, name: str, path: Path) -> None:
    if operand.tag:  # !Ref
        builder.replace_text(operand.start, operand.start + len(operand.tag), "!Condition", path)
    elif isinstance(operand, Mapping):
        builder.rename_key(operand.entries[0], "Condition", path)
    else:
        builder.replace(operand, Call("Condition", name), path)


def _in_list(call: Intrinsic, path: Path) -> Remedy | str:
    argument = call.argument
    if call.name != "Fn::Not" or call.node.tag:  # the argument of a short form shares its text with the tag
        return f"which are the operands of {call.name}?"
    return Remedy("put it into a list", lambda b: b.replace(argument, [Copy(argument)], path), "it is the only operand")


def _single(template: Template, call: Intrinsic, operands: tuple[Node, ...], path: Path) -> Remedy | str:
    section = template.section("Conditions")
    if call.name not in ("Fn::And", "Fn::Or") or len(operands) != 1 or section is None:
        return f"what should the operands of {call.name} be?"

    def make(builder: EditBuilder) -> None:
        if len(path) == 2:
            builder.set_entry(section, str(path[1]), Copy(operands[0]), path[:1])
        else:
            builder.replace(call.node, Copy(operands[0]), path)

    return Remedy("leave the condition alone", make, f"{call.name} of one condition is that condition")


def _named(template: Template, operand: Node) -> str | None:
    """The condition that an operand means by its bare name or by ``Ref``."""
    call = intrinsic(operand)
    name = text_of(call.argument) if call and call.name == "Ref" else text_of(operand)
    return name if name in template.conditions and name not in template.parameters else None
