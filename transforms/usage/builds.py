"""What a project of CodeBuild does with its role: its source, its artifacts, and the commands that it runs.

https://docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html (2026-11)
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from remediator.api import Node, text_of
from remediator.transforms.cycles.names import as_sub_text
from remediator.transforms.encryption.covers import refers
from remediator.transforms.usage.reading import Found, Use, gap, need
from remediator.transforms.usage.resource_texts import PART, arn_of_text, arn_text
from remediator.transforms.wiring.links import inside

_BUCKET = "arn:${AWS::Partition}:s3:::{}"
_REPOSITORY = re.compile(rf"https://git-codecommit\.(?P<region>{PART})\.amazonaws\.com(?:\.cn)?/v1/repos/(?P<name>.+)")
_READ = ("s3:GetObject", "s3:GetObjectVersion")
_LOOK = ("s3:GetBucketAcl", "s3:GetBucketLocation")


def build(use: Use) -> Found:
    written = next(iter(use.near("Source.BuildSpec")), None)
    yield gap(use, f"{use.user.logical_id} runs the commands of its builds", written)
    for node in (*use.near("Source.Type"), *use.near("Artifacts.Type")):
        if text_of(node) == "CODEPIPELINE":
            yield from _bucket(use, _stores(use) or [None], node, (*_READ, "s3:PutObject"))
    for node in use.near("Source.Location"):
        yield from _source(use, node)
    if any(text_of(node) == "S3" for node in use.near("Artifacts.Type")):
        for node in use.near("Artifacts.Location"):
            yield from _bucket(use, [arn_text(use.context.template, node, _BUCKET)], node, ("s3:PutObject",))


def _bucket(use: Use, arns: list[str | None], at: Node, actions: tuple[str, ...]) -> Found:
    for arn in arns:
        for action in actions:
            yield need(use, action, [f"{arn}/*"] if arn else [], "reads its source, and writes its artifacts", at)
        for action in _LOOK:
            yield need(use, action, [arn] if arn else [], "reads its source, and writes its artifacts", at, essential=False)


def _stores(use: Use) -> list[str | None]:
    """The buckets of the pipelines that build with a project."""
    return list(dict.fromkeys(_of_pipelines(use)))


def _of_pipelines(use: Use) -> Iterator[str | None]:
    template = use.context.template
    for each in template.resources.values():
        if each.type == "AWS::CodePipeline::Pipeline" and refers(template, each.property("Stages"), use.user):
            for node in inside(each.property("ArtifactStore"), "Location"):
                yield arn_text(template, node, _BUCKET)


def _source(use: Use, node: Node) -> Found:
    kinds = {text_of(each) for each in use.near("Source.Type")}
    text = as_sub_text(node)
    if kinds == {"CODECOMMIT"}:
        match = _REPOSITORY.fullmatch(text) if text else None
        arn = f"arn:${{AWS::Partition}}:codecommit:{match['region']}:${{AWS::AccountId}}:{match['name']}" if match else None
        yield need(use, "codecommit:GitPull", [arn] if arn else [], "reads its source", node)
    elif kinds == {"S3"} and text:
        bucket, _, key = text.partition("/")
        arn = arn_of_text(use.context.template, bucket, _BUCKET)
        for action in _READ:
            yield need(use, action, [f"{arn}/{key or '*'}"], "reads its source", node)
