"""PUB006: functions that anybody can call at their address."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import (
    Applicability,
    Context,
    EditBuilder,
    Example,
    Finding,
    Node,
    Pass,
    Path,
    Ref,
    Remedy,
    Resource,
    Scalar,
    Template,
    references,
    text_of,
)
from remediator.transforms.settings.slots import slots
from remediator.transforms.wiring.links import functions

_PLACES = {"AWS::Lambda::Url": "AuthType", "AWS::Serverless::Function": "FunctionUrlConfig?.AuthType?"}

_BEFORE = """\
Parameters:
  Function:
    Type: String
Resources:
  Address:
    Type: AWS::Lambda::Url
    Properties:
      TargetFunctionArn: !Ref Function
      AuthType: NONE
"""


class FunctionUrlForAnybody(Pass):
    """A function has an address on the internet that asks nobody for credentials.

    As an unsafe fix it asks for IAM credentials of this account, and the permissions that let everybody in become permissions
    for the account. Browsers and others that don't sign their requests are shut out.

    Where a distribution of the template calls the address, the report asks: it would need an origin access control.
    """

    code = "PUB006"
    name = "function-url-for-anybody"
    profile = "secure"
    stage = 3
    answers = ("CKV_AWS_258",)
    sources = ("https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html",)
    examples = (Example("An address for a function", _BEFORE, _BEFORE.replace("NONE", "AWS_IAM"), unsafe=True),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for resource in template.resources.values():
            for slot in slots(resource, _PLACES[resource.type]) if resource.type in _PLACES else ():
                if isinstance(slot.node, Scalar) and slot.node.tag is None and slot.node.value == "NONE":
                    message = f"{resource.logical_id} lets anybody on the internet call the function"
                    remedy = _remedy(template, resource, slot.node, slot.path)
                    yield self.finding(template, slot.path, slot.node, message, remedy)


def _remedy(template: Template, url: Resource, node: Scalar, path: Path) -> Remedy | str:
    caller = _distribution(template, url)
    if caller:
        return f"should only {caller} call the function? Then it needs an origin access control, and a permission"
    target = [url] if url.type == "AWS::Serverless::Function" else functions(template, url.property("TargetFunctionArn"))
    permissions = list(_permissions(template, target))

    def make(builder: EditBuilder) -> None:
        builder.replace(node, "AWS_IAM", path)
        for permission in permissions:
            _limit(builder, permission)

    step = f"ask for IAM credentials at {url.logical_id}"
    risk = "callers that do not sign their requests with credentials of this account are shut out"
    return Remedy(step, make, risk, Applicability.UNSAFE)


def _distribution(template: Template, url: Resource) -> str | None:
    for resource in template.resources.values():
        if resource.type == "AWS::CloudFront::Distribution":
            named = {each.target for each in references(resource.node, template.source.text)}
            if named & {url.logical_id, f"{url.logical_id}Url"}:
                return resource.logical_id
    return None


def _permissions(template: Template, target: list[Resource]) -> Iterator[Resource]:
    """The permissions that let everybody call the addresses of functions."""
    for permission in template.resources.values():
        if permission.type == "AWS::Lambda::Permission" and text_of(permission.property("Principal")) == "*":
            by_url = permission.property("FunctionUrlAuthType") or permission.property("InvokedViaFunctionUrl")
            if by_url and any(each in target for each in functions(template, permission.property("FunctionName"))):
                yield permission


def _limit(builder: EditBuilder, permission: Resource) -> None:
    path: Path = (*permission.path, "Properties")
    principal: Node | None = permission.property("Principal")
    kind = permission.property("FunctionUrlAuthType")
    if principal is not None:
        builder.replace(principal, Ref("AWS::AccountId"), (*path, "Principal"))
    if kind is not None:
        builder.replace(kind, "AWS_IAM", (*path, "FunctionUrlAuthType"))
