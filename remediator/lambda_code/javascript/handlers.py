"""The handler of a JavaScript module, and what it asks of its context."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from remediator.lambda_code.handlers import ContextUse, FixedRegion
from remediator.lambda_code.javascript.exports import parsed

_FUNCTIONS = ("arrow_function", "function_expression", "function_declaration", "generator_function", "method_definition")
_ARITHMETIC = ("<", ">", "<=", ">=", "-", "+", "*", "/")
_FALLBACKS = ("||", "??", "&&", "===", "!==", "==", "!=", "in")


def context_uses(text: str, handler: str) -> tuple[ContextUse, ...]:
    root = parsed(text)
    function = handler_function(root, handler) if root else None
    if root is None or function is None:
        return ()
    parameters = _parameters(function)
    context = text_of(parameters[1]) if len(parameters) > 1 and parameters[1].type == "identifier" else ""
    if not context or _changes(function, context):
        return ()
    found = list(_uses(function, context, text))
    asked = {
        text_of(each.child_by_field_name("left")).strip("'\"") for each in walk(function) if each.type == "binary_expression"
    }
    targets = [text_of(each.child_by_field_name("left")) for each in walk(function) if "assignment" in each.type]
    given = {each.removeprefix(f"{context}.") for each in targets if each.startswith(f"{context}.")}
    return tuple(each for each in found if each.name not in given | asked)


def parameters(text: str, handler: str) -> int:
    root = parsed(text)
    function = handler_function(root, handler) if root else None
    return len(_parameters(function)) if function is not None else 0


def loaded(text: str) -> tuple[tuple[str, int, int], ...]:
    """The modules that ``require`` and ``import`` name, outside of ``try``."""
    root, data = parsed(text), text.encode("utf-8", "surrogatepass")
    found = []
    for each in walk(root) if root else ():
        source = each.child_by_field_name("source") if each.type == "import_statement" else _argument(each)
        if source is not None and source.type == "string" and not _tried(each):
            name = text_of(source).strip("'\"").removeprefix("node:")
            found.append((name, characters(data, each.start_byte), characters(data, each.end_byte)))
    return tuple(found)


def _argument(call: Node) -> Node | None:
    """The argument of ``require``."""
    arguments = call.child_by_field_name("arguments") if call.type == "call_expression" else None
    required = text_of(call.child_by_field_name("function")) == "require"
    return arguments.named_children[0] if required and arguments is not None and len(arguments.named_children) == 1 else None


def _tried(node: Node) -> bool:
    while node.parent is not None:
        if node.parent.type == "try_statement" and node.parent.child_by_field_name("body") == node:
            return True
        node = node.parent
    return False


def without_comments(text: str) -> str:
    root = parsed(text)
    data = bytearray(text.encode("utf-8", "surrogatepass"))
    for each in walk(root) if root else ():
        if each.type == "comment":
            data[each.start_byte : each.end_byte] = b" " * (each.end_byte - each.start_byte)
    return data.decode("utf-8", "replace") if root else ""


def handler_function(root: Node, name: str) -> Node | None:
    """The function that a module exports under a name, where that is plain to see."""
    found = [value for value in _exported(root, name) if value is not None]
    if len(found) != 1:
        return None
    value = found[0]
    if value.type in ("identifier", "shorthand_property_identifier"):
        named = [each for each in root.named_children if each.type in ("function_declaration", "lexical_declaration")]
        return next((each for statement in named for each in _declared(statement, text_of(value))), None)
    return value if value.type in _FUNCTIONS else None


def _exported(root: Node, name: str) -> Iterator[Node | None]:
    for each in walk(root):
        if each.type == "assignment_expression":
            target, value = text_of(each.child_by_field_name("left")), each.child_by_field_name("right")
            if target in (f"exports.{name}", f"module.exports.{name}"):
                yield value
            elif target == "module.exports" and value is not None and value.type == "object":
                for part in value.named_children:
                    key = part.child_by_field_name("key") or part.child_by_field_name("name") or part
                    if text_of(key) == name:
                        yield part.child_by_field_name("value") if part.type == "pair" else part
        elif each.type == "export_statement":
            declaration = each.child_by_field_name("declaration")
            if declaration is not None:
                yield from _declared(declaration, name)


def _declared(declaration: Node, name: str) -> Iterator[Node]:
    """The function that a declaration gives a name to."""
    if declaration.type == "function_declaration":
        if text_of(declaration.child_by_field_name("name")) == name:
            yield declaration
        return
    for each in declaration.named_children:
        value = each.child_by_field_name("value")
        if text_of(each.child_by_field_name("name")) == name and value is not None and value.type in _FUNCTIONS:
            yield value


def _parameters(function: Node) -> list[Node]:
    listed = function.child_by_field_name("parameters")
    return [each for each in listed.named_children if each.type != "comment"] if listed is not None else []


def _changes(function: Node, name: str) -> bool:
    """Whether a name may mean something else within a function than what was passed."""
    mentions = [each for each in walk(function) if each.type == "identifier" and text_of(each) == name]
    declaring = ("formal_parameters", "variable_declarator", "array_pattern", "rest_pattern", "assignment_pattern")
    declared = 0
    for each in mentions:
        parent = each.parent
        if parent is None:
            continue
        left = (
            parent.child_by_field_name("left") or parent.child_by_field_name("name") or parent.child_by_field_name("parameter")
        )
        binds = parent.type in declaring and (parent.type in declaring[0:1] or left == each or left is None)
        declared += binds or (parent.type in ("assignment_expression", "arrow_function") and left == each)
    shorthand = [
        each for each in walk(function) if each.type == "shorthand_property_identifier_pattern" and text_of(each) == name
    ]
    return declared + len(shorthand) != 1


def _uses(function: Node, name: str, text: str) -> Iterator[ContextUse]:
    data = text.encode("utf-8", "surrogatepass")
    for each in walk(function):
        target, attribute = each.child_by_field_name("object"), each.child_by_field_name("property")
        if each.type != "member_expression" or attribute is None or target is None or target.type != "identifier":
            continue
        if text_of(target) != name or each.parent is None:
            continue
        start, at, end = (characters(data, byte) for byte in _bytes(each, attribute))
        operator = text_of(each.parent.child_by_field_name("operator"))
        called = each.parent.type == "call_expression" and each.parent.child_by_field_name("function") == each
        number = each.parent.type == "binary_expression" and operator in _ARITHMETIC
        conditional = each.parent.type in ("if_statement", "parenthesized_expression", "ternary_expression", "unary_expression")
        allowed = conditional or operator in _FALLBACKS or any(child.type == "optional_chain" for child in each.parent.children)
        yield ContextUse(text_of(attribute), each.start_point[0] + 1, start, at, end, called, number, allowed)


def _bytes(whole: Node, attribute: Node) -> tuple[int, int, int]:
    return whole.start_byte, attribute.start_byte, attribute.end_byte


def characters(data: bytes, offset: int) -> int:
    """The place in the text of what tree-sitter gives in bytes."""
    return len(data[:offset].decode("utf-8", "replace"))


def walk(root: Node) -> Iterator[Node]:
    """Every node below and including one, in the order of the text."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed(node.children)


def text_of(node: Node | None) -> str:
    return node.text.decode("utf-8", "replace") if node is not None and node.text is not None else ""


def fixed_regions(text: str) -> tuple[FixedRegion, ...]:
    """``new NameClient({region: "…"})``, and ``new AWS.Name(…)``."""
    root = parsed(text)
    data = text.encode("utf-8", "surrogatepass")
    found = []
    for each in walk(root) if root else ():
        name = text_of(each.child_by_field_name("constructor")) if each.type == "new_expression" else ""
        arguments = each.child_by_field_name("arguments")
        options = arguments.named_children if arguments is not None else []
        if not (name.endswith("Client") or name.startswith("AWS.")) or len(options) != 1 or options[0].type != "object":
            continue
        pairs = options[0].named_children
        if any(pair.type == "comment" for pair in pairs):
            continue
        for index, pair in enumerate(pairs):
            value = pair.child_by_field_name("value") if text_of(pair.child_by_field_name("key")) == "region" else None
            if value is None or value.type != "string":
                continue
            if len(pairs) == 1:
                span, without = (options[0].start_byte, options[0].end_byte), "{}"
            elif index:
                span, without = (pairs[index - 1].end_byte, pair.end_byte), ""
            else:
                span, without = (pair.start_byte, pairs[1].start_byte), ""
            start, end = (characters(data, byte) for byte in span)
            service = name.removeprefix("AWS.").partition(".")[0].removesuffix("Client").lower()
            found.append(FixedRegion(service, text_of(value).strip("'\""), start, end, without))
    return tuple(found)
