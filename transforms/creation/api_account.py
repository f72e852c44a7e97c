"""CRE006: stages that write logs where nothing in the template says that the account may."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Context, Example, Finding, Pass, Scalar
from remediator.transforms.wiring.follow import at

_PLACES = {
    "AWS::ApiGateway::Stage": ("MethodSettings.LoggingLevel", "AccessLogSetting.DestinationArn"),
    "AWS::ApiGateway::Deployment": ("StageDescription.LoggingLevel", "StageDescription.AccessLogSetting.DestinationArn"),
}
_QUESTION = (
    "does API Gateway have a CloudWatch role in this account and Region? If not, the template needs an "
    "AWS::ApiGateway::Account, of which there is one for everybody"
)


class OrphanApiAccount(Pass):
    """A stage of a REST API writes logs, and the template does not set the account's CloudWatch role: *CloudWatch Logs role
    ARN must be set in account settings to enable logging*.

    There is no fix. The role is a setting of the whole account and Region, which other stacks share: it may be there
    already, and a stack that sets it takes it away from the others when it is deleted.
    """

    code = "CRE006"
    name = "orphan-api-account"
    profile = "deploy"
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-account.html",
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html",
    )
    examples = (
        Example(
            "A stage that logs errors",
            """\
Resources:
  Live:
    Type: AWS::ApiGateway::Stage
    Properties:
      RestApiId: a1b2c3d4e5
      DeploymentId: f6g7h8
      StageName: live
      MethodSettings:
        - HttpMethod: "*"
          ResourcePath: /*
          LoggingLevel: ERROR
""",
        ),
    )

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        if any(resource.type == "AWS::ApiGateway::Account" for resource in template.resources.values()):
            return
        for resource in template.resources.values():
            for place in _PLACES.get(resource.type, ()):
                found = [node for node in at(resource, place) if not isinstance(node, Scalar) or node.value != "OFF"]
                if found:
                    path = (*resource.path, "Properties", *place.split("."))
                    message = f"{resource.logical_id} writes logs with a role that the template does not set"
                    yield self.finding(template, path, found[0], message, _QUESTION)
                    break
