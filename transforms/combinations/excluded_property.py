"""COM001: properties that are refused beside another one."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import (
    Applicability,
    Context,
    EditBuilder,
    Example,
    Finding,
    Mapping,
    Pass,
    Place,
    Remedy,
    intrinsic,
    is_no_value,
    show,
)
from remediator.transforms.combinations.known import Known
from remediator.transforms.combinations.rows import Row, listed, matches

_BEFORE = """\
Resources:
  Hello:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties:
      TargetType: lambda
      Port: 80
      Protocol: HTTP
      Targets:
        - Id: !ImportValue hello-function
"""

_SAFE = "the resource can't be created with it, and without it the rest means what it meant"
_DEFAULT = "the value of a parameter decides it: with another value the property may be needed"


class ExcludedProperty(Pass):
    """A resource has a property that AWS refuses beside another one of its properties, although each is legal by itself.

    The property goes. That is safe where AWS documents that it does not apply at all to such a resource: a target group of
    Lambda functions has no port. It is unsafe where something is given up that could be had otherwise, and where the value of
    a parameter decides. Where either of two may be meant, the report asks which.

    The pairs stand in the table `excluded_properties`. Left alone: resources for which nobody can know the other value, such as
    that of a parameter without default, and pairs that stand in different branches of a condition.
    """

    code = "COM001"
    name = "excluded-property"
    profile = "deploy"
    answers = (
        "E2530",
        "E3020",
        "E3029",
        "E3044",
        "E3048",
        "E3634",
        "E3677",
        "E3681",
        "E3682",
        "E3684",
        "E3685",
        "E3686",
        "E3688",
        "E3689",
        "E3693",
        "E3696",
        "W3687",
    )
    sources = ("https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html",)
    examples = (
        Example(
            "A target group of functions",
            _BEFORE,
            _BEFORE.replace("      Port: 80\n      Protocol: HTTP\n", ""),
        ),
    )

    def run(self, context: Context) -> Iterator[Finding]:
        for _, place, node, row, known in matches(context, "excluded_properties"):
            names = [name for name in row["drop"] if _may_go(node, name, known)]
            if names:
                path = (*place.path, names[0])
                message = f"{show(place.path[1:])} has {listed(names)}: {row['why']}"
                entry = node.entry(names[0])
                assert entry is not None
                remedy = row.get("ask") or _remedy(place, node, row, names, known)
                yield self.finding(context.template, path, entry, message, remedy)


def _may_go(node: Mapping, name: str, known: Known) -> bool:
    """Whether a property is there; one that is there under a condition may be right under another parameter's value."""
    value = node.get(name)
    if value is None or is_no_value(value):
        return False
    call = intrinsic(value)
    return known is Known.YES or not (call and call.name == "Fn::If")


def _remedy(place: Place, node: Mapping, row: Row, names: list[str], known: Known) -> Remedy:
    def make(builder: EditBuilder) -> None:
        for name in names:
            builder.remove_entry(node, name, place.path)

    step = f"remove {listed(names)} from {show(place.path[1:])}"
    risk = row.get("risk") or (_DEFAULT if known is Known.BY_DEFAULT else "")
    return Remedy(step, make, risk or _SAFE, Applicability.UNSAFE if risk else Applicability.SAFE)
