"""Code written as an ECMAScript module, written as a CommonJS module.

https://nodejs.org/api/esm.html#differences-between-es-modules-and-commonjs (2026-11)
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from tree_sitter import Node

from remediator.lambda_code.handlers import Refused
from remediator.lambda_code.javascript.exports import parsed
from remediator.lambda_code.javascript.handlers import characters, text_of, walk

_BUILT_IN = frozenset(
    (
        "assert",
        "buffer",
        "child_process",
        "crypto",
        "dns",
        "events",
        "fs",
        "http",
        "https",
        "net",
        "os",
        "path",
        "querystring",
        "stream",
        "url",
        "util",
        "zlib",
    )
)
"""Modules of Node.js itself whose default export is what ``require`` gives."""
_FUNCTIONS = ("function_declaration", "generator_function_declaration", "class_declaration")


class _NotUnderstood(Exception):
    """A node that has no counterpart, with the reason."""

    def __init__(self, reason: str, node: Node) -> None:
        super().__init__(reason)
        self.reason, self.node = reason, node


def commonjs(text: str) -> tuple[tuple[int, int, str], ...] | Refused | None:
    """The edits that make a CommonJS module of the code, or why there are none; None for what is no ECMAScript module."""
    root, data = parsed(text), text.encode("utf-8", "surrogatepass")
    statements = root.named_children if root is not None else []
    if root is None or not any(each.type in ("import_statement", "export_statement") for each in statements):
        return None
    try:
        _check(root)
        found = [edit for each in statements for edit in _edits(each, root)]
    except _NotUnderstood as error:
        return Refused(error.reason, characters(data, error.node.start_byte))
    return tuple(sorted((characters(data, start), characters(data, end), new) for start, end, new in found))


def _check(root: Node) -> None:
    """Refuses what only an ECMAScript module can do."""
    statements = [each for each in root.named_children if each.type not in ("comment", "hash_bang_line")]
    for before, after in itertools.pairwise(statements):
        directive = before.type == "expression_statement" and text_of(before)[:1] in ("'", '"')
        if after.type == "import_statement" and before.type != "import_statement" and not directive:
            raise _NotUnderstood("line {line} imports behind other statements, and goes first as a module", after)
    for each in walk(root):
        if each.type == "meta_property" or text_of(each) == "import.meta":
            raise _NotUnderstood("line {line} uses import.meta", each)
        if each.type == "await_expression" and not _in_function(each):
            raise _NotUnderstood("line {line} waits outside of a function", each)
        if each.type == "identifier" and text_of(each) in ("exports", "module", "require"):
            raise _NotUnderstood(f"line {{line}} has {text_of(each)}, too", each)


def _in_function(node: Node) -> bool:
    while node.parent is not None:
        node = node.parent
        if "function" in node.type or node.type == "method_definition":
            return True
    return False


def _edits(statement: Node, root: Node) -> Iterator[tuple[int, int, str]]:
    if statement.type == "import_statement":
        yield statement.start_byte, statement.end_byte, _required(statement)
    elif statement.type == "export_statement":
        yield from _exported(statement, root)


def _required(statement: Node) -> str:
    clause = next((each for each in statement.named_children if each.type == "import_clause"), None)
    source = statement.child_by_field_name("source")
    module = f"require({text_of(source)})"
    others = [each for each in statement.named_children if each not in (clause, source)]
    if others:
        raise _NotUnderstood("line {line} imports with attributes", statement)
    if clause is None:
        return f"{module};"
    if len(clause.named_children) != 1:
        raise _NotUnderstood("line {line} imports in two ways at once", statement)
    part = clause.named_children[0]
    if part.type == "namespace_import":
        return f"const {text_of(part.named_children[0])} = {module};"
    if part.type == "identifier":
        if text_of(source).strip("'\"").removeprefix("node:") not in _BUILT_IN:
            raise _NotUnderstood("line {line} imports a default, which may be something else for require", statement)
        return f"const {text_of(part)} = {module};"
    names = []
    for each in part.named_children:
        name, alias = text_of(each.child_by_field_name("name")), each.child_by_field_name("alias")
        if each.type != "import_specifier" or name == "default":
            raise _NotUnderstood("line {line} imports something else than names", statement)
        names.append(f"{name}: {text_of(alias)}" if alias is not None else name)
    return f"const {{ {', '.join(names)} }} = {module};"


def _exported(statement: Node, root: Node) -> Iterator[tuple[int, int, str]]:
    declaration = statement.child_by_field_name("declaration")
    clause = next((each for each in statement.named_children if each.type == "export_clause"), None)
    if clause is not None and statement.child_by_field_name("source") is None:
        yield statement.start_byte, statement.end_byte, " ".join(_named(each) for each in clause.named_children)
        return
    if declaration is None or any(child.type == "default" for child in statement.children):
        raise _NotUnderstood("line {line} exports something else than a function or a value with a name", statement)
    if declaration.type in _FUNCTIONS:
        name = text_of(declaration.child_by_field_name("name"))
        yield statement.start_byte, declaration.start_byte, ""
        yield root.named_children[-1].end_byte, root.named_children[-1].end_byte, f"\nexports.{name} = {name};"
        return
    variables = [each for each in declaration.named_children if each.type == "variable_declarator"]
    target = variables[0].child_by_field_name("name") if len(variables) == 1 else None
    value = variables[0].child_by_field_name("value") if variables else None
    if target is None or value is None or target.type != "identifier" or not text_of(declaration).startswith("const"):
        raise _NotUnderstood("line {line} exports something else than a function or a value with a name", statement)
    yield statement.start_byte, declaration.start_byte, ""
    yield value.start_byte, value.start_byte, f"exports.{text_of(target)} = "


def _named(specifier: Node) -> str:
    """What an item of ``export { name as other }`` adds."""
    name, alias = text_of(specifier.child_by_field_name("name")), text_of(specifier.child_by_field_name("alias"))
    if specifier.type != "export_specifier" or "default" in (name, alias):
        raise _NotUnderstood("line {line} exports something else than names", specifier)
    return f"exports.{alias or name} = {name};"
