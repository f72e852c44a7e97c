"""FUN005: modules that the runtime of a function does not have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from remediator.api import (
    Applicability,
    Context,
    Example,
    Finding,
    InlineCode,
    Mapping,
    Pass,
    Remedy,
    Resource,
    Template,
    handlers,
    origins,
    table,
    text_of,
)
from remediator.transforms.inline_code.edits import edit, line, place
from remediator.transforms.inline_code.language import FUNCTIONS, fitting_code
from remediator.transforms.wiring.sam import for_all

_VERSION_3 = 18
"""The first Node.js of Lambda with version 3 of the AWS SDK, and without version 2.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html (2026-11)"""
_NO_CALLBACKS = 24
"""The first Node.js of Lambda that refuses handlers with a callback.
https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html (2026-11)"""
_ELSEWHERE = ("Layers", "FileSystemConfigs", "ImageUri")
"""Properties of a function through which modules come that can't be seen."""
_PATHS = ("NODE_PATH", "PYTHONPATH")

_BEFORE = """\
Resources:
  Store:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: nodejs22.x
      Handler: index.handler
      Code:
        ZipFile: |
          const AWS = require('aws-sdk');
          const s3 = new AWS.S3();
          exports.handler = async (event) => {
            await s3.putObject({ Bucket: event.bucket, Key: event.key, Body: 'x' }).promise();
          };
      Role: !ImportValue store-role
"""
_AFTER = (
    _BEFORE.replace("const AWS = require('aws-sdk')", "const { S3 } = require('@aws-sdk/client-s3')")
    .replace("AWS.S3", "S3")
    .replace(".promise()", "")
)


@dataclass(frozen=True, slots=True)
class _Missing:
    """What a runtime lacks: what is said about it, where the code asks for it, and the remedy or the question."""

    says: str
    start: int
    end: int
    remedy: Remedy | str


class MissingModule(Pass):
    """The inline code of a function loads a module that its runtime does not have, and fails with *No module named …* or
    *Cannot find module …*. Inline code is one file, so the module can only come from a layer.

    - Version 2 of the AWS SDK for JavaScript (`aws-sdk`) is not there from Node.js 18 on. The code is written for version 3
      where every use of the SDK is understood: clients made by `new AWS.S3()` and requests such as
      `s3.putObject(…).promise()`. That is unsafe: version 3 leaves out empty lists in some answers, and names errors
      otherwise. Where the code reads what version 3 gives otherwise (the body of an object, the code of an error), the report
      says which.
    - Python's `cfnresponse` is only there for the exact statement `import cfnresponse`, which is added to others.
    - Version 3 of that SDK before Node.js 18, what Python has removed, handlers with a callback from Node.js 24 on, and
      packages that no runtime has (`requests`, `psycopg2`, `aws_xray_sdk`, `axios`) are reported.

    Left alone: functions with layers or a file system, modules that the code tries for, and modules that are not known to be
    missing.
    """

    code = "FUN005"
    name = "missing-module"
    profile = "deploy"
    sources = (
        "https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html",
        "https://docs.aws.amazon.com/lambda/latest/dg/python-package.html",
        "https://docs.aws.amazon.com/sdk-for-javascript/v3/developer-guide/migrating.html",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-lambda-function-code-cfnresponsemodule.html",
    )
    examples = (Example("Version 2 of the AWS SDK", _BEFORE, _AFTER, unsafe=True),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for function in template.resources.values():
            found = fitting_code(template, function) if function.type in FUNCTIONS else None
            versions = _versions(template, function)
            if found is None or not versions or _brings_its_own(template, function, found[1]):
                continue
            for each in _missing(template, function, *found, versions):
                where = line(template, found[1], each.start)
                message = f"{function.logical_id} {each.says} (line {where})"
                at = place(template, found[1], each.start, each.end)
                yield self.finding(template, found[1].path, at, message, each.remedy)


def _versions(template: Template, function: Resource) -> list[tuple[int, ...]]:
    """The oldest and the newest version of its language that a function may run on."""
    node = function.property("Runtime")
    texts = [each.node.value for each in origins(template, node, ())] if node else []
    found = sorted(tuple(int(part) for part in re.findall(r"\d+", text)) for text in texts)
    return [found[0], found[-1]] if found and all(found) else []


def _brings_its_own(template: Template, function: Resource, code: InlineCode) -> bool:
    """Whether modules may come from elsewhere."""
    if any(function.property(each) is not None or for_all(template, function, each) is not None for each in _ELSEWHERE):
        return True
    for node in (function.property("Environment"), for_all(template, function, "Environment")):
        variables = node.get("Variables") if isinstance(node, Mapping) else None
        if node is not None and (not isinstance(variables, Mapping) or any(each in variables.keys for each in _PATHS)):
            return True
    return "sys.path" in code.text


def _missing(
    template: Template, function: Resource, language: str, code: InlineCode, versions: list[tuple[int, ...]]
) -> Iterator[_Missing]:
    seen = set[str]()
    for module, start, end in handlers.loaded(language, code.text):
        found = _module(template, function, language, code, versions, module)
        if found and module not in seen:
            seen.add(module)
            yield _Missing(found[0], start, end, found[1])
    plain = handlers.without_comments(language, code.text)
    for row in table("runtime_removals").values():
        since = tuple(int(part) for part in str(row["since"]).split("."))
        match = re.search(row["pattern"], plain) if row.get("certain") and row["language"] == language else None
        if match and versions[0] >= since:
            instead = f" {row['instead']} takes its place" if "instead" in row else ""
            reason = f"what should {function.logical_id} use instead?{instead}"
            yield _Missing(f"uses {row['what']}, which its runtime lacks: {match.group().strip()}", *match.span(), reason)
    handler = (text_of(function.property("Handler")) or "").partition(".")[2]
    if language == "nodejs" and versions[0][0] >= _NO_CALLBACKS and handlers.parameters(language, code.text, handler) > 2:
        reason = f"should {function.logical_id} run on nodejs22.x, or give its result as an async function does?"
        yield _Missing("has a handler with a callback, which its runtime refuses", 0, 1, reason)


def _module(
    template: Template, function: Resource, language: str, code: InlineCode, versions: list[tuple[int, ...]], module: str
) -> tuple[str, Remedy | str] | None:
    """What is to be said about a module that the code loads, and what to do about it."""
    name, root = function.logical_id, module.partition("." if language == "python" else "/")[0]
    if root == "aws-sdk" and language == "nodejs":
        says = "loads aws-sdk, which is not there from Node.js 18 on"
        return (says, _newer(template, name, code)) if versions[0][0] >= _VERSION_3 else None
    if root == "@aws-sdk" and versions[1][0] < _VERSION_3:
        return f"loads {module}, which is there from Node.js 18 on", f"which newer runtime should {name} have?"
    if module == "cfnresponse" and "import cfnresponse" not in code.text:
        make = partial(edit, language="python", code=code, edits=(), imports="cfnresponse")
        why = "CloudFormation adds the module for this statement only, and the code could not be loaded without"
        return "loads cfnresponse otherwise than by import cfnresponse", Remedy("import cfnresponse", make, why)
    if root in table("missing_modules")[language]["modules"]:
        reason = f"where should {name} get {root} from? Inline code is one file: it takes a layer, or a package with the code"
        return f"loads {root}, which no runtime has", reason
    return None


def _newer(template: Template, name: str, code: InlineCode) -> Remedy | str:
    edits = handlers.rewritten_sdk(code.text, table("sdk_clients"))
    if isinstance(edits, handlers.Refused):
        reason = edits.reason.format(line=line(template, code, edits.start))
        return f"should {name} get a layer with version 2, or be written for version 3? {reason[:1].upper()}{reason[1:]}"
    why = "the code fails today; version 3 leaves out empty lists in some answers, and names errors otherwise"
    make = partial(edit, language="nodejs", code=code, edits=edits)
    return Remedy("use version 3 of the AWS SDK", make, why, Applicability.UNSAFE)
