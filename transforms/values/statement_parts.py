"""VAL014: statements of policies that lack a part they need, or have one they may not have."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import partial

from remediator.api import (
    SPREAD,
    Call,
    CannotEdit,
    Context,
    EditBuilder,
    Example,
    Finding,
    Moved,
    Node,
    Pass,
    Ref,
    Remedy,
    Sequence,
    intrinsic,
    is_no_value,
    text_of,
    to_value,
)
from remediator.transforms.values.statements import Statement, statements

_KEY = "AWS::KMS::Key"
_NEEDS_RESOURCE = (_KEY, "AWS::S3::BucketPolicy", "AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy")

_BEFORE = """\
Resources:
  DataKey:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal: {AWS: !Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:root'}
            Action: kms:*
"""


class MisshapenStatement(Pass):
    """A statement in a policy says nothing of resources though it must, or names a resource or principal though it may not.

    - In the policy of a KMS key, `Resource` can only be `'*'`, which means that key. The fix adds it.
    - A trust policy is about its own role, and IAM refuses a `Resource` in it. The fix takes it out.
    - A `Resource` that comes from an `Fn::If` with `AWS::NoValue` in one branch leaves a statement without one. The fix moves
      the condition around the whole statement, if it is not the only one of its policy.
    - What a role or user may do, and what a bucket, queue or topic allows, needs a `Resource` that only its author knows.
    - A `Principal` in the policy of a role or user is refused; the statement was most likely meant for a bucket or a key.
    """

    code = "VAL014"
    name = "misshapen-statement"
    profile = "deploy"
    answers = ("E3510", "E3512", "E3513")
    sources = (
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html",
        "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html",
    )
    examples = (Example("A key", _BEFORE, _BEFORE + "            Resource: '*'\n"),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        found = list(statements(template))
        beside = Counter(each.path[:-1] for each in found)
        for statement in found:
            if any(entry.merged or entry.key.value.startswith("Fn::") for entry in statement.node.entries):
                continue
            for says, remedy in _faults(statement, alone=beside[statement.path[:-1]] == 1):
                message = f"a statement in the policy of {statement.resource.logical_id} {says}"
                yield self.finding(template, statement.path, statement.node, message, remedy)


def _faults(statement: Statement, *, alone: bool) -> Iterator[tuple[str, Remedy | str]]:
    node, owner = statement.node, statement.resource
    needs = statement.is_identity or owner.type in _NEEDS_RESOURCE
    listed = node.get("Resource") or node.get("NotResource")
    if statement.is_trust and listed is not None:
        remedy = Remedy("take it out", partial(_take_out, statement=statement), "a trust policy is about its own role")
        yield "has a Resource, which IAM refuses there", remedy
    elif listed is None and owner.type == _KEY:
        remedy = Remedy("add Resource '*'", partial(_add, statement=statement), "in the policy of a key it means that key")
        yield "has no Resource", remedy
    elif listed is None and needs:
        yield "has no Resource", "which resources is the statement about?"
    elif listed is not None and needs and _may_vanish(listed):
        why = "without a resource the statement says nothing, and IAM refuses the policy"
        remedy = Remedy("put the whole statement in the condition", partial(_wrap, statement=statement), why)
        question = "should the whole policy be in the condition that leaves its only Resource out?"
        yield "has a Resource that a condition leaves out", question if alone else remedy
    if statement.is_identity and (node.get("Principal") or node.get("NotPrincipal")):
        question = f"should the statement be in the policy of the resource that it names, instead of in {owner.logical_id}?"
        yield "has a Principal, which IAM refuses there", question


def _take_out(builder: EditBuilder, statement: Statement) -> None:
    for key in ("Resource", "NotResource"):
        if statement.node.entry(key) is not None:
            builder.remove_entry(statement.node, key, statement.path)


def _add(builder: EditBuilder, statement: Statement) -> None:
    last = statement.node.entries[-1].key.value
    builder.insert_entry(statement.node, "Resource", "*", statement.path, after=last)


def _may_vanish(node: Node) -> bool:
    """Whether a condition may leave a value out altogether."""
    call = intrinsic(node)
    if call is None or call.name != "Fn::If" or not isinstance(call.argument, Sequence):
        return False
    return any(is_no_value(branch) for branch in call.argument.items[1:])


def _wrap(builder: EditBuilder, statement: Statement) -> None:
    """Writes the condition of the resource around the statement."""
    key = "Resource" if statement.node.get("Resource") is not None else "NotResource"
    listed = statement.node.get(key)
    call = intrinsic(listed) if listed is not None else None
    if call is None or not isinstance(call.argument, Sequence):
        return
    condition, *branches = call.argument.items
    values = [
        Ref("AWS::NoValue") if is_no_value(branch) else {SPREAD: Moved(statement.node, frozenset({key})), key: to_value(branch)}
        for branch in branches
    ]
    arguments = [text_of(condition) or "", *values]
    inside = builder.source.text[statement.node.start : statement.node.end]
    if not builder.source.is_json and re.search(r"(^|\s)#", inside):
        raise CannotEdit("comments inside the statement would lose their places")
    value = Call("Fn::If", arguments) if statement.node.flow else {"Fn::If": arguments}
    builder.replace(statement.node, value, statement.path)
