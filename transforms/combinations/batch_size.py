"""COM010: batches that are larger than their queue allows."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Context, Example, Finding, Mapping, Pass, Remedy, Resource, Scalar, Template, text_of
from remediator.transforms.combinations.known import Known, holds, is_absent, targets

_MAPPING = "AWS::Lambda::EventSourceMapping"
_QUEUE = "AWS::SQS::Queue"
_MOST = 10
"""Messages that Lambda takes from a queue at once, if it does not wait for more."""

_BEFORE = """\
Resources:
  Orders:
    Type: AWS::SQS::Queue

  ShipOrders:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      EventSourceArn: !GetAtt Orders.Arn
      FunctionName: !ImportValue ship
      BatchSize: 100
"""


class BatchSize(Pass):
    """An event source takes more than ten messages at once from a FIFO queue, or from a standard queue without a window in
    which Lambda gathers them; Lambda refuses both.

    For a standard queue a window of one second is added, the shortest that there is. For a FIFO queue, which has no window,
    the batch becomes ten: the function gets the same messages in the same order, fewer at a time.

    Left alone: sizes from parameters and mappings.
    """

    code = "COM010"
    name = "batch-size"
    profile = "deploy"
    answers = ("E3705",)
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-eventsourcemapping.html",
        "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html",
    )
    examples = (
        Example(
            "A standard queue",
            _BEFORE,
            _BEFORE + "      MaximumBatchingWindowInSeconds: 1\n",
        ),
    )

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for mapping in template.resources.values():
            if mapping.type == _MAPPING and mapping.properties is not None:
                yield from self._mapping(template, mapping, mapping.properties)
            events = mapping.property("Events") if mapping.type == "AWS::Serverless::Function" else None
            for entry in events.entries if isinstance(events, Mapping) else ():
                settings = entry.value.get("Properties") if isinstance(entry.value, Mapping) else None
                if (
                    isinstance(entry.value, Mapping)
                    and text_of(entry.value.get("Type")) == "SQS"
                    and isinstance(settings, Mapping)
                ):
                    yield from self._event(template, mapping, entry.key.value, settings)

    def _mapping(self, template: Template, mapping: Resource, properties: Mapping) -> Iterator[Finding]:
        path = (*mapping.path, "Properties")
        yield from self._of(template, mapping, properties, path, "EventSourceArn")

    def _event(self, template: Template, function: Resource, name: str, settings: Mapping) -> Iterator[Finding]:
        path = (*function.path, "Properties", "Events", name, "Properties")
        yield from self._of(template, function, settings, path, "Queue")

    def _of(
        self, template: Template, owner: Resource, settings: Mapping, path: tuple[str | int, ...], source: str
    ) -> Iterator[Finding]:
        size = settings.get("BatchSize")
        queues = [each for each in targets(template, settings.get(source)) if each.type == _QUEUE]
        if not isinstance(size, Scalar) or size.tag or not size.value.isdigit() or int(size.value) <= _MOST or len(queues) != 1:
            return
        fifo = holds(template, queues[0].property("FifoQueue"), ["true"])
        if fifo is Known.YES:
            number: int | str = str(_MOST) if size.style else _MOST
            message = f"{owner.logical_id} takes {size.value} messages at once from a FIFO queue, which gives {_MOST}"
            remedy = Remedy(
                f"write BatchSize {_MOST}",
                lambda b: b.replace(size, number, (*path, "BatchSize")),
                "the function gets the same messages in the same order, fewer at a time",
            )
            yield self.finding(template, (*path, "BatchSize"), size, message, remedy)
        elif is_absent(queues[0].property("FifoQueue")) and is_absent(settings.get("MaximumBatchingWindowInSeconds")):
            message = f"{owner.logical_id} takes {size.value} messages at once, and has no window to gather them in"
            window = "MaximumBatchingWindowInSeconds"
            remedy = Remedy(
                "gather messages for a second",
                lambda b: b.insert_entry(settings, window, 1, path, after="BatchSize"),
                "it is the shortest window that such batches may have",
            )
            yield self.finding(template, (*path, window), size, message, remedy)
