"""VAL006 and VAL106: Lambda functions in a runtime that can't be created any more, or soon can't."""

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
    Mapping,
    Origin,
    Pass,
    Path,
    Remedy,
    Resource,
    Scalar,
    Template,
    table,
    walk,
)
from remediator.transforms.values.texts import literals, mend
from remediator.transforms.wiring.links import inside

_SERVERLESS = "AWS::Serverless::Function"
_TYPES = ("AWS::Lambda::Function", _SERVERLESS)
_SAME = ("nodejs", "python3", "ruby3", "java")
"""Languages in which code of one version runs in the next one as a rule."""
_SOURCE = "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html"

_FUNCTION = """\
Resources:
  Hello:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: {0}
      Handler: index.handler
      Role: !Sub arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role/hello
      Code:
        ZipFile: "def handler(event, context): return 'hello'"
"""


@dataclass(frozen=True, slots=True)
class _Use:
    """A text that names a runtime, with the functions that get it."""

    origin: Origin
    path: Path
    functions: tuple[Resource, ...]

    @property
    def runtime(self) -> str:
        return self.origin.node.value


class BlockedRuntime(Pass):
    """A Lambda function asks for a runtime in which AWS no longer creates functions.

    The fix writes the nearest later runtime of the same language that has half a year of support left. It is safe where
    the code stands in the template, as far as it can be read there: without layers, and without what the newer runtime
    lacks, such as version 2 of the AWS SDK for JavaScript. For code that lies elsewhere, for Python 2, for Go and
    for .NET, which have to be built anew, it is unsafe.

    Which runtimes are blocked is decided by the date of the data, not by today's, so that a run is repeatable.
    """

    code = "VAL006"
    name = "blocked-runtime"
    profile = "deploy"
    answers = ("E2531", "CKV_AWS_363")
    sources = (_SOURCE,)
    examples = (Example("Python 3.7", _FUNCTION.format("python3.7"), _FUNCTION.format("python3.11")),)

    def run(self, context: Context) -> Iterator[Finding]:
        yield from _findings(self, context.template, "blocked", "can't be created any more")


class DeprecatedRuntime(Pass):
    """A Lambda function has a runtime that gets no security updates any more; soon it can't be created either.

    See VAL006, which does the same for runtimes that are blocked already.
    """

    code = "VAL106"
    name = "deprecated-runtime"
    profile = "secure"
    stage = 2
    answers = ("W2531", "CKV_AWS_363")
    sources = (_SOURCE,)
    examples = (Example("Python 3.9", _FUNCTION.format("python3.9"), _FUNCTION.format("python3.11")),)

    def run(self, context: Context) -> Iterator[Finding]:
        yield from _findings(self, context.template, "deprecated", "is deprecated")


def _findings(rule: Pass, template: Template, state: str, says: str) -> Iterator[Finding]:
    for use in _uses(template):
        row = table("lambda_runtimes").get(use.runtime)
        if row is None or row["state"] != state:
            continue
        new, risk = str(row["successor"]), _risk(template, use, str(row["successor"]))
        level = Applicability.UNSAFE if risk else Applicability.SAFE
        step = f"move from {use.runtime} to {new}"
        why = risk or "the same language, and the code in the template needs nothing that the newer runtime lacks"
        remedy = Remedy(step, partial(mend, origin=use.origin, text=new), why, level)
        related = tuple(each.path for each in use.functions[1:])
        yield rule.finding(template, use.path, use.origin.node, f"the runtime {use.runtime} {says}", remedy, related)


def _uses(template: Template) -> Iterator[_Use]:
    """The runtimes that are written somewhere, in the order of the template."""
    found: dict[Path, tuple[Origin, Path, list[Resource]]] = {}
    functions = [each for each in template.resources.values() if each.type in _TYPES]
    for function in functions:
        path = (*function.path, "Properties", "Runtime")
        for origin in literals(template, function.property("Runtime"), path):
            found.setdefault(origin.path, (origin, path, []))[2].append(function)
    shared = template.section("Globals")
    node, path = shared.get("Function") if shared else None, ("Globals", "Function", "Runtime")
    users = [each for each in functions if each.type == _SERVERLESS and each.property("Runtime") is None]
    for origin in literals(template, node.get("Runtime") if isinstance(node, Mapping) else None, path):
        found.setdefault(origin.path, (origin, path, []))[2].extend(users)
    for origin, path, users in found.values():
        yield _Use(origin, path, tuple(users))


def _risk(template: Template, use: _Use, new: str) -> str:
    """Why the code may not run in another runtime; empty where nothing speaks against it."""
    old = use.runtime
    if not any(old.startswith(each) and new.startswith(each) for each in _SAME):
        return "the code has to be adapted or built anew for that runtime"
    language = re.sub(r"[\d.].*", "", old)
    section = template.section("Globals")
    shared = next(inside(section, "Function", "Layers"), None) is not None
    for function in use.functions:
        code = _inline_code(function)
        if code is None:
            return f"the code of {function.logical_id} is not in the template, so whether it runs there can't be seen"
        if function.property("Layers") is not None or (shared and function.type == _SERVERLESS):
            return f"{function.logical_id} has layers, which may be made for the old runtime"
        if lost := _lost(language, _version(old), _version(new), code):
            return f"the code of {function.logical_id} uses {lost}, which newer runtimes lack"
    return ""


def _lost(language: str, old: tuple[int, ...], new: tuple[int, ...], code: str) -> str:
    """What code uses that one version of its language has and another one has not."""
    rows = [row for row in table("runtime_removals").values() if row["language"] == language]
    between = [row for row in rows if old < _version(row["since"]) <= new]
    return next((str(row["what"]) for row in between if re.search(row["pattern"], code)), "")


def _version(runtime: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", runtime))


def _inline_code(function: Resource) -> str | None:
    code = function.property("Code")
    node = code.get("ZipFile") if isinstance(code, Mapping) else function.property("InlineCode")
    return "\n".join(each.value for _, each in walk(node) if isinstance(each, Scalar)) if node else None
