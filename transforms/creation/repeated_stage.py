"""CRE009: deployments that make the stage which the template makes, too."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Context, Example, Finding, Mapping, Pass, Remedy, Resource, Template, meaning
from remediator.transforms.wiring.links import meant

_API = "AWS::ApiGateway::RestApi"

_BEFORE = """\
Resources:
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Name: shop

  Deployment:
    Type: AWS::ApiGateway::Deployment
    Properties:
      RestApiId: !Ref Api
      StageName: live

  Live:
    Type: AWS::ApiGateway::Stage
    Properties:
      RestApiId: !Ref Api
      DeploymentId: !Ref Deployment
      StageName: live
"""


class RepeatedStage(Pass):
    """A deployment makes a stage, and the template has a stage of the same name, whose creation fails: *Stage already
    exists*.

    The deployment loses its `StageName`; the stage of the template is the one that stays. Where the deployment also
    describes its stage, only the author knows which of both descriptions holds.
    """

    code = "CRE009"
    name = "repeated-stage"
    profile = "deploy"
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-deployment.html",
    )
    examples = (Example("A stage twice", _BEFORE, _BEFORE.replace("      StageName: live\n", "", 1)),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for deployment in template.resources.values():
            properties = deployment.properties
            node = deployment.property("StageName") if deployment.type == "AWS::ApiGateway::Deployment" else None
            twin = _twin(template, deployment) if node else None
            if node is None or twin is None or properties is None:
                continue
            path = (*deployment.path, "Properties")
            message = f"{deployment.logical_id} makes the stage that {twin.logical_id} makes: creation fails"
            yield self.finding(template, (*path, "StageName"), node, message, _remedy(deployment, properties, twin))


def _twin(template: Template, deployment: Resource) -> Resource | None:
    """The stage of the same API with the same name."""
    name, apis = deployment.property("StageName"), meant(template, deployment.property("RestApiId"), _API)
    for stage in template.resources.values():
        other = stage.property("StageName") if stage.type == "AWS::ApiGateway::Stage" else None
        same = name is not None and other is not None and meaning(name) == meaning(other)
        if same and apis and apis == meant(template, stage.property("RestApiId"), _API):
            return stage if stage.condition in (None, deployment.condition) else None
    return None


def _remedy(deployment: Resource, properties: Mapping, twin: Resource) -> Remedy | str:
    if properties.entry("StageDescription"):
        return f"which holds: the StageDescription of {deployment.logical_id} or what {twin.logical_id} says?"
    path = (*deployment.path, "Properties")
    return Remedy(
        f"leave the stage to {twin.logical_id}",
        lambda builder: builder.remove_entry(properties, "StageName", path),
        "the stage of the template is there either way",
    )
