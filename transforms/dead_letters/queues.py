"""The queues for dead letters: which of a template's queues they are, and the one that several senders share.

A queue that takes what another queue could not deliver is for that queue alone, because SQS moves its messages back there.
Everything else that fails goes into one queue of the stack, or into another one where who sends can't be let use its key.
"""

from __future__ import annotations

import re
from collections.abc import Sequence as List
from dataclasses import dataclass
from typing import Any

from remediator.api import (
    MAX_RESOURCES,
    Context,
    EditBuilder,
    GetAtt,
    Resource,
    Scalar,
    Template,
    reachable,
    table,
    walk,
)
from remediator.transforms.cycles.names import as_sub_text
from remediator.transforms.dead_letters.queue_keys import may_use_key
from remediator.transforms.wiring.links import meant

QUEUE = "AWS::SQS::Queue"
_PLACES = frozenset({"RedrivePolicy", "DeadLetterConfig", "DeadLetterQueue", "OnFailure"})
"""The keys below which a resource names where its dead letters go."""
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_DEAD = frozenset({"dlq", "dead", "deadletter", "deadletters", "undelivered"})
_FILLING = frozenset({"letter", "letters", "queue"})
_ANYBODY = frozenset({"shared", "common", "stack", "lambda", "function", "functions", "event", "events", "async"})


@dataclass(frozen=True, slots=True)
class Target:
    """The queue that dead letters are sent to; ``new`` where it still has to be added."""

    logical_id: str
    new: bool
    condition: dict[str, str]

    def add(self, builder: EditBuilder) -> GetAtt:
        """Adds the queue where it is new, and gives its ARN. Its words and its place are the same whoever asks."""
        if self.new:
            name = builder.new_logical_id(self.logical_id)
            builder.add_resource(name, new_queue(self.condition), after=next(reversed(builder.template.resources)))
            return GetAtt(name, "Arn")
        return GetAtt(self.logical_id, "Arn")


def new_queue(condition: dict[str, str], **properties: Any) -> dict[str, Any]:
    """A queue that keeps dead letters as long as can be; the passes for encryption give it its key."""
    retention = table("dead_letters")["queue"]["retention"]
    return {"Type": QUEUE, **condition, "Properties": {**properties, "MessageRetentionPeriod": retention}}


class Queues:
    """The queues of a template, and who sends dead letters to them."""

    def __init__(self, context: Context) -> None:
        self.template: Template = context.template
        self.context = context
        self.all = [each for each in self.template.resources.values() if each.type == QUEUE]
        self.senders: dict[str, list[Resource]] = {}
        for resource in self.template.resources.values() if self.all else ():
            self._note(resource)

    def _note(self, resource: Resource) -> None:
        for path, node in walk(resource.node):
            for queue in () if _PLACES.isdisjoint(path) else meant(self.template, node, QUEUE):
                if resource not in self.senders.setdefault(queue.logical_id, []):
                    self.senders[queue.logical_id].append(resource)

    def takes_dead_letters(self, queue: Resource) -> bool:
        """Whether a queue takes dead letters, or is named for that."""
        name = queue.property("QueueName")
        text = (as_sub_text(name) or "" if name else "").lower().replace("_", "-")
        named = "dlq" in text or "dead-letter" in text or "deadletter" in text
        return queue.logical_id in self.senders or named or not _DEAD.isdisjoint(_words(queue.logical_id))

    def shared(self, owner: Resource, parties: List[Resource], *, service: bool = False) -> Target | str:
        """The queue for what an owner can't deliver, or why there is none.

        ``parties``: those that will wait for the queue, with the roles that send. ``service``: a service sends, not a role
        of the template; its statement in the queue's policy names the owner, so that an owner with a condition gets a queue
        of its own.
        """
        condition = owner.condition if service else None
        waiting = [each.logical_id for each in parties]
        for queue in self.all:
            free = reachable(self.context.graph.arcs, queue.logical_id).isdisjoint(waiting)
            if free and self._is_shared(queue, condition) and may_use_key(self.context, queue, parties, service=service):
                return Target(queue.logical_id, False, {})
        template = self.template
        if len(template.resources) >= MAX_RESOURCES:
            return f"the template has {MAX_RESOURCES} resources, as many as CloudFormation takes"
        if condition:
            return Target(f"{owner.logical_id}DeadLetterQueue", True, {"Condition": condition})
        taken = "DeadLetterQueue" in template.resources or "DeadLetterQueue" in template.parameters
        return Target("SharedDeadLetterQueue" if taken else "DeadLetterQueue", True, {})

    def _is_shared(self, queue: Resource, condition: str | None) -> bool:
        """Whether a queue is one that several senders share, or may."""
        if queue.condition != condition or is_fifo(queue) is not False:
            return False
        users = self.senders.get(queue.logical_id, [])
        if users:
            general = len(users) > 1 or is_general(queue.logical_id) or condition is not None
            return general and not any(user.type == QUEUE for user in users)
        others = [each for each in self.all if each is not queue]
        return is_general(queue.logical_id) and all(self.takes_dead_letters(each) for each in others)


def is_fifo(resource: Resource) -> bool | None:
    """Whether a queue or topic is a FIFO one; None where that is an expression."""
    node = resource.property("FifoQueue" if resource.type == QUEUE else "FifoTopic")
    if node is None:
        return False
    return node.value.lower() == "true" if isinstance(node, Scalar) and node.tag is None else None


def is_general(logical_id: str) -> bool:
    """Whether a name says dead letters and nothing about whose."""
    words = _words(logical_id)
    return not words - _DEAD - _FILLING - _ANYBODY and not words.isdisjoint(_DEAD)


def owner_words(logical_id: str) -> set[str]:
    """The words of a queue's name that say whose it is."""
    return _words(logical_id) - _DEAD - _FILLING


def _words(logical_id: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(logical_id)}
