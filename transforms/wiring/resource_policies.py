"""The policy of a bucket, queue, topic or secret, which is a resource of its own: who is let in, and one more statement."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Sequence as List
from typing import Any

from remediator.api import (
    CannotEdit,
    Copy,
    EditBuilder,
    GetAtt,
    Mapping,
    Node,
    Ref,
    Resource,
    Sequence,
    Sub,
    Template,
    intrinsic,
)
from remediator.transforms.wiring.follow import at
from remediator.transforms.wiring.links import condition_of, meant

KINDS = {
    "AWS::S3::Bucket": ("AWS::S3::BucketPolicy", "Bucket", "PolicyDocument"),
    "AWS::SQS::Queue": ("AWS::SQS::QueuePolicy", "Queues", "PolicyDocument"),
    "AWS::SNS::Topic": ("AWS::SNS::TopicPolicy", "Topics", "PolicyDocument"),
    "AWS::SecretsManager::Secret": ("AWS::SecretsManager::ResourcePolicy", "SecretId", "ResourcePolicy"),
}
"""For each type, the type of its policy, the property that names the owner or owners, and the one with the document."""

_OWNER = {
    "Sid": "Owner",
    "Effect": "Allow",
    "Principal": {"AWS": "*"},
    "Action": [
        "sns:GetTopicAttributes",
        "sns:SetTopicAttributes",
        "sns:AddPermission",
        "sns:RemovePermission",
        "sns:DeleteTopic",
        "sns:Subscribe",
        "sns:ListSubscriptionsByTopic",
        "sns:Publish",
    ],
}
"""What the policy of a topic says where the template says nothing; alarms rest on it.
https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html (2026-11)"""


def policies(template: Template, target: Resource) -> Iterator[Resource]:
    """The policies of the template that are for a resource."""
    kind, owners, _ = KINDS[target.type]
    for policy in template.resources.values():
        if policy.type == kind and target in meant(template, policy.property(owners), target.type):
            yield policy


def statements(policy: Resource) -> list[Node]:
    """The statements of such a policy, both branches of ``Fn::If`` included; none where it is not written out."""
    document = next(name for kind, _, name in KINDS.values() if kind == policy.type)
    return list(at(policy, f"{document}.Statement"))


def arn(target: Resource) -> Any:
    """The ARN of the owner of a policy, as a value."""
    return (
        Ref(target.logical_id)
        if target.type in ("AWS::SNS::Topic", "AWS::SecretsManager::Secret")
        else GetAtt(target.logical_id, "Arn")
    )


def objects(bucket: Resource, prefix: str = "*") -> Sub:
    """The ARN of the objects of a bucket, as a value."""
    return Sub(f"${{{bucket.logical_id}.Arn}}/{prefix}")


def extension(
    template: Template, target: Resource, new: List[dict[str, Any]], who: str, *, sources: List[Resource] = ()
) -> Callable[[EditBuilder], None] | str:
    """How the policy of a resource gets statements, or the question why it can't.

    They go into the policy that is there, or into a new one. ``who``: whom they let in, for the question. ``sources``: the
    resources that the statements name; a statement
    can't name what is there under another condition than the policy.
    """
    found = list(policies(template, target))
    condition = condition_of(target, *sources)
    fitting = all(each.condition in (None, found[0].condition) for each in sources) if found else condition is not None
    if not fitting:
        other = next(each for each in (*sources, target) if each.condition)
        return f"what should {target.logical_id} allow where the condition of {other.logical_id} does not hold?"
    if not found:
        return _adds(target, condition or {}, new)
    if len(found) == 1 and _is_for_one(found[0]):
        return _extends(found[0], new)
    return f"which of the policies of {target.logical_id} should let {who} in?"


def _is_for_one(policy: Resource) -> bool:
    owners = policy.property(next(name for kind, name, _ in KINDS.values() if kind == policy.type))
    return not isinstance(owners, Sequence) or len(owners.items) == 1


def _adds(target: Resource, condition: dict[str, str], new: List[dict[str, Any]]) -> Callable[[EditBuilder], None]:
    kind, owners, document = KINDS[target.type]
    topic = target.type == "AWS::SNS::Topic"
    owner = {**_OWNER, "Resource": arn(target), "Condition": {"StringEquals": {"AWS:SourceOwner": Ref("AWS::AccountId")}}}
    name = Ref(target.logical_id)

    def make(builder: EditBuilder) -> None:
        properties = {
            owners: [name] if owners.endswith("s") else name,
            document: {"Version": "2012-10-17", "Statement": [owner, *new] if topic else list(new)},
        }
        new_id = builder.new_logical_id(f"{target.logical_id}Policy")
        builder.add_resource(new_id, {"Type": kind, **condition, "Properties": properties}, after=target.logical_id)

    return make


def _extends(policy: Resource, new: List[dict[str, Any]]) -> Callable[[EditBuilder], None]:
    _, _, key = next(row for row in KINDS.values() if row[0] == policy.type)

    def make(builder: EditBuilder) -> None:
        document = policy.property(key)
        listed = document.get("Statement") if isinstance(document, Mapping) else None
        path = (*policy.path, "Properties", key)
        if isinstance(document, Mapping) and isinstance(listed, Mapping) and not intrinsic(listed):
            builder.set_entry(document, "Statement", [Copy(listed), *new], path)
            return
        if not isinstance(listed, Sequence) or intrinsic(listed) or not listed.items:
            raise CannotEdit("Statement is not a list with items")
        for statement in new:
            builder.append_item(listed, statement, (*path, "Statement"))

    return make
