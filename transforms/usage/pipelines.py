"""What a pipeline of CodePipeline does with its role: its artifacts and its actions, by ``pipeline_actions.toml``."""

from __future__ import annotations

import re
from typing import Any

from remediator.api import Mapping, Node, intrinsic, table, text_of
from remediator.transforms.cycles.names import as_sub_text
from remediator.transforms.usage.reading import Found, Use, gap, need
from remediator.transforms.usage.resource_texts import KEY, arn_text, resource_of
from remediator.transforms.wiring.links import inside

_BUCKET = "arn:${AWS::Partition}:s3:::{}"
_OTHER = re.compile(r"(?<!\$)\{(\w+)\}")
_HERE = "${AWS::Region}"


def pipeline(use: Use) -> Found:
    for store in (*use.near("ArtifactStore"), *use.near("ArtifactStores.ArtifactStore")):
        yield from _artifacts(use, store)
    for action in use.near("Stages.Actions"):
        if isinstance(action, Mapping) and intrinsic(action) is None:
            yield from _action(use, action)
        else:
            yield gap(use, f"what an action of {use.user.logical_id} needs is not known", action)


def _artifacts(use: Use, store: Node) -> Found:
    """https://docs.aws.amazon.com/codepipeline/latest/userguide/how-to-custom-role.html (2026-11)"""
    template = use.context.template
    for node in inside(store, "Location"):
        arn = arn_text(template, node, _BUCKET)
        bucket = resource_of(template, arn) if arn else None
        told = f"keeps its artifacts in {bucket.logical_id if bucket else arn or 'a bucket'}"
        for action in ("s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"):
            yield need(use, action, [f"{arn}/*"] if arn else [], told, node)
        yield need(use, "s3:PutObjectAcl", [f"{arn}/*"] if arn else [], told, node, essential=False)
        for action in ("s3:GetBucketVersioning", "s3:GetBucketAcl", "s3:GetBucketLocation", "s3:ListBucket"):
            yield need(use, action, [arn] if arn else [], told, node, essential=False)
    for node in inside(store, "EncryptionKey", "Id"):
        key = arn_text(template, node, KEY)
        for action in ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"):
            essential = action in ("kms:Decrypt", "kms:GenerateDataKey*")
            yield need(use, action, [key] if key else [], "encrypts its artifacts", node, essential)


def _action(use: Use, action: Mapping) -> Found:
    kinds = [text_of(each) for key in ("Category", "Provider") for each in inside(action.get("ActionTypeId"), key)]
    name = text_of(action.get("Name")) or "an action"
    roles = list(inside(action.get("RoleArn")))
    for node in roles:
        arn = arn_text(use.context.template, node)
        yield need(use, "sts:AssumeRole", [arn] if arn else [], f"runs {name} with another role", node)
    row = table("pipeline_actions").get(":".join(each or "" for each in kinds)) if not roles else None
    if row is None and not roles:
        yield gap(use, f"what the action {name} of {use.user.logical_id} needs is not known", action)
    for item in row["needs"] if row else ():
        yield from _item(use, action, item, f"has the action {name}")


def _item(use: Use, action: Mapping, item: dict[str, Any], why: str) -> Found:
    essential = not item.get("optional", False)
    region = _region(action)
    if "target" not in item:
        resources = item.get("resources", ["*"])
        there = [each.replace(_HERE, region) for each in resources] if region or resources == ["*"] else []
        for each in item["actions"]:
            yield need(use, each, there, why, action, essential)
        return
    configuration = action.get("Configuration")
    for node in inside(configuration, item["target"]):
        form = _filled(item.get("form", ""), configuration, region)
        arn = arn_text(use.context.template, node, form) if form is not None else None
        resources = [each.replace("{}", arn) for each in item.get("resources", ["{}"])] if arn else []
        for each in item["actions"]:
            yield need(use, each, resources, why, node, essential)


def _region(action: Mapping) -> str:
    """The Region in which an action works; nothing where an expression makes it."""
    stated = action.get("Region")
    return _HERE if stated is None else as_sub_text(stated) or ""


def _filled(form: str, configuration: Node | None, region: str) -> str | None:
    """A form with the Region of an action and the other keys of its configuration."""
    if not region and _HERE in form:
        return None
    form = form.replace(_HERE, region)
    for key in _OTHER.findall(form):
        texts = [as_sub_text(node) for node in inside(configuration, key)]
        if len(texts) != 1 or texts[0] is None:
            return None
        form = form.replace(f"{{{key}}}", texts[0])
    return form
