"""The tree of a JavaScript module in a form that is quick to go through again and again, with the scopes of its names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tree_sitter import Node, TreeCursor

FUNCTIONS = frozenset(
    (
        "arrow_function",
        "function_declaration",
        "function_expression",
        "generator_function",
        "generator_function_declaration",
        "method_definition",
    )
)
_HOISTING = FUNCTIONS | {"class_static_block"}
_BLOCKS = _HOISTING | {"catch_clause", "for_in_statement", "for_statement", "statement_block", "switch_body"}
_DECLARATIONS = ("class_declaration", "function_declaration", "generator_function_declaration")
_TARGETS = ("identifier", "shorthand_property_identifier_pattern")


@dataclass(slots=True, eq=False)
class Scope:
    """The names that a stretch of the code declares. ``hoists``: whether ``var`` is declared here."""

    parent: Scope | None
    hoists: bool
    names: set[str] = field(default_factory=set)

    def of(self, name: str) -> Scope | None:
        """The scope that declares a name; None for a global."""
        scope: Scope | None = self
        while scope is not None and name not in scope.names:
            scope = scope.parent
        return scope

    def hoisting(self) -> Scope:
        scope = self
        while not scope.hoists and scope.parent is not None:
            scope = scope.parent
        return scope


_NOWHERE = Scope(None, True)


@dataclass(slots=True, eq=False)
class Syntax:
    """A node: the named children in order, comments left out, and by the names of their fields. ``text``: of a leaf only.

    ``start`` and ``end`` count bytes, ``line`` counts from 1.
    """

    type: str
    start: int
    end: int
    line: int
    text: str
    children: list[Syntax] = field(default_factory=list)
    fields: dict[str, Syntax] = field(default_factory=dict)
    scope: Scope = _NOWHERE


def tree(root: Node) -> Syntax:
    """The tree of a module, with scopes."""
    cursor = root.walk()
    found = _converted(cursor)
    _scoped(found)
    return found


def _converted(cursor: TreeCursor) -> Syntax:
    top = _leaf(cursor.node)
    above: list[Syntax] = [top]
    down = cursor.goto_first_child()
    while down or len(above) > 1:
        if not down:  # all below the node on top is done
            above.pop()
            cursor.goto_parent()
            down = cursor.goto_next_sibling()
            continue
        node, name = cursor.node, cursor.field_name
        assert node is not None
        if node.type == "get" and not node.is_named:
            name = "getter"
        if (node.is_named and node.type != "comment") or name in ("getter", "kind", "operator"):
            made = _leaf(node)
            if name:
                above[-1].fields.setdefault(name, made)
            if node.is_named:
                above[-1].children.append(made)
            if node.is_named and cursor.goto_first_child():
                above.append(made)
                continue
        down = cursor.goto_next_sibling()
    return top


def _leaf(node: Node | None) -> Syntax:
    assert node is not None
    text = node.text.decode("utf-8", "replace") if not node.child_count and node.text is not None else ""
    return Syntax(node.type, node.start_byte, node.end_byte, node.start_point[0] + 1, text)


def _scoped(root: Syntax) -> None:
    """Gives every node its scope, and every scope its names."""
    waiting = [(root, Scope(None, True))]
    while waiting:
        node, outer = waiting.pop()
        scope = Scope(outer, node.type in _HOISTING) if node.type in _BLOCKS else outer
        node.scope = scope
        _declare(node, outer, scope)
        waiting += [(child, scope) for child in node.children]
        for each in node.fields.values():
            each.scope = scope


def _declare(node: Syntax, outer: Scope, scope: Scope) -> None:
    name = node.fields.get("name")
    if node.type in _DECLARATIONS and name is not None:
        outer.names.add(name.text)
    elif node.type in ("function_expression", "generator_function", "class") and name is not None:
        scope.names.add(name.text)
    elif node.type in ("lexical_declaration", "variable_declaration"):
        target = scope.hoisting() if node.type == "variable_declaration" else scope
        for each in node.children:
            target.names |= set(targets(each.fields.get("name")))
    elif node.type == "import_clause":
        scope.names |= {leaf.text for leaf in _imported(node)}
    elif node.type in ("catch_clause", "for_in_statement"):
        own = node.fields.get("left") if "kind" in node.fields else node.fields.get("parameter")
        scope.names |= set(targets(own))
    if node.type in FUNCTIONS:
        for each in parameters(node):
            scope.names |= set(targets(each))


def _imported(clause: Syntax) -> Iterator[Syntax]:
    for each in clause.children:
        if each.type == "identifier":
            yield each
        elif each.type == "namespace_import":
            yield each.children[0]
        else:
            yield from (one.fields.get("alias") or one.fields["name"] for one in each.children if "name" in one.fields)


def parameters(function: Syntax) -> list[Syntax]:
    """The patterns of a function's parameters."""
    alone = function.fields.get("parameter")
    listed = function.fields.get("parameters")
    return [alone] if alone is not None else listed.children if listed is not None else []


def targets(pattern: Syntax | None) -> Iterator[str]:
    """The names that a pattern declares."""
    if pattern is None:
        return
    if pattern.type in _TARGETS:
        yield pattern.text
    elif pattern.type in ("assignment_pattern", "object_assignment_pattern"):
        yield from targets(pattern.fields.get("left"))
    elif pattern.type == "pair_pattern":
        yield from targets(pattern.fields.get("value"))
    elif pattern.type in ("object_pattern", "array_pattern", "rest_pattern"):
        for each in pattern.children:
            yield from targets(each)
