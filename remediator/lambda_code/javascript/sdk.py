"""What the modules that JavaScript code loads offer: those of AWS's SDK, version 2 and 3, and others.

An ``Offer`` is of a ``kind``: ``sdk`` (all of version 2), ``package`` (one of version 3), ``class`` and ``document class`` of
clients, ``command``, ``paginate`` and ``wait`` functions of a service, ``library`` (those of version 3 that work with any
client), ``upload``, ``sign``, ``post``, ``credentials`` (``name``: ``own`` or ``other``), ``role`` (credentials of another
role), ``settings`` of version 2, ``wrap`` (gives back what it gets), ``require maker``, ``module`` without requests,
``harmless``, and ``gap``, whose ``name`` says why its use is not understood.
"""

from __future__ import annotations

from functools import cache

from remediator import iam
from remediator.knowledge import table
from remediator.lambda_code.javascript.things import ENVIRONMENT, PROCESS, Offer

HARMLESS = Offer("harmless")
SETTINGS = Offer("settings")
_LIBRARIES = {
    "@aws-sdk/lib-dynamodb": "documents",
    "@aws-sdk/lib-storage": "storage",
    "@aws-sdk/s3-request-presigner": "sign",
    "@aws-sdk/s3-presigned-post": "post",
    "aws-xray-sdk": "xray",
    "aws-xray-sdk-core": "xray",
    "@aws-lambda-powertools/tracer": "xray",
    "@aws-lambda-powertools/batch": "harmless",
}
_NAMED = {
    ("storage", "Upload"): Offer("upload", "s3"),
    ("sign", "getSignedUrl"): Offer("sign"),
    ("post", "createPresignedPost"): Offer("post", "s3"),
    ("documents", "DynamoDBDocumentClient"): Offer("document class", "dynamodb"),
    ("documents", "DynamoDBDocument"): Offer("document class", "dynamodb"),
    ("documents", "paginateQuery"): Offer("paginate", "dynamodb", "Query"),
    ("documents", "paginateScan"): Offer("paginate", "dynamodb", "Scan"),
}
_INNER = {
    ("dynamodb", "DocumentClient"): Offer("document class", "dynamodb"),
    ("dynamodb", "Converter"): HARMLESS,
    ("s3", "ManagedUpload"): Offer("upload", "s3"),
    ("cloudfront", "Signer"): HARMLESS,
    ("polly", "Presigner"): Offer("gap", name="a presigner of Polly, which is not followed"),
    ("rds", "Signer"): Offer("gap", name="a login to a database that it signs itself"),
}


@cache
def words(part: str, name: str) -> frozenset[str]:
    """A list of names in the table of what JavaScript may use."""
    return frozenset(str(table("sdk_javascript")[part][name]).split())


@cache
def documents() -> dict[str, str]:
    return dict(table("sdk_javascript")["documents"])


@cache
def _services() -> dict[str, str]:
    """The clients of boto3 by the names of classes in lower case."""
    clients: dict[str, str] = table("javascript_clients")["clients"]
    found = {name.replace("-", ""): client for client, names in clients.items() for name in names.split()[1:]}
    return found | {names.split()[0].replace("-", ""): client for client, names in clients.items()}


@cache
def _packages() -> dict[str, str]:
    clients: dict[str, str] = table("javascript_clients")["clients"]
    return {f"@aws-sdk/client-{names.split()[0]}": client for client, names in clients.items()}


def of_module(name: str) -> Offer:
    """What a module offers, by the name under which it is loaded."""
    bare = name.removeprefix("node:")
    if bare in ("process", "module"):
        return PROCESS if bare == "process" else Offer("library", name="module")
    if bare in words("modules", "node"):
        return Offer("module", name=bare)
    if bare in words("modules", "running"):
        return Offer("gap", name=f"{name} runs code that the text does not show")
    return _of_sdk(name) or _of_others(name)


def _of_sdk(name: str) -> Offer | None:
    if name in ("aws-sdk", "aws-sdk/global", "aws-sdk/lib/core", "aws-sdk/lib/aws", "aws-sdk/clients/all"):
        return Offer("sdk")
    if name.startswith("aws-sdk/clients/"):
        return of_sdk(name.rpartition("/")[2].removesuffix(".js"))
    if name in _packages():
        return Offer("package", _packages()[name])
    if name in _LIBRARIES:
        return Offer("library", name=_LIBRARIES[name])
    if name.startswith("@aws-sdk/credential-provider"):
        return Offer("library", name="credentials")
    return None


def _of_others(name: str) -> Offer:
    harmless = words("modules", "harmless")
    if name in harmless or f"{name.partition('/')[0]}/*" in harmless or _root(name) in harmless - words("modules", "signing"):
        return Offer("module", name=name) if name not in words("modules", "signing") else _signing(name)
    if name in words("modules", "signing"):
        return _signing(name)
    where = "is not in the template" if name.startswith((".", "/")) else "is not known here"
    return Offer("gap", name=f"it loads {name}, whose code {where}")


def _root(name: str) -> str:
    """The package of ``lodash/get``; that of a file is the file."""
    return name if name.startswith((".", "@", "/")) else name.partition("/")[0]


def _signing(name: str) -> Offer:
    return Offer("gap", name=f"it signs requests itself, with {name}")


def of_sdk(name: str) -> Offer:
    """What version 2 of the SDK has under a name."""
    if name == "config":
        return SETTINGS
    service = _services().get(name.lower())
    if service is not None:
        return Offer("class", service)
    if name in words("modules", "own"):
        return Offer("credentials", name="own")
    if name in ("ChainableTemporaryCredentials", "TemporaryCredentials"):
        return Offer("role")
    if name.endswith("Credentials"):
        return Offer("credentials", name="other")
    if name in words("clients", "others"):
        return HARMLESS
    return Offer("sdk") if name == "default" else Offer("gap", name=f"AWS.{name} is not known here")


def member(offer: Offer, name: str) -> Offer | None:
    """What an offer has under a name; None for what is nothing but data."""
    if name in ("default", "module.exports") and offer.kind in ("class", "library", "module", "package"):
        return offer
    if offer.kind == "sdk":
        return of_sdk(name)
    if offer.kind == "package":
        return _of_package(offer.service, name)
    if offer.kind == "library":
        return _of_library(offer.name, name)
    if offer == PROCESS and name in ("env", "default"):
        return ENVIRONMENT if name == "env" else PROCESS
    if offer.kind == "class":
        return _INNER.get((offer.service, name))
    return offer if offer.kind in ("gap", "module") else None


def _of_package(service: str, name: str) -> Offer:
    """A package of version 3 has commands, clients, paginators, waiters, and names of types and errors."""
    known = iam.operations(service)
    for kind, start, end in (("command", "", "Command"), ("paginate", "paginate", "")):
        operation = name.removeprefix(start).removesuffix(end)
        if name == f"{start}{operation}{end}" and name != operation and (known is None or operation in known):
            return Offer(kind, service, operation)
    for start in ("waitUntil", "waitFor"):
        if name.startswith(start) and waited(service, name.removeprefix(start)):
            return Offer("wait", service, waited(service, name.removeprefix(start)))
    if name.endswith("Client") or _services().get(name.lower()) == service:
        return Offer("class", service)
    return Offer("gap", name=f"{name} is not known here") if name.endswith("Command") else HARMLESS


def _of_library(library: str, name: str) -> Offer:
    found = _NAMED.get((library, name))
    if found is not None:
        return found
    if library == "documents" and name.endswith("Command"):
        short = name[:1].lower() + name[1:].removesuffix("Command")
        operation = documents().get(short)
        return Offer("command", "dynamodb", operation) if operation else Offer("gap", name=f"{name} is not known here")
    if library == "xray" and name in ("captureAWS", "captureAWSClient", "captureAWSv3Client"):
        return Offer("wrap")
    if library == "xray" and name == "Tracer":
        return Offer("library", name="xray")
    if library == "credentials":
        return _credentials(name)
    if library == "module":
        return Offer("require maker") if name == "createRequire" else HARMLESS
    return HARMLESS


def _credentials(name: str) -> Offer:
    if name in words("modules", "own"):
        return Offer("credentials", name="own")
    return Offer("role") if name == "fromTemporaryCredentials" else Offer("credentials", name="other")


@cache
def _waiters(service: str) -> dict[str, str]:
    """By their names in lower case, without the underscores of boto3."""
    return {name.replace("_", ""): operation for name, operation in table("sdk_waiters").get(service, {}).items()}


def waited(service: str, name: str) -> str:
    """The operation that a waiter asks again and again; empty where there is none of that name."""
    return _waiters(service).get(name.lower(), "")


@cache
def _methods(service: str) -> dict[str, str]:
    return {name[:1].lower() + name[1:]: name for name in iam.operations(service) or ()}


def operation(service: str, kind: str, method: str) -> str | None:
    """The operation that a method of a client requests; None where that is not known."""
    return documents().get(method) if kind == "documents" else _methods(service).get(method)
