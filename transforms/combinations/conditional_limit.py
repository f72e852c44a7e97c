"""COM023: numbers beyond a limit that another property sets."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Applicability, Context, Example, Finding, Origin, Pass, Remedy, Template, origins, show
from remediator.transforms.combinations.known import Known
from remediator.transforms.combinations.rows import Row, matches
from remediator.transforms.schema.illegal_value import uses

_BEFORE = """\
Resources:
  Ship:
    Type: AWS::Lambda::Function
    Properties:
      Handler: index.handler
      Runtime: python3.13
      Role: !ImportValue role
      Timeout: 1800
      Code:
        ZipFile: "def handler(event, context): pass"
"""


class ConditionalLimit(Pass):
    """A number is beyond a limit that holds for this kind of resource only, and that its schema does not have: a function
    without capacity provider runs for 900 seconds, a volume of type `gp3` has 3,000 operations.

    The nearest number that is allowed is written only as an unsafe fix, since it is not what was asked for.

    The limits stand in the table `conditional_limits`. Left alone: numbers from mappings.
    """

    code = "COM023"
    name = "beyond-its-limit"
    profile = "deploy"
    answers = ("E3061", "E3615", "E3671", "E3717", "E3718", "E3719", "E3725")
    sources = ("https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html",)
    examples = (Example("Half an hour", _BEFORE, _BEFORE.replace("1800", "900"), unsafe=True),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for resource, place, node, row, known in matches(context, "conditional_limits"):
            value = node.get(row["property"]) if known is Known.YES else None
            path = (*place.path, row["property"])
            for origin in origins(template, value, path) if value is not None else ():
                text = origin.node.value
                new = _nearest(int(text), row) if text.isdigit() and origin.path[0] != "Mappings" else None
                if new is not None and new != int(text):
                    message = f"{text} is not what {show(path[1:])} may be there; {new} is the nearest"
                    remedy = _remedy(template, origin, new)
                    yield self.finding(template, origin.path, origin.node, message, remedy, (resource.path,))


def _nearest(number: int, row: Row) -> int:
    """The number itself where it is allowed, or the nearest that is; with steps, the next greater one."""
    step: int = row.get("step", 0)
    if step:
        fitting = [each for each in row["values"] if each >= number]
        return int(min(fitting)) if fitting else -(-number // step) * step
    return int(max(row.get("minimum", number), min(row.get("maximum", number), number)))


def _remedy(template: Template, origin: Origin, new: int) -> Remedy | str:
    if origin.shared and uses(template, origin.path) != 1:
        return f"{show(origin.path)} is used elsewhere too; which number should it be?"
    value: int | str = new if origin.node.kind == "int" else str(new)
    return Remedy(
        f"write {new} for {origin.node.value} in {show(origin.path)}",
        lambda b: b.replace(origin.node, value, origin.path),
        "it is the nearest number that is allowed, but not what was asked for",
        Applicability.UNSAFE,
    )
