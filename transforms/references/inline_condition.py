"""REF010: conditions that are written out where their name is wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from remediator.api import (
    Context,
    Copy,
    EditBuilder,
    Example,
    Finding,
    Node,
    Pass,
    Path,
    Remedy,
    Sequence,
    Template,
    intrinsic,
    meaning,
    text_of,
    to_value,
    walk,
)
from remediator.transforms.references.naming import words
from remediator.transforms.references.uses import write_word

_BEFORE = """\
Parameters:
  Engine:
    Type: String
Resources:
  Rule:
    Type: AWS::EC2::SecurityGroupIngress
    Properties:
      IpProtocol: tcp
      FromPort: !If [!Equals [!Ref Engine, postgres], 5432, 3306]
"""
_AFTER = """\
Parameters:
  Engine:
    Type: String
Conditions:
  EngineIsPostgres: !Equals [!Ref Engine, postgres]
Resources:
  Rule:
    Type: AWS::EC2::SecurityGroupIngress
    Properties:
      IpProtocol: tcp
      FromPort: !If [EngineIsPostgres, 5432, 3306]
"""
_FUNCTIONS = ("Condition", "Fn::And", "Fn::Equals", "Fn::Not", "Fn::Or")


class InlineCondition(Pass):
    """`Fn::If`, or the `Condition` of a resource or output, has a condition written out where CloudFormation takes the name of
    one from the section `Conditions`, and the template is refused.

    The condition moves into that section as it is written, under a name made of what it compares, and its name is left in
    its place. One that is there already in the same words is used. `!Ref` and `!Condition` of a condition become its name.
    """

    code = "REF010"
    name = "inline-condition"
    profile = "deploy"
    answers = ("E1028", "E3001", "E6001", "E8007")
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-conditions.html",
    )
    examples = (Example("An engine", _BEFORE, _AFTER),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for path, node in _places(template):
            call = intrinsic(node)
            if call is None:
                continue
            name = text_of(call.argument) if call.name in ("Condition", "Ref") else None
            message = "a condition is written out where the name of one is wanted"
            if name in template.conditions:
                remedy = Remedy(f"write {name}", _writing(node, str(name), path), "it is the name of a condition")
                yield self.finding(template, path, node, message, remedy)
            elif call.name in _FUNCTIONS and name is None:
                yield self.finding(template, path, node, message, _remedy(template, node, path))


def _places(template: Template) -> Iterator[tuple[Path, Node]]:
    """Every place that takes the name of a condition."""
    for section in ("Resources", "Outputs"):
        entries = template.section(section)
        for path, node in walk(entries, (section,)) if entries else ():
            if path[2:] == ("Condition",):
                yield path, node
            call = intrinsic(node)
            if call and call.name == "Fn::If" and isinstance(call.argument, Sequence) and call.argument.items:
                yield (*path, "Fn::If", 0), call.argument.items[0]


def _remedy(template: Template, node: Node, path: Path) -> Remedy:
    same = [name for name, each in template.conditions.items() if meaning(each) == meaning(node)]
    if same:
        return Remedy(f"write {same[0]}", _writing(node, same[0], path), f"{same[0]} says the same")
    name = _free(template, _name(node))

    def make(builder: EditBuilder) -> None:
        block = not builder.source.is_json and "\n" in builder.source.text[node.start : node.end]
        builder.add_to_section("Conditions", name, to_value(node) if block else Copy(node))
        write_word(builder, node, name, path)

    return Remedy(f"make it the condition {name}", make, "it is the same condition, with a name")


def _writing(node: Node, name: str, path: Path) -> Callable[[EditBuilder], None]:
    return lambda builder: write_word(builder, node, name, path)


def _name(node: Node) -> str:
    """A name that says what is compared: ``EngineIsPostgres``."""
    call = intrinsic(node)
    if call is None:
        return "".join(word.capitalize() for word in words(text_of(node) or "")) or "Empty"
    if call.name in ("Ref", "Condition"):
        return text_of(call.argument) or "It"
    items = call.argument.items if isinstance(call.argument, Sequence) else ()
    joint = {"Fn::Equals": "Is", "Fn::And": "And", "Fn::Or": "Or"}.get(call.name)
    if call.name == "Fn::Not" and len(items) == 1:
        return f"Not{_name(items[0])}"
    return joint.join(_name(item) for item in items) if joint and items else "It"


def _free(template: Template, wish: str) -> str:
    taken = template.conditions.keys() | template.parameters | template.resources.keys()
    name, number = wish[:200], 2
    while name in taken:
        name, number = f"{wish}{number}", number + 1
    return name
