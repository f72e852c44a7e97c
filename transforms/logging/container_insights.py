"""LOG019: container clusters without metrics of their tasks."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import (
    Applicability,
    Context,
    EditBuilder,
    Example,
    Finding,
    Mapping,
    Node,
    Pass,
    Path,
    Remedy,
    Resource,
    Sequence,
    intrinsic,
    text_of,
)
from remediator.transforms.wiring.properties import set_property

_LIST, _NAME = "ClusterSettings", "containerInsights"
_ITEM = {"Name": _NAME, "Value": "enabled"}

_BEFORE = """\
Resources:
  Cluster:
    Type: AWS::ECS::Cluster
    Properties:
      ClusterName: shop
"""
_ADDED = """\
      ClusterSettings:
        - Name: containerInsights
          Value: enabled
"""


class ClusterWithoutInsights(Pass):
    """A container cluster records nothing of what its services and tasks use, so that nobody sees what happened before one
    failed.

    Container Insights is turned on. Where it is turned off in so many words, that is an unsafe fix.

    Left alone: settings that a parameter or a condition decides.
    """

    code = "LOG019"
    name = "cluster-without-insights"
    profile = "secure"
    stage = 3
    answers = ("CKV_AWS_65",)
    sources = ("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cloudwatch-container-insights.html",)
    examples = (Example("A cluster", _BEFORE, _BEFORE + _ADDED),)

    def run(self, context: Context) -> Iterator[Finding]:
        for cluster in context.template.resources.values():
            if cluster.type != "AWS::ECS::Cluster":
                continue
            off = _off(cluster)
            if off is not None:
                message = f"{cluster.logical_id} records nothing of what its tasks use"
                path = (*cluster.path, "Properties", _LIST)
                yield self.finding(context.template, path, off, message, _remedy(cluster, off))


def _off(cluster: Resource) -> Node | None:
    """What says that nothing is recorded: the cluster's key where nothing is said, or the value."""
    listed = cluster.property(_LIST)
    if cluster.properties is None and cluster.node.entry("Properties"):
        return None
    if listed is None:
        return cluster.key
    if not isinstance(listed, Sequence) or intrinsic(listed) or not listed.items:
        return None
    items = [each for each in listed.items if isinstance(each, Mapping) and text_of(each.get("Name"))]
    if len(items) < len(listed.items):
        return None
    found = next((each.get("Value") for each in items if text_of(each.get("Name")) == _NAME), cluster.key)
    return found if found is cluster.key or text_of(found) == "disabled" else None


def _remedy(cluster: Resource, off: Node) -> Remedy:
    path: Path = (*cluster.path, "Properties", _LIST)

    def make(builder: EditBuilder) -> None:
        listed = cluster.property(_LIST)
        if not isinstance(listed, Sequence):
            set_property(builder, cluster, _LIST, [_ITEM])
        elif off is cluster.key:
            builder.append_item(listed, _ITEM, path)
        else:
            index = next(i for i, item in enumerate(listed.items) if isinstance(item, Mapping) and item.get("Value") is off)
            builder.replace(off, "enabled", (*path, index, "Value"))

    step = f"turn Container Insights on for {cluster.logical_id}"
    if off is not cluster.key:
        return Remedy(step, make, "it is turned off, maybe on purpose: its metrics are billed", Applicability.UNSAFE)
    return Remedy(step, make, "the tasks run on as they are; the metrics are billed by their number")
