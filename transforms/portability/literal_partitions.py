"""POR003: ARNs that hold in one partition only."""

from __future__ import annotations

import re
from collections.abc import Iterator

from remediator.api import Context, Example, Finding, Pass, Remedy
from remediator.transforms.portability.pseudo_parameters import Text, texts, write

_PARTITION = re.compile(r"(?<=\barn:)aws(?=:)")

BEFORE = """\
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: []}
      ManagedPolicyArns:
        - arn:aws:iam::aws:policy/ReadOnlyAccess
"""
AFTER = BEFORE.replace("arn:aws:iam::aws:policy/ReadOnlyAccess", '!Sub "arn:${AWS::Partition}:iam::aws:policy/ReadOnlyAccess"')


class LiteralPartition(Pass):
    """An ARN begins with `arn:aws:`, which holds in the commercial Regions, and neither in China nor in GovCloud.

    The pseudo parameter `AWS::Partition` takes the place of `aws`, which is the same in the Regions where it held. Scripts
    and other texts of several lines are left alone, and so is what stands outside of the resources.
    """

    code = "POR003"
    name = "literal-partition"
    profile = "production"
    stage = 2
    answers = ("I3042",)
    sources = ("https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html",)
    examples = (Example("A policy of AWS", BEFORE, AFTER),)

    def run(self, context: Context) -> Iterator[Finding]:
        for text in texts(context.template):
            if _PARTITION.search(text.node.value):
                yield self.finding(context.template, text.path, text.node, "an ARN of one partition", _remedy(text))


def _remedy(text: Text) -> Remedy:
    return Remedy(
        "let the ARN begin with the partition of the stack",
        lambda builder: write(builder, text, _PARTITION, "AWS::Partition"),
        "in the Regions where the ARN held, it stays the same",
    )
