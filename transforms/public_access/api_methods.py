"""PUB010: APIs whose methods anybody may call."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Context, Example, Finding, Node, Pass, Resource, Template, text_of
from remediator.transforms.wiring.follow import at
from remediator.transforms.wiring.links import meant

_BEFORE = """\
Resources:
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Name: orders
  List:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !GetAtt Api.RootResourceId
      HttpMethod: GET
      AuthorizationType: NONE
      Integration:
        Type: HTTP_PROXY
        IntegrationHttpMethod: GET
        Uri: https://orders.example.com
"""


class ApiForAnybody(Pass):
    """Anybody may call methods of an API: they ask for no authorization and no API key.

    Who should call it, and with which credentials, only its author knows, so that the report asks, once for each API.

    Left alone are the method `OPTIONS`, which browsers call without credentials, answers that API Gateway makes itself
    (`MOCK`), private APIs, and APIs with a policy of their own.
    """

    code = "PUB010"
    name = "api-for-anybody"
    profile = "secure"
    stage = 3
    answers = ("CKV_AWS_59", "W59")
    sources = ("https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-to-api.html",)
    examples = (Example("A list of orders", _BEFORE),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        open_to_all: dict[str, list[Resource]] = {}
        for method in template.resources.values():
            if method.type == "AWS::ApiGateway::Method" and _is_open(method):
                apis = meant(template, method.property("RestApiId"), "AWS::ApiGateway::RestApi")
                if not any(_is_limited(api) for api in apis):
                    name = apis[0].logical_id if apis else "the API"
                    open_to_all.setdefault(name, []).append(method)
        for name, methods in open_to_all.items():
            yield self._finding(template, name, methods)

    def _finding(self, template: Template, name: str, methods: list[Resource]) -> Finding:
        first = methods[0]
        node: Node = first.property("AuthorizationType") or first.key
        count = f"{len(methods)} methods" if len(methods) > 1 else f"the method {first.logical_id}"
        reason = "who should call them: the users of a user pool, those whom a function lets in, roles (AWS_IAM), or anybody?"
        path = (*first.path, "Properties", "AuthorizationType")
        return self.finding(template, path, node, f"anybody may call {count} of {name}", reason)


def _is_open(method: Resource) -> bool:
    said = {key: (text_of(method.property(key)) or "") for key in ("HttpMethod", "AuthorizationType")}
    key = method.property("ApiKeyRequired")
    mocked = [text_of(node) for node in at(method, "Integration.Type")] == ["MOCK"]
    asked = key is not None and getattr(key, "value", "true") != "false"
    return said["AuthorizationType"] == "NONE" and said["HttpMethod"] != "OPTIONS" and not asked and not mocked


def _is_limited(api: Resource) -> bool:
    private = any(text_of(node) == "PRIVATE" for node in at(api, "EndpointConfiguration.Types"))
    return private or api.property("Policy") is not None
