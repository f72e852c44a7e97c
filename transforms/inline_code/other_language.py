"""FUN002: inline code in another language than the runtime's."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from remediator.api import (
    Applicability,
    Context,
    EditBuilder,
    Example,
    Finding,
    Node,
    Pass,
    Path,
    Remedy,
    exports,
    table,
    text_of,
)
from remediator.transforms.inline_code.language import FUNCTIONS, fitting_code, of_code

_BEFORE = """\
Resources:
  Greet:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Code:
        ZipFile: |
          exports.handler = async (event) => {
            return `Hello ${event.name}`;
          };
      Role: !ImportValue greet-role
"""
_SAYS = {"python": "Python", "nodejs": "JavaScript"}


class OtherLanguage(Pass):
    """The runtime of a function is for Python and its inline code is JavaScript, or the other way round: it can't be loaded.

    The runtime becomes the newest one of the code's language. The fix is unsafe, because the code may be the part that is
    wrong. Only code that reads as one language and does not read as the other counts.
    """

    code = "FUN002"
    name = "code-of-other-language"
    profile = "deploy"
    sources = ("https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html",)
    examples = (Example("JavaScript for Python", _BEFORE, _BEFORE.replace("python3.13", "nodejs24.x"), unsafe=True),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for function in template.resources.values():
            found = fitting_code(template, function) if function.type in FUNCTIONS else None
            if found is None or exports(found[0], found[1].text) is not None:
                continue
            language = of_code(found[1].text)
            node, path = function.property("Runtime"), (*function.path, "Properties", "Runtime")
            if language is None or language == found[0] or node is None:
                continue
            message = f"{function.logical_id} runs on {_SAYS[found[0]]}, and its code is {_SAYS[language]}"
            yield self.finding(template, path, node, message, _remedy(node, path, language))


def _remedy(node: Node, path: Path, language: str) -> Remedy | str:
    if text_of(node) is None:
        return f"which runtime of {_SAYS[language]} should it be?"
    new = _newest(language)
    make = partial(_write, node=node, text=new, path=path)
    return Remedy(f"run on {new}", make, "the code may be what is wrong, and not the runtime", Applicability.UNSAFE)


def _newest(language: str) -> str:
    """The current runtime of a language that is supported longest."""
    rows = {name: row for name, row in table("lambda_runtimes").items() if row["state"] == "current"}
    return max((name for name in rows if name.startswith(language)), key=lambda name: str(rows[name]["deprecated"]))


def _write(builder: EditBuilder, *, node: Node, text: str, path: Path) -> None:
    builder.replace(node, text, path)
