"""How a template is written, so that what is added to it looks as if its author had added it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar, cast

from remediator.intrinsics import intrinsic, walk
from remediator.nodes import Mapping, Node, Scalar, Sequence, parts
from remediator.source import Source

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Style:
    """The habits of one template.

    ``step``: columns a nested mapping is indented by. ``dash``: columns a list's dashes are indented by. ``short``:
    intrinsics as ``!Ref X``. ``quote``: what a text that needs quotes gets. ``sub_quote``: what ``Fn::Sub`` texts have,
    ``""`` for none. ``inline``: intrinsics of JSON on one line. ``brace``: the space inside their braces then.
    ``flow_attribute``: ``Fn::GetAtt`` of the long form with its list in brackets. ``one_line``: the whole template is on
    one line.
    """

    step: int = 2
    dash: int = 2
    short: bool = True
    quote: str = '"'
    sub_quote: str = '"'
    inline: bool = True
    brace: str = ""
    flow_attribute: bool = False
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
        brace=votes.winner("brace", ""),
        flow_attribute=votes.winner("flow_attribute", False),
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
            if entry.merged or isinstance(inner, Scalar):
                continue
            first = next((child.start for child in parts(inner)), entry.start)
            if self.source.line_start(first) == self.source.line_start(entry.start):
                continue
            if isinstance(inner, Mapping):
                yield "step", self.source.column(first) - column
            elif not inner.flow:
                line = self.source.text[self.source.line_start(first) : first]
                if line.lstrip().startswith("-"):
                    yield "dash", len(line) - len(line.lstrip()) - column

    def _intrinsic(self, node: Node) -> Iterator[tuple[str, object]]:
        call = intrinsic(node)
        if call is None or call.name == "Condition":
            return
        yield "short", node.tag is not None
        yield "inline", "\n" not in self.source.text[node.start : node.end]
        if isinstance(node, Mapping) and node.flow:
            yield "brace", " " if self.source.text[node.start + 1] == " " else ""
        if call.name == "Fn::GetAtt" and not node.tag and isinstance(call.argument, Sequence):
            yield "flow_attribute", call.argument.flow
        if call.name == "Fn::Sub" and isinstance(call.argument, Scalar) and call.argument.style in ("", "'", '"'):
            yield "sub_quote", call.argument.style
