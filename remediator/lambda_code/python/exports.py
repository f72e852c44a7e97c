"""What a Python module defines at its top level.

Lambda imports the module and calls an attribute of it with the event and the context.
https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html (2026-11)
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator

from remediator.lambda_code.exports import Exports

_USUAL = ("handler", "lambda_handler")
_DYNAMIC = re.compile(r"\b(?:globals|exec|setattr|__getattr__|sys\.modules)\b")
"""Ways to make names that the text does not show."""


def parsed(text: str) -> ast.Module | None:
    """The tree of a module; None where the text is none, or one of a Python newer than ours."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about escapes in the author's strings
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def exports(text: str) -> Exports | None:
    tree = parsed(text)
    if tree is None:
        return None
    bound = dict(_bound(tree.body))
    star = any(isinstance(each, ast.ImportFrom) and each.names[0].name == "*" for each in ast.walk(tree))
    return Exports(frozenset(bound), tuple(_entry_points(bound)), not star and not _DYNAMIC.search(text))


def _bound(body: list[ast.stmt]) -> Iterator[tuple[str, ast.AST]]:
    """Each name bound at the top level, with what it is bound to last; blocks that do not open a scope are gone through."""
    for each in body:
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield each.name, each
        elif isinstance(each, ast.Import | ast.ImportFrom):
            for alias in each.names:
                yield (alias.asname or alias.name.partition(".")[0]), alias
        elif isinstance(each, ast.Assign | ast.AnnAssign):
            targets = each.targets if isinstance(each, ast.Assign) else [each.target]
            for name in (inner for target in targets for inner in ast.walk(target)):
                if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store):
                    yield name.id, each.value or each
        for field in ("body", "orelse", "finalbody"):
            if not isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                yield from _bound(getattr(each, field, []))
        for handler in getattr(each, "handlers", []):
            yield from _bound(handler.body)


def _entry_points(bound: dict[str, ast.AST]) -> list[str]:
    """The names that Lambda could call: those that look like it, or else all that take two values."""
    fitting = {name: each for name, each in bound.items() if _takes_two(name, each)}
    obvious = [name for name, each in fitting.items() if name in _USUAL or _names_event(each)]
    return obvious or list(fitting)


def _takes_two(name: str, node: ast.AST) -> bool:
    if isinstance(node, ast.FunctionDef | ast.Lambda):
        parameters = node.args
        given = len(parameters.posonlyargs) + len(parameters.args)
        required = given - len(parameters.defaults)
        keywords = any(default is None for default in parameters.kw_defaults)
        return required <= 2 and (given >= 2 or parameters.vararg is not None) and not keywords
    return name in _USUAL and not isinstance(node, ast.AsyncFunctionDef | ast.ClassDef | ast.Constant)


def _names_event(node: ast.AST) -> bool:
    """Whether a function's parameters are called as those of a handler mostly are."""
    if not isinstance(node, ast.FunctionDef | ast.Lambda):
        return False
    names = [each.arg.lower().strip("_") for each in (*node.args.posonlyargs, *node.args.args)]
    return len(names) == 2 and (names[0] in ("event", "evt", "e") or names[1] in ("context", "ctx", "c"))
