"""Which services deliver logs to a bucket of the template, and on whose behalf."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from remediator.api import Mapping, Node, Resource, Scalar, Template, table, text_of
from remediator.transforms.wiring.follow import at, fits
from remediator.transforms.wiring.links import inside, meant

BUCKET = "AWS::S3::Bucket"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A resource whose logs a service writes to a bucket. ``row["customer_key"]``: whether it can where the bucket has a
    customer key."""

    source: Resource
    row: dict[str, Any]

    @property
    def prefix(self) -> Node | None:
        """The prefix of the objects' keys, as far as the source says one."""
        return next(_said(self.source, self.row, "prefix"), None)

    @property
    def node(self) -> Node:
        """What names the bucket."""
        return next(_said(self.source, self.row, "bucket"))


def deliveries(template: Template, bucket: Resource) -> list[Delivery]:
    """The deliveries to a bucket, in the order of the template."""
    return [each for each, target in all_deliveries(template) if target is bucket]


def all_deliveries(template: Template) -> Iterator[tuple[Delivery, Resource]]:
    """Every delivery to a bucket of the template, with the bucket."""
    for source in template.resources.values():
        for row in table("log_deliveries").values():
            if source.type in row["from"] and fits(source, row.get("where"), row.get("unless")) and _is_on(source, row):
                targets = [each for node in _said(source, row, "bucket") for each in meant(template, node, BUCKET)]
                yield from ((Delivery(source, row), each) for each in {each.logical_id: each for each in targets}.values())


def _is_on(source: Resource, row: dict[str, Any]) -> bool:
    switches = list(_said(source, row, "on"))
    return not switches or any(not isinstance(each, Scalar) or each.value.lower() != "false" for each in switches)


def _said(source: Resource, row: dict[str, Any], what: str) -> Iterator[Node]:
    """What a source says about the bucket, the prefix or the switch: at a property, or in the item of a list of attributes."""
    if "attribute" not in row:
        yield from at(source, row[what]) if what in row else ()
        return
    for item in at(source, row["bucket"]):
        if isinstance(item, Mapping) and text_of(item.get("Key")) == row["attribute"].get(what):
            yield from inside(item.get("Value"))
