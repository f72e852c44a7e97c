"""PUB009: instances whose metadata, credentials included, are given out without a session token."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from remediator.api import (
    Applicability,
    Context,
    EditBuilder,
    Example,
    Finding,
    Mapping,
    Node,
    Pass,
    Path,
    Remedy,
    Resource,
    Scalar,
    Template,
    UpdateEffect,
    references,
    resource_type,
    text_of,
)
from remediator.transforms.settings.slots import Slot, slots

_PREFIXES = {
    "AWS::EC2::LaunchTemplate": "LaunchTemplateData.",
    "AWS::EC2::Instance": "",
    "AWS::AutoScaling::LaunchConfiguration": "",
}
_METADATA = re.compile(r"169\.254\.169\.254|instance-data/latest|\[fd00:ec2::254\]")
_TOKEN = re.compile(r"X-aws-ec2-metadata-token", re.IGNORECASE)
_CONTAINERS = re.compile(r"\bdocker\b|\bpodman\b|ECS_CLUSTER|/etc/eks/bootstrap|nodeadm|containerd|kubelet", re.IGNORECASE)
_RUN_CONTAINERS = ("AWS::EKS::Nodegroup", "AWS::ECS::CapacityProvider", "AWS::Batch::ComputeEnvironment")

_BEFORE = """\
Parameters:
  Image:
    Type: AWS::EC2::Image::Id
Resources:
  Server:
    Type: AWS::EC2::LaunchTemplate
    Properties:
      LaunchTemplateData:
        ImageId: !Ref Image
        InstanceType: t3.micro
"""
_ADDED = """\
        MetadataOptions:
          HttpTokens: required
"""


@dataclass(frozen=True, slots=True)
class _Use:
    """How what an instance runs asks for metadata, as far as the template shows it."""

    without_token: bool
    containers: bool


class MetadataWithoutToken(Pass):
    """Instances give out their metadata, and with it the credentials of their role, to anything that can make them send a
    plain request (IMDSv1).

    A session token becomes required (IMDSv2), in launch templates, launch configurations and instances. What AWS publishes
    asks for one since 2019. Where the template shows that containers run on the instances, the token may take one hop more, for
    which otherwise it would not reach them.

    It is an unsafe fix where tokens are optional on purpose, where user data, what `cfn-init` runs or a document of Systems
    Manager asks for metadata without a token, and in launch configurations, which a change replaces. Instances that are made
    from a launch template are left alone, and so is what a parameter or an intrinsic makes, and where the metadata service is
    off.
    """

    code = "PUB009"
    name = "metadata-without-token"
    profile = "secure"
    stage = 3
    answers = ("CKV_AWS_79",)
    sources = (
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ec2-launchtemplate-metadataoptions.html",
    )
    examples = (Example("A launch template", _BEFORE, _BEFORE + _ADDED),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for resource in template.resources.values():
            if resource.type not in _PREFIXES or (
                resource.type == "AWS::EC2::Instance" and resource.property("LaunchTemplate") is not None
            ):
                continue
            for slot in slots(resource, f"{_PREFIXES[resource.type]}MetadataOptions.HttpTokens"):
                if _gives_out(slot):
                    at = resource.key if slot.node is None else slot.node
                    message = f"{resource.logical_id} gives out its metadata without a session token"
                    remedy = _remedy(template, resource, slot)
                    yield self.finding(template, (*slot.path, *slot.rest), at, message, remedy)


def _gives_out(slot: Slot) -> bool:
    if slot.node is not None:
        return isinstance(slot.node, Scalar) and not slot.node.tag and slot.node.value == "optional"
    return len(slot.rest) > 1 or text_of(slot.owner.get("HttpEndpoint")) != "disabled"


def _remedy(template: Template, resource: Resource, slot: Slot) -> Remedy:
    use = _use(template, resource)
    kind = resource_type(resource.type)
    replaced = kind is not None and "MetadataOptions" in kind.create_only
    risk = ""
    if use.without_token:
        risk = "a script of the template asks for metadata without a token, and gets none any more"
    elif slot.node is not None:
        risk = "what runs on the instances and is older than session tokens gets no metadata any more"
    elif replaced:
        risk = "a change replaces the launch configuration, and with it the instances where the group says so"
    why = "what AWS publishes asks for a token, and nothing in the template asks for metadata without one"
    return Remedy(
        f"let {resource.logical_id} give out metadata only for a session token",
        lambda builder: _require(builder, resource, slot, use.containers),
        risk or why,
        Applicability.UNSAFE if risk else Applicability.SAFE,
        UpdateEffect.REPLACEMENT if replaced else UpdateEffect.NONE,
    )


def _require(builder: EditBuilder, resource: Resource, slot: Slot, containers: bool) -> None:
    """Writes the options; the hop for containers only where the template says nothing of hops."""
    hops: dict[str, Any] = {"HttpPutResponseHopLimit": 2} if containers else {}
    if slot.node is not None:
        builder.replace(slot.node, "required", slot.path)
        if slot.path[-1] == "HttpTokens" and slot.owner.entry("HttpPutResponseHopLimit") is None:
            _add(builder, slot.owner, hops, slot.path[:-1])
    elif slot.rest == ("HttpTokens",):
        hops = {key: value for key, value in hops.items() if slot.owner.entry(key) is None}
        _add(builder, slot.owner, {"HttpTokens": "required", **hops}, slot.path)
    else:
        *outer, _ = slot.rest
        value: dict[str, Any] = {"HttpTokens": "required", **hops}
        for name in reversed(outer[1:]):
            value = {name: value}
        _add(builder, slot.owner, {outer[0]: value}, slot.path)


def _add(builder: EditBuilder, owner: Mapping, entries: dict[str, Any], path: Path) -> None:
    last = owner.entries[-1].key.value if owner.entries else None
    for key, value in entries.items():
        builder.insert_entry(owner, key, value, path, after=last)


def _use(template: Template, resource: Resource) -> _Use:
    data = next((slot.node for slot in slots(resource, f"{_PREFIXES[resource.type]}UserData") if slot.node), None)
    scripts = [_written(template, node) for node in (data, *_scripts(template))]
    containers = bool(_CONTAINERS.search(scripts[0])) or any(
        _names(template, each, resource) for each in template.resources.values()
    )
    return _Use(any(_METADATA.search(text) and not _TOKEN.search(text) for text in scripts), containers)


def _scripts(template: Template) -> Iterator[Node | None]:
    """What may run on any instance: what ``cfn-init`` writes and calls, and documents of Systems Manager."""
    for resource in template.resources.values():
        yield resource.node if resource.type == "AWS::SSM::Document" else resource.node.get("Metadata")


def _written(template: Template, node: Node | None) -> str:
    return template.source.text[node.start : node.end] if node else ""


def _names(template: Template, user: Resource, resource: Resource) -> bool:
    """Whether one that runs containers does so on the instances of a template."""
    node = user.node if user.type in _RUN_CONTAINERS else None
    return any(each.target == resource.logical_id for each in references(node, template.source.text)) if node else False
