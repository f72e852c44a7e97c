"""What the clients and resources of boto3 are asked for, and which requests that makes.

https://docs.aws.amazon.com/boto3/latest/guide/clients.html and resources.html (2026-11); what each resource does stands in
``knowledge/sdk_resources.toml``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from remediator import iam
from remediator.knowledge import table
from remediator.lambda_code.python import resources
from remediator.lambda_code.python.arguments import Arguments
from remediator.lambda_code.python.objects import (
    PLAIN,
    SOMETHING,
    Client,
    Collection,
    Effect,
    Frame,
    Helper,
    Method,
    Request,
    Resource,
    Sdk,
    Session,
    Thing,
    Words,
)
from remediator.lambda_code.values import Text, Value, Variable

if TYPE_CHECKING:
    from remediator.lambda_code.python.values import Values

_QUIET = frozenset(("can_paginate", "close", "exceptions", "waiter_names", "get_available_subresources", "__class__"))
"""What a client has that makes no request."""
REPEATING = {"get_paginator": "operation_name", "get_waiter": "waiter_name"}
_REGION = Words((Variable("AWS_REGION"),))
_CREDENTIALS = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token", "profile_name")


@cache
def _operations(service: str) -> dict[str, str] | None:
    """A client's operations by the names of its methods, without underscores."""
    known = iam.operations(service)
    return None if known is None else {each.lower().replace("_", ""): each for each in known}


def operation(service: str, method: str) -> str | None:
    return (_operations(service) or {}).get(method.replace("_", "").lower())


def attribute(thing: Sdk, name: str) -> Iterable[Thing]:
    if name == "meta" and isinstance(thing, Client | Resource):
        return (Helper(thing if isinstance(thing, Client) else thing.client, "meta"),)
    if isinstance(thing, Session | Helper):
        return _of_helper(thing, name)
    if isinstance(thing, Client):
        return (PLAIN,) if name in _QUIET else (Method(thing, name),)
    if isinstance(thing, Resource):
        return resources.attribute(thing, name)
    return (PLAIN,) if isinstance(thing, Method) else (Method(thing, name),)


def _of_helper(thing: Session | Helper, name: str) -> Iterable[Thing]:
    if name == "region_name":
        region = thing.region if isinstance(thing, Session) else thing.client.region
        return tuple(map(Words, region)) or (_REGION,)
    if isinstance(thing, Helper) and (thing.kind, name) == ("meta", "client"):
        return (thing.client,)
    if isinstance(thing, Helper) and thing.kind in ("meta", "batch"):
        return (PLAIN,)
    return (Method(thing, name),)


def effect(values: Values, method: Method, node: ast.Call, frame: Frame | None) -> Effect:
    """What calling a method does."""
    done = _effect(method, Arguments(values, node, frame))
    if not done.requests:
        done.result = tuple(replace(each, made=node) if isinstance(each, Client | Resource) else each for each in done.result)
    return done


def _effect(method: Method, arguments: Arguments) -> Effect:
    target, name = method.target, method.name
    if isinstance(target, Session):
        return _session(target, name, arguments)
    if isinstance(target, Client):
        return _client(target, name, arguments)
    if isinstance(target, Resource):
        return resources.called(target, name, arguments)
    if isinstance(target, Collection):
        return resources.called_all(target, name, arguments)
    return _helper(target, name, arguments)


def unbound(method: Method) -> Effect:
    """What a method may do that somebody else calls."""
    target, name = method.target, method.name
    if isinstance(target, Client) and operation(target.service, name):
        return Effect([Request(target, operation(target.service, name) or "", complete=False)])
    if isinstance(target, Resource) and name in resources.row_of(target).get("methods", {}):
        request = resources.request(target, resources.row_of(target)["methods"][name], None)
        return Effect([replace(request, complete=False)])
    return Effect(gaps=[f"hands {name} to code that is not followed"])


def opened(base: Session, arguments: Arguments) -> Session:
    """A session, or a client's credentials and Region, by the arguments that name them."""
    foreign = any(arguments.surely(each) for each in _CREDENTIALS)
    return Session(base.own and not foreign, arguments.texts("region_name") or base.region, arguments.node)


def _session(session: Session, name: str, arguments: Arguments) -> Effect:
    if name in ("client", "resource", "create_client"):
        return _start(session, name, arguments)
    if name == "get_credentials":
        return Effect(gaps=["takes the credentials of the role, to sign requests with them"])
    return Effect()


def _start(session: Session, name: str, arguments: Arguments) -> Effect:
    """A client or the start of resources."""
    opened_session = opened(session, arguments)
    done = Effect(result=())
    found: list[Thing] = []
    for value in sorted(arguments.texts("service_name", 0), key=str):
        service = value[0].text if len(value) == 1 and isinstance(value[0], Text) else None
        if service is None:
            done.gaps.append("makes a client of a service that the text does not tell")
        elif _operations(service) is None or (name == "resource" and service not in table("sdk_resources")):
            done.gaps.append(f"makes a client of {service}, which is not known here")
        else:
            client = Client(service, opened_session.own, opened_session.region)
            found.append(Resource(client, "service") if name == "resource" else client)
    if not arguments.complete:
        done.gaps.append("makes a client with arguments that the text does not tell")
    done.result = tuple(found) or (PLAIN,)
    return done


def _client(client: Client, name: str, arguments: Arguments) -> Effect:
    known = operation(client.service, name)
    if known:
        return Effect([Request(client, known, arguments.named(), arguments.complete)])
    if name in REPEATING:
        return _repeated(client, name, arguments)
    if name == "generate_presigned_url":
        return _presigned(client, arguments)
    if name == "generate_presigned_post":
        return Effect([Request(client, "PutObject", arguments.named("Bucket", "Key"), arguments.complete)])
    if client.service == "s3" and name in resources.TRANSFERS:
        transferred, names = resources.TRANSFERS[name]
        return Effect([Request(client, transferred, arguments.named(*names), arguments.complete)])
    if name in _QUIET:
        return Effect()
    if name.startswith("generate_db_"):
        return Effect(gaps=["signs in to a database with the role"])
    return Effect(gaps=[f"calls {name}, which is no operation of {client.service} that is known"])


def _repeated(client: Client, name: str, arguments: Arguments) -> Effect:
    done = Effect()
    found: list[Thing] = []
    for value in sorted(arguments.texts(REPEATING[name], 0), key=str):
        known = _repeats(client.service, name, value)
        if known:
            found.append(Helper(client, name.removeprefix("get_"), known, arguments.node))
        else:
            done.gaps.append(f"makes a {name.removeprefix('get_')} that the text does not tell")
    done.result = tuple(found) or (PLAIN,)
    return done


def _repeats(service: str, name: str, value: Value) -> str | None:
    """The operation that a paginator or waiter of a client asks for."""
    text = value[0].text if len(value) == 1 and isinstance(value[0], Text) else ""
    if name == "get_paginator":
        return operation(service, text)
    found: str | None = table("sdk_waiters").get(service, {}).get(resources.snake(text))
    return found


def all_told(values: Values, callees: Sequence[object], node: ast.Call) -> bool:
    """Whether each paginator or waiter that a call may make is known of one of the clients that it may be of."""
    methods = [each for each in callees if isinstance(each, Method) and isinstance(each.target, Client)]
    names = {each.name: Arguments(values, node, None).texts(REPEATING.get(each.name, ""), 0) for each in methods}
    return all(
        any(isinstance(each.target, Client) and _repeats(each.target.service, name, value) for each in methods)
        for name, texts in names.items()
        for value in texts
    )


def _presigned(client: Client, arguments: Arguments) -> Effect:
    """Whoever has the address acts with the rights of the role."""
    done = Effect(result=(SOMETHING,))
    named, complete = arguments.inside("Params", 1)
    for value in sorted(arguments.texts("ClientMethod", 0), key=str):
        text = value[0].text if len(value) == 1 and isinstance(value[0], Text) else ""
        known = operation(client.service, text)
        if known:
            done.requests.append(Request(client, known, named, complete))
        else:
            done.gaps.append("signs the address of a request that the text does not tell")
    return done


def _helper(helper: Helper, name: str, arguments: Arguments) -> Effect:
    if (helper.kind, name) in (("paginator", "paginate"), ("waiter", "wait")):
        named = arguments.named()
        named.pop("PaginationConfig" if helper.kind == "paginator" else "WaiterConfig", None)
        return Effect([Request(helper.client, helper.operation, named, arguments.complete)])
    return Effect()
