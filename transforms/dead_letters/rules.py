"""DLQ004: rules whose targets can't be reached, and whose events are lost then."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Context, EditBuilder, Example, Finding, Pass, Remedy, Resource, Template
from remediator.transforms.dead_letters.queues import Queues
from remediator.transforms.dead_letters.services import obstacle
from remediator.transforms.settings.slots import Slot, slots

_BEFORE = """\
Resources:
  Hourly:
    Type: AWS::Events::Rule
    Properties:
      ScheduleExpression: rate(1 hour)
      Targets:
        - Id: report
          Arn: !ImportValue report-function
{config}{added}"""
_CONFIG = """\
          DeadLetterConfig:
            Arn: !GetAtt DeadLetterQueue.Arn
"""
_ADDED = """\
  DeadLetterQueue:
    Type: AWS::SQS::Queue
    Properties:
      MessageRetentionPeriod: 1209600
  DeadLetterQueuePolicy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues:
        - !Ref DeadLetterQueue
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              Service: events.amazonaws.com
            Action: sqs:SendMessage
            Resource: !GetAtt DeadLetterQueue.Arn
            Condition:
              ArnEquals:
                aws:SourceArn: !GetAtt Hourly.Arn
"""


class RuleWithoutDeadLetters(Pass):
    """A rule has a target without a queue for dead letters: an event that EventBridge can't deliver within a day, because the
    target is gone, throttles or does not let it in, is dropped.

    Each target without `DeadLetterConfig` gets the stack's queue for dead letters; CRE015 lets EventBridge send there for this
    rule. A rule with a condition gets a queue with that condition, because the queue's policy names the rule.

    Left alone: targets that are made by an expression.
    """

    code = "DLQ004"
    name = "rule-without-dead-letters"
    profile = "secure"
    stage = 3
    companions = ("CRE015", "CRE007")
    sources = ("https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html",)
    examples = (Example("A schedule", _BEFORE.format(config="", added=""), _BEFORE.format(config=_CONFIG, added=_ADDED)),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        lacking = {each.logical_id: found for each in template.resources.values() if (found := _lacking(each))}
        queues = Queues(context) if lacking else None
        for place, (name, targets) in enumerate(lacking.items(), 1):
            rule = template.resources[name]
            assert queues is not None
            message = f"{name} has no queue for the events that it can't deliver"
            remedy = _remedy(template, queues, rule, targets, place)
            yield self.finding(template, rule.path, rule.key, message, remedy)


def _lacking(rule: Resource) -> list[Slot]:
    """The targets of a rule that have no queue for dead letters."""
    found = slots(rule, "Targets?.DeadLetterConfig.Arn") if rule.type == "AWS::Events::Rule" else ()
    return [slot for slot in found if slot.node is None and slot.rest[0] == "DeadLetterConfig"]


def _remedy(template: Template, queues: Queues, rule: Resource, targets: list[Slot], place: int) -> Remedy | str:
    target = queues.shared(rule, [rule], service=True)
    if isinstance(target, str):
        return target
    problem = obstacle(template, rule, target, "undelivered events to queue", place)
    if problem:
        return problem
    step = f"send the events that {rule.logical_id} can't deliver to {target.logical_id}"
    why = "EventBridge puts there what it would drop, and nothing else changes"

    def make(builder: EditBuilder) -> None:
        arn = target.add(builder)
        for slot in targets:
            after = [entry.key.value for entry in slot.owner.entries if entry.key.value in ("Arn", "Id", "RoleArn")]
            builder.insert_entry(slot.owner, "DeadLetterConfig", {"Arn": arn}, slot.path, after=after[-1] if after else None)

    return Remedy(step, make, why)
