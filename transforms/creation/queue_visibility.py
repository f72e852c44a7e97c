"""CRE004: queues whose messages come back before the function that reads them may be done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from remediator.api import (
    Context,
    EditBuilder,
    Example,
    Finding,
    Mapping,
    Node,
    Origin,
    Pass,
    Path,
    Remedy,
    Resource,
    Template,
    origins,
    text_of,
)
from remediator.transforms.wiring.links import functions, meant

_QUEUE = "AWS::SQS::Queue"
_DEFAULT_TIMEOUT = 3
_DEFAULT_VISIBILITY = 30
_MAX_VISIBILITY = 43200
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queue.html (2026-11)"""

_BEFORE = """\
Resources:
  Orders:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 30

  Ship:
    Type: AWS::Lambda::Function
    Properties:
      Handler: index.handler
      Runtime: python3.13
      Role: !Sub arn:aws:iam::${AWS::AccountId}:role/ship
      Timeout: 60
      Code:
        ZipFile: "def handler(event, context): pass"

  ShipOrders:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      EventSourceArn: !GetAtt Orders.Arn
      FunctionName: !Ref Ship
"""


@dataclass(frozen=True, slots=True)
class _Reader:
    """A function that reads a queue, and how long a message may be with it, all told."""

    function: Resource
    timeout: int
    window: int

    @property
    def visibility(self) -> int:
        return min(6 * self.timeout + self.window, _MAX_VISIBILITY)


class VisibilityBelowTimeout(Pass):
    """A queue shows a message again before the function that reads it has timed out, and Lambda refuses the event source:
    *Queue visibility timeout is less than Function timeout*.

    `VisibilityTimeout` becomes what AWS asks for: six times the function's timeout, and the batching window on top, so that
    a message whose function is throttled is not handed out twice. What only reaches the function's timeout would be
    created, but would deliver messages twice.

    Left alone: timeouts from a mapping or from parameters without a default.
    """

    code = "CRE004"
    name = "visibility-below-timeout"
    profile = "deploy"
    answers = ("E3505",)
    sources = ("https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html",)
    examples = (Example("Half the timeout", _BEFORE, _BEFORE.replace("VisibilityTimeout: 30", "VisibilityTimeout: 360")),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        readers = _readers(template)
        for queue in template.resources.values():
            if queue.type == _QUEUE and queue.logical_id in readers:
                slowest = max(readers[queue.logical_id], key=lambda each: each.timeout)
                yield from self._finding(template, queue, slowest)

    def _finding(self, template: Template, queue: Resource, reader: _Reader) -> Iterator[Finding]:
        node, path = queue.property("VisibilityTimeout"), (*queue.path, "Properties", "VisibilityTimeout")
        found = _origins(template, node, path) if node else ()
        if found is None:
            return
        seconds = [int(each.node.value) for each in found] or [_DEFAULT_VISIBILITY]
        if min(seconds) >= reader.timeout:
            return
        name = reader.function.logical_id
        message = f"{queue.logical_id} hides a message for {min(seconds)} seconds, {name} may take {reader.timeout}"
        remedy = Remedy(
            f"raise VisibilityTimeout of {queue.logical_id} to {reader.visibility}, six times the timeout of {name}",
            lambda b: _raise(b, queue, [each for each in found if int(each.node.value) < reader.timeout], reader.visibility),
            "Lambda refuses the event source otherwise, and six times the timeout is what AWS asks for",
        )
        yield self.finding(template, path, node or queue.key, message, remedy)


def _readers(template: Template) -> dict[str, list[_Reader]]:
    """For each queue, the functions that read it and whose timeout is known."""
    found: dict[str, list[_Reader]] = {}
    for source, name, settings in _mappings(template):
        for function in name:
            timeout = _timeout(template, function)
            window = _seconds(template, settings.get("MaximumBatchingWindowInSeconds"), 0)
            for queue in meant(template, source, _QUEUE):
                if timeout is not None and window is not None:
                    found.setdefault(queue.logical_id, []).append(_Reader(function, timeout, window))
    return found


def _mappings(template: Template) -> Iterator[tuple[Node | None, list[Resource], Mapping]]:
    """Every event source: where it stands, its functions, its settings."""
    for resource in template.resources.values():
        properties = resource.properties
        if properties is None:
            continue
        if resource.type == "AWS::Lambda::EventSourceMapping":
            yield properties.get("EventSourceArn"), functions(template, properties.get("FunctionName")), properties
        events = properties.get("Events") if resource.type == "AWS::Serverless::Function" else None
        for entry in events.entries if isinstance(events, Mapping) else ():
            event = entry.value
            settings = event.get("Properties") if isinstance(event, Mapping) else None
            if isinstance(event, Mapping) and text_of(event.get("Type")) == "SQS" and isinstance(settings, Mapping):
                yield settings.get("Queue"), [resource], settings


def _timeout(template: Template, function: Resource) -> int | None:
    node = function.property("Timeout")
    if node is None and function.type == "AWS::Serverless::Function":
        shared = template.section("Globals")
        settings = shared.get("Function") if shared else None
        node = settings.get("Timeout") if isinstance(settings, Mapping) else None
    return _seconds(template, node, _DEFAULT_TIMEOUT)


def _seconds(template: Template, node: Node | None, default: int) -> int | None:
    """The most seconds that a value comes to; None where that can't be known."""
    if node is None:
        return default
    found = _origins(template, node, ())
    return max(int(each.node.value) for each in found) if found else None


def _origins(template: Template, node: Node, path: Path) -> list[Origin] | None:
    """Where a number of seconds stands; None where it can't be known, or differs by a mapping."""
    found = list(origins(template, node, path))
    plain = all(each.node.value.isdigit() and each.path[:1] != ("Mappings",) for each in found)
    return found if found and plain else None


def _raise(builder: EditBuilder, queue: Resource, low: list[Origin], seconds: int) -> None:
    for each in low:
        number = str(seconds) if each.node.style else seconds
        builder.replace(each.node, number, each.path)
    if low:
        return
    if queue.properties is not None and queue.properties.entries:
        last = queue.properties.entries[-1].key.value
        builder.insert_entry(queue.properties, "VisibilityTimeout", seconds, (*queue.path, "Properties"), after=last)
    else:
        builder.set_entry(queue.node, "Properties", {"VisibilityTimeout": seconds}, queue.path)
