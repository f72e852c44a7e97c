"""Reads of environment variables in Python code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from remediator.lambda_code.python.named import ENVIRON, READING, default_of, exact_text
from remediator.lambda_code.python.objects import NOTHING, Named

if TYPE_CHECKING:
    from remediator.lambda_code.python.values import Values

_CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_WRITING = ("update", "clear", "__contains__", "__setitem__", "__delitem__", "putenv")


@dataclass(frozen=True, slots=True)
class Read:
    """A read; without ``name``, of variables that the text does not tell."""

    name: str | None
    required: bool = False
    default: str | None = None


def reads(values: Values, node: ast.AST) -> Iterator[Read]:
    """The reads that a node makes, not those inside of it."""
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load) and _environ(values, node.value):
        yield from _named(values, node.slice, Read("", required=not _caught(values, node)))
    elif isinstance(node, ast.Call):
        yield from _called(values, node)
    elif isinstance(node, ast.Compare) and any(_environ(values, each) for each in node.comparators):
        yield from _named(values, node.left, Read(""))
    elif isinstance(node, ast.Attribute | ast.Name) and isinstance(node.ctx, ast.Load) and _environ(values, node):
        if not _understood(values, node):
            yield Read(None)
    elif isinstance(node, ast.ImportFrom) and node.module == "os" and node.names[0].name == "*":
        yield Read(None)


def _called(values: Values, node: ast.Call) -> Iterator[Read]:
    for callee, _ in values.callees(node, None):
        base, _, method = callee.name.rpartition(".") if isinstance(callee, Named) else ("", "", "")
        if not (base in ENVIRON and method in READING) and f"{base}.{method}" != "os.getenv":
            continue
        given = default_of(node)
        texts = [exact_text(each) for each in values.texts(given)] if given and values.of(given) != (NOTHING,) else []
        default = texts[0] if len(texts) == 1 else None
        if given is not None and values.texts(given) == frozenset(((),)):
            default = ""
        strict = method == "__getitem__" or (method == "pop" and given is None)
        read = Read("", strict and not _caught(values, node), default)
        if node.args:
            yield from _named(values, node.args[0], read)
        else:
            yield Read(None)


def _named(values: Values, key: ast.expr, read: Read) -> Iterator[Read]:
    for text in values.texts(key):
        yield Read(exact_text(text), read.required, read.default)


def _environ(values: Values, node: ast.expr) -> bool:
    return any(isinstance(each, Named) and each.name in ENVIRON for each in values.of(node))


def _understood(values: Values, node: ast.expr) -> bool:
    """Whether what holds the whole environment is only asked for single variables, or passed on under a name."""
    parent = values.scopes.parents[node]
    if isinstance(parent, ast.Attribute):
        return parent.attr in (*READING, *_WRITING)
    if isinstance(parent, ast.Subscript):
        return parent.value is node
    if isinstance(parent, ast.Assign):
        return all(isinstance(each, ast.Name) for each in parent.targets)
    return isinstance(parent, ast.Compare) and node is not parent.left


def _caught(values: Values, node: ast.AST) -> bool:
    """Whether the code reckons with a missing variable."""
    inner = node
    while inner in values.scopes.parents:
        outer = values.scopes.parents[inner]
        if isinstance(outer, ast.Try) and inner in outer.body:
            named = [each for handler in outer.handlers if handler.type for each in ast.walk(handler.type)]
            if any(isinstance(each, ast.Name) and each.id in ("KeyError", "LookupError") for each in named):
                return True
        inner = outer
    return False


def unclear(values: Values, node: ast.AST) -> Iterator[str]:
    """What is done to the environment that changes, or uses, the credentials of the function."""
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and _environ(values, node.value):
        for text in values.texts(node.slice):
            name = exact_text(text)
            if name is None or name.startswith("AWS_"):
                yield "sets the environment that boto3 reads"
                return
    elif any(read.name in _CREDENTIALS for read in reads(values, node)):
        yield "reads the credentials of the role"
