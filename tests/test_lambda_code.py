"""What the code of a function offers, and where a template keeps it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from remediator import Options, Selection, TemplateError, fix_text
from remediator.lambda_code import Filled, exports, inline_code, pieces
from remediator.nodes import Scalar
from remediator.source import Source
from remediator.template import Template

PYTHON = [
    ("def a(e, c): pass", {"a"}, ["a"], True),
    ("def handler(event, context): pass\ndef helper(x, y): pass", {"handler", "helper"}, ["handler"], True),
    ("def run(x, y): pass\ndef work(x, y): pass", {"run", "work"}, ["run", "work"], True),
    ("def run(x, y=None): pass\ndef one(x): pass\ndef three(x, y, z): pass", {"run", "one", "three"}, ["run"], True),
    ("def run(*args): pass\ndef strict(event, context, *, key): pass", {"run", "strict"}, ["run"], True),
    ("async def handler(event, context): pass", {"handler"}, [], True),
    ("class handler: pass", {"handler"}, [], True),
    ("handler = Mangum(app)", {"handler"}, ["handler"], True),
    ("handler = 'main'", {"handler"}, [], True),
    ("main = lambda event, context: 1", {"main"}, ["main"], True),
    ("try:\n  import a.b as c\nexcept ImportError:\n  c = None\nelse:\n  x, y = 1, 2", {"c", "x", "y"}, [], True),
    ("if True:\n  def main(event, context): pass", {"main"}, ["main"], True),
    ("def outer(event, context):\n  def inner(event, context): pass", {"outer"}, ["outer"], True),
    ("from x import *", {"*"}, [], False),
    ("globals()['handler'] = print", set(), [], False),
]
NODEJS = [
    ("exports.handler = async (e) => {}", {"handler"}, ["handler"], True),
    ("module.exports.handler = function (e, c, cb) {}", {"handler"}, ["handler"], True),
    ("module.exports = { a, b: 1, async c(e) {}, 'd': () => 1 }", {"a", "b", "c", "d"}, ["a", "c", "d"], True),
    ("module.exports.x = exports.y = function () {}", {"x", "y"}, ["y", "x"], True),
    ("const h = 1; export { h as k }; export const d = async () => {}", {"k", "d"}, ["k", "d"], True),
    ("export async function handler(e) {}", {"handler"}, ["handler"], True),
    ("export class handler {}", {"handler"}, [], True),
    ("export default async () => {}", {"default"}, ["default"], True),
    ("export const { a, b } = make()", set(), [], False),
    ("export * from './x.mjs'", set(), [], False),
    ("module.exports = require('./x')", set(), [], False),
    ("module.exports = { ...other }", set(), [], False),
    ("module.exports = { [name]: 1 }", set(), [], False),
    ("Object.assign(exports, { a })", set(), [], False),
    ("exports.handler = run; if (x) { exports.z = 1 }", {"handler"}, ["handler"], False),
    ("function handler(e) {}", set(), [], True),
]


@pytest.mark.parametrize(("text", "names", "entry_points", "complete"), PYTHON)
def test_exports_of_python(text: str, names: set[str], entry_points: list[str], complete: bool) -> None:
    """Every name of the top level counts; what takes an event and a context can be called."""
    found = exports("python", text)
    assert found
    assert (set(found.names), list(found.entry_points), found.complete) == (names, entry_points, complete)


@pytest.mark.parametrize(("text", "names", "entry_points", "complete"), NODEJS)
def test_exports_of_javascript(text: str, names: set[str], entry_points: list[str], complete: bool) -> None:
    """CommonJS and ECMAScript modules; what may be exported besides makes the list incomplete."""
    found = exports("nodejs", text)
    assert found
    assert (set(found.names), list(found.entry_points), found.complete) == (names, entry_points, complete)


@pytest.mark.parametrize(("language", "text"), [("python", "print 1"), ("python", "x = '\0'"), ("nodejs", "exports.a = {")])
def test_what_does_not_parse_is_no_module(language: str, text: str) -> None:
    assert exports(language, text) is None


CODE = {
    "plain": ('"a = 1"', "a = 1", []),
    "substituted": ("!Sub \"a = ${B}; b = '${!C}'\"", "a = #0; b = '${C}'", ["B"]),
    "substituted, with a map": ('!Sub ["a = ${B}", {B: 1}]', "a = #0", ["B=1"]),
    "side by side": ('!Sub "a = ${B}${C}"', "a = #0#1", ["B", "C"]),
    "joined": ('!Join ["\\n", [a = 1, !Sub "b = ${B}", !Ref C]]', "a = 1\nb = #0\n#1", ["B", "=C"]),
}


@pytest.mark.parametrize(("node", "text", "filled"), CODE.values(), ids=CODE)
def test_inline_code(node: str, text: str, filled: list[str]) -> None:
    """The text as Lambda gets it, with names where CloudFormation fills something in."""
    properties = f"    Properties:\n      Code:\n        ZipFile: {node}\n"
    source = Source.from_text(f"Resources:\n  A:\n    Type: AWS::Lambda::Function\n{properties}")
    found = inline_code(Template(source).resources["A"])
    assert found
    assert (
        "".join(f"#{each.index}" if isinstance(each, Filled) else getattr(each, "text", "") for each in pieces(found.text))
        == text
    )
    names = [each.name + (f"={each.node.value}" if isinstance(each.node, Scalar) else "") for each in found.filled]
    assert names == filled
    assert [found.text[each.start : each.end].isidentifier() for each in found.filled] == [True] * len(filled)


@pytest.mark.parametrize("node", ["!Join [!Ref A, [b]]", '!Join ["", !Ref A]', "!ImportValue code", '!Join ["", [[a]]]'])
def test_code_that_cannot_be_known(node: str) -> None:
    properties = f"    Properties:\n      Code:\n        ZipFile: {node}\n"
    source = Source.from_text(f"Resources:\n  A:\n    Type: AWS::Lambda::Function\n{properties}")
    assert inline_code(Template(source).resources["A"]) is None


# Every handler broken in eight ways: mended to what it was, or asked about, never mended to something else.

BREAKS: dict[str, Callable[[str, str], str]] = {
    "file": lambda module, name: f"lambda_function.{name}",
    "path": lambda module, name: f"src/handlers/{module}.{name}",
    "no dot": lambda module, name: name,
    "other name": lambda module, name: f"{module}.{name}_v2",
    "case": lambda module, name: f"{module}.{name.upper()}",
    "both": lambda module, name: f"app.{name}Function",
    "twice": lambda module, name: f"{module}.{module}.{name}",
    "file ending": lambda module, name: f"{module}.py.{name}",
}


def _functions() -> Iterator[tuple[str, str]]:
    """Python and JavaScript functions, each with the name of its only entry point."""
    for name in ("handler", "lambda_handler", "main"):
        yield name, f"import json\ndef {name}(event, context):\n    return json.dumps(event)\n"
        yield name, f"def helper(a, b):\n    return a\ndef {name}(event, context):\n    return helper(event, context)\n"
        yield name, f"const x = require('x');\nexports.{name} = async (event) => x(event);\n"
        yield name, f"async function run(event) {{}}\nmodule.exports = {{ {name}: run }};\n"
        yield name, f"export const {name} = async (event) => event;\n"


def _broken(code: str, handler: str) -> str:
    runtime = "python3.13" if "def " in code else "nodejs22.x"
    properties = {"Runtime": runtime, "Handler": handler, "Role": "arn:aws:iam::1:role/r", "Code": {"ZipFile": code}}
    return json.dumps({"Resources": {"A": {"Type": "AWS::Lambda::Function", "Properties": properties}}}, indent=2)


@pytest.mark.parametrize("way", BREAKS)
def test_every_broken_handler_is_mended(way: str) -> None:
    """With one entry point there is one right answer."""
    for name, code in _functions():
        outcome = fix_text(_broken(code, BREAKS[way]("index", name)), Options(Selection(select=("FUN001",))))
        assert outcome.after.text == _broken(code, f"index.{name}"), (way, name, code)


CORPUS = os.environ.get("REMEDIATOR_CORPUS")


@pytest.mark.skipif(not CORPUS, reason="REMEDIATOR_CORPUS names no folder with templates")
@pytest.mark.parametrize("way", BREAKS)
def test_handlers_of_real_templates(way: str) -> None:
    """Broken handlers of real functions become what they were, or are left alone."""
    for path in sorted(Path(str(CORPUS)).rglob("*.*")):
        try:
            template = Template(Source.from_bytes(path.read_bytes()))
        except TemplateError:
            continue
        _assert_mended(template, way)


def _assert_mended(template: Template, way: str) -> None:
    for function in template.resources.values():
        node = function.property("Handler")
        right = getattr(node, "value", "")
        if node is None or inline_code(function) is None or not right.startswith("index."):
            continue
        text = template.source.text
        wrong = BREAKS[way](*right.split(".", 1))
        broken = text[: node.start] + text[node.start : node.end].replace(right, wrong) + text[node.end :]
        after = fix_text(broken, Options(Selection(select=("FUN001",)))).after.text
        assert after in (text, broken), (function.logical_id, right, wrong)
