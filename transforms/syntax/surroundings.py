"""SYN006: what stands around a template."""

from __future__ import annotations

import re
from collections.abc import Iterator

from remediator.api import Applicability, Broken, Edit, Example, Finding, Reading, Repair

_TEMPLATE = """\
Resources:
  Topic:
    Type: AWS::SNS::Topic
"""

_CHAT = f"Here is the template with the topic:\n\n```yaml\n{_TEMPLATE}```\n\nIt has no subscriptions yet.\n"
_COMMENTED = f"# Here is the template with the topic:\n\n{_TEMPLATE}\n# It has no subscriptions yet.\n"

_FENCE = re.compile(r"(?:```|~~~)[ \t]*[\w+-]*[ \t]*")
_LABEL = re.compile(r"(?i)(?:ya?ml|json|cloudformation|copy(?: code)?)[ \t]*")
_SECTIONS = "AWSTemplateFormatVersion|Conditions|Description|Globals|Hooks|Mappings|Metadata|Outputs|Parameters|Resources|Rules"
_SECTION = re.compile(rf"""---|\{{|"?(?:{_SECTIONS}|Transform)"?[ ]*:""")
_RESOURCES = re.compile(r"""(?m)(?:^\s*|[{,]\s*)["']?Resources["']?\s*:""")
_PROSE = re.compile(r"(?!\S+:(?:\s|$))(?:#+ |[-*>] |\d+\. )?[\w*`\"'(][^{}<>|=&!\[\]]*")

_Line = tuple[int, str]


class TextAroundTemplate(Repair):
    """A template stands in a Markdown code block, or has sentences before or behind it, as language models write it.

    The fences of the code block are removed. The sentences become comments; JSON has none, so there they are removed, and
    only with `--unsafe-fixes`. Where several code blocks have resources, the author has to say which one is meant.
    """

    code = "SYN006"
    name = "text-around-template"
    answers = ("E0000",)
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html",
        "https://spec.commonmark.org/0.31.2/#fenced-code-blocks",
    )
    examples = (Example("An answer of a language model", _CHAT, _COMMENTED),)

    def readings(self, broken: Broken) -> Iterator[Reading]:
        lines = [(match.start(), match.group()) for match in re.finditer(r"(?m)^[^\r\n]*", broken.text)]
        fences = [index for index, (_, line) in enumerate(lines) if _FENCE.fullmatch(line)]
        span = _fenced(lines, fences) if fences else _bare(lines)
        if span is None:
            return
        first, last = span
        is_json = lines[first][1].startswith("{")
        outside = [line for index, line in enumerate(lines) if not first <= index <= last and line[1].strip()]
        gone = [line for line in outside if _FENCE.fullmatch(line[1]) or _LABEL.fullmatch(line[1])]
        said = [line for line in outside if line not in gone and (is_json or not line[1].startswith("#"))]
        found = []
        if gone:
            edits = tuple(Edit(start, _next_line(broken, start), "") for start, _ in gone)
            found.append(self.mended("marks around the template", edits, "remove them", "they are no part of it"))
        if said:
            found.append(self._without(broken, said) if is_json else self._commented(said))
        if found:
            yield tuple(sorted(found, key=lambda finding: finding.start))

    def _commented(self, said: list[_Line]) -> Finding:
        edits = tuple(Edit(start, start, "# ") for start, _ in said)
        return self.mended("text around the template", edits, "make comments of it", "nothing of it is lost")

    def _without(self, broken: Broken, said: list[_Line]) -> Finding:
        edits = tuple(Edit(start, _next_line(broken, start), "") for start, _ in said)
        why = "JSON has no place for it: the text is lost"
        return self.mended("text around the template", edits, "remove it", why, Applicability.UNSAFE)


def _next_line(broken: Broken, start: int) -> int:
    match = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)").match(broken.text, start)
    return match.end() if match else start


def _fenced(lines: list[_Line], fences: list[int]) -> tuple[int, int] | None:
    """The first and last line of the one code block with resources; a fence at one end may be missing."""
    if len(fences) == 1:
        inside = [(fences[0] + 1, len(lines) - 1), (0, fences[0] - 1)]
    else:
        inside = [(one + 1, other - 1) for one, other in zip(fences[::2], fences[1::2], strict=False)]
    found = [span for span in inside if _RESOURCES.search("\n".join(text for _, text in lines[span[0] : span[1] + 1]))]
    return _trimmed(lines, *found[0]) if len(found) == 1 else None


def _bare(lines: list[_Line]) -> tuple[int, int] | None:
    """The first and last line of a template with nothing but sentences, or the mark of a chat, around it."""
    first = next((index for index, (_, text) in enumerate(lines) if _SECTION.match(text)), None)
    if first is None:
        return None
    closing = (" ", "\t", "}", "#")
    last = max(index for index, (_, text) in enumerate(lines) if _SECTION.match(text) or text.startswith(closing))
    outside = [text for _, text in (*lines[:first], *lines[last + 1 :]) if text.strip() and text[0] != "#"]
    return (first, last) if all(_is_prose(text) or _LABEL.fullmatch(text) for text in outside) else None


def _trimmed(lines: list[_Line], first: int, last: int) -> tuple[int, int] | None:
    """A stretch of lines without blank ones at its start."""
    return next(((index, last) for index in range(first, last + 1) if lines[index][1].strip()), None)


def _is_prose(text: str) -> bool:
    """Whether a line reads like a sentence, and like no YAML."""
    return len(text.split()) > 3 and bool(_PROSE.fullmatch(text))
