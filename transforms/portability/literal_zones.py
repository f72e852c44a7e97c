"""POR004: Availability Zones by name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from remediator.api import (
    Applicability,
    Call,
    Context,
    EditBuilder,
    Example,
    Finding,
    Pass,
    Path,
    Place,
    Remedy,
    Scalar,
    Template,
    UpdateEffect,
    show,
    text_of,
    walk,
)

_ZONE = re.compile(r"([a-z]{2}(?:-[a-z]+)+-\d)([a-f])")
_ENOUGH = 3
"""Zones that one may count on in a Region."""

BEFORE = """\
Resources:
  Subnet:
    Type: AWS::EC2::Subnet
    Properties:
      VpcId: !Ref Network
      AvailabilityZone: eu-west-1a
"""
AFTER = BEFORE.replace("eu-west-1a", '!Select [0, !GetAZs ""]')


class LiteralZone(Pass):
    """Availability Zones are written by name, so that the template deploys in one Region only.

    The first, second and third zone of the Region take their place, in the order of their letters: what stood in one zone
    still stands in one, and what stood in two still stands in two.

    Templates that name zones of several Regions, more than three zones, or a zone in a parameter or a mapping as well, are
    left alone, since these would no longer agree.
    """

    code = "POR004"
    name = "literal-zone"
    profile = "production"
    stage = 2
    answers = ("W3010",)
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getavailabilityzones.html",
    )
    examples = (Example("A subnet", BEFORE, AFTER, unsafe=True),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        places = [place for _, place in context.places if _is_zone(place)]
        if not places:
            return
        first = places[0]
        message = f"{_name(first)} is a zone of one Region"
        related = tuple(place.path for place in places[1:])
        remedy = _obstacle(template, places) or _remedy(places)
        yield self.finding(template, first.path, first.node, message, remedy, related)


def _is_zone(place: Place) -> bool:
    keys = [step for step in place.path[3:] if isinstance(step, str) and not step.startswith("Fn::")]
    text = text_of(place.node) or ""
    return keys[-1:] in (["AvailabilityZone"], ["AvailabilityZones"]) and _ZONE.fullmatch(text) is not None


def _name(place: Place) -> str:
    return text_of(place.node) or ""


def _obstacle(template: Template, places: list[Place]) -> str:
    """Why the zones can't be chosen by the Region; empty where they can."""
    names = {_name(place) for place in places}
    if len({name[:-1] for name in names}) > 1:
        return "which Region is this template for? It names zones of several"
    if len(names) > _ENOUGH:
        return f"not every Region has {len(names)} zones"
    known = {id(place.node) for place in places}
    for path, node in walk(template.root):
        if isinstance(node, Scalar) and _ZONE.fullmatch(node.value) and id(node) not in known and path[0] != "Metadata":
            return f"{show(_holder(path))} names a zone, too, and would no longer agree"
    return ""


def _holder(path: Path) -> Path:
    return path[:3] if path[0] == "Mappings" else path[:2]


def _remedy(places: list[Place]) -> Remedy:
    order = sorted({_name(place) for place in places})

    def make(builder: EditBuilder) -> None:
        for place in places:
            builder.replace(place.node, Call("Fn::Select", [order.index(_name(place)), Call("Fn::GetAZs", "")]), place.path)

    return Remedy(
        "let the Region choose the zones",
        make,
        "the first zone that GetAZs returns need not be that of the first letter, and what has to move to another is replaced",
        Applicability.UNSAFE,
        UpdateEffect.REPLACEMENT,
    )
