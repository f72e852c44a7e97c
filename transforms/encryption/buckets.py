"""Buckets that can't have a customer key: what stands against it, for the report."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from remediator.api import Context, Resource, Template
from remediator.transforms.encryption.strangers import forbidden, strangers
from remediator.transforms.logging.deliveries import deliveries
from remediator.transforms.wiring.follow import at
from remediator.transforms.wiring.links import meant

BUCKET = "AWS::S3::Bucket"
_REPLICA = "ReplicationConfiguration.Rules.Destination.Bucket"


def forbids_key(context: Context, bucket: Resource) -> str | None:
    """Why the right encryption of a bucket is that with S3's own key; None where nothing speaks against a customer key.

    S3's own encryption asks nobody: https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-bucket-encryption.html
    """
    template = context.template
    return next(chain(strangers(template, bucket), forbidden(context, bucket), _writers(template, bucket)), None)


def _writers(template: Template, bucket: Resource) -> Iterator[str]:
    name = bucket.logical_id
    for each in deliveries(template, bucket):
        if not each.row["customer_key"]:
            yield f"{each.source.logical_id} writes its logs to {name}, which the service can't do with a customer key"
    for other in template.resources.values():
        if any(bucket in meant(template, node, BUCKET) for node in at(other, _REPLICA)):
            yield f"{other.logical_id} is replicated to {name}, and its replication has no key to write with"
