"""DLQ005: schedules whose invocations fail and leave nothing behind."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Context, EditBuilder, Example, Finding, Pass, Remedy, Resource, Template
from remediator.transforms.dead_letters.queues import Queues
from remediator.transforms.dead_letters.roles import obstacle, roles_of
from remediator.transforms.settings.slots import Slot, slots
from remediator.transforms.wiring.follow import at

_SCHEDULE = "AWS::Scheduler::Schedule"

_BEFORE = """\
Resources:
  Nightly:
    Type: AWS::Scheduler::Schedule
    Properties:
      ScheduleExpression: rate(1 day)
      FlexibleTimeWindow:
        Mode: "OFF"
      Target:
        Arn: !ImportValue report-function
        RoleArn: !GetAtt NightlyRole.Arn
{config}
  NightlyRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {{Service: scheduler.amazonaws.com}}
            Action: sts:AssumeRole
      Policies:
        - PolicyName: invoke
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: lambda:InvokeFunction
                Resource: !ImportValue report-function
"""
_CONFIG = """\
        DeadLetterConfig:
          Arn: !GetAtt DeadLetterQueue.Arn
"""
_ADDED = """\
        - PolicyName: send-failed-schedules
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: sqs:SendMessage
                Resource: !GetAtt DeadLetterQueue.Arn

  DeadLetterQueue:
    Type: AWS::SQS::Queue
    Properties:
      MessageRetentionPeriod: 1209600
"""


class ScheduleWithoutDeadLetters(Pass):
    """A schedule has no queue for dead letters: an invocation that EventBridge Scheduler can't make is dropped.

    Its target gets `DeadLetterConfig` with the stack's queue for dead letters, and CRE003 lets the schedule's role send there.

    Left alone: schedules whose role is not in the template, or may do what the template does not show.
    """

    code = "DLQ005"
    name = "schedule-without-dead-letters"
    profile = "secure"
    stage = 3
    companions = ("CRE003", "ENC101")
    sources = ("https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html",)
    examples = (Example("A schedule", _BEFORE.format(config=""), _BEFORE.format(config=_CONFIG) + _ADDED),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        resources = template.resources.values()
        lacking = [(each, slot) for each in resources if each.type == _SCHEDULE for slot in _lacking(each)]
        queues = Queues(context) if lacking else None
        for schedule, slot in lacking:
            assert queues is not None
            message = f"{schedule.logical_id} has no queue for the invocations that it can't make"
            remedy = _remedy(template, queues, schedule, slot)
            related = tuple(role.path for role in roles_of(template, at(schedule, "Target.RoleArn")))
            yield self.finding(template, schedule.path, schedule.key, message, remedy, related)


def _lacking(schedule: Resource) -> Iterator[Slot]:
    for slot in slots(schedule, "Target?.DeadLetterConfig.Arn"):
        if slot.node is None and slot.rest[0] == "DeadLetterConfig":
            yield slot


def _remedy(template: Template, queues: Queues, schedule: Resource, slot: Slot) -> Remedy | str:
    roles = list(at(schedule, "Target.RoleArn"))
    problem = obstacle(template, schedule.logical_id, roles)
    target = problem or queues.shared(schedule, [schedule, *roles_of(template, roles)])
    if isinstance(target, str):
        return target
    step = f"send the invocations that {schedule.logical_id} can't make to {target.logical_id}"

    def make(builder: EditBuilder) -> None:
        after = [entry.key.value for entry in slot.owner.entries if entry.key.value in ("Arn", "RoleArn")]
        value = {"Arn": target.add(builder)}
        builder.insert_entry(slot.owner, "DeadLetterConfig", value, slot.path, after=after[-1] if after else None)

    return Remedy(step, make, "EventBridge Scheduler puts there what it would drop, and nothing else changes")
