"""DLQ002: queues that show a message again and again that nobody can process, and then drop it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from remediator.api import (
    MAX_RESOURCES,
    Applicability,
    Context,
    EditBuilder,
    Example,
    Finding,
    GetAtt,
    Mapping,
    Pass,
    Remedy,
    Resource,
    Template,
    reachable,
    table,
    to_value,
)
from remediator.transforms.dead_letters.queues import QUEUE, Queues, is_fifo, is_general, new_queue, owner_words
from remediator.transforms.wiring.links import meant

_BEFORE = """\
Resources:
  OrderQueue:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 180
{policy}
{added}  ShipOrders:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      EventSourceArn: !GetAtt OrderQueue.Arn
      FunctionName: ship
"""
_POLICY = """\
      RedrivePolicy:
        deadLetterTargetArn: !GetAtt OrderDeadLetterQueue.Arn
        maxReceiveCount: 5
"""
_ADDED = """\
  OrderDeadLetterQueue:
    Type: AWS::SQS::Queue
    Properties:
      MessageRetentionPeriod: 1209600

"""


class QueueWithoutDeadLetters(Pass):
    """A queue has no queue for dead letters: a message that nobody can process comes back until it is too old, and is lost.

    It gets a `RedrivePolicy`: what was received five times goes to a queue of its own, which is FIFO where the queue is, has
    the same key, and keeps messages for 14 days. Where the template has such a queue and has forgotten to connect it (by its
    name, such as `OrdersDLQ` beside `OrdersQueue`), that one is used.

    It is safe where Lambda polls the queue and counts attempts, as AWS advises. Other readers may receive a message more often
    than they fail, so that it needs unsafe fixes there; so it does for FIFO queues, whose order has a gap where a message is
    set aside.

    Left alone: queues that take dead letters themselves, or are named for that.
    """

    code = "DLQ002"
    name = "queue-without-dead-letters"
    profile = "secure"
    stage = 3
    sources = (
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html",
        "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html",
    )
    examples = (
        Example(
            "A queue that a function reads",
            _BEFORE.format(policy="", added=""),
            _BEFORE.format(policy=_POLICY, added=_ADDED),
        ),
    )

    def run(self, context: Context) -> Iterator[Finding]:
        queues = Queues(context)
        polled = _polled(context.template) if queues.all else frozenset[str]()
        for queue in queues.all:
            if queue.property("RedrivePolicy") or not _is_known(queue) or queues.takes_dead_letters(queue):
                continue
            message = f"{queue.logical_id} has no queue for the messages that nobody can process"
            remedy = _remedy(queues, queue, queue.logical_id in polled)
            yield self.finding(context.template, queue.path, queue.key, message, remedy)


def _is_known(queue: Resource) -> bool:
    """Whether the properties of a queue are written out, or there are none."""
    return queue.properties is not None or queue.node.entry("Properties") is None


def _polled(template: Template) -> frozenset[str]:
    """The queues that Lambda reads."""
    nodes = []
    for each in template.resources.values():
        if each.type == "AWS::Lambda::EventSourceMapping":
            nodes.append(each.property("EventSourceArn"))
        events = each.property("Events") if each.type == "AWS::Serverless::Function" else None
        for entry in events.entries if isinstance(events, Mapping) else ():
            settings = entry.value.get("Properties") if isinstance(entry.value, Mapping) else None
            nodes.append(settings.get("Queue") if isinstance(settings, Mapping) else None)
    return frozenset(queue.logical_id for node in nodes for queue in meant(template, node, QUEUE))


def _remedy(queues: Queues, queue: Resource, polled: bool) -> Remedy | str:
    fifo = is_fifo(queue)
    if fifo is None:
        return f"is {queue.logical_id} a FIFO queue? What takes its dead letters has to be of the same kind"
    forgotten = next((each for each in queues.all if _is_forgotten(queues, each, queue)), None)
    if forgotten is None and len(queues.template.resources) >= MAX_RESOURCES:
        return f"the template has {MAX_RESOURCES} resources, as many as CloudFormation takes"
    receives = table("dead_letters")["redrive"]["receives"]
    name = forgotten.logical_id if forgotten else _name(queue)
    step = f"set aside in {name} what was received {receives} times from {queue.logical_id}"
    if fifo:
        why = "the messages behind one that is set aside are processed without it, which breaks the order of a FIFO queue"
    elif not polled:
        why = f"a reader that receives a message more than {receives} times before it deletes it does not get it again"
    else:
        why = f"Lambda still tries {receives} times, as AWS advises, and a message that fails each time is kept and not dropped"
    level = Applicability.SAFE if polled and not fifo else Applicability.UNSAFE
    return Remedy(step, lambda builder: _connect(builder, queue, forgotten), why, level)


def _is_forgotten(queues: Queues, other: Resource, queue: Resource) -> bool:
    """Whether a queue is there for the dead letters of another one, and nobody sends it any."""
    if other is queue or other.logical_id in queues.senders or not queues.takes_dead_letters(other):
        return False
    sources = [each for each in queues.all if not queues.takes_dead_letters(each)]
    named = owner_words(other.logical_id) == owner_words(queue.logical_id)
    meets = named or (is_general(other.logical_id) and len(sources) == 1)
    circle = queue.logical_id in reachable(queues.context.graph.arcs, other.logical_id)
    return meets and is_fifo(other) is is_fifo(queue) and other.condition in (None, queue.condition) and not circle


def _name(queue: Resource) -> str:
    name = queue.logical_id
    return f"{name.removesuffix('Queue') or name}DeadLetterQueue"


def _connect(builder: EditBuilder, queue: Resource, forgotten: Resource | None) -> None:
    name = forgotten.logical_id if forgotten else builder.new_logical_id(_name(queue))
    if forgotten is None:
        key = queue.property("KmsMasterKeyId")
        properties: dict[str, Any] = {"FifoQueue": True} if is_fifo(queue) else {}
        properties |= {"KmsMasterKeyId": to_value(key)} if key else {}
        condition = {"Condition": queue.condition} if queue.condition else {}
        builder.add_resource(name, new_queue(condition, **properties), after=queue.logical_id)
    receives = table("dead_letters")["redrive"]["receives"]
    policy = {"deadLetterTargetArn": GetAtt(name, "Arn"), "maxReceiveCount": receives}
    if queue.properties is not None and queue.properties.entries:
        last = queue.properties.entries[-1].key.value
        builder.insert_entry(queue.properties, "RedrivePolicy", policy, (*queue.path, "Properties"), after=last)
    else:
        builder.set_entry(queue.node, "Properties", {"RedrivePolicy": policy}, queue.path)
