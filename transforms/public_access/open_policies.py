"""PUB008: policies of repositories, queues, topics and other resources that let everybody in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

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
    Ref,
    Remedy,
    Resource,
    Scalar,
    Sequence,
    Sub,
    Template,
    intrinsic,
    table,
    text_of,
)
from remediator.transforms.public_access.openness import everybody
from remediator.transforms.wiring.follow import at
from remediator.transforms.wiring.links import meant

_ACCOUNT = Sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")
_LIMITS = ("SourceArn", "SourceAccount", "PrincipalOrgID", "FunctionUrlAuthType", "InvokedViaFunctionUrl", "EventSourceToken")

_Open = tuple[Mapping, Node, Path]
"""A statement that lets everybody in, its principal ``*``, and where the statement stands."""

_BEFORE = """\
Resources:
  Images:
    Type: AWS::ECR::Repository
    Properties:
      RepositoryPolicyText:
        Version: "2012-10-17"
        Statement:
          - Sid: Pull
            Effect: Allow
            Principal: "*"
            Action:
              - ecr:BatchGetImage
              - ecr:GetDownloadUrlForLayer
"""
_AFTER = _BEFORE.replace(
    'Principal: "*"\n',
    'Principal:\n              AWS: !Sub "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"\n',
)


class PolicyForEverybody(Pass):
    """The policy of a repository, queue, topic, secret, search domain or other resource lets everybody in, in any account,
    without a condition that says who or from where. So does a permission to invoke a function.

    As an unsafe fix it lets in this account: those of its roles and users whose own policies allow the same.

    Where a service of the template sends to a queue or topic under such a statement, the report asks who else should be let in.
    Statements with a condition on an account, an organization, a network or a source are left alone, search domains within a
    network, file systems, and bucket policies unless the bucket blocks public ones: then S3 refuses the policy, and the report
    asks what is meant.
    """

    code = "PUB008"
    name = "policy-for-everybody"
    profile = "secure"
    stage = 3
    answers = ("CKV_AWS_32", "F13", "F16", "F18", "F21")
    sources = (
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-anonymous",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
    )
    examples = (Example("Images for everybody", _BEFORE, _AFTER, unsafe=True),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for resource in template.resources.values():
            row = table("open_policies").get(resource.type)
            if resource.type == "AWS::Lambda::Permission":
                yield from self._permission(template, resource)
            elif resource.type == "AWS::S3::BucketPolicy":
                yield from self._bucket(template, resource)
            elif row and not (row.get("unless") and resource.property(row["unless"])):
                for path, statement in _statements(resource, row["statements"].split(".")):
                    principal = everybody(statement)
                    if principal is not None:
                        message = f"{resource.logical_id} lets everybody in"
                        remedy = _remedy(template, resource, (statement, principal, path), row)
                        yield self.finding(template, path, principal, message, remedy)

    def _permission(self, template: Template, permission: Resource) -> Iterator[Finding]:
        principal = permission.property("Principal")
        if principal is not None and text_of(principal) == "*" and not any(map(permission.property, _LIMITS)):
            path = (*permission.path, "Properties", "Principal")
            remedy = Remedy(
                f"let {permission.logical_id} be for this account",
                lambda builder: builder.replace(principal, Ref("AWS::AccountId"), path),
                "whoever invokes the function from another account is refused",
                Applicability.UNSAFE,
            )
            yield self.finding(template, path, principal, f"{permission.logical_id} lets everybody invoke the function", remedy)

    def _bucket(self, template: Template, policy: Resource) -> Iterator[Finding]:
        buckets = meant(template, policy.property("Bucket"), "AWS::S3::Bucket")
        blocked = [node for bucket in buckets for node in at(bucket, "PublicAccessBlockConfiguration.BlockPublicPolicy")]
        if any(isinstance(node, Scalar) and not node.tag and node.value.lower() == "true" for node in blocked):
            for path, statement in _statements(policy, ["PolicyDocument", "Statement"]):
                principal = everybody(statement)
                if principal is not None:
                    message = f"{policy.logical_id} lets everybody in, and {buckets[0].logical_id} refuses such a policy"
                    reason = f"who should be let in, or is {buckets[0].logical_id} meant for everybody?"
                    yield self.finding(template, path, principal, message, reason)


def _statements(resource: Resource, steps: list[str]) -> Iterator[tuple[Path, Mapping]]:
    if resource.properties is not None:
        yield from _below(resource.properties, (*resource.path, "Properties"), steps)


def _below(node: Node, path: Path, steps: list[str]) -> Iterator[tuple[Path, Mapping]]:
    call = intrinsic(node)
    if call and call.name == "Fn::If" and isinstance(call.argument, Sequence):
        for index, branch in enumerate(call.argument.items[1:], 1):
            yield from _below(branch, (*path, "Fn::If", index), steps)
    elif isinstance(node, Sequence) and not call:
        for index, item in enumerate(node.items):
            yield from _below(item, (*path, index), steps)
    elif isinstance(node, Mapping) and not call:
        value = node.get(steps[0]) if steps else None
        if not steps:
            yield path, node
        elif value is not None:
            yield from _below(value, (*path, steps[0]), steps[1:])


def _remedy(template: Template, resource: Resource, at_fault: _Open, row: dict[str, Any]) -> Remedy | str:
    statement, principal, path = at_fault
    sender = _sender(template, resource, row)
    if sender:
        return f"who besides {sender}, for which a service comes in here, should be let in?"

    def make(builder: EditBuilder) -> None:
        whole = statement.get("Principal")
        named = whole.get("AWS") if isinstance(whole, Mapping) and not intrinsic(whole) else None
        value = _ACCOUNT if named is not None else {"AWS": _ACCOUNT}
        builder.replace(principal, value, (*path, "Principal", "AWS") if named is not None else (*path, "Principal"))

    risk = "whoever comes from another account, or has no such right in a policy of its own, is refused"
    return Remedy(f"let {resource.logical_id} let in only this account", make, risk, Applicability.UNSAFE)


def _sender(template: Template, policy: Resource, row: dict[str, Any]) -> str | None:
    """A resource for which a service sends to what the policy is for."""
    targets = meant(template, policy.property(row["owner"]), row["for"]) if "owner" in row else []
    for sender in table("senders").values() if targets else ():
        for resource in template.resources.values():
            if sender["to"] == row["for"] and resource.type == sender["from"]:
                nodes = list(at(resource, sender["names"]))
                if any(target in meant(template, node, row["for"]) for node in nodes for target in targets):
                    return resource.logical_id
    return None
