"""The handler of a Python module, and what it asks of its context."""

from __future__ import annotations

import ast
import io
import itertools
import re
import tokenize
from collections.abc import Iterator

from remediator.lambda_code.handlers import ContextUse, FixedRegion
from remediator.lambda_code.python.exports import parsed

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def context_uses(text: str, handler: str) -> tuple[ContextUse, ...]:
    tree = parsed(text)
    function = plain_function(tree, handler) if tree else None
    parameters = [each.arg for each in (*function.args.posonlyargs, *function.args.args)] if function else []
    if function is None or len(parameters) < 2 or _changes(function, parameters[1]):
        return ()
    found = list(_uses(function, parameters[1], text))
    given = {each.attr for each in ast.walk(function) if isinstance(each, ast.Attribute) and not isinstance(each.ctx, ast.Load)}
    asked = set(_asked(function))
    return tuple(each for each in found if each.name not in given and each.name not in asked)


def plain_function(tree: ast.Module, name: str) -> ast.FunctionDef | None:
    """The only function of a name at the top level, if nothing wraps it."""
    found = [each for each in tree.body if isinstance(each, ast.FunctionDef) and each.name == name]
    stored = {each.id for each in ast.walk(tree) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}
    return found[0] if len(found) == 1 and name not in stored and not found[0].decorator_list else None


def imported(text: str) -> frozenset[str]:
    tree = parsed(text)
    statements = [each for each in tree.body if isinstance(each, ast.Import)] if tree else []
    return frozenset(alias.asname or alias.name for each in statements for alias in each.names)


def place_for_imports(text: str) -> int | None:
    """Where a line with an import can be added: before the first import, or else before the first statement."""
    tree = parsed(text)
    body = [each for each in tree.body if not _is_first(each)] if tree else []
    imports = [each for each in body if isinstance(each, ast.Import | ast.ImportFrom)]
    first = (imports or body or [None])[0]
    if first is None or first.col_offset or (isinstance(first, ast.FunctionDef | ast.ClassDef) and first.decorator_list):
        return None
    return offset(text, first.lineno, 0)


def _is_first(statement: ast.stmt) -> bool:
    """Whether a statement has to stay before all others."""
    future = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
    return future or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))


def _asked(function: ast.FunctionDef) -> Iterator[object]:
    """The names that a function looks up as text: ``hasattr(context, "name")``."""
    for each in ast.walk(function):
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id in ("hasattr", "getattr", "setattr"):
            yield from (part.value for part in each.args if isinstance(part, ast.Constant))


def _changes(function: ast.FunctionDef, name: str) -> bool:
    """Whether a name may mean something else within a function than what was passed."""
    for each in ast.walk(function):
        if isinstance(each, ast.Name) and each.id == name and not isinstance(each.ctx, ast.Load):
            return True
        if isinstance(each, _SCOPES) and each is not function:
            arguments = each.args
            inner = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
            if any(parameter and parameter.arg == name for parameter in inner):
                return True
        if isinstance(each, ast.ExceptHandler | ast.alias) and name in (each.name, getattr(each, "asname", None)):
            return True
    return False


def _uses(function: ast.FunctionDef, name: str, text: str) -> Iterator[ContextUse]:
    parents = {child: each for each in ast.walk(function) for child in ast.iter_child_nodes(each)}
    for each in ast.walk(function):
        if not (isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name) and each.value.id == name):
            continue
        start, end = offset(text, each.lineno, each.col_offset), offset(text, each.end_lineno or 0, each.end_col_offset or 0)
        written = text[start:end]
        if not (written.startswith(name) and written.endswith(each.attr)):
            continue  # inside f-strings, older versions of Python are at times wrong about the place
        parent = parents[each]
        called = isinstance(parent, ast.Call) and parent.func is each
        number = isinstance(parent, ast.Compare | ast.BinOp)
        allowed = _expected(each, parents)
        yield ContextUse(each.attr, each.lineno, start, end - len(each.attr), end, called, number, allowed)


def _expected(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    """Whether a missing attribute is caught by name."""
    while node in parents:
        inner, node = node, parents[node]
        if isinstance(node, ast.Try) and inner in node.body:
            caught = [part for handler in node.handlers for part in ast.walk(handler.type or ast.Pass())]
            if any(isinstance(part, ast.Name) and part.id == "AttributeError" for part in caught):
                return True
    return False


def offset(text: str, line: int, column: int) -> int:
    """The place in a text of what ``ast`` gives in lines and bytes."""
    lines = text.split("\n")
    if not 0 < line <= len(lines):
        return len(text)
    before = sum(len(each) + 1 for each in lines[: line - 1])
    return before + len(lines[line - 1].encode("utf-8", "surrogatepass")[:column].decode("utf-8", "replace"))


def loaded(text: str) -> tuple[tuple[str, int, int], ...]:
    """The modules of import statements outside of ``try`` and of conditions."""
    tree = parsed(text)
    found = []
    for each in _reached(tree) if tree else ():
        names = [alias.name for alias in each.names] if isinstance(each, ast.Import) else [each.module or ""]
        relative = isinstance(each, ast.ImportFrom) and each.level
        start, end = offset(text, each.lineno, each.col_offset), offset(text, each.end_lineno or 0, each.end_col_offset or 0)
        found += [(name, start, end) for name in names if name and not relative]
    return tuple(sorted(found, key=lambda each: each[1]))


def _reached(tree: ast.Module) -> Iterator[ast.Import | ast.ImportFrom]:
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        each = waiting.pop()
        if isinstance(each, ast.Import | ast.ImportFrom):
            yield each
        elif not isinstance(each, ast.Try | ast.If | ast.With):
            waiting += ast.iter_child_nodes(each)


def without_comments(text: str) -> str:
    lines = text.split("\n")
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type in (tokenize.COMMENT, tokenize.STRING):
                (line, start), (last, end) = token.start, token.end
                for number in range(line - 1, last):
                    whole = lines[number]
                    first, after = start if number == line - 1 else 0, end if number == last - 1 else len(whole)
                    lines[number] = whole[:first] + " " * (after - first) + whole[after:]
    except (tokenize.TokenError, SyntaxError):
        return ""
    return "\n".join(lines)


def takes_both(text: str, handler: str) -> bool:
    tree = parsed(text)
    function = plain_function(tree, handler) if tree else None
    arguments = function.args if function else None
    return arguments is not None and len(arguments.posonlyargs) + len(arguments.args) == 2 and not arguments.kwonlyargs


def fixed_regions(text: str) -> tuple[FixedRegion, ...]:
    """``boto3.client("name", region_name="…")``, and ``boto3.resource``."""
    tree = parsed(text)
    found = []
    for call in ast.walk(tree) if tree else ():
        if not isinstance(call, ast.Call) or ast.unparse(call.func) not in ("boto3.client", "boto3.resource"):
            continue
        parts: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
        parts.sort(key=lambda each: (each.lineno, each.col_offset))
        service = call.args[0] if call.args else None
        for before, part in itertools.pairwise(parts):
            given = part.value if isinstance(part, ast.keyword) and part.arg == "region_name" else None
            if isinstance(given, ast.Constant) and isinstance(given.value, str) and isinstance(service, ast.Constant):
                start = offset(text, before.end_lineno or 0, before.end_col_offset or 0)
                end = offset(text, part.end_lineno or 0, part.end_col_offset or 0)
                if re.fullmatch(r"\s*,\s*region_name\s*=\s*['\"][\w-]+['\"]", text[start:end]):
                    found.append(FixedRegion(str(service.value), given.value, start, end, ""))
    return tuple(sorted(found, key=lambda each: each.start))
