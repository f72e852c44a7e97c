"""FUN008: ECMAScript modules as inline code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from remediator.api import (
    Context,
    Example,
    Finding,
    Mapping,
    Pass,
    Remedy,
    Resource,
    Template,
    handlers,
    origins,
)
from remediator.transforms.inline_code.edits import edit, line, place
from remediator.transforms.inline_code.language import FUNCTIONS, fitting_code
from remediator.transforms.wiring.sam import for_all

_DETECTS = 24
"""The first Node.js of Lambda that is not known to refuse them: up to 22, Lambda turns the detection of modules off.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html (2026-11)"""

_BEFORE = """\
Resources:
  Work:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: nodejs22.x
      Handler: index.handler
      Code:
        ZipFile: |
          import { S3Client } from '@aws-sdk/client-s3';
          const s3 = new S3Client({});
          export const handler = async (event) => event;
      Role: !ImportValue work-role
"""
_AFTER = _BEFORE.replace(
    "import { S3Client } from '@aws-sdk/client-s3';", "const { S3Client } = require('@aws-sdk/client-s3');"
).replace("export const handler = ", "const handler = exports.handler = ")


class ModuleSyntax(Pass):
    """Inline code says `import` or `export`. CloudFormation puts it into `index.js`, which Node.js takes for a CommonJS
    module, and Lambda does not let Node.js up to version 22 find out otherwise: *Cannot use import statement outside a
    module*.

    The statements are written as `require` and `exports`. Code that needs an ECMAScript module (`await` outside of functions,
    `import.meta`), default imports of packages and default exports are reported.

    Left alone: newer runtimes, and functions whose `NODE_OPTIONS` may turn the detection on.
    """

    code = "FUN008"
    name = "module-syntax"
    profile = "deploy"
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-code.html",
        "https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html",
    )
    examples = (Example("A handler that is exported", _BEFORE, _AFTER),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for function in template.resources.values():
            found = fitting_code(template, function) if function.type in FUNCTIONS else None
            if found is None or found[0] != "nodejs" or not _refuses(template, function):
                continue
            code, edits = found[1], handlers.commonjs(found[1].text)
            if edits is None:
                continue
            start = edits.start if isinstance(edits, handlers.Refused) else edits[0][0]
            where = line(template, code, start)
            message = (
                f"{function.logical_id} has an ECMAScript module as inline code, which is taken for CommonJS (line {where})"
            )
            if isinstance(edits, handlers.Refused):
                reason = edits.reason.format(line=where)
                remedy: Remedy | str = (
                    f"how should {function.logical_id} say it with require and exports? {reason[:1].upper()}{reason[1:]}"
                )
            else:
                make = partial(edit, language="nodejs", code=code, edits=edits)
                remedy = Remedy("use require and exports", make, "the code could not be loaded, and says the same now")
            yield self.finding(template, code.path, place(template, code, start, start + 1), message, remedy)


def _refuses(template: Template, function: Resource) -> bool:
    """Whether every runtime that a function may have takes inline code for CommonJS."""
    node = function.property("Runtime")
    texts = [each.node.value for each in origins(template, node, ())] if node else []
    versions = [int(found.group()) for found in (re.search(r"\d+", text) for text in texts) if found]
    for each in (function.property("Environment"), for_all(template, function, "Environment")):
        variables = each.get("Variables") if isinstance(each, Mapping) else None
        if each is not None and (not isinstance(variables, Mapping) or "NODE_OPTIONS" in variables.keys):
            return False
    return bool(versions) and max(versions) < _DETECTS
