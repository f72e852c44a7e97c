"""How a template is written, so that what is added to it looks as if its author had added it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar, cast

from remediator.intrinsics import intrinsic, walk
from remediator.nodes import Mapping, Node, Scalar, Sequence
from remediator.source import Source

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Style:
    """``step``: columns a nested mapping is indented by; ``dash``: columns a list's dashes are indented by.

    ``short``: intrinsics as ``!Ref X``. ``quote``: what a text that needs quotes gets; ``sub_quote``: what ``Fn::Sub``
    texts have, ``""`` for none. ``inline``: intrinsics of JSON on one line. ``one_line``: the whole template is.
    """

    step: int = 2
    dash: int = 2
    short: bool = True
    quote: str = '"'
    sub_quote: str = '"'
    inline: bool = True
    one_line: bool = False


def detect(source: Source) -> Style:
    """The style that most of the template follows; ties and silence go to what the AWS documentation uses."""
    votes = _Votes(source)
    step = votes.winner("step", 2)
    quote = votes.winner("quote", '"')
    return Style(
        step=step,
        dash=votes.winner("dash", step),
        short=votes.winner("short", True) and not source.is_json,
        quote=quote,
        sub_quote=votes.winner("sub_quote", quote),
        inline=votes.winner("inline", True),
        one_line=source.is_json and "\n" not in source.text.strip(),
    )


class _Votes:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.counts: dict[str, Counter[object]] = {}
        for topic, value in self._observations():
            self.counts.setdefault(topic, Counter())[value] += 1

    def winner(self, topic: str, default: T) -> T:
        """The value seen most often; of equals, the default, then the one seen first."""
        counts = self.counts.get(topic)
        if not counts:
            return default
        most = max(counts.values())
        return default if counts[default] == most else cast(T, next(v for v, n in counts.items() if n == most))

    def _observations(self) -> Iterator[tuple[str, object]]:
        for _, node in walk(self.source.root):
            if isinstance(node, Mapping):
                yield from self._mapping(node)
            elif isinstance(node, Scalar) and node.style in ("'", '"') and not node.tag:
                yield "quote", node.style
            if intrinsic(node):
                yield from self._intrinsic(node)

    def _mapping(self, node: Mapping) -> Iterator[tuple[str, object]]:
        for entry in node.entries:
            column = self.source.column(entry.start)
            inner = entry.value
            if isinstance(inner, Mapping) and inner.entries and not entry.merged and self._below(entry.start, inner.entries[0].start):
                yield "step", self.source.column(inner.entries[0].start) - column
            elif isinstance(inner, Sequence) and inner.items and not inner.flow and self._below(entry.start, inner.items[0].start):
                start = self.source.line_start(inner.items[0].start)
                line = self.source.text[start : inner.items[0].start]
                if line.lstrip().startswith("-"):
                    yield "dash", len(line) - len(line.lstrip()) - column

    def _below(self, upper: int, lower: int) -> bool:
        return self.source.line_start(upper) < self.source.line_start(lower)

    def _intrinsic(self, node: Node) -> Iterator[tuple[str, object]]:
        call = intrinsic(node)
        if call is None or call.name == "Condition":
            return
        yield "short", node.tag is not None
        yield "inline", "\n" not in self.source.text[node.start : node.end]
        if call.name == "Fn::Sub" and isinstance(call.argument, Scalar) and call.argument.style in ("", "'", '"'):
            yield "sub_quote", call.argument.style
