"""CRE002: buckets that are created before they may notify anybody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from remediator.api import (
    Applicability,
    Context,
    Edge,
    EditBuilder,
    Example,
    Finding,
    Node,
    Pass,
    Ref,
    Remedy,
    Resource,
    Template,
    meaning,
)
from remediator.transforms.cycles.names import Rebuilt, is_unchecked, rebuild, write
from remediator.transforms.wiring.links import functions, inside, meant
from remediator.transforms.wiring.waits import Order, add_waits, listed

_S3 = "s3.amazonaws.com"
_PERMISSION = "AWS::Lambda::Permission"
_POLICIES = {
    "AWS::SQS::QueuePolicy": ("Queues", "AWS::SQS::Queue", "Queue"),
    "AWS::SNS::TopicPolicy": ("Topics", "AWS::SNS::Topic", "Topic"),
}
"""For each policy: the property that names what it is for, the type of that, and what notifications call it."""

_BEFORE = """\
Resources:
  Uploads:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !Sub uploads-${AWS::AccountId}
      NotificationConfiguration:
        LambdaConfigurations:
          - Event: s3:ObjectCreated:*
            Function: !GetAtt Ingest.Arn

  Ingest:
    Type: AWS::Lambda::Function
    Properties:
      Handler: index.handler
      Runtime: python3.13
      Role: !Sub arn:aws:iam::${AWS::AccountId}:role/ingest
      Code:
        ZipFile: "def handler(event, context): pass"

  IngestPermission:
    Type: AWS::Lambda::Permission
    Properties:
      Action: lambda:InvokeFunction
      FunctionName: !Ref Ingest
      Principal: s3.amazonaws.com
      SourceArn: !GetAtt Uploads.Arn
"""


@dataclass(frozen=True, slots=True)
class _Mention:
    """A place where what the bucket waits for names the bucket, and the same name written out."""

    edge: Edge
    rebuilt: Rebuilt | None


class BucketDoesNotWait(Pass):
    """A bucket may be created before the permission or policy that its notification needs, and S3 refuses it: *Unable to
    validate the following destination configurations*.

    The bucket gets a `DependsOn`. Where the permission or policy names the bucket, and so could only come after it, the ARN is
    written out from the name that the bucket states. A permission for a bucket without a name is limited to the account
    instead, which is an unsafe fix: any bucket of the account may invoke the function then.
    """

    code = "CRE002"
    name = "bucket-does-not-wait"
    profile = "deploy"
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-s3-bucket-notificationconfiguration.html",
        "https://aws.amazon.com/blogs/mt/resolving-circular-dependency-in-provisioning-of-amazon-s3-buckets-with-aws-lambda-event-notifications/",
    )
    examples = (
        Example(
            "A permission that names the bucket",
            _BEFORE,
            _BEFORE.replace("S3::Bucket\n", "S3::Bucket\n    DependsOn: IngestPermission\n").replace(
                "!GetAtt Uploads.Arn", "!Sub arn:${AWS::Partition}:s3:::uploads-${AWS::AccountId}"
            ),
        ),
    )

    def run(self, context: Context) -> Iterator[Finding]:
        if context.graph.cyclic_components:
            return
        for bucket in context.template.resources.values():
            if bucket.type == "AWS::S3::Bucket":
                needed = list(dict.fromkeys(each.logical_id for each in _needed(context.template, bucket)))
                yield from self._findings(context, bucket, [context.template.resources[name] for name in needed])

    def _findings(self, context: Context, bucket: Resource, needed: list[Resource]) -> Iterator[Finding]:
        order = Order(context)
        behind = [each for each in needed if order.closes(bucket.logical_id, each.logical_id)]
        mentions = [each for awaited in behind for each in _mentions(context, awaited, bucket)]
        for each in mentions:
            order.arcs[each.edge.source].discard(bucket.logical_id)
        stuck = [each for each in behind if order.closes(bucket.logical_id, each.logical_id)]
        missing = order.missing(bucket, needed)
        if not missing and not stuck:
            return
        node = bucket.property("NotificationConfiguration")
        path = (*bucket.path, "Properties", "NotificationConfiguration")
        message = f"{bucket.logical_id} may be created before {listed(missing or stuck)}, without which it can't notify"
        remedy = _remedy(context.template, bucket, missing, mentions) if not stuck else _obstacle(bucket, stuck)
        yield self.finding(context.template, path, node or bucket.key, message, remedy)


def _needed(template: Template, bucket: Resource) -> Iterator[Resource]:
    """The permissions and policies that let the bucket reach what it notifies."""
    called = [each for node in _destinations(bucket, "Lambda", "Function") for each in functions(template, node)]
    for resource in template.resources.values():
        if resource.type == _PERMISSION:
            principal = resource.property("Principal")
            admitted = principal is not None and meaning(principal) == _S3
            if admitted and _intersect(functions(template, resource.property("FunctionName")), called):
                yield resource
        elif resource.type in _POLICIES and _admits(resource):
            owners, kind, name = _POLICIES[resource.type]
            told = [each for node in _destinations(bucket, name, name) for each in meant(template, node, kind)]
            if _intersect(meant(template, resource.property(owners), kind), told):
                yield resource


def _destinations(bucket: Resource, kind: str, name: str) -> Iterator[Node]:
    return inside(bucket.property("NotificationConfiguration"), f"{kind}Configurations", name)


def _intersect(some: list[Resource], others: list[Resource]) -> bool:
    return any(one.logical_id == other.logical_id for one in some for other in others)


def _admits(policy: Resource) -> bool:
    document = policy.property("PolicyDocument")
    return document is not None and _S3 in str(meaning(document))


def _mentions(context: Context, awaited: Resource, bucket: Resource) -> Iterator[_Mention]:
    """Where a permission or policy names the bucket in a text that can be written another way."""
    for edge in context.graph.edges:
        if (edge.source, edge.target) != (awaited.logical_id, bucket.logical_id) or edge.reference.start is None:
            continue
        rebuilt = rebuild(context.template, bucket, edge.reference.attribute)
        if rebuilt and (rebuilt.waits_for or (edge.reference.kind == "Sub" and rebuilt.text is None)):
            rebuilt = None
        if is_unchecked(awaited.type, edge.property_path) and (rebuilt or _is_source(awaited, edge)):
            yield _Mention(edge, rebuilt)


def _is_source(awaited: Resource, edge: Edge) -> bool:
    """Whether a permission names the bucket as its source, all by itself."""
    return (
        awaited.type == _PERMISSION and edge.property_path[:2] == ("Properties", "SourceArn") and len(edge.property_path) == 3
    )


def _remedy(template: Template, bucket: Resource, missing: list[Resource], mentions: list[_Mention]) -> Remedy:
    step = f"let {bucket.logical_id} wait for {listed(missing)}"
    nameless = list(dict.fromkeys(each.edge.source for each in mentions if each.rebuilt is None))

    def make(builder: EditBuilder) -> None:
        for each in mentions:
            if each.rebuilt:
                write(builder, each.edge, each.rebuilt)
        for name in nameless:
            _limit_to_account(builder, template.resources[name])
        add_waits(builder, bucket, missing)

    if nameless:
        why = f"{bucket.logical_id} has no name of its own: any bucket of the account may invoke the function then"
        return Remedy(f"{step}, which is limited to the account instead", make, why, Applicability.UNSAFE)
    step += f", where the ARN of {bucket.logical_id} is written out" if mentions else ""
    return Remedy(step, make, "nothing changes but the order of creation")


def _limit_to_account(builder: EditBuilder, permission: Resource) -> None:
    properties, path = permission.properties, (*permission.path, "Properties")
    if properties is None:
        return
    if properties.entry("SourceAccount"):
        builder.remove_entry(properties, "SourceArn", path)
    else:
        builder.replace_entry(properties, "SourceArn", "SourceAccount", Ref("AWS::AccountId"), path)


def _obstacle(bucket: Resource, stuck: list[Resource]) -> str:
    named = bucket.property("BucketName") is not None
    hint = "its name is an expression that can't be copied" if named else "give it a BucketName to write there instead"
    return f"{listed(stuck)} names {bucket.logical_id} and so can only come after it; {hint}"
