"""What a recorder of AWS Config does with its role, besides reading what it records: it delivers.

https://docs.aws.amazon.com/config/latest/developerguide/iamrole-permissions.html (2026-11)
"""

from __future__ import annotations

from remediator.transforms.usage.reading import Found, Use, gap, need
from remediator.transforms.usage.resource_texts import arn_text
from remediator.transforms.wiring.links import inside

_BUCKET = "arn:${AWS::Partition}:s3:::{}"


def recorder(use: Use) -> Found:
    template = use.context.template
    channels = [each for each in template.resources.values() if each.type == "AWS::Config::DeliveryChannel"]
    if not channels:
        yield gap(use, f"where {use.user.logical_id} delivers to is not in the template")
    for channel in channels:
        why = f"delivers through {channel.logical_id}"
        for node in inside(channel.property("S3BucketName")):
            arn = arn_text(template, node, _BUCKET)
            yield need(use, "s3:PutObject", [f"{arn}/*"] if arn else [], why, node)
            yield need(use, "s3:PutObjectAcl", [f"{arn}/*"] if arn else [], why, node, essential=False)
            for action in ("s3:GetBucketAcl", "s3:ListBucket"):
                yield need(use, action, [arn] if arn else [], why, node)
        for node in inside(channel.property("SnsTopicARN")):
            arn = arn_text(template, node)
            yield need(use, "sns:Publish", [arn] if arn else [], why, node)
        for node in inside(channel.property("S3KmsKeyArn")):
            arn = arn_text(template, node)
            for action in ("kms:Decrypt", "kms:GenerateDataKey"):
                yield need(use, action, [arn] if arn else [], why, node)
