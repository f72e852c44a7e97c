"""REF011: conditions that are not defined."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import (
    Applicability,
    Context,
    EditBuilder,
    Example,
    Finding,
    Pass,
    Path,
    Remedy,
    Scalar,
    Sequence,
    Template,
    intrinsic,
    text_of,
    walk,
)
from remediator.transforms.references import sections
from remediator.transforms.references.naming import Nearness, nearest
from remediator.transforms.references.uses import is_open

_BEFORE = """\
Parameters:
  Stage:
    Type: String
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Condition: isProd
"""


class UndefinedCondition(Pass):
    """A resource, an output, `Fn::If` or another condition names a condition that the template does not define, and
    CloudFormation refuses it.

    The name becomes that of the only condition with the same letters. One that differs by a slip of the pen, a plural or an
    abbreviation is a guess, and unsafe. Otherwise only the author knows when it should hold.
    """

    code = "REF011"
    name = "undefined-condition"
    profile = "deploy"
    answers = ("E1028", "E3015", "E6005", "E8002")
    sources = ("https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/conditions-section-structure.html",)
    examples = (Example("Other capitals", _BEFORE, _BEFORE.replace("isProd", "IsProd")),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        known = template.conditions.keys() | sections.misplaced(template)
        for path, node in mentions(template) if not is_open(template) else ():
            if node.value not in known:
                message = f"the condition {node.value} is not defined"
                yield self.finding(template, path, node, message, _remedy(template, path, node))


def mentions(template: Template) -> Iterator[tuple[Path, Scalar]]:
    """Every place that names a condition."""
    for section in ("Conditions", "Resources", "Outputs", "Rules"):
        entries = template.section(section)
        for path, node in walk(entries, (section,)) if entries else ():
            call = intrinsic(node)
            if (
                section in ("Resources", "Outputs")
                and path[2:] == ("Condition",)
                and isinstance(node, Scalar)
                and text_of(node)
            ):
                yield path, node
            if call and call.name == "Fn::If" and isinstance(call.argument, Sequence) and call.argument.items:
                name = call.argument.items[0]
                if isinstance(name, Scalar) and text_of(name):
                    yield (*path, "Fn::If", 0), name
            named = call and call.name == "Condition" and section in ("Conditions", "Rules")
            if call and named and isinstance(call.argument, Scalar) and text_of(call.argument):
                yield (*path, "Condition"), call.argument


def _remedy(template: Template, path: Path, node: Scalar) -> Remedy | str:
    names, level = nearest(node.value, template.conditions, "condition")
    if len(names) != 1:
        which = f"which of {', '.join(names)} is meant?" if names else "when should it hold?"
        return f"{which} `{node.value}` is not defined"
    name = names[0]

    def make(builder: EditBuilder) -> None:
        start = node.start + builder.source.text[node.start : node.end].index(node.value)
        builder.replace_text(start, start + len(node.value), name, path)

    if level is Nearness.CASE:
        return Remedy(f"name {name}", make, f"{name} is the only condition with these letters")
    why = f"{name} is taken to be meant: no other condition is near"
    return Remedy(f"name {name}", make, why, Applicability.UNSAFE)
