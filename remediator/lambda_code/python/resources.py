"""What the resources of boto3 are asked for, and which requests that makes.

https://docs.aws.amazon.com/boto3/latest/guide/resources.html (2026-11); what each of them does stands in
``knowledge/sdk_resources.toml``.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from remediator.knowledge import table
from remediator.lambda_code.python.arguments import Arguments
from remediator.lambda_code.python.objects import (
    PLAIN,
    SOMETHING,
    Collection,
    Effect,
    Helper,
    Many,
    Method,
    Request,
    Resource,
    Texts,
    Thing,
    Words,
)
from remediator.lambda_code.values import UNKNOWN

CHAINED = ("all", "filter", "limit", "page_size")
TRANSFERS = {
    "upload_file": ("PutObject", ("Filename", "Bucket", "Key")),
    "upload_fileobj": ("PutObject", ("Fileobj", "Bucket", "Key")),
    "download_file": ("GetObject", ("Bucket", "Key", "Filename")),
    "download_fileobj": ("GetObject", ("Bucket", "Key", "Fileobj")),
    "copy": ("CopyObject", ("CopySource", "Bucket", "Key")),
}
"""The operations behind boto3's managed transfers, with the names of their arguments; those of the multipart upload, which
they may turn to, need the same rights."""


def row_of(thing: Resource) -> dict[str, Any]:
    found: dict[str, Any] = table("sdk_resources").get(thing.client.service, {}).get(thing.kind, {})
    return found


def attribute(thing: Resource, name: str) -> Iterable[Thing]:
    row = row_of(thing)
    identifiers = {snake(key): texts for key, texts in thing.identifiers}
    if name in identifiers:
        return tuple(map(Words, identifiers[name]))
    if name in row.get("collections", {}):
        return (Collection(thing, name),)
    if name in row.get("references", {}):
        return _several(_made(thing, row["references"][name], None), row["references"][name])
    return (Method(thing, name),) if is_method(thing, name) else (SOMETHING,)


def is_method(thing: Resource, name: str) -> bool:
    row = row_of(thing)
    if name in row.get("methods", {}) or name in row.get("resources", {}) or name in ("get_available_subresources",):
        return True
    if name == "reload":
        return "load" in row.get("methods", {})
    return _transfer(thing, name) is not None or (thing.kind, name) == ("Table", "batch_writer")


def loading(thing: Resource, name: str) -> Request | None:
    """The request that reading an attribute of a resource makes."""
    row = row_of(thing)
    load = row.get("methods", {}).get("load")
    identifiers = {snake(key) for key, _ in thing.identifiers}
    quiet = name in identifiers or name == "meta" or name.startswith("_") or is_method(thing, name)
    if quiet or load is None or thing.known or name in row.get("collections", {}):
        return None
    return request(thing, load, None)


def listing(thing: Collection, arguments: Arguments | None) -> Request:
    """The request that going through a collection makes."""
    return request(thing.owner, row_of(thing.owner)["collections"][thing.name], arguments)


def member(thing: Collection) -> Resource:
    """One of the resources that a collection lists."""
    return _made(thing.owner, row_of(thing.owner)["collections"][thing.name], None)


def _transfer(thing: Resource, name: str) -> tuple[str, tuple[str, ...]] | None:
    if thing.client.service != "s3" or thing.kind not in ("Bucket", "Object", "ObjectSummary") or name not in TRANSFERS:
        return None
    known, names = TRANSFERS[name]
    return known, tuple(each for each in names if each != "Bucket" and (thing.kind == "Bucket" or each != "Key"))


def called(thing: Resource, name: str, arguments: Arguments) -> Effect:
    row = row_of(thing)
    transfer = _transfer(thing, name)
    if transfer:
        bucket = _identifier(thing, "Name" if thing.kind == "Bucket" else "BucketName")
        own = {"Bucket": bucket, "Key": _identifier(thing, "Key")}
        named = arguments.named(*transfer[1]) | {key: texts for key, texts in own.items() if texts}
        return Effect([Request(thing.client, transfer[0], named, arguments.complete)])
    if (thing.kind, name) == ("Table", "batch_writer"):
        written = Request(thing.client, "BatchWriteItem", {"TableName": _identifier(thing, "Name")})
        return Effect([written], (Helper(thing.client, "batch"),))
    if name in row.get("resources", {}):
        return Effect(result=(_made(thing, row["resources"][name], arguments),))
    text = row.get("methods", {}).get("load" if name == "reload" else name)
    if text is None:
        return Effect()
    made: tuple[Thing, ...] = (PLAIN,)
    if ">" in text:
        resource = _made(thing, text, arguments)
        made = _several(resource, text)
    return Effect([request(thing, text, arguments)], made)


def called_all(thing: Collection, name: str, arguments: Arguments) -> Effect:
    if name in CHAINED:
        return Effect(result=(thing,))
    if name == "pages":
        return Effect(result=(Many((Many((member(thing),)),)),))
    text = row_of(member(thing)).get("batch", {}).get(name)
    return Effect([request(member(thing), text, arguments)] if text else [])


def request(thing: Resource, text: str, arguments: Arguments | None) -> Request:
    """The request of a row, with the parameters that the resource fills in itself."""
    words = text.partition(" >")[0].split()
    own = {name: _identifier(thing, source) for name, _, source in (word.partition("=") for word in words[1:])}
    given = arguments.named() if arguments else {}
    return Request(thing.client, words[0], {**given, **own}, arguments.complete if arguments else True)


def _made(thing: Resource, text: str, arguments: Arguments | None) -> Resource:
    """The resource that a row leads to."""
    kind, *words = text.partition("> ")[2].split()
    identifiers: list[tuple[str, Texts]] = []
    number = 0
    for name, _, source in (word.partition("=") for word in words):
        if source == "*":
            texts = arguments.texts(snake(name), number) or arguments.texts(name) if arguments else frozenset()
            number += 1
        elif source.startswith("$"):
            texts = arguments.texts(source[1:]) if arguments else frozenset()
        else:
            texts = _identifier(thing, source) if source != "?" else frozenset()
        identifiers.append((name, texts or frozenset((UNKNOWN,))))
    return Resource(thing.client, kind.rstrip("!+"), tuple(identifiers), "!" in kind)


def _several(thing: Resource, text: str) -> tuple[Thing, ...]:
    """A resource, or as many as a row leads to."""
    return (Many((thing,)),) if "+" in text else (thing,)


def _identifier(thing: Resource, name: str) -> Texts:
    return next((texts for key, texts in thing.identifiers if key == name), frozenset())


@cache
def snake(name: str) -> str:
    """A name as boto3 writes it in Python: ``BucketName`` is ``bucket_name``."""
    return "".join(f"_{each.lower()}" if each.isupper() and index else each.lower() for index, each in enumerate(name))
