"""What a JavaScript module exports, as CommonJS or as an ECMAScript module.

Lambda loads the module and calls one of its exports with the event and the context.
https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html (2026-11)
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import tree_sitter_javascript
from tree_sitter import Language, Node, Parser

from remediator.lambda_code.exports import Exports

_NOT_CALLED = frozenset(
    ("array", "class", "class_declaration", "false", "null", "number", "object", "string", "template_string", "true")
)
_NAME = "?"
"""Stands for exports whose names the text does not show."""


@cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_javascript.language()))


def parsed(text: str) -> Node | None:
    """The tree of a module; None where the text is none."""
    root = _parser().parse(text.encode("utf-8", "surrogatepass")).root_node
    return None if root.has_error else root


def exports(text: str) -> Exports | None:
    root = parsed(text)
    if root is None:
        return None
    found: dict[str, Node | None] = {}
    seen = 0  # how often the word `exports` is accounted for
    for statement in root.named_children:
        for name, value, mentions in _exported(statement):
            seen += mentions
            found[name] = value
    complete = _NAME not in found and seen == sum(1 for _ in _mentions(root))
    found.pop(_NAME, None)
    entry_points = [name for name, value in found.items() if value is None or value.type not in _NOT_CALLED]
    return Exports(frozenset(found), tuple(entry_points), complete)


def _exported(statement: Node) -> Iterator[tuple[str, Node | None, int]]:
    """The exports that a statement makes: name, value, and how many mentions of ``exports`` that explains."""
    inner = statement.named_children[0] if statement.type == "expression_statement" and statement.named_children else None
    if statement.type == "export_statement":
        yield from ((name, value, 0) for name, value in _declared(statement))
    elif inner is not None and inner.type == "assignment_expression":
        yield from _assigned(inner)


def _assigned(assignment: Node) -> Iterator[tuple[str, Node | None, int]]:
    """``exports.a = b``, ``module.exports.a = b`` and ``module.exports = {a, b: c}``; the right side may be one again."""
    left, right = assignment.child_by_field_name("left"), assignment.child_by_field_name("right")
    target, mentions = _text(left), 1
    if right is not None and right.type == "assignment_expression":
        yield from _assigned(right)
    if target.startswith(("exports.", "module.exports.")):
        yield target.rpartition(".")[2], right, mentions
    elif target in ("module.exports", "exports") and right is not None and right.type == "object":
        listed = list(_in_object(right))
        yield from ((name, value, 0) for name, value in listed)
        if not listed:
            yield _NAME, None, 0
        else:
            yield *listed[-1], mentions
    elif target in ("module.exports", "exports"):
        yield _NAME, None, 0


def _in_object(value: Node) -> Iterator[tuple[str, Node | None]]:
    for each in value.named_children:
        key = each.child_by_field_name("key") or each.child_by_field_name("name")
        if each.type == "shorthand_property_identifier":
            yield _text(each), None
        elif each.type in ("pair", "method_definition") and key is not None and key.type != "computed_property_name":
            yield _text(key).strip("'\""), each.child_by_field_name("value")
        elif each.type != "comment":
            yield _NAME, None


def _declared(statement: Node) -> Iterator[tuple[str, Node | None]]:
    """What an ``export`` statement declares."""
    declaration = statement.child_by_field_name("declaration")
    if any(child.type == "default" for child in statement.children):
        yield "default", declaration
        return
    if declaration is not None:
        yield from _names_of(declaration)
        return
    clauses = [child for child in statement.named_children if child.type == "export_clause"]
    for specifier in (each for clause in clauses for each in clause.named_children):
        name = specifier.child_by_field_name("alias") or specifier.child_by_field_name("name")
        yield _text(name), None
    if not clauses:
        yield _NAME, None  # export * from


def _names_of(declaration: Node) -> Iterator[tuple[str, Node | None]]:
    name = declaration.child_by_field_name("name")
    if name is not None:
        yield _text(name), declaration
        return
    for each in declaration.named_children:
        target = each.child_by_field_name("name")
        simple = target is not None and target.type == "identifier"
        yield (_text(target), each.child_by_field_name("value")) if simple else (_NAME, None)


def _mentions(root: Node) -> Iterator[Node]:
    """Every place that says ``exports``; each may add one."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.type in ("identifier", "property_identifier") and node.text == b"exports":
            yield node
        waiting += node.children


def _text(node: Node | None) -> str:
    return node.text.decode("utf-8", "replace") if node is not None and node.text is not None else ""
