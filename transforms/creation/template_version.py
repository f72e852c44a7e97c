"""CRE010: versions of a launch template that CloudFormation does not know by that name."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import (
    Applicability,
    Context,
    Example,
    Finding,
    GetAtt,
    Mapping,
    Pass,
    Path,
    Remedy,
    Resource,
    Scalar,
    Template,
    UpdateEffect,
    meaning,
    text_of,
)
from remediator.transforms.wiring.links import meant

_ATTRIBUTES = {"$Latest": "LatestVersionNumber", "$Default": "DefaultVersionNumber"}
_SPECIFICATIONS = ("LaunchTemplate", "LaunchTemplateSpecification")
_TEMPLATE = "AWS::EC2::LaunchTemplate"

_BEFORE = """\
Resources:
  Web:
    Type: AWS::EC2::LaunchTemplate
    Properties:
      LaunchTemplateData:
        InstanceType: t3.micro

  Group:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties:
      MinSize: "1"
      MaxSize: "2"
      LaunchTemplate:
        LaunchTemplateId: !Ref Web
        Version: $Latest
"""


class UnsupportedTemplateVersion(Pass):
    """A group or instance asks for `$Latest` or `$Default` of a launch template, which CloudFormation does not support: it
    may be refused, and a change of the template never reaches the instances.

    The number of that version, which the launch template returns, is the same at creation. For a group that is safe:
    how a change reaches the instances is up to its `UpdatePolicy`. For an instance it is an unsafe fix, because a later
    change of the launch template replaces the instance then.
    """

    code = "CRE010"
    name = "unsupported-template-version"
    profile = "deploy"
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-autoscaling-autoscalinggroup-launchtemplatespecification.html",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ec2-instance-launchtemplatespecification.html",
    )
    examples = (Example("The latest version", _BEFORE, _BEFORE.replace("$Latest", "!GetAtt Web.LatestVersionNumber")),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for resource, place in context.places:
            specification = place.node
            if place.path[-1] not in _SPECIFICATIONS or not isinstance(specification, Mapping):
                continue
            version, named = specification.get("Version"), _named(template, specification)
            if text_of(version) in _ATTRIBUTES and isinstance(version, Scalar) and len(named) == 1:
                path = (*place.path, "Version")
                message = f"{resource.logical_id} asks for the version {version.value} of {named[0].logical_id}"
                yield self.finding(template, path, version, message, _remedy(resource, named[0], version, path))


def _named(template: Template, specification: Mapping) -> list[Resource]:
    """The launch template that a specification names, by reference or by the name that the launch template states."""
    name = specification.get("LaunchTemplateName")
    stated = [(each, each.property("LaunchTemplateName")) for each in template.resources.values() if each.type == _TEMPLATE]
    same = [each for each, other in stated if name and other and meaning(name) == meaning(other)]
    return meant(template, specification, _TEMPLATE) or same


def _remedy(resource: Resource, named: Resource, version: Scalar, path: Path) -> Remedy:
    value = GetAtt(named.logical_id, _ATTRIBUTES[version.value])
    step = f"ask for {named.logical_id}.{value.attribute}"
    if resource.type == "AWS::EC2::Instance":
        why = "a later change of the launch template replaces the instance"
        level, effect = Applicability.UNSAFE, UpdateEffect.REPLACEMENT
        return Remedy(step, lambda builder: builder.replace(version, value, path), why, level, effect)
    return Remedy(step, lambda builder: builder.replace(version, value, path), "it is the same version")
