"""SCH006: numbers beyond the smallest or the greatest that the schema allows."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from remediator.api import Context, Finding, Origin, Pass, Place, Remedy, Template, origins, show
from remediator.transforms.schema import examples
from remediator.transforms.schema.illegal_value import SAM, admitted, uses, written

_NUMBER = re.compile(r"-?\d+")


class OutOfRange(Pass):
    """A number is smaller or greater than the resource type allows, so the resource is refused.

    The nearest number that is allowed is written only as an unsafe fix: 35 days of backups are not the 90 that somebody
    asked for, and a session of an hour is longer than one of half an hour.
    """

    code = "SCH006"
    name = "out-of-range"
    profile = "deploy"
    answers = ("E3034", "F3034")
    sources = ("https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html",)
    examples = examples.OUT_OF_RANGE

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for resource, place in context.places:
            schema = place.shape.schema
            if not {"minimum", "maximum"} & schema.keys() or resource.type.startswith(SAM):
                continue
            for origin in origins(template, place.node, place.path):
                limit = _limit(origin.node.value, place)
                if limit is not None:
                    value = origin.node.value
                    message = f"{value} is beyond {limit}, the limit of {show(place.path[1:])}"
                    yield self.finding(
                        template, origin.path, origin.node, message, _remedy(template, place, origin, limit), (resource.path,)
                    )


def _limit(value: str, place: Place) -> int | None:
    """The limit that a number is beyond."""
    if not _NUMBER.fullmatch(value):
        return None
    number, schema = int(value), place.shape.schema
    least, most = math.ceil(schema.get("minimum", number)), math.floor(schema.get("maximum", number))
    if least > most:  # no whole number will do
        return None
    return least if number < least else most if number > most else None


def _remedy(template: Template, place: Place, origin: Origin, limit: int) -> Remedy | str:
    if origin.shared and uses(template, origin.path) != 1:
        return f"{show(origin.path)} is used elsewhere too; which number, up to {limit}, should it be?"
    if not admitted(template, origin, str(limit)):
        return f"the parameter does not allow {limit}; which number should it be?"
    why = f"{limit} is the nearest that {place.path[-1]} allows, but not what was asked for"
    return written(origin, str(limit), why, unsafe=True)
