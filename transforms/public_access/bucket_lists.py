"""PUB002: buckets that an access control list opens to everybody."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Applicability, Context, Example, Finding, Origin, Pass, Remedy, Resource, origins
from remediator.transforms.public_access.openness import PUBLIC_LISTS

_BEFORE = """\
Resources:
  Downloads:
    Type: AWS::S3::Bucket
    Properties:
      AccessControl: PublicRead
      OwnershipControls:
        Rules:
          - ObjectOwnership: BucketOwnerPreferred
"""


class PublicBucketList(Pass):
    """A bucket has an access control list that lets everybody read it, or even write.

    As an unsafe fix the list becomes `Private`. A website is left alone, and the report asks whether everybody should read it.
    So is a list that a parameter or a mapping makes.
    """

    code = "PUB002"
    name = "public-bucket-list"
    profile = "secure"
    stage = 3
    answers = ("CKV_AWS_20", "CKV_AWS_57", "F14", "W31")
    sources = ("https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl",)
    examples = (Example("Downloads for everybody", _BEFORE, _BEFORE.replace("PublicRead", "Private"), unsafe=True),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for bucket in template.resources.values():
            node = bucket.property("AccessControl") if bucket.type == "AWS::S3::Bucket" else None
            path = (*bucket.path, "Properties", "AccessControl")
            for origin in origins(template, node, path) if node else ():
                text = origin.node.value
                if text in PUBLIC_LISTS and origin.node.tag is None:
                    who = {"PublicRead": "everybody read", "PublicReadWrite": "everybody read and write"}
                    message = f"the access control list of {bucket.logical_id} lets {who.get(text, 'any AWS account read')}"
                    remedy = _question(bucket) if origin.shared or _is_website(bucket) else _remedy(bucket, origin)
                    yield self.finding(template, path, origin.node, message, remedy)


def _is_website(bucket: Resource) -> bool:
    return bucket.property("WebsiteConfiguration") is not None


def _question(bucket: Resource) -> str:
    return f"should everybody have access to {bucket.logical_id}, or only a distribution in front of it?"


def _remedy(bucket: Resource, origin: Origin) -> Remedy:
    return Remedy(
        f"make the access control list of {bucket.logical_id} Private",
        lambda builder: builder.replace(origin.node, "Private", origin.path),
        "whoever reads the bucket without credentials can't any more",
        Applicability.UNSAFE,
    )
