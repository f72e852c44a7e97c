"""What an integration of API Gateway does with its credentials: one call of a service.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-integration.html (2026-11)
"""

from __future__ import annotations

import re

from remediator.api import Mapping, Node, table, text_of
from remediator.transforms.cycles.names import as_sub_text
from remediator.transforms.usage.needs import Need
from remediator.transforms.usage.reading import Found, Use, need, unknown
from remediator.transforms.usage.resource_texts import PART, arn_of_text
from remediator.transforms.usage.stated import stated
from remediator.transforms.usage.targets import function_in

_URI = re.compile(rf"arn:{PART}:apigateway:{PART}:(?P<service>[\w-]+):(?P<kind>path|action)/(?P<rest>.*)", re.DOTALL)
_NAMED = re.compile(r"[\"'&?](\w+)[\"']?\s*[:=]\s*[\"']?((?:\$\{[^{}]+\}|[\w:./-])+)")
_METHODS = {"GET": "GetObject", "HEAD": "HeadObject", "PUT": "PutObject", "DELETE": "DeleteObject"}


def integration(use: Use) -> Found:
    if use.user.type == "AWS::ApiGatewayV2::Integration":
        yield from _of_http_api(use)
        return
    uris = list(use.near("Integration.Uri"))
    for node in uris:
        uri = as_sub_text(node) or ""
        function, match = function_in(uri), _URI.fullmatch(uri)
        if function:
            yield _invoked(use, node, function)
        elif match:
            yield from _of_service(use, node, match["service"], match["kind"], match["rest"])
        else:
            yield unknown(use, f"calls {uri or 'what an expression names'}", node)


def _of_service(use: Use, node: Node, service: str, kind: str, rest: str) -> Found:
    if kind == "path" and service == "s3":
        yield from _of_bucket(use, node, rest)
        return
    given, operation = _given(use), rest
    if kind == "path":
        named = given.get("Action", [])
        operation = named[0] if named else {"sqs": "SendMessage", "sns": "Publish"}.get(service, "")
        if service == "sqs":
            given["QueueUrl"] = [_queue(rest)]
    yield from _call(use, node, service, operation, given)


def _queue(rest: str) -> str:
    """The ARN of a queue from the path ``account/name``."""
    account, _, name = rest.strip("/").partition("/")
    whole = re.fullmatch(r"\$\{(\w+)\.QueueName\}", name)
    return f"${{{whole[1]}.Arn}}" if whole else f"arn:${{AWS::Partition}}:sqs:${{AWS::Region}}:{account}:{name}"


def _of_bucket(use: Use, node: Node, rest: str) -> Found:
    methods = [text_of(each) for each in use.near("Integration.IntegrationHttpMethod")]
    operation = _METHODS.get(methods[0] or "") if len(methods) == 1 else None
    bucket, _, key = rest.partition("/")
    if operation is None:
        yield unknown(use, "calls Amazon S3", node)
        return
    if not key:
        operation = {"GetObject": "ListObjects"}.get(operation, operation)
    named = "{" not in bucket.replace("${", "")
    yield from _call(use, node, "s3", operation, {"Bucket": [bucket] if named else []})


def _of_http_api(use: Use) -> Found:
    for node in use.near("IntegrationSubtype"):
        service, _, operation = (text_of(node) or "").partition("-")
        client = {"EventBridge": "events", "SQS": "sqs", "StepFunctions": "stepfunctions", "Kinesis": "kinesis"}.get(service)
        if client is None:
            yield unknown(use, f"calls {service or 'a service'}", node)
        else:
            yield from _call(use, node, client, operation.removesuffix("-"), _given(use))
    for node in use.near("IntegrationUri"):
        uri = as_sub_text(node) or ""
        arn = function_in(uri) or uri
        if ":lambda:" in arn or arn.startswith("${"):
            yield _invoked(use, node, arn)
        else:
            yield unknown(use, f"calls {uri or 'what an expression names'}", node)


def _invoked(use: Use, node: Node, function: str) -> Need:
    return need(use, "lambda:InvokeFunction", [arn_of_text(use.context.template, function)], "invokes its function", node)


def _call(use: Use, node: Node, service: str, operation: str, given: dict[str, list[str]]) -> Found:
    client = table("task_rights")["clients"].get(service, service)
    found = stated(use, client, operation, given) if operation else None
    if found is None:
        yield unknown(use, f"calls {service}", node)
    for right in found or ():
        yield need(use, right.action, right.resources, f"calls {operation} of {service}", node, right.essential)


def _given(use: Use) -> dict[str, list[str]]:
    """What the templates and parameters of a request say, where they say it as plain text."""
    found: dict[str, list[str]] = {}
    texts = [as_sub_text(node) or "" for node in use.near("Integration.RequestTemplates.*")]
    for text in texts:
        for name, value in _NAMED.findall(text):
            found.setdefault(name, []).append(value)
    for place in ("Integration.RequestParameters", "RequestParameters"):
        for node in use.near(place):
            for entry in node.entries if isinstance(node, Mapping) else ():
                value = as_sub_text(entry.value) or ""
                known = "request" not in value and "context" not in value
                found.setdefault(entry.key.value.rpartition(".")[2], []).extend([value.strip("'")] if known else [])
    return found
