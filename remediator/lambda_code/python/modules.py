"""The modules that Python code loads, and what in them may make requests that are not seen."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from remediator.knowledge import table
from remediator.lambda_code.python.arguments import Arguments
from remediator.lambda_code.python.named import exact_text
from remediator.lambda_code.python.objects import Client, Effect, Request

if TYPE_CHECKING:
    from remediator.lambda_code.python.values import Values

_RUNNING = re.compile(
    r"subprocess\.(run|call|check_call|check_output|Popen|getoutput|getstatusoutput)"
    r"|(os|posix)\.(system|popen|exec\w+|spawn\w+|posix_spawnp?)|asyncio\.create_subprocess_\w+|pty\.spawn"
)
_OTHERS = re.compile(
    r"\b(aws|python[\d.]*|node|ruby|perl|php|ba?sh|zsh|env|xargs|sam|cdk|terraform|eval|curl|s3cmd|boto)\b|[`$|]"
)
"""What may make requests that are signed with the credentials of the role, or run something that does."""
_LOADING = ("builtins.__import__", "importlib.import_module")


def imported(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    """The modules that a statement loads."""
    if isinstance(node, ast.ImportFrom):
        yield "." * node.level + (node.module or "")
    else:
        yield from (alias.name for alias in node.names)


def unclear_import(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    """Why it can't be told what comes of an import."""
    for name in imported(node):
        yield from foreign(name)
    if isinstance(node, ast.ImportFrom) and not node.level:
        for alias in node.names:
            reason = unclear(f"{node.module}.{alias.name}")
            if alias.name == "*" and (node.module or "").partition(".")[0] in ("boto3", "botocore"):
                reason = f"takes all names of {node.module}"
            if reason:
                yield reason
    elif isinstance(node, ast.Import):
        yield from filter(None, (unclear(alias.name) for alias in node.names))


def foreign(name: str) -> Iterator[str]:
    """Why a module can make requests that are not seen."""
    top = name.partition(".")[0]
    known = top in sys.stdlib_module_names or top.startswith("mypy_boto3") or top in table("python_modules")["harmless"]
    if not known:
        where = "is not in the template" if name.startswith(".") else "is not known here"
        yield f"loads {name or '.'}, whose code {where}"


def unclear(name: str) -> str:
    """Why something of a module may make requests that can't be told; empty where it does not."""
    tables = table("python_modules")
    if name in tables["calls"]:
        return ""
    found = [each for each in tables["unclear"] if name == each or name.startswith(f"{each}.")]
    longest = max(found, key=len, default=None)
    if longest is None or any(each.startswith(f"{name}.") for each in tables["calls"]):
        return ""
    reason: str = tables["unclear"][longest]
    return reason


def called(values: Values, name: str, node: ast.Call) -> Effect:
    """The requests that calling something of a module makes."""
    if name in table("python_modules")["calls"]:
        return _known(values, table("python_modules")["calls"][name], node)
    if name in ("builtins.exec", "builtins.eval"):
        return Effect(gaps=[f"runs code that it makes ({name.partition('.')[2]})"])
    if name in _LOADING:
        return _loaded(values, node)
    if _RUNNING.fullmatch(name):
        return Effect(gaps=[] if _harmless_command(values, node) else ["runs a command, which may act with the role"])
    return Effect()


def _known(values: Values, row: dict[str, object], node: ast.Call) -> Effect:
    positional, keywords, operations = row["arguments"], row["keywords"], row["operations"]
    assert isinstance(positional, list)
    assert isinstance(keywords, dict)
    assert isinstance(operations, list)
    arguments = Arguments(values, node, None)
    given = arguments.named(*positional)
    named = {keywords.get(name, name): texts for name, texts in given.items() if name in keywords or name in positional}
    return Effect([Request(Client(str(row["service"])), each, named) for each in operations])


def loaded(values: Values, node: ast.Call) -> Iterator[str | None]:
    """The modules that a call loads; None for one that can't be told."""
    for text in values.texts(node.args[0]) if node.args else ():
        yield exact_text(text)


def _loaded(values: Values, node: ast.Call) -> Effect:
    gaps: list[str] = []
    for name in loaded(values, node):
        gaps += foreign(name) if name is not None else ["loads a module that the text does not tell"]
    return Effect(gaps=gaps)


def _harmless_command(values: Values, node: ast.Call) -> bool:
    """Whether a command is written out and does not use AWS."""
    if not node.args:
        return False
    words = [text for each in node.args for text in values.texts(each)]
    known = [exact_text(each) for each in words]
    return bool(known) and all(each is not None and not _OTHERS.search(each) for each in known)
