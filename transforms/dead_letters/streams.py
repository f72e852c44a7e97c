"""DLQ006: readers of streams whose failed batches are lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from remediator.api import (
    Context,
    EditBuilder,
    Entry,
    Example,
    Finding,
    Mapping,
    Node,
    Pass,
    Path,
    Remedy,
    Resource,
    Template,
    intrinsic,
    text_of,
)
from remediator.transforms.dead_letters.queues import Queues
from remediator.transforms.dead_letters.roles import obstacle, roles_of
from remediator.transforms.settings.slots import slots
from remediator.transforms.wiring.follow import at
from remediator.transforms.wiring.links import functions
from remediator.transforms.wiring.sam import for_all

MAPPING = "AWS::Lambda::EventSourceMapping"
PIPE = "AWS::Pipes::Pipe"
_OTHER_SOURCES = ("Topics", "Queues", "SelfManagedEventSource", "DocumentDBEventSourceConfig")
"""Properties of mappings that read Kafka, a broker or DocumentDB; those have a starting position as well."""
_SAM = "AWS::Serverless::Function"
_EVENTS = ("Kinesis", "DynamoDB")
_PIPE_SOURCES = ("KinesisStreamParameters", "DynamoDBStreamParameters")

_BEFORE = """\
Resources:
  Clicks:
    Type: AWS::Kinesis::Stream
    Properties:
      ShardCount: 1

  Count:
    Type: AWS::Lambda::Function
    Properties:
      Handler: index.handler
      Runtime: python3.13
      Role: !GetAtt CountRole.Arn
      Code:
        ZipFile: "def handler(event, context): pass"

  CountClicks:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      EventSourceArn: !GetAtt Clicks.Arn
      FunctionName: !Ref Count
      StartingPosition: LATEST
      MaximumRetryAttempts: 3
{config}
  CountRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {{Service: lambda.amazonaws.com}}
            Action: sts:AssumeRole
      ManagedPolicyArns:
        - arn:aws:iam::aws:policy/service-role/AWSLambdaKinesisExecutionRole
"""
_CONFIG = """\
      DestinationConfig:
        OnFailure:
          Destination: !GetAtt DeadLetterQueue.Arn
"""
_ADDED = """\
      Policies:
        - PolicyName: send-failed-batches
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


@dataclass(frozen=True, slots=True)
class Reader:
    """What reads a stream: a mapping, a pipe or an event of a SAM function, and where its settings for errors stand."""

    resource: Resource
    settings: Mapping
    path: Path
    event: Entry | None = None

    @property
    def name(self) -> str:
        return f"{self.resource.logical_id}.{self.event.key.value}" if self.event else self.resource.logical_id

    @property
    def is_pipe(self) -> bool:
        return self.resource.type == PIPE

    @property
    def destination(self) -> str:
        return "DeadLetterConfig" if self.is_pipe else "DestinationConfig"

    @property
    def place(self) -> tuple[Path, Node]:
        """Where a finding about it stands."""
        return (self.path[:-1], self.event.key) if self.event else (self.resource.path, self.resource.key)

    @property
    def role(self) -> str:
        return "RoleArn" if self.is_pipe else "Role"

    def owners(self, template: Template) -> list[Resource]:
        """Those whose role sends what is given up."""
        return functions(template, self.resource.property("FunctionName")) if self.resource.type == MAPPING else [self.resource]


class StreamReaderWithoutDeadLetters(Pass):
    """An event source mapping or a pipe reads a stream of Kinesis or DynamoDB, and nothing takes down which records it gave up.

    The mapping gets `DestinationConfig.OnFailure`, the pipe `DeadLetterConfig`, with the stack's queue for dead letters, to
    which goes where in the stream the records are that were given up. CRE003 lets the function's or the pipe's role send there.
    How often a batch is tried again stays as it is; see DLQ007. An event of a SAM function gets the same as a mapping, and SAM
    gives the role that it makes the right.

    Left alone: mappings and pipes whose role is not in the template, or may do what the template does not show; events of a
    SAM function with a role of its own, to which SAM adds nothing.
    """

    code = "DLQ006"
    name = "stream-reader-without-dead-letters"
    profile = "secure"
    stage = 3
    companions = ("CRE003", "CRE005", "ENC101")
    sources = (
        "https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html",
        "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-error-troubleshooting.html",
    )
    examples = (Example("A function that reads a stream", _BEFORE.format(config=""), _BEFORE.format(config=_CONFIG) + _ADDED),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        lacking = [each for each in readers(template) if each.settings.entry(each.destination) is None]
        queues = Queues(context) if lacking else None
        for reader in lacking:
            assert queues is not None
            message = f"{reader.name} has no queue for the records that it gives up"
            yield self.finding(template, *reader.place, message, _remedy(template, queues, reader), _roles(template, reader))


def readers(template: Template) -> Iterator[Reader]:
    """What reads a stream of Kinesis or DynamoDB."""
    for each in template.resources.values():
        path: Path = (*each.path, "Properties")
        if each.type == MAPPING and each.properties and _reads_stream(each.properties):
            yield Reader(each, each.properties, path)
        for name in _PIPE_SOURCES if each.type == PIPE else ():
            for slot in slots(each, f"SourceParameters?.{name}?.DeadLetterConfig"):
                yield Reader(each, slot.owner, slot.path[: len(slot.path) - (slot.node is not None)])
        events = each.property("Events") if each.type == _SAM else None
        for entry in events.entries if isinstance(events, Mapping) else ():
            settings = entry.value.get("Properties") if isinstance(entry.value, Mapping) else None
            known = isinstance(entry.value, Mapping) and text_of(entry.value.get("Type")) in _EVENTS
            if known and isinstance(settings, Mapping) and settings.entries and intrinsic(settings) is None:
                yield Reader(each, settings, (*path, "Events", entry.key.value, "Properties"), entry)


def _reads_stream(mapping: Mapping) -> bool:
    others = any(mapping.entry(name) for name in _OTHER_SOURCES)
    return text_of(mapping.get("StartingPosition")) is not None and not others


def _roles(template: Template, reader: Reader) -> tuple[Path, ...]:
    owners = reader.owners(template)
    return tuple(role.path for role in roles_of(template, (node for each in owners for node in at(each, reader.role))))


def _remedy(template: Template, queues: Queues, reader: Reader) -> Remedy | str:
    owners = reader.owners(template)
    if not owners:
        return f"the function of {reader.name} is not in the template: may its role send to a queue?"
    roles = [node for owner in owners for node in at(owner, reader.role)]
    problem = next(filter(None, (_obstacle(template, reader, owner) for owner in owners)), None)
    target = problem or queues.shared(reader.resource, [reader.resource, *owners, *roles_of(template, roles)])
    if isinstance(target, str):
        return target
    step = f"send where the records are that {reader.name} gives up to {target.logical_id}"

    def make(builder: EditBuilder) -> None:
        arn = target.add(builder)
        kind = {"Type": "SQS"} if reader.event else {}
        value: dict[str, Any] = {"Arn": arn} if reader.is_pipe else {"OnFailure": {**kind, "Destination": arn}}
        last = reader.settings.entries[-1].key.value
        builder.insert_entry(reader.settings, reader.destination, value, reader.path, after=last)

    return Remedy(step, make, "what is given up today leaves a note there, and nothing else changes")


def _obstacle(template: Template, reader: Reader, owner: Resource) -> str | None:
    given = owner.property("Role") or for_all(template, owner, "Role")
    made = owner.type == _SAM and given is None
    if reader.event:
        return None if made else f"SAM leaves the role of {owner.logical_id} as it is: is it allowed sqs:SendMessage?"
    if made:
        return f"SAM makes the role of {owner.logical_id}: its Policies have to allow sqs:SendMessage first"
    return obstacle(template, owner.logical_id, at(owner, reader.role))
