"""FUN001: handlers that the code does not have."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from remediator.api import (
    Context,
    EditBuilder,
    Example,
    Exports,
    Finding,
    Mapping,
    Node,
    Pass,
    Remedy,
    Resource,
    Scalar,
    Template,
    exports,
)
from remediator.transforms.inline_code.language import FUNCTIONS, fitting_code
from remediator.transforms.wiring.sam import for_all

_MODULE = "index"
"""The name of the file that CloudFormation puts inline code into.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-code.html (2026-11)"""

_WHY = "the function can't run without it, and nothing else goes by this name"

_BEFORE = """\
Resources:
  Resize:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: app.main
      Code:
        ZipFile: |
          def lambda_handler(event, context):
              return event
      Role: !ImportValue resize-role
"""


class WrongHandler(Pass):
    """The handler of a function names a file or a function that its inline code does not have, and every invocation fails:
    *Unable to import module*, or *Handler 'main' missing on module 'index'*.

    Inline code always lies in a file called `index`, so the first part of the handler is mended. The second part is mended
    where the code has exactly one function that takes an event and a context, or exports exactly one, in Python and in
    JavaScript (CommonJS and ECMAScript modules). Where it has several or none, the report asks which is meant.

    Left alone: code that lies elsewhere, runtimes that can't be known, and code that may define more than it shows, such as by
    `from x import *` or `module.exports = require(…)`.
    """

    code = "FUN001"
    name = "wrong-handler"
    profile = "deploy"
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-code.html",
        "https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html",
        "https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html",
    )
    examples = (
        Example("A file and a function that are not there", _BEFORE, _BEFORE.replace("app.main", "index.lambda_handler")),
    )

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for function in template.resources.values():
            found = fitting_code(template, function) if function.type in FUNCTIONS else None
            offered = exports(found[0], found[1].text) if found else None
            if offered and function.properties and for_all(template, function, "Handler") is None:
                yield from self._findings(template, function, function.properties, offered)

    def _findings(self, template: Template, function: Resource, properties: Mapping, offered: Exports) -> Iterator[Finding]:
        node = properties.get("Handler")
        if node is not None and (not isinstance(node, Scalar) or node.tag):
            return
        path = (*function.path, "Properties", "Handler")
        handler = node.value if node else ""
        module, _, name = handler.rpartition(".")
        right = _name(name, offered)
        if handler and module == _MODULE and right == name:
            return
        if handler:
            message = f"{function.logical_id} calls {handler}, and its inline code is in {_MODULE}"
            message += "" if right == name else f" without {name}"
        else:
            message = f"{function.logical_id} has no handler"
        if right is None:
            yield self.finding(template, path, node or function.key, message, _question(function, offered))
            return
        wanted = f"{_MODULE}.{right}"
        remedy = Remedy(f"call {wanted}", partial(_write, function=function, node=node, text=wanted), _WHY)
        yield self.finding(template, path, node or function.key, message, remedy)


def _name(name: str, offered: Exports) -> str | None:
    """The function to call: the one that is named if it is there or may be; else the only one that there is."""
    if name and (name in offered.names or not offered.complete):
        return name
    return offered.entry_points[0] if len(offered.entry_points) == 1 and offered.complete else None


def _question(function: Resource, offered: Exports) -> str:
    if offered.entry_points:
        return f"which of {', '.join(offered.entry_points)} should {function.logical_id} call?"
    return f"which function should {function.logical_id} call? Its code offers none that takes an event and a context"


def _write(builder: EditBuilder, *, function: Resource, node: Node | None, text: str) -> None:
    path = (*function.path, "Properties")
    if node is not None:
        builder.replace(node, text, (*path, "Handler"))
    elif function.properties is not None:
        builder.insert_entry(function.properties, "Handler", text, path, after="Runtime")
