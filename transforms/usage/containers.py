"""What a task of ECS does with its roles: one starts its containers, the other is for what runs in them.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html (2026-11)
"""

from __future__ import annotations

import re

from remediator.api import Node
from remediator.transforms.cycles.names import as_sub_text
from remediator.transforms.usage.reading import Found, Use, gap, need
from remediator.transforms.usage.resource_texts import PART, arn_of_text, resource_of

_IMAGE = re.compile(
    r"(?P<account>[^./]+)\.dkr\.ecr\.(?P<region>[\w-]+|\$\{AWS::Region\})\.(?:amazonaws\.com(?:\.cn)?|\$\{AWS::URLSuffix\})/"
    r"(?P<name>[^:@]*(?:\$\{[^}]*\}[^:@]*)*)(?:[:@].*)?"
)
_PULL = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
_SECRETS = ("ContainerDefinitions.Secrets.ValueFrom", "ContainerDefinitions.LogConfiguration.SecretOptions.ValueFrom")
_SECRET = re.compile(rf"(?P<arn>\$\{{[^}}]*\}}|arn:{PART}:secretsmanager:{PART}:{PART}:secret:[^:]+)(?::[^:]*:[^:]*:[^:]*)?")
_PARAMETER = "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/{}"


def software(use: Use) -> Found:
    """The software in the containers of a task."""
    names = [as_sub_text(node) or "what an expression names" for node in use.near("ContainerDefinitions.Image")]
    what = ", ".join(dict.fromkeys(names)) or "containers"
    yield gap(use, f"{use.user.logical_id} runs {what}, whose software is not in the template")


def execution(use: Use) -> Found:
    """Images, logs and secrets of the containers of a task."""
    for node in use.near("ContainerDefinitions.Image"):
        yield from _image(use, node)
    for place in _SECRETS:
        for node in use.near(place):
            yield from _secret(use, node)
    for node in use.near("ContainerDefinitions.EnvironmentFiles.Value"):
        arn = as_sub_text(node)
        bucket = arn.partition("/")[0] if arn else None
        yield need(use, "s3:GetObject", [arn] if arn else [], "reads a file of variables", node)
        yield need(use, "s3:GetBucketLocation", [bucket] if bucket else [], "reads a file of variables", node)


def _image(use: Use, node: Node) -> Found:
    """An image in a registry of ECR; others take no rights, and of an expression it is not known which it is."""
    text = as_sub_text(node)
    resource = resource_of(use.context.template, text) if text else None
    match = _IMAGE.fullmatch(text) if text else None
    private = match is not None or (resource is not None and resource.type == "AWS::ECR::Repository")
    if match:
        arns = [f"arn:${{AWS::Partition}}:ecr:{match['region']}:{match['account']}:repository/{match['name']}"]
    else:
        arns = [f"${{{resource.logical_id}.Arn}}"] if resource and private else []
    if private or text is None or text.startswith("${"):
        yield need(use, "ecr:GetAuthorizationToken", ["*"], "pulls its images", node, essential=private)
        for action in _PULL:
            yield need(use, action, arns, f"pulls {text or 'an image'}", node, essential=private)
    else:
        for action in ("ecr:GetAuthorizationToken", *_PULL):  # CRE003 attaches AWS's policy for the logs, which has these, too
            yield need(use, action, (), "pulls its images", node, essential=False)


def _secret(use: Use, node: Node) -> Found:
    """A secret, or a parameter of Systems Manager, as its ARN or, for a parameter, its name."""
    text, template = as_sub_text(node), use.context.template
    target = resource_of(template, text) if text else None
    if target and target.type == "AWS::SSM::Parameter":
        stated = target.property("Name")
        name = as_sub_text(stated) if stated else target.logical_id  # a name that CloudFormation makes has no slash
        form = _PARAMETER.replace("/{}", f"{'' if name and name.startswith('/') else '/'}${{{target.logical_id}}}")
        known = name and not name.startswith("${")
        yield need(use, "ssm:GetParameters", [form] if known else [], f"reads {target.logical_id}", node)
        return
    match = _SECRET.fullmatch(text) if text else None
    if text and re.match(rf"arn:{PART}:ssm:", text):
        yield need(use, "ssm:GetParameters", [text], "reads a parameter", node)
    elif match and (":secretsmanager:" in text if text and not text.startswith("${") else target):
        name = target.logical_id if target else match["arn"]
        yield need(use, "secretsmanager:GetSecretValue", [arn_of_text(template, match["arn"])], f"reads {name}", node)
    elif text and not text.startswith("${") and "arn:" not in text:
        yield need(use, "ssm:GetParameters", [_PARAMETER.replace("/{}", f"/{text.lstrip('/')}")], "reads a parameter", node)
    else:  # a parameter of the template: it is not known which of both it is
        arns = [match["arn"]] if match else []
        yield need(use, "secretsmanager:GetSecretValue", arns, "reads a secret", node, essential=False)
        yield need(use, "ssm:GetParameters", arns, "reads a parameter", node, essential=False)
