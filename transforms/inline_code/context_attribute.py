"""FUN003: attributes that Lambda's context object does not have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from remediator.api import (
    Applicability,
    Context,
    Example,
    Finding,
    InlineCode,
    Pass,
    Remedy,
    Resource,
    Template,
    handlers,
    table,
    text_of,
)
from remediator.transforms.inline_code.edits import Edit, edit, line, place
from remediator.transforms.inline_code.language import FUNCTIONS, fitting_code

_BEFORE = """\
Resources:
  Work:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Code:
        ZipFile: |
          def handler(event, context):
              return {'id': context.request_id}
      Role: !ImportValue work-role
"""


@dataclass(frozen=True, slots=True)
class _Wrong:
    """A wrong use of the context: what is wrong, and what would be right; no edit where that is not known."""

    name: str
    says: str
    use: handlers.ContextUse
    edit: Edit | None = None
    module: str = ""


class ContextAttribute(Pass):
    """The code of a function asks the context, which Lambda passes to it, for something that it does not have:
    `context.request_id` instead of `context.aws_request_id`. In Python the invocation fails there with an *AttributeError*; in
    JavaScript the value is *undefined*.

    The one attribute that is meant is written in its place, `os.environ` for the environment, `()` behind a method whose
    result is calculated with, and no `()` behind what is no method. For Python that is safe: the code failed there. For
    JavaScript it is unsafe, because the code has lived with the value that it got.

    Left alone: parameters that are assigned to, functions with a decorator, attributes that the code itself adds or asks for
    (`hasattr`, `in`, `||`), and functions that are not the handler.
    """

    code = "FUN003"
    name = "unknown-context-attribute"
    profile = "deploy"
    sources = (
        "https://docs.aws.amazon.com/lambda/latest/dg/python-context.html",
        "https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html",
    )
    examples = (Example("The id of the request", _BEFORE, _BEFORE.replace("context.request", "context.aws_request")),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for function in template.resources.values():
            found = fitting_code(template, function) if function.type in FUNCTIONS else None
            handler = text_of(function.property("Handler")) or ""
            if found is None or not handler.startswith("index."):
                continue
            language, code = found
            uses = handlers.context_uses(language, code.text, handler.partition(".")[2])
            wrong = [each for use in sorted(uses, key=lambda use: use.start) for each in _wrong(function, language, use)]
            for name in dict.fromkeys(each.name for each in wrong):
                yield self._finding(template, function, language, code, [each for each in wrong if each.name == name])

    def _finding(self, template: Template, function: Resource, language: str, code: InlineCode, wrong: list[_Wrong]) -> Finding:
        first = wrong[0]
        at = place(template, code, first.use.start, first.use.end)
        where = ", ".join(str(line(template, code, each.use.start)) for each in wrong)
        message = f"{function.logical_id} asks its context for {first.name}, {first.says} (line {where})"
        edits = [each.edit for each in wrong if each.edit]
        if len(edits) < len(wrong):
            reason = f"what should {function.logical_id} use instead? The context has nothing like it"
            return self.finding(template, code.path, at, message, reason)
        module = first.module if first.module not in handlers.imported(language, code.text) else ""
        make = partial(edit, language=language, code=code, edits=edits, imports=module)
        step = f"use {edits[0][2]} instead" + (f", and import {module}" if module else "")
        if language == "python":
            return self.finding(template, code.path, at, message, Remedy(step, make, "the code failed there"))
        why = "the code got undefined there, and may rely on it"
        return self.finding(template, code.path, at, message, Remedy(step, make, why, Applicability.UNSAFE))


def _wrong(function: Resource, language: str, use: handlers.ContextUse) -> Iterator[_Wrong]:
    row = table("context_attributes")[language]
    written = [use.name_start, use.end]
    if use.allowed or use.name.startswith("_"):
        return
    if use.name in row.get("removed", ()) and _version(function) >= row["removed_since"]:
        yield _Wrong(use.name, "which the runtime does not have any more", use)
    elif use.name in row["methods"]:
        if use.number and use.name.startswith("get"):
            yield _Wrong(use.name, "which is a method, and calculates with the method itself", use, (use.end, use.end, "()"))
    elif use.name in row["attributes"]:
        return
    else:
        yield _unknown(row, use, written)


def _unknown(row: dict[str, Any], use: handlers.ContextUse, written: list[int]) -> _Wrong:
    says = "which it does not have"
    known = [*row["attributes"], *row["methods"]]
    alike = [each for each in known if _plain(each) == _plain(use.name)]
    meant = row["aliases"].get(use.name) or (alike[0] if len(alike) == 1 else "")
    if use.name in row["expressions"]:
        text, module = row["expressions"][use.name]
        return _Wrong(use.name, says, use, (use.start, use.end, text), module)
    if not meant or use.called != (meant in row["methods"]):
        return _Wrong(use.name, says, use)
    return _Wrong(use.name, says, use, (written[0], written[1], meant))


def _plain(name: str) -> str:
    return name.lower().replace("_", "")


def _version(function: Resource) -> int:
    found = re.search(r"\d+", text_of(function.property("Runtime")) or "")
    return int(found.group()) if found else 0
