"""In which language the runtime of a function is, and in which its code is written."""

from __future__ import annotations

from remediator.api import InlineCode, Resource, Template, exports, inline_code, origins

_LANGUAGES = ("python", "nodejs")
"""The languages of which Lambda takes code inline.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-code.html (2026-11)"""

FUNCTIONS = ("AWS::Lambda::Function", "AWS::Serverless::Function")


def of_runtime(template: Template, function: Resource) -> str | None:
    """The language of a function's runtime, where all runtimes that it may have are of one with inline code."""
    node = function.property("Runtime")
    texts = [each.node.value for each in origins(template, node, ())] if node else []
    found = {next((each for each in _LANGUAGES if text.startswith(each)), None) for text in texts}
    return found.pop() if len(found) == 1 else None


def of_code(text: str) -> str | None:
    """The language that code is in; None where it is in both or in neither."""
    python, nodejs = exports("python", text), exports("nodejs", text)
    if nodejs is None or (python is not None and python.names and not nodejs.names):
        return "python" if python is not None and python.names else None
    return "nodejs" if python is None and (nodejs.names or not nodejs.complete) else None


def fitting_code(template: Template, function: Resource) -> tuple[str, InlineCode] | None:
    """The language of a function and its code, where that stands in the template."""
    language = of_runtime(template, function)
    code = inline_code(function) if language and function.properties else None
    return (language, code) if language and code else None
