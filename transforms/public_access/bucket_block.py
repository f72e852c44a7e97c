"""PUB001: buckets that do not block public access."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from remediator.api import (
    Applicability,
    Context,
    EditBuilder,
    Example,
    Finding,
    Mapping,
    Pass,
    Path,
    Remedy,
    Resource,
    Scalar,
    Template,
    intrinsic,
)
from remediator.transforms.public_access.openness import reasons_to_be_public
from remediator.transforms.settings.slots import slots

_BLOCK = "PublicAccessBlockConfiguration"
_SETTINGS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")

_BEFORE = """\
Resources:
  Invoices:
    Type: AWS::S3::Bucket
    Properties:
      VersioningConfiguration:
        Status: Enabled
"""
_ADDED = """\
      PublicAccessBlockConfiguration:
        BlockPublicAcls: true
        BlockPublicPolicy: true
        IgnorePublicAcls: true
        RestrictPublicBuckets: true
"""
_WEBSITE = """\
Resources:
  Site:
    Type: AWS::S3::Bucket
    Properties:
      WebsiteConfiguration:
        IndexDocument: index.html
"""


@dataclass(frozen=True, slots=True)
class _Gap:
    """What a bucket does not block: settings that are left out, and those that are off, with their nodes."""

    block: Mapping | None
    path: Path
    left_out: tuple[str, ...]
    off: tuple[tuple[str, Scalar], ...]


class BucketWithoutPublicAccessBlock(Pass):
    """A bucket does not block public access with all four settings, so that one policy or access control list can open it to
    everybody.

    The four settings are switched on. For a bucket that is created today they are on anyway, so that nothing changes but
    that the template says so; of a block that is there, what it leaves out is off, and is added. A setting that is `false`
    was maybe switched off on purpose, and is switched on as an unsafe fix.

    A bucket that the template itself makes public is left alone: a website, one with a public access control list, and one
    whose policy allows something to everybody without a condition that limits it. There the report asks what is meant; while
    the settings do not stand in the template, S3 refuses such a policy or list. Settings that parameters or intrinsics make
    are left alone.
    """

    code = "PUB001"
    name = "bucket-without-public-access-block"
    profile = "secure"
    stage = 3
    answers = ("CKV_AWS_53", "CKV_AWS_54", "CKV_AWS_55", "CKV_AWS_56")
    sources = (
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
        "https://aws.amazon.com/blogs/aws/heads-up-amazon-s3-security-changes-are-coming-in-april-of-2023/",
    )
    examples = (Example("A bucket for invoices", _BEFORE, _BEFORE + _ADDED), Example("A website", _WEBSITE))

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for bucket in template.resources.values():
            if bucket.type == "AWS::S3::Bucket":
                for gap in _gaps(bucket):
                    message = f"{bucket.logical_id} does not block public access{_what(gap)}"
                    yield self.finding(template, gap.path, bucket.key, message, _remedy(template, bucket, gap))


def _gaps(bucket: Resource) -> Iterator[_Gap]:
    for slot in slots(bucket, _BLOCK):
        if slot.node is None:
            yield _Gap(None, (*slot.path, *slot.rest), _SETTINGS, ())
        elif isinstance(slot.node, Mapping) and not intrinsic(slot.node):
            block = slot.node
            left_out = tuple(name for name in _SETTINGS if block.entry(name) is None)
            nodes = [(name, block.get(name)) for name in _SETTINGS]
            off = tuple((name, node) for name, node in nodes if isinstance(node, Scalar) and _is_off(node))
            if left_out or off:
                yield _Gap(block, slot.path, left_out, off)


def _is_off(node: Scalar) -> bool:
    return node.tag is None and node.value.lower() == "false"


def _what(gap: _Gap) -> str:
    names = [*gap.left_out, *(name for name, _ in gap.off)]
    return f" ({', '.join(names)})" if len(names) < len(_SETTINGS) else ""


def _remedy(template: Template, bucket: Resource, gap: _Gap) -> Remedy | str:
    public = next(reasons_to_be_public(template, bucket), None)
    if public and gap.block is None:
        refused = "" if public == "is a website" else ", which S3 refuses while the four settings do not stand in the template"
        return f"{bucket.logical_id} {public}{refused}: is it meant for everybody, or should only a distribution read it?"
    if public:
        return f"{bucket.logical_id} {public}: is it meant for everybody?"
    step = f"block public access to {bucket.logical_id}"
    if gap.off:
        risk = "the settings are off, maybe because somebody outside of the template opens the bucket to everybody"
        return Remedy(step, lambda builder: _switch_on(builder, bucket, gap), risk, Applicability.UNSAFE)
    why = "nothing in the template makes the bucket public, and new buckets have all four settings on"
    return Remedy(step, lambda builder: _switch_on(builder, bucket, gap), why)


def _switch_on(builder: EditBuilder, bucket: Resource, gap: _Gap) -> None:
    every = dict.fromkeys(_SETTINGS, True)
    if gap.block is not None:
        for _, node in gap.off:
            builder.replace(node, True, gap.path)
        last = gap.block.entries[-1].key.value if gap.block.entries else None
        for name in gap.left_out:
            builder.insert_entry(gap.block, name, True, gap.path, after=last)
    elif bucket.properties is not None:
        builder.set_entry(bucket.properties, _BLOCK, every, (*bucket.path, "Properties"))
    else:
        builder.insert_entry(bucket.node, "Properties", {_BLOCK: every}, bucket.path, after="Type")
