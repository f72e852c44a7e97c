"""Code for version 2 of the AWS SDK for JavaScript, written for version 3.

Only code of which every use of the SDK is understood: clients made by ``new AWS.Name()``, requests as
``client.operation(parameters).promise()``. The clients of version 3 that have a method for each operation take the same
parameters and give a promise by themselves.
https://docs.aws.amazon.com/sdk-for-javascript/v3/developer-guide/migrating.html (2026-11)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tree_sitter import Node

from remediator.lambda_code.handlers import Refused
from remediator.lambda_code.javascript.exports import parsed
from remediator.lambda_code.javascript.handlers import characters, text_of, walk

Edit = tuple[int, int, str]
_DOCUMENTS = "DocumentClient"
_KEPT_OPTIONS = ("region", "apiVersion")
_OF_ERRORS = ("code", "statusCode", "retryable", "requestId")
_NO_OPERATIONS = ("makeRequest", "waitFor")
_UNDEFINED = "{ marshallOptions: { removeUndefinedValues: true } }"
"""What the client for documents of version 2 always did."""


class _NotUnderstood(Exception):
    """Why the code can't be rewritten, for people, and at which node; ``{line}`` stands for its line."""

    def __init__(self, reason: str, node: Node) -> None:
        super().__init__(reason)
        self.reason, self.node = reason, node


@dataclass(frozen=True, slots=True)
class _Client:
    """A client that the code makes: its name in version 2, whether it is for documents, and the expression."""

    name: str
    documents: bool
    made: Node


def rewritten_sdk(text: str, table: Mapping[str, Any]) -> tuple[Edit, ...] | Refused:
    """The edits that make code use version 3, in characters, or why there are none.

    ``table``: the knowledge table ``sdk_clients``.
    """
    root = parsed(text)
    if root is None:
        return Refused("the code can't be read", 0)
    data = text.encode("utf-8", "surrogatepass")
    try:
        found = list(_edits(root, table))
    except _NotUnderstood as error:
        return Refused(error.reason, characters(data, error.node.start_byte))
    return tuple(sorted((characters(data, start), characters(data, end), new) for start, end, new in found))


def _edits(root: Node, table: Mapping[str, Any]) -> Iterator[Edit]:
    statement, name = _required(root)
    clients = [_client(each) for each in _mentions(root, name) if not _within(each, statement)]
    _check_errors(root)
    variables = [each for client in clients for each in _made(root, client, table)]
    names = list(dict.fromkeys(each for client in clients for each in _names(client, table)))
    taken = {text_of(each) for each in walk(root) if each.type == "identifier"}
    for _, new in names:
        if new in taken:
            raise _NotUnderstood(f"the code has something else that is called {new}", statement)
    packages = {package: [new for other, new in names if other == package] for package, _ in names}
    lines = [f"const {{ {', '.join(listed)} }} = require('{package}');" for package, listed in packages.items()]
    if lines:
        yield statement.start_byte, statement.end_byte, "\n".join(lines)
    for client in clients:
        yield from _new_client(client, table)
    yield from variables


def _required(root: Node) -> tuple[Node, str]:
    """The statement that loads version 2 as a whole, and under which name."""
    loads = [
        each for each in walk(root) if each.type == "string" and text_of(each).strip("'\"`").partition("/")[0] == "aws-sdk"
    ]
    statement = loads[0].parent.parent.parent.parent if len(loads) == 1 else None  # type: ignore[union-attr]
    wanted = (
        statement is not None and statement.parent == root and statement.type in ("lexical_declaration", "variable_declaration")
    )
    parts = statement.named_children if statement is not None and wanted else []
    target = parts[0].child_by_field_name("name") if len(parts) == 1 else None
    if statement is None or target is None or target.type != "identifier" or text_of(loads[0]).strip("'\"`") != "aws-sdk":
        raise _NotUnderstood("it is not loaded by one plain const AWS = require('aws-sdk')", root)
    if text_of(parts[0].child_by_field_name("value")).replace('"', "'") != "require('aws-sdk')":
        raise _NotUnderstood("it is not loaded by one plain const AWS = require('aws-sdk')", root)
    return statement, text_of(target)


def _mentions(root: Node, name: str) -> list[Node]:
    kinds = ("identifier", "shorthand_property_identifier", "shorthand_property_identifier_pattern")
    return [each for each in walk(root) if each.type in kinds and text_of(each) == name]


def _within(node: Node, other: Node) -> bool:
    return other.start_byte <= node.start_byte and node.end_byte <= other.end_byte


def _client(mention: Node) -> _Client:
    """The client that is made where ``AWS`` is mentioned."""
    node, path = mention, list[str]()
    while (
        node.parent is not None
        and node.parent.type == "member_expression"
        and node.parent.child_by_field_name("object") == node
    ):
        node = node.parent
        path.append(text_of(node.child_by_field_name("property")))
    made = node.parent
    constructed = made is not None and made.type == "new_expression" and made.child_by_field_name("constructor") == node
    if made is None or not constructed or not (len(path) == 1 or path[1:] == [_DOCUMENTS]):
        raise _NotUnderstood("line {line} uses it in another way than to make a client", mention)
    arguments = made.child_by_field_name("arguments")
    for each in arguments.named_children if arguments is not None else ():
        keys = [part.child_by_field_name("key") for part in each.named_children]
        if each.type != "object" or any(key is None or text_of(key) not in _KEPT_OPTIONS for key in keys):
            raise _NotUnderstood("line {line} gives a client settings that version 3 has otherwise", made)
    return _Client(path[0], len(path) == 2, made)


def _row(client: _Client, table: Mapping[str, Any]) -> Mapping[str, Any]:
    row = table.get(client.name)
    if row is None or (client.documents and client.name != "DynamoDB"):
        raise _NotUnderstood(f"what AWS.{client.name} is in version 3 is not known here", client.made)
    return row  # type: ignore[no-any-return]


def _names(client: _Client, table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The packages and the names in them that a client needs."""
    row = _row(client, table)
    yield f"@aws-sdk/{row['package']}", str(row.get("name", client.name))
    if client.documents:
        yield "@aws-sdk/lib-dynamodb", "DynamoDBDocument"


def _new_client(client: _Client, table: Mapping[str, Any]) -> Iterator[Edit]:
    name = str(_row(client, table).get("name", client.name))
    constructor = client.made.child_by_field_name("constructor")
    if constructor is None:
        return
    if client.documents:
        yield client.made.start_byte, constructor.end_byte, f"DynamoDBDocument.from(new {name}"
        arguments = client.made.child_by_field_name("arguments")
        yield client.made.end_byte, client.made.end_byte, f"{'' if arguments is not None else '()'}, {_UNDEFINED})"
    else:
        yield constructor.start_byte, constructor.end_byte, name


def _made(root: Node, client: _Client, table: Mapping[str, Any]) -> Iterator[Edit]:
    """The edits of the requests of a client."""
    holder = client.made.parent
    target = holder.child_by_field_name("name") if holder is not None and holder.type == "variable_declarator" else None
    if target is None or target.type != "identifier":
        raise _NotUnderstood("line {line} does not keep a client in a variable of its own", client.made)
    name = text_of(target)
    for mention in _mentions(root, name):
        if mention != target:
            yield _request(root, mention, _row(client, table))


def _request(root: Node, mention: Node, row: Mapping[str, Any]) -> Edit:
    """The edit of ``client.operation(parameters).promise()``: without the end."""
    member = mention.parent
    call = member.parent if member is not None else None
    promise = call.parent if call is not None else None
    last = promise.parent if promise is not None else None
    plain = (
        member is not None
        and call is not None
        and promise is not None
        and last is not None
        and [each.type for each in (member, call, promise, last)] == ["member_expression", "call_expression"] * 2
        and member.child_by_field_name("object") == mention
        and text_of(promise.child_by_field_name("property")) == "promise"
        and promise.child_by_field_name("object") == call
        and last.child_by_field_name("function") == promise
    )
    arguments = call.child_by_field_name("arguments") if plain and call is not None else None
    if arguments is None or call is None or last is None or member is None or len(arguments.named_children) > 1:
        raise _NotUnderstood("line {line} does not wait for a request by .promise()", mention)
    operation = text_of(member.child_by_field_name("property"))
    other = [""] if operation in _NO_OPERATIONS else row.get("others", {}).get(operation)
    if other is not None and (other == [""] or any(each in _read(root) for each in other)):
        raise _NotUnderstood(f"in line {{line}}, {operation} gives something else in version 3", mention)
    return call.end_byte, last.end_byte, ""


def _read(root: Node) -> set[str]:
    """The names of all fields that the code reads of anything."""
    kinds = ("property_identifier", "shorthand_property_identifier_pattern")
    read = [each for each in walk(root) if each.type in kinds and (each.parent is None or each.parent.type != "pair")]
    return {text_of(each) for each in read}


def _check_errors(root: Node) -> None:
    """Errors have their kind under another name in version 3."""
    caught = {text_of(each.child_by_field_name("parameter")) for each in walk(root) if each.type == "catch_clause"}
    for each in walk(root):
        read = text_of(each.child_by_field_name("property")) if each.type == "member_expression" else ""
        if read in _OF_ERRORS and text_of(each.child_by_field_name("object")) in caught:
            raise _NotUnderstood(f"line {{line}} reads {text_of(each)}, which version 3 calls otherwise", each)
