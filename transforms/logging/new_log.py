"""What the passes on resources without a log have in common: where the log goes, and what is written where nothing stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from remediator.api import EditBuilder, Remedy, Resource
from remediator.transforms.logging.log_bucket import Target
from remediator.transforms.wiring.properties import set_property

COSTS = "nobody who uses it notices; only the storage of the logs costs something"


def into_bucket(resource: Resource, key: str, target: Target, value: Callable[[str], Any], what: str) -> Remedy:
    """Gives a resource a property that names a log bucket. ``value`` makes it of the logical id of the bucket."""
    step = f"{what} of {resource.logical_id} into {target.logical_id}"
    return Remedy(step, lambda builder: set_property(builder, resource, key, value(target.add(builder))), COSTS)


def log_group(builder: EditBuilder, owner: Resource, wish: str, days: int) -> str:
    """Adds a log group behind a resource, under its condition; gives its logical id."""
    name = builder.new_logical_id(wish)
    condition = {"Condition": owner.condition} if owner.condition else {}
    group = {"Type": "AWS::Logs::LogGroup", **condition, "Properties": {"RetentionInDays": days}}
    builder.add_resource(name, group, after=owner.logical_id)
    return name
