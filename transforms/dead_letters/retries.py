"""DLQ007: readers of streams that repeat a batch that fails until its records expire."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Applicability, Context, EditBuilder, Example, Finding, Pass, Remedy, table
from remediator.transforms.dead_letters.streams import Reader, readers

_BEFORE = """\
Resources:
  CountClicks:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      EventSourceArn: !ImportValue clicks
      FunctionName: count
      StartingPosition: LATEST
      DestinationConfig:
        OnFailure:
          Destination: !ImportValue failed-clicks
"""
_AFTER = f"""{_BEFORE}\
      MaximumRetryAttempts: 5
      BisectBatchOnFunctionError: true
"""


class StreamReaderRetriesForever(Pass):
    """A mapping or a pipe tries a batch of a stream that fails again and again until its records expire: one bad record stops
    its shard for a day or more, and nothing is sent to the queue for dead letters before that.

    Where the reader has such a queue, `MaximumRetryAttempts` becomes 5, and what is no pipe halves a batch that fails
    (`BisectBatchOnFunctionError`), so that what is given up is little more than the bad record.

    Left alone: readers that limit the attempts or the age of the records.
    """

    code = "DLQ007"
    name = "stream-reader-retries-forever"
    profile = "secure"
    stage = 3
    sources = (
        "https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html",
        "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-error-troubleshooting.html",
    )
    examples = (Example("A mapping", _BEFORE, _AFTER, unsafe=True),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for reader in readers(template):
            if reader.settings.entry(reader.destination) is None or _is_limited(reader):
                continue
            message = f"{reader.name} repeats a batch that fails until its records expire, and the shard waits"
            yield self.finding(template, *reader.place, message, _remedy(reader))


def _is_limited(reader: Reader) -> bool:
    return any(reader.settings.entry(name) for name in ("MaximumRetryAttempts", "MaximumRecordAgeInSeconds"))


def _remedy(reader: Reader) -> Remedy:
    retries = table("dead_letters")["stream"]["retries"]
    why = f"records that fail {retries} times are left out, and those behind them are processed; today they wait for each other"
    halves = not reader.is_pipe and reader.settings.entry("BisectBatchOnFunctionError") is None

    def make(builder: EditBuilder) -> None:
        last = reader.settings.entries[-1].key.value
        builder.insert_entry(reader.settings, "MaximumRetryAttempts", retries, reader.path, after=last)
        if halves:
            builder.insert_entry(reader.settings, "BisectBatchOnFunctionError", True, reader.path, after=last)

    return Remedy(f"let {reader.name} give a batch up after {retries} more attempts", make, why, Applicability.UNSAFE)
