"""DLQ003: subscriptions whose messages are lost when the subscriber can't be reached."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import (
    Applicability,
    Context,
    EditBuilder,
    Example,
    Finding,
    Pass,
    Remedy,
    Resource,
    Template,
    table,
    text_of,
)
from remediator.transforms.dead_letters.queues import Queues, Target, is_fifo
from remediator.transforms.dead_letters.services import obstacle
from remediator.transforms.wiring.follow import at
from remediator.transforms.wiring.links import meant

_SUBSCRIPTION = "AWS::SNS::Subscription"
_TOPIC = "AWS::SNS::Topic"

_BEFORE = """\
Resources:
  Orders:
    Type: AWS::SNS::Topic

  ToPartner:
    Type: AWS::SNS::Subscription
    Properties:
      TopicArn: !Ref Orders
      Protocol: https
      Endpoint: https://example.com/orders
{policy}{added}"""
_POLICY = """\
      RedrivePolicy:
        deadLetterTargetArn: !GetAtt DeadLetterQueue.Arn
"""
_ADDED = """
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
              Service: sns.amazonaws.com
            Action: sqs:SendMessage
            Resource: !GetAtt DeadLetterQueue.Arn
            Condition:
              ArnEquals:
                aws:SourceArn: !Ref Orders
"""


class SubscriptionWithoutDeadLetters(Pass):
    """A subscription of a queue, function, delivery stream or web address has no queue for dead letters: a message that SNS
    can't deliver is dropped, at once where the subscriber is gone or does not let SNS in.

    It gets a `RedrivePolicy` with the stack's queue for dead letters; CRE015 lets SNS send there for this topic. A
    subscription with a condition gets a queue with that condition. Where the topic is not in the template, nobody sees whether
    it is FIFO, so that it needs unsafe fixes.

    Left alone: subscriptions of people, by mail or text message; of FIFO topics, which need a FIFO queue; and those listed in
    a topic, which have no place for it.
    """

    code = "DLQ003"
    name = "subscription-without-dead-letters"
    profile = "secure"
    stage = 3
    companions = ("CRE015", "CRE007")
    sources = (
        "https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html",
        "https://docs.aws.amazon.com/sns/latest/dg/sns-configure-dead-letter-queue.html",
    )
    examples = (Example("A web address", _BEFORE.format(policy="", added=""), _BEFORE.format(policy=_POLICY, added=_ADDED)),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        protocols = table("dead_letters")["subscription"]["protocols"]
        resources = template.resources.values()
        lacking = [each for each in resources if each.type == _SUBSCRIPTION and _lacks(each, protocols)]
        queues = Queues(context) if lacking else None
        for place, each in enumerate(lacking, 1):
            assert queues is not None
            message = f"{each.logical_id} has no queue for the messages that it can't deliver"
            yield self.finding(template, each.path, each.key, message, _remedy(template, queues, each, place))
        for topic in resources:
            found = list(at(topic, "Subscription.Protocol")) if topic.type == _TOPIC else []
            if any(text_of(node) in protocols for node in found):
                message = f"{topic.logical_id} lists subscriptions without a queue for the messages that it can't deliver"
                reason = f"a subscription listed in a topic can't have one; should it become an {_SUBSCRIPTION}?"
                yield self.finding(template, topic.path, topic.key, message, reason)


def _lacks(subscription: Resource, protocols: list[str]) -> bool:
    known = text_of(subscription.property("Protocol")) in protocols
    return known and subscription.property("RedrivePolicy") is None


def _remedy(template: Template, queues: Queues, subscription: Resource, place: int) -> Remedy | str:
    topics = meant(template, subscription.property("TopicArn"), _TOPIC)
    if any(is_fifo(topic) is not False for topic in topics):
        return f"{topics[0].logical_id} may be a FIFO topic, which needs a FIFO queue: which one?"
    if subscription.property("Region"):
        return "which queue in the Region of the topic may take its dead letters?"
    target = queues.shared(subscription, [subscription, *topics], service=True)
    if isinstance(target, str):
        return target
    problem = obstacle(template, subscription, target, "undelivered messages to queue", place)
    if problem:
        return problem
    step = f"send the messages that {subscription.logical_id} can't deliver to {target.logical_id}"
    why, level = "SNS puts there what it would drop, and nothing else changes", Applicability.SAFE
    if not topics:
        why, level = "SNS refuses it if the topic, which is not in the template, is a FIFO topic", Applicability.UNSAFE
    return Remedy(step, lambda builder: _give(builder, subscription, target), why, level)


def _give(builder: EditBuilder, subscription: Resource, target: Target) -> None:
    properties = subscription.properties
    assert properties is not None
    value = {"deadLetterTargetArn": target.add(builder)}
    last = properties.entries[-1].key.value
    builder.insert_entry(properties, "RedrivePolicy", value, (*subscription.path, "Properties"), after=last)
