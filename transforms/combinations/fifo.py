"""COM009: queues and topics that are first-in-first-out by half."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import (
    Applicability,
    CannotEdit,
    Context,
    EditBuilder,
    Example,
    Finding,
    Node,
    Pass,
    Path,
    Remedy,
    Resource,
    Scalar,
    Template,
    intrinsic,
    sub_template,
)
from remediator.transforms.combinations.known import Known, holds, inner, is_absent, refuted, targets, written

_SWITCHES = {"AWS::SQS::Queue": ("FifoQueue", "QueueName"), "AWS::SNS::Topic": ("FifoTopic", "TopicName")}
_ONLY = ("ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit", "FifoThroughputScope")
_ENDING = ".fifo"

_BEFORE = """\
Resources:
  Orders:
    Type: AWS::SQS::Queue
    Properties:
      FifoQueue: true
      QueueName: !Sub "${AWS::StackName}-orders"
"""


class FirstInFirstOut(Pass):
    """A queue or topic is first-in-first-out, and its name does not end with `.fifo`; it has settings for that, and is none;
    or its dead letters go to a queue of the other kind.

    The ending is added to the name; that is unsafe where the name stands elsewhere in the template, too. A dead-letter queue
    that only serves FIFO queues becomes one. Whether a queue with settings for FIFO queues should be one is a question: such a
    queue delivers in order, and less a second.

    A name that ends with `.fifo` at a queue or topic that is none is the business of COM002.
    """

    code = "COM009"
    name = "half-fifo"
    profile = "deploy"
    answers = ("E3501", "E3502")
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queue.html",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-topic.html",
    )
    examples = (Example("A name", _BEFORE, _BEFORE.replace("-orders", "-orders.fifo")),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        if template.has_custom_macro:
            return
        for resource in template.resources.values():
            if resource.type in _SWITCHES and resource.properties is not None:
                yield from self._name(template, resource)
                yield from self._settings(template, resource)
                yield from self._dead_letters(template, resource)

    def _name(self, template: Template, resource: Resource) -> Iterator[Finding]:
        name = _SWITCHES[resource.type][1]
        node, path = resource.property(name), (*resource.path, "Properties", name)
        text = written(node) if node else None
        if node is None or text is None or text.endswith(_ENDING) or not _is_fifo(template, resource):
            return
        scalar = _scalar(node)
        elsewhere = text and template.source.text.count(text) > 1
        why = "the name stands elsewhere too, where it does not change" if elsewhere else "no other name is accepted"
        level = Applicability.UNSAFE if elsewhere else Applicability.SAFE
        remedy = Remedy(f"end the name with {_ENDING}", lambda b: _append(b, scalar, _ENDING, path), why, level)
        yield self.finding(template, path, node, f"{name} of {resource.logical_id} does not end with {_ENDING}", remedy)

    def _settings(self, template: Template, resource: Resource) -> Iterator[Finding]:
        switch, name = _SWITCHES[resource.type]
        if not refuted(template, resource.property(switch), ["true"]) or not refuted(
            template, resource.property(name), ["*.fifo"]
        ):
            return
        for setting in _ONLY:
            node = resource.property(setting)
            if node is None or is_absent(node):
                continue
            path = (*resource.path, "Properties")
            message = f"{resource.logical_id} has {setting}, which is for FIFO queues and topics"
            remedy: Remedy | str = f"should {resource.logical_id} be first-in-first-out ({switch}: true)?"
            if holds(template, node, ["false"]) is Known.YES:
                remedy = _without(resource, setting, path)
            yield self.finding(template, (*path, setting), node, message, remedy)

    def _dead_letters(self, template: Template, queue: Resource) -> Iterator[Finding]:
        node = inner(queue.property("RedrivePolicy"), "deadLetterTargetArn")
        for other in targets(template, node):
            if node is None or other.type != queue.type or _is_fifo(template, queue) == _is_fifo(template, other):
                continue
            if not _is_plain(template, queue) or not _is_plain(template, other):
                continue
            path = (*queue.path, "Properties", "RedrivePolicy", "deadLetterTargetArn")
            message = f"{queue.logical_id} and its dead-letter queue {other.logical_id} are not of the same kind"
            yield self.finding(template, path, node, message, _same_kind(template, queue, other), (other.path,))


def _is_fifo(template: Template, resource: Resource) -> bool:
    return holds(template, resource.property(_SWITCHES[resource.type][0]), ["true"]) is Known.YES


def _is_plain(template: Template, queue: Resource) -> bool:
    """Whether it is known if a queue is a FIFO queue."""
    return _is_fifo(template, queue) or refuted(template, queue.property("FifoQueue"), ["true"])


def _without(resource: Resource, setting: str, path: Path) -> Remedy:
    properties = resource.properties
    assert properties is not None
    return Remedy(
        f"remove {setting}", lambda b: b.remove_entry(properties, setting, path), "it is off, and refused all the same"
    )


def _same_kind(template: Template, queue: Resource, dead: Resource) -> Remedy | str:
    question = f"should {queue.logical_id} and {dead.logical_id} be FIFO queues, both or neither?"
    if not _is_fifo(template, queue) or _other_users(template, dead):
        return question
    return Remedy(
        f"make {dead.logical_id} a FIFO queue",
        lambda b: _turn_on(b, dead),
        "only dead letters of FIFO queues come to it, and it can't take them otherwise",
    )


def _other_users(template: Template, dead: Resource) -> bool:
    """Whether something else than FIFO queues sends to a queue, or has it written down in a policy or a setting."""
    for resource in template.resources.values():
        for each in targets(template, resource.properties):
            if each is dead and not (resource.type == dead.type and _is_fifo(template, resource)):
                return True
    return False


def _turn_on(builder: EditBuilder, queue: Resource) -> None:
    if queue.properties is not None and queue.properties.entries:
        builder.set_entry(queue.properties, "FifoQueue", True, (*queue.path, "Properties"))
    else:
        builder.set_entry(queue.node, "Properties", {"FifoQueue": True}, queue.path)


def _scalar(node: Node) -> Scalar:
    call = intrinsic(node)
    found = sub_template(call) if call else None
    scalar = found[0] if found else node
    assert isinstance(scalar, Scalar)
    return scalar


def _append(builder: EditBuilder, node: Scalar, text: str, path: Path) -> None:
    """Writes something behind the last character of a text."""
    start = builder.source.text.find(node.value, node.start, node.end)
    if start < 0 or "\n" in node.value:
        raise CannotEdit("the name is written with escapes")
    end = start + len(node.value)
    builder.replace_text(end, end, text, path)
