"""REF102: Fn::Sub around texts without variables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from remediator.api import Context, EditBuilder, Example, Finding, Intrinsic, Pass, Path, Remedy, Scalar, intrinsic, walk

_BEFORE = """\
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties:
      DisplayName: !Sub "alerts"
"""


class NeedlessSub(Pass):
    """`Fn::Sub` stands around a text that has no variable in it.

    The text stays, without `Fn::Sub`. A text with `${!…}` needs it, and is left alone.
    """

    code = "REF102"
    name = "needless-sub"
    profile = "production"
    stage = 2
    answers = ("W1020",)
    sources = ("https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html",)
    examples = (Example("A plain text", _BEFORE, _BEFORE.replace("!Sub ", "")),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for path, node in walk(template.root):
            call = intrinsic(node)
            if call and call.name == "Fn::Sub" and isinstance(call.argument, Scalar) and "${" not in call.argument.value:
                remedy = Remedy("leave out Fn::Sub", _unwrapping(call, path), "it has nothing to replace")
                yield self.finding(template, path, node, "Fn::Sub has nothing to replace here", remedy)


def _unwrapping(call: Intrinsic, path: Path) -> Callable[[EditBuilder], None]:
    node, argument = call.node, call.argument

    def make(builder: EditBuilder) -> None:
        source, start = builder.source.text, node.start
        if not isinstance(argument, Scalar):
            return
        if node.tag is None:
            alone = re.search(r":([ \t]*\r?\n[ \t]*)$", source[:start])  # the text moves up behind its key
            start, gap = (alone.start(1), " ") if alone else (start, "")
            builder.replace_text(start, argument.start, gap, path)
            if argument.end < node.end:
                builder.replace_text(argument.end, node.end, "", path)
        elif argument.style == "":
            builder.replace(node, argument.value, path)
        else:
            end = start + len(node.tag)
            while source[end] in " \t":
                end += 1
            builder.replace_text(start, end, "", path)

    return make
