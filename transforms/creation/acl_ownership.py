"""CRE008: buckets with an access control list that S3 refuses, because lists are off for new buckets."""

from __future__ import annotations

from collections.abc import Iterator

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
    Template,
    intrinsic,
    meaning,
    origins,
)

_ACCEPTED = frozenset({"Private", "BucketOwnerFullControl", "BucketOwnerRead"})
"""Lists that give nobody but the owner anything; S3 takes them although lists are off."""
_PUBLIC = frozenset({"PublicRead", "PublicReadWrite", "AuthenticatedRead"})
_OWNERSHIP = {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
_OPEN = {"BlockPublicAcls": False, "IgnorePublicAcls": False}

_BEFORE = """\
Resources:
  LogBucket:
    Type: AWS::S3::Bucket
    Properties:
      AccessControl: LogDeliveryWrite
"""


class AclWithoutOwnershipControls(Pass):
    """A bucket has an access control list, and S3 refuses it: *The bucket does not allow ACLs*.

    Since April 2023 lists are off for new buckets unless `OwnershipControls` turns them on, so it is added, with
    `BucketOwnerPreferred`: what others write with the list `bucket-owner-full-control` belongs to the owner of the bucket.

    A public list also needs `BlockPublicAcls` to be off. Where the bucket does not say so, to open it is an unsafe fix;
    where the bucket blocks public lists itself, the template contradicts itself and the report asks which of both is meant.
    """

    code = "CRE008"
    name = "acl-without-ownership-controls"
    profile = "deploy"
    answers = ("E3045",)
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html#cfn-s3-bucket-accesscontrol",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_PublicAccessBlockConfiguration.html",
    )
    examples = (
        Example(
            "A bucket that S3 delivers access logs to",
            _BEFORE,
            _BEFORE + "      OwnershipControls:\n        Rules:\n          - ObjectOwnership: BucketOwnerPreferred\n",
        ),
    )

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for bucket in template.resources.values():
            node = bucket.property("AccessControl") if bucket.type == "AWS::S3::Bucket" else None
            if node is None or bucket.properties is None:
                continue
            path = (*bucket.path, "Properties")
            lists = _lists(template, node, (*path, "AccessControl"))
            if not lists:
                continue
            ownership = bucket.property("OwnershipControls")
            message = f"the access control list {' or '.join(lists)} of {bucket.logical_id} is refused: lists are off"
            if ownership is None:
                remedy = _remedy(bucket, bucket.properties, path, bool(_PUBLIC.intersection(lists)))
            elif "BucketOwnerEnforced" in str(meaning(ownership)) and not _conditional(ownership):
                remedy = f"does {bucket.logical_id} need the list, or are lists off on purpose (BucketOwnerEnforced)?"
            else:
                continue
            yield self.finding(template, (*path, "AccessControl"), node, message, remedy)


def _lists(template: Template, node: Node, path: Path) -> list[str]:
    """The lists that a bucket may get and S3 refuses."""
    texts = dict.fromkeys(each.node.value for each in origins(template, node, path))
    return [text for text in texts if text and text not in _ACCEPTED]


def _conditional(node: Node) -> bool:
    return "Fn::If" in str(meaning(node))


def _remedy(bucket: Resource, properties: Mapping, path: Path, public: bool) -> Remedy | str:
    step = f"turn lists on for {bucket.logical_id} by OwnershipControls"
    if not public:
        return Remedy(step, lambda b: _turn_on(b, properties, path), "the list that the template asks for takes effect")
    block = bucket.property("PublicAccessBlockConfiguration")
    if block is None:

        def make(builder: EditBuilder) -> None:
            builder.insert_entry(properties, "PublicAccessBlockConfiguration", _OPEN, path, after="AccessControl")
            _turn_on(builder, properties, path)

        return Remedy(
            f"{step}, and stop blocking public ones",
            make,
            "it opens the bucket to everybody, as its list says",
            Applicability.UNSAFE,
        )
    flags = block.get("BlockPublicAcls") if isinstance(block, Mapping) and intrinsic(block) is None else block
    if flags is None or meaning(flags) in (("bool", "false"), "false"):
        return Remedy(step, lambda b: _turn_on(b, properties, path), "the list that the template asks for takes effect")
    return f"is {bucket.logical_id} public (then BlockPublicAcls must be false) or not (then it has no public AccessControl)?"


def _turn_on(builder: EditBuilder, properties: Mapping, path: Path) -> None:
    builder.insert_entry(properties, "OwnershipControls", _OWNERSHIP, path, after="AccessControl")
