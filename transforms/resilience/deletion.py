"""RES003 and RES004: stores that are deleted with everything in them when their resource is deleted or replaced."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import (
    Applicability,
    Context,
    EditBuilder,
    Example,
    Finding,
    Pass,
    Remedy,
    Resource,
    table,
    text_of,
)
from remediator.transforms.wiring.follow import fits

_DELETION, _REPLACEMENT = "DeletionPolicy", "UpdateReplacePolicy"
_KEPT = {"Retain": "Retain", "RetainExceptOnCreate": "Retain", "Snapshot": "Snapshot"}
"""Policies that keep something, with the update policy that means the same."""
_VERSIONS = ("AWS::Lambda::Version", "AWS::Lambda::LayerVersion")
"""Made anew on purpose at every change; cfn-lint leaves them alone, too."""
_SOURCES = (
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html",
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatereplacepolicy.html",
)

_TABLE = """\
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
"""
_KEPT_TABLE = _TABLE.replace("Table\n", "Table\n    DeletionPolicy: RetainExceptOnCreate\n    UpdateReplacePolicy: Retain\n", 1)


class StoreWithoutDeletionPolicy(Pass):
    """A store says nothing of what becomes of it when its resource is deleted or replaced: CloudFormation deletes it, with
    everything in it. A changed name or a resource that is renamed in the template is enough.

    It gets both policies: a snapshot where CloudFormation makes one of the type, else it is kept. What a failed first
    deployment has made goes all the same (`RetainExceptOnCreate`), so that the next attempt does not find its names taken. A
    deleted stack leaves its stores behind, with their names and what they cost, until somebody deletes them; a running stack is
    not touched.

    Left alone: stores with either policy, `Delete` too, which is meant as it is written; instances of a cluster and read
    replicas, which hold nothing of their own; log groups, whose names are those of their functions. Domains and file systems
    that run on and cost by the hour are kept by an unsafe fix only.
    """

    code = "RES003"
    name = "store-without-deletion-policy"
    profile = "secure"
    stage = 3
    answers = ("I3011",)
    sources = _SOURCES
    examples = (Example("A table", _TABLE, _KEPT_TABLE),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for store in template.resources.values():
            row = table("kept_stores").get(store.type)
            said = store.node.entry(_DELETION) or store.node.entry(_REPLACEMENT)
            if row is None or said or not fits(store, row.get("where"), row.get("unless")):
                continue
            message = f"{store.logical_id} does not say what becomes of its data when its resource is deleted or replaced"
            remedy = _keep(store, row["keep"], row.get("risk", ""))
            yield self.finding(template, (*store.path, _DELETION), store.key, message, remedy)


def _keep(store: Resource, keep: str, risk: str) -> Remedy:
    first = "RetainExceptOnCreate" if keep == "Retain" else keep
    step = f"keep {store.logical_id}" if keep == "Retain" else f"make a snapshot of {store.logical_id}"
    why = risk or "it changes nothing before the stack is deleted, and then leaves what is kept to be deleted by hand"
    level = Applicability.UNSAFE if risk else Applicability.SAFE

    def make(builder: EditBuilder) -> None:
        for key, value in ((_DELETION, first), (_REPLACEMENT, keep)):
            builder.insert_entry(store.node, key, value, store.path, after="Type")

    return Remedy(f"{step} when its resource goes", make, why, level)


class HalfADeletionPolicy(Pass):
    """A resource is kept when it is deleted, and not when it is replaced, or the other way round: `DeletionPolicy` and
    `UpdateReplacePolicy` are two settings, and the one that is missing means `Delete`, as a rule.

    The missing one is written like the other. Left alone: `Delete` by itself, which is what the other one means anyway;
    versions of functions and layers, which are replaced at every change; snapshots of what has none; policies that a parameter
    or a condition decides.
    """

    code = "RES004"
    name = "half-a-deletion-policy"
    profile = "secure"
    stage = 3
    answers = ("W3011",)
    sources = _SOURCES
    examples = (
        Example(
            "A table that is kept when the stack is deleted",
            _TABLE.replace("Table\n", "Table\n    DeletionPolicy: Retain\n", 1),
            _TABLE.replace("Table\n", "Table\n    DeletionPolicy: Retain\n    UpdateReplacePolicy: Retain\n", 1),
        ),
    )

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for resource in template.resources.values():
            for said, missing in ((_DELETION, _REPLACEMENT), (_REPLACEMENT, _DELETION)):
                node = resource.node.get(said)
                value = _KEPT.get(text_of(node) or "")
                if node is None or value is None or resource.node.entry(missing) or not _is_possible(resource, value):
                    continue
                message = f"{resource.logical_id} has {said}: {text_of(node)} and no {missing}"
                remedy = _complete(resource, said, missing, value)
                yield self.finding(template, (*resource.path, missing), node, message, remedy)


def _is_possible(resource: Resource, value: str) -> bool:
    """Whether a resource can be kept like that; CloudFormation makes snapshots of few types."""
    row = table("kept_stores").get(resource.type, {})
    if value == "Snapshot":
        return row.get("keep") == value and fits(resource, row.get("where"), row.get("unless"))
    return resource.type not in _VERSIONS


def _complete(resource: Resource, said: str, missing: str, value: str) -> Remedy:
    def make(builder: EditBuilder) -> None:
        builder.insert_entry(resource.node, missing, value, resource.path, after=said)

    why = "what is to be kept in one case is kept in the other, and nothing changes before that"
    return Remedy(f"write {missing}: {value}", make, why)
