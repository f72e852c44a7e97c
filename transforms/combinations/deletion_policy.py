"""COM012: deletion policies that a resource can't have."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Applicability, Context, Example, Finding, Node, Pass, Path, Remedy, Resource, text_of
from remediator.transforms.combinations.rows import listed

_SNAPSHOTS = frozenset(
    (
        "AWS::DocDB::DBCluster",
        "AWS::EC2::Volume",
        "AWS::ElastiCache::CacheCluster",
        "AWS::ElastiCache::ReplicationGroup",
        "AWS::Neptune::DBCluster",
        "AWS::RDS::DBCluster",
        "AWS::RDS::DBInstance",
        "AWS::Redshift::Cluster",
    )
)
"""Types of which CloudFormation makes a snapshot.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html (2026-11)"""
_ALLOWED = {
    "DeletionPolicy": ("Delete", "Retain", "RetainExceptOnCreate", "Snapshot"),
    "UpdateReplacePolicy": ("Delete", "Retain", "Snapshot"),
}

_BEFORE = """\
Resources:
  Documents:
    Type: AWS::S3::Bucket
    DeletionPolicy: retain
"""


class DeletionPolicy(Pass):
    """A resource has a `DeletionPolicy` or `UpdateReplacePolicy` that CloudFormation does not know, or asks for a snapshot of
    something of which there are none.

    Another case is corrected. `RetainExceptOnCreate` as an update policy becomes `Retain`, which is what it means there. Where
    there are no snapshots, `Retain` keeps the thing itself: what is wanted is kept, but so is what it costs, so it is unsafe.

    Left alone: policies from parameters and conditions.
    """

    code = "COM012"
    name = "impossible-deletion-policy"
    profile = "deploy"
    answers = ("E3035", "E3036")
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatereplacepolicy.html",
    )
    examples = (
        Example("Another case", _BEFORE, _BEFORE.replace("retain", "Retain")),
        Example("No snapshots", _BEFORE.replace("retain", "Snapshot"), _BEFORE.replace("retain", "Retain"), unsafe=True),
    )

    def run(self, context: Context) -> Iterator[Finding]:
        for resource in context.template.resources.values():
            for key, allowed in _ALLOWED.items():
                node = resource.node.get(key)
                value = text_of(node)
                if node is None or value is None or _is_possible(resource, value, allowed):
                    continue
                path = (*resource.path, key)
                message = f"{resource.logical_id} can't have {key}: {value}"
                choices = [each for each in allowed if _is_possible(resource, each, allowed)]
                question = f"what should become of {resource.logical_id}, {listed(choices, 'or')}?"
                yield self.finding(context.template, path, node, message, _remedy(node, value, allowed, path) or question)


def _remedy(node: Node, value: str, allowed: tuple[str, ...], path: Path) -> Remedy | None:
    new, why, level = _meant(value, allowed)
    return Remedy(f"write {new}", lambda b: b.replace(node, new, path), why, level) if new else None


def _is_possible(resource: Resource, value: str, allowed: tuple[str, ...]) -> bool:
    return value in allowed and (value != "Snapshot" or not resource.type.startswith("AWS::") or resource.type in _SNAPSHOTS)


def _meant(value: str, allowed: tuple[str, ...]) -> tuple[str, str, Applicability]:
    """What is written, and why that is right; nothing where nobody can know."""
    if value == "Snapshot":
        return "Retain", "the resource stays when the stack goes, and costs what it costs", Applicability.UNSAFE
    if value == "RetainExceptOnCreate":
        return "Retain", "a replaced resource has been created before, so that it means the same", Applicability.SAFE
    same = [each for each in allowed if each.lower() == value.lower()]
    return (same[0] if same else ""), "it differs in case only", Applicability.SAFE
