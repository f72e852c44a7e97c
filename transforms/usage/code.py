"""What the code of a function needs its role for, where that code stands in the template."""

from __future__ import annotations

from remediator.api import (
    Context,
    InlineCode,
    Node,
    Resource,
    Scalar,
    Sequence,
    Source,
    behaviour,
    iam,
    intrinsic,
    sub_template,
    walk,
)
from remediator.transforms.inline_code.language import fitting_code
from remediator.transforms.usage.arguments import meant, resources
from remediator.transforms.usage.arguments_arns import Request
from remediator.transforms.usage.needs import Gap, Need


def code_needs(context: Context, function: Resource) -> tuple[list[Need], list[Gap]] | None:
    """The needs of a function's code, and the places of it that are not understood.

    None where the code is not in the template, or in another language than the function's runtime.
    """
    found = fitting_code(context.template, function)
    read = behaviour(found[0], found[1].text) if found else None
    if found is None or read is None:
        return None
    code = found[1]
    needs: dict[tuple[str, tuple[str, ...]], Need] = {}
    gaps = []
    for each in read.gaps:
        at, where = place(context.template.source, code, each.line)
        gaps.append(Gap(f"the code of {function.logical_id} is not understood {where}: {each.reason}", code.path, at))
    for call in read.calls:
        request = Request(context.template, function, code, call)
        own, unknown = _of_call(request, context.template.source)
        for need in own:
            known = needs.setdefault((need.action, need.resources), need)
            if need.essential and not known.essential:
                needs[need.action, need.resources] = need
        gaps += unknown
    return list(needs.values()), gaps


def _of_call(request: Request, source: Source) -> tuple[list[Need], list[Gap]]:
    call, function, code = request.call, request.function, request.code
    if not call.own:
        return [], []
    at, where = place(source, code, call.line)
    actions, gaps = iam.needed(call.service, call.operation), list[Gap]()
    if actions is None:
        reason = f"the code of {function.logical_id} calls {call.text} {where}, and what that needs is not known"
        gaps.append(Gap(reason, code.path, at))
        named = iam.action(f"{call.service}:{call.operation}")  # that much, whatever else
        actions = (named.name,) if named else ()
    why = f"calls {call.text} {where}"
    also = iam.also_needed(call.service, call.operation)
    needs = [
        Need(each, resources(request, each), function, why, code.path, at, essential=each in actions)
        for each in (*actions, *also)
        if meant(request, each)
    ]
    return needs, gaps


def place(source: Source, code: InlineCode, line: int) -> tuple[int, str]:
    """Where a line of code is: as an offset of the template's text, and in words."""
    at = _of_block(source, code, line) or _of_joined(code, line)
    if at is None:
        return code.node.start, f"in line {line} of its code"
    return at, f"in line {source.position(at)[0]}"


def _of_block(source: Source, code: InlineCode, line: int) -> int | None:
    """Where a line is in a block of the template, whose header is a line of its own."""
    written: Node = code.node
    call = intrinsic(written)
    if call:
        found = sub_template(call) if call.name == "Fn::Sub" else None
        written = found[0] if found else written
    if not isinstance(written, Scalar) or written.style != "|":
        return None
    header = source.position(source.text.index("|", written.start))[0]
    return source.offset(header + line, 1)


def _of_joined(code: InlineCode, line: int) -> int | None:
    """Where a line is among those that ``Fn::Join`` puts together, if each is an item."""
    call = intrinsic(code.node)
    if call is None or call.name != "Fn::Join" or not isinstance(call.argument, Sequence):
        return None
    separator, listed = call.argument.items
    if not isinstance(separator, Scalar) or separator.value != "\n" or not isinstance(listed, Sequence):
        return None
    texts = [node.value for item in listed.items for _, node in walk(item) if isinstance(node, Scalar)]
    return None if any("\n" in text for text in texts) else listed.items[line - 1].start
