"""FUN007: functions of custom resources that do not answer CloudFormation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from remediator.api import (
    Applicability,
    CannotEdit,
    Context,
    EditBuilder,
    Example,
    Finding,
    InlineCode,
    Pass,
    Remedy,
    Resource,
    Scalar,
    Template,
    handlers,
    references,
    text_of,
    with_lines,
)
from remediator.transforms.inline_code.edits import place
from remediator.transforms.inline_code.language import FUNCTIONS, fitting_code
from remediator.transforms.wiring.links import functions
from remediator.transforms.wiring.sam import for_all

_ANSWERS = re.compile(r"cfn[-_]?response|response_?url|cr_?helper|cfn[-_]?resource|custom_?resource", re.IGNORECASE)
"""What code that answers CloudFormation mentions: the module, the address, or a library for it."""
_HANDS_ON = re.compile(r"\b(invoke|send_?message|send|publish|put_?events|start_?execution)\w*\(", re.IGNORECASE)
"""How code hands a request on to something else, which may answer it."""
_FAILED = re.compile(r"\bFAILED\b")

_BEFORE = """\
Resources:
  Answer:
    Type: Custom::Answer
    Properties:
      ServiceToken: !GetAtt Work.Arn

  Work:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Code:
        ZipFile: |
          import boto3

          def handler(event, context):
              boto3.client('ec2').enable_ebs_encryption_by_default()
      Role: !ImportValue work-role
"""
_AFTER = _BEFORE.replace("index.handler", "index.answering_handler").replace(
    "default()\n",
    """default()


          import cfnresponse


          def answering_handler(event, context):
              # CloudFormation waits for an hour where nobody tells it how a request went
              if 'ResponseURL' not in event:
                  return handler(event, context)
              known = event.get('PhysicalResourceId')
              try:
                  handler(event, context)
                  cfnresponse.send(event, context, cfnresponse.SUCCESS, {}, known)
              except Exception as error:
                  print(f'failed: {error!r}')
                  cfnresponse.send(event, context, cfnresponse.FAILED, {}, known)
""",
)


class NoAnswer(Pass):
    """The function of a custom resource does not tell CloudFormation how a request went: never, or not where it fails. The
    stack waits for an hour then, fails, and waits for another hour as it rolls back.

    For Python a handler is added behind the code that calls the one that is there, and sends what is missing: `FAILED` where
    it fails, and `SUCCESS` where the code never answers. The code itself stays as it is. The fix is unsafe: whether the code
    does the right thing when the resource is deleted can't be seen.

    Reported are only functions of which the whole code is in the template and has no trace of an answer (`cfnresponse`,
    `ResponseURL`), or none of `FAILED`. Left alone is code that hands the request on to something else. A custom resource whose
    attributes are read needs an answer with data, which only a person can write, and so does JavaScript.
    """

    code = "FUN007"
    name = "custom-resource-without-answer"
    profile = "deploy"
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-lambda-function-code-cfnresponsemodule.html",
    )
    examples = (Example("A function that never answers", _BEFORE, _AFTER, unsafe=True),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        users: dict[str, list[Resource]] = {}
        for each in template.resources.values():
            for function in functions(template, each.property("ServiceToken")) if _is_custom(each) else ():
                users.setdefault(function.logical_id, []).append(each)
        for name, customs in users.items():
            function = template.resources[name]
            found = fitting_code(template, function) if function.type in FUNCTIONS else None
            if found is not None and function.property("Layers") is None and for_all(template, function, "Layers") is None:
                yield from self._findings(template, function, *found, customs)

    def _findings(
        self, template: Template, function: Resource, language: str, code: InlineCode, customs: list[Resource]
    ) -> Iterator[Finding]:
        answers = bool(_ANSWERS.search(code.text))
        plain = handlers.without_comments(language, code.text)
        if (answers and _FAILED.search(code.text)) or (not answers and _HANDS_ON.search(plain)):
            return
        if answers and not re.search(r"\bSUCCESS\b", code.text):
            return
        what = "answers CloudFormation only where it succeeds" if answers else "never answers CloudFormation"
        named = ", ".join(each.logical_id for each in customs)
        message = f"{function.logical_id} {what}, which waits an hour for {named}"
        at = place(template, code, 0, 1)
        related = tuple(each.path for each in customs)
        remedy = _remedy(template, function, language, code, customs, answers)
        yield self.finding(template, code.path, at, message, remedy, related, "secure" if answers else "")


def _is_custom(resource: Resource) -> bool:
    return resource.type.startswith("Custom::") or resource.type == "AWS::CloudFormation::CustomResource"


def _remedy(
    template: Template, function: Resource, language: str, code: InlineCode, customs: list[Resource], answers: bool
) -> Remedy | str:
    read = {each.target for each in references(template.root, template.source.text) if each.attribute}
    data = [each.logical_id for each in customs if each.logical_id in read]
    if data and not answers:
        return f"what should {function.logical_id} answer? The template reads attributes of {', '.join(data)}"
    node, name = function.property("Handler"), (text_of(function.property("Handler")) or "").removeprefix("index.")
    if language != "python" or not handlers.plain(language, code.text, name) or not isinstance(node, Scalar):
        return f"how should {function.logical_id} tell CloudFormation that it failed? FAILED has to be sent to the ResponseURL"
    if f"answering_{name}" in code.text:
        return f"how should {function.logical_id} tell CloudFormation that it failed? Nothing calls its answering_{name}"
    make = partial(_write, function=function, handler=node, name=name, code=code, answers=answers)
    why = "whether the code does the right thing when the resource is deleted can't be seen"
    return Remedy("add a handler that answers", make, why, Applicability.UNSAFE)


def _write(builder: EditBuilder, *, function: Resource, handler: Scalar, name: str, code: InlineCode, answers: bool) -> None:
    new = f"answering_{name}"
    success = [] if answers else ["        cfnresponse.send(event, context, cfnresponse.SUCCESS, {}, known)"]
    lines = [
        "",
        "",
        *([] if "cfnresponse" in handlers.imported("python", code.text) else ["import cfnresponse", "", ""]),
        f"def {new}(event, context):",
        "    # CloudFormation waits for an hour where nobody tells it how a request went",
        "    if 'ResponseURL' not in event:",
        f"        return {name}(event, context)",
        "    known = event.get('PhysicalResourceId')",
        "    try:",
        f"        {name}(event, context)",
        *success,
        "    except Exception as error:",
        "        print(f'failed: {error!r}')",
        "        cfnresponse.send(event, context, cfnresponse.FAILED, {}, known)",
        "",
    ]
    found = with_lines(builder.source, code, len(code.text) + 1, "\n".join(lines))
    if found is None:
        raise CannotEdit("the code is written in pieces or folded at its end")
    builder.replace_text(*found, code.path)
    builder.replace(handler, f"index.{new}", (*function.path, "Properties", "Handler"))
