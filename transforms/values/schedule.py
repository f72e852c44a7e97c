"""VAL010: schedules of EventBridge that it can't read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from remediator.api import Context, Example, Finding, Mapping, Node, Origin, Pass, Path, Remedy, Resource, Template
from remediator.transforms.values.texts import literals, mend

_UNITS = {
    "second": ("second", 1),
    "sec": ("second", 1),
    "minute": ("minute", 1),
    "min": ("minute", 1),
    "hour": ("hour", 1),
    "hr": ("hour", 1),
    "day": ("day", 1),
    "week": ("day", 7),
}
_RATE = re.compile(r"rate\(\s*(\d+)\s*([a-z]+?)s?\s*\)", re.IGNORECASE)
_CRON = re.compile(r"cron\((.*)\)|((?:[\w*?/,#-]+ ){4,5}[\w*?/,#-]+)", re.IGNORECASE)
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
"""The days of the week as Unix numbers them; EventBridge begins with 1."""

_BEFORE = """\
Resources:
  Nightly:
    Type: AWS::Events::Rule
    Properties:
      ScheduleExpression: "cron(0 2 * * * *)"
  Often:
    Type: AWS::Events::Rule
    Properties:
      ScheduleExpression: "rate(1 hours)"
"""


@dataclass(frozen=True, slots=True)
class _Schedule:
    node: Node
    path: Path


class MalformedSchedule(Pass):
    """A schedule is not in EventBridge's form: *Parameter ScheduleExpression is not valid*.

    The fix writes the same times in the right form: `rate(1 hour)` but `rate(2 hours)`; `min`, `hr` and weeks in units that
    EventBridge knows; `?` for the day of the week where the expression says every day; the fields of a Unix `cron` line in
    EventBridge's order, with names for its days, which are counted from 0 there and from 1 here.

    A rate in seconds is kept where it makes whole minutes. Shorter ones, and a `cron` with both a day of the month and a day
    of the week, need a decision.
    """

    code = "VAL010"
    name = "malformed-schedule"
    profile = "deploy"
    answers = ("E3027",)
    sources = ("https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html",)
    examples = (
        Example(
            "Every night, every hour",
            _BEFORE,
            _BEFORE.replace("* * * *", "* * ? *").replace("1 hours", "1 hour"),
        ),
    )

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for resource in template.resources.values():
            for schedule in _schedules(resource):
                for origin in literals(template, schedule.node, schedule.path):
                    yield from self._judged(template, resource, schedule.path, origin)

    def _judged(self, template: Template, resource: Resource, path: Path, origin: Origin) -> Iterator[Finding]:
        old = origin.node.value
        right, question = _right_form(old)
        if right == old or not (right or question):
            return
        message = f"the schedule {old} of {resource.logical_id} is not one that EventBridge reads"
        remedy: Remedy | str = question
        if right:
            remedy = Remedy(
                f"write {right} instead of {old}", lambda b: mend(b, origin, right), "the same times, in the right form"
            )
        yield self.finding(template, path, origin.node, message, remedy)


def _schedules(resource: Resource) -> Iterator[_Schedule]:
    """The schedules of a rule, and of the events of a serverless function or state machine."""
    path = (*resource.path, "Properties")
    if resource.type == "AWS::Events::Rule":
        node = resource.property("ScheduleExpression")
        if node is not None:
            yield _Schedule(node, (*path, "ScheduleExpression"))
    events = resource.property("Events") if resource.type.startswith("AWS::Serverless::") else None
    for entry in events.entries if isinstance(events, Mapping) else ():
        properties = entry.value.get("Properties") if isinstance(entry.value, Mapping) else None
        node = properties.get("Schedule") if isinstance(properties, Mapping) else None
        if node is not None:
            yield _Schedule(node, (*path, "Events", entry.key.value, "Properties", "Schedule"))


def _right_form(text: str) -> tuple[str, str]:
    """A schedule in the right form, or a question about it; nothing of both for a text that is no schedule at all."""
    rate, cron = _RATE.fullmatch(text.strip()), _CRON.fullmatch(text.strip())
    if rate and rate.group(2).lower() in _UNITS:
        return _right_rate(int(rate.group(1)), rate.group(2).lower())
    if cron:
        return _right_cron((cron.group(1) or cron.group(2)).split())
    return "", ""


def _right_rate(number: int, unit: str) -> tuple[str, str]:
    unit, factor = _UNITS[unit]
    number *= factor
    if unit == "second":
        if number % 60:
            return "", "EventBridge's shortest rate is a minute: which rate will do?"
        number, unit = number // 60, "minute"
    if number == 0:
        return "", "how often should it be?"
    return f"rate({number} {unit}{'' if number == 1 else 's'})", ""


def _right_cron(fields: list[str]) -> tuple[str, str]:
    if len(fields) == 5:
        fields = [*fields[:4], _named_days(fields[4]), "*"]
        if "?" not in (fields[2], fields[4]) and fields[2] == "*" and fields[4] != "*":
            fields[2] = "?"
    if len(fields) != 6:
        return "", "a cron expression has six fields: minutes, hours, day of month, month, day of week, year; which are they?"
    if fields[4] == "*" and fields[2] != "?":
        fields[4] = "?"
    if (fields[2] == "?") == (fields[4] == "?"):
        return "", "should it be the day of the month or the day of the week? The other one has to be ?"
    return f"cron({' '.join(fields)})", ""


def _named_days(field: str) -> str:
    """Days of the week of a Unix line by name; steps and the like stay as they are."""
    plain = re.fullmatch(r"[0-7](?:[-,][0-7])*", field)
    return re.sub(r"\d", lambda match: _DAYS[int(match.group())], field) if plain else field
