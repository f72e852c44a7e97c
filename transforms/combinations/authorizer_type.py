"""COM020: methods of a REST API that are authorized otherwise than their authorizer does it."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Context, Example, Finding, Node, Pass, Path, Remedy, Template, text_of
from remediator.transforms.combinations.known import targets

_KINDS = {"COGNITO_USER_POOLS": "COGNITO_USER_POOLS", "TOKEN": "CUSTOM", "REQUEST": "CUSTOM"}
"""The authorization of a method by the type of its authorizer.
https://docs.aws.amazon.com/apigateway/latest/api/API_PutMethod.html (2026-11)"""

_BEFORE = """\
Resources:
  People:
    Type: AWS::ApiGateway::Authorizer
    Properties:
      Name: people
      RestApiId: !ImportValue api
      Type: COGNITO_USER_POOLS
      IdentitySource: method.request.header.Authorization
      ProviderARNs:
        - !ImportValue people-pool

  List:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !ImportValue api
      ResourceId: !ImportValue orders
      HttpMethod: GET
      AuthorizationType: CUSTOM
      AuthorizerId: !Ref People
      Integration:
        Type: MOCK
"""


class AuthorizerType(Pass):
    """A method of a REST API says `CUSTOM` where its authorizer asks Cognito, or `COGNITO_USER_POOLS` where that is a Lambda
    function, and API Gateway refuses it: *Invalid authorizer ID specified*.

    The method gets the type that its authorizer has.

    Left alone: methods with `NONE` or `AWS_IAM`, for which the authorizer is not asked.
    """

    code = "COM020"
    name = "authorizer-type"
    profile = "deploy"
    answers = ("E3708",)
    sources = ("https://docs.aws.amazon.com/apigateway/latest/api/API_PutMethod.html",)
    examples = (Example("A user pool", _BEFORE, _BEFORE.replace("Type: CUSTOM", "Type: COGNITO_USER_POOLS")),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for method in template.resources.values():
            node = method.property("AuthorizationType") if method.type == "AWS::ApiGateway::Method" else None
            written, wanted = text_of(node), _wanted(template, method.property("AuthorizerId")) if node else None
            if node is None or wanted is None or written not in _KINDS.values() or written == wanted:
                continue
            path = (*method.path, "Properties", "AuthorizationType")
            message = f"{method.logical_id} is authorized by {written}, its authorizer by {wanted}"
            remedy = _remedy(node, wanted, path)
            yield self.finding(template, path, node, message, remedy)


def _remedy(node: Node, wanted: str, path: Path) -> Remedy:
    why = "the authorizer that the method names can do nothing else"
    return Remedy(f"write {wanted}", lambda b: b.replace(node, wanted, path), why)


def _wanted(template: Template, node: Node | None) -> str | None:
    """The authorization that an authorizer of the template stands for."""
    found = [each for each in targets(template, node) if each.type == "AWS::ApiGateway::Authorizer"]
    return _KINDS.get(text_of(found[0].property("Type")) or "") if len(found) == 1 else None
