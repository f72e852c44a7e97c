"""LOG020: log groups that keep their events for ever."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Applicability, Context, Example, Finding, Pass, Remedy, Resource, UpdateEffect
from remediator.transforms.logging.log_bucket import DAYS
from remediator.transforms.wiring.properties import set_property

_BEFORE = """\
Resources:
  Audit:
    Type: AWS::Logs::LogGroup
    Properties:
      LogGroupName: /shop/audit
"""


class LogGroupWithoutRetention(Pass):
    """A log group keeps its events for ever, whatever is in them, and is billed for it.

    They are kept for a year. Under `--deployed` that is held back, because events that are older would be gone.

    Left alone: any retention that is written or decided by a parameter, and log groups of the delivery class, which have
    one of their own.
    """

    code = "LOG020"
    name = "log-group-without-retention"
    profile = "secure"
    stage = 3
    answers = ("CKV_AWS_66", "W86")
    sources = ("https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html",)
    examples = (Example("A log group", _BEFORE, _BEFORE + "      RetentionInDays: 365\n"),)

    def run(self, context: Context) -> Iterator[Finding]:
        for group in context.template.resources.values():
            if group.type != "AWS::Logs::LogGroup" or group.property("RetentionInDays") or group.property("LogGroupClass"):
                continue
            if group.properties is not None or group.node.entry("Properties") is None:
                message = f"{group.logical_id} keeps its events for ever"
                path = (*group.path, "Properties", "RetentionInDays")
                yield self.finding(context.template, path, group.key, message, _remedy(group))


def _remedy(group: Resource) -> Remedy:
    return Remedy(
        f"keep the events of {group.logical_id} for a year",
        lambda builder: set_property(builder, group, "RetentionInDays", DAYS),
        "a new group has no events yet that would be gone after a year",
        Applicability.SAFE,
        UpdateEffect.DATA_LOSS,
    )
