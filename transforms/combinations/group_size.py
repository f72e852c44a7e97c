"""COM021: groups of instances that should be larger than they may become."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Context, Example, Finding, Node, Pass, Resource, Scalar, Template, origins
from remediator.transforms.combinations.known import targets

_GROUP = "AWS::AutoScaling::AutoScalingGroup"
_POLICY = "AWS::AutoScaling::ScalingPolicy"

_EXAMPLE = """\
Resources:
  Web:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties:
      LaunchTemplate:
        LaunchTemplateId: !ImportValue web-template
        Version: "1"
      VPCZoneIdentifier:
        - !ImportValue web-subnet
      MinSize: "4"
      MaxSize: "2"
"""


class GroupSize(Pass):
    """An Auto Scaling group has a minimum above its maximum, or a desired number outside of both; or it tracks a target and may
    not change its size at all.

    Which of the numbers is wrong only a person knows, so there is no fix.

    Left alone: sizes from mappings, and from parameters without default.
    """

    code = "COM021"
    name = "group-size"
    profile = "deploy"
    answers = ("E3706", "E3712")
    sources = ("https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html",)
    examples = (Example("A minimum above the maximum", _EXAMPLE),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for resource in template.resources.values():
            if resource.type == _GROUP:
                yield from self._group(template, resource)
            elif resource.type == _POLICY and resource.property("TargetTrackingConfiguration"):
                yield from self._policy(template, resource)

    def _group(self, template: Template, group: Resource) -> Iterator[Finding]:
        least, most, wanted = (_number(template, group.property(name)) for name in ("MinSize", "MaxSize", "DesiredCapacity"))
        node = group.property("MaxSize")
        if least is None or most is None or node is None:
            return
        path = (*group.path, "Properties", "MaxSize")
        if least > most:
            message = f"{group.logical_id} has at least {least} instances, and at most {most}"
            yield self.finding(template, path, node, message, f"how many instances may {group.logical_id} have?")
        elif wanted is not None and not least <= wanted <= most:
            message = f"{group.logical_id} should have {wanted} instances, and may have {least} to {most}"
            yield self.finding(template, path, node, message, f"how many instances should {group.logical_id} have?")

    def _policy(self, template: Template, policy: Resource) -> Iterator[Finding]:
        for group in targets(template, policy.property("AutoScalingGroupName")):
            least, most = (_number(template, group.property(name)) for name in ("MinSize", "MaxSize"))
            if group.type == _GROUP and least is not None and least == most:
                message = f"{policy.logical_id} changes the size of {group.logical_id}, which always is {least}"
                question = f"how many instances may {group.logical_id} grow to (MaxSize)?"
                yield self.finding(template, policy.path, policy.key, message, question, (group.path,))


def _number(template: Template, node: Node | None) -> int | None:
    """A number that is written out, or the default of a parameter; None where it differs by a condition or a mapping."""
    found = list(origins(template, node, ())) if node else []
    scalar: Scalar | None = found[0].node if len(found) == 1 and found[0].path[:1] != ("Mappings",) else None
    return int(scalar.value) if scalar is not None and scalar.value.isdigit() else None
