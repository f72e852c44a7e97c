"""POR001: ARNs of the stack's own account that name a Region."""

from __future__ import annotations

import re
from collections.abc import Iterator

from remediator.api import Applicability, Context, Example, Finding, Pass, Remedy
from remediator.transforms.portability.pseudo_parameters import Text, texts, write

_REGION = re.compile(
    r"(?<=\barn:)(?P<before>(?:aws|\$\{AWS::Partition\}):(?P<service>[a-z0-9-]+):)"
    r"(?P<region>[a-z]{2}(?:-[a-z]+)+-\d)(?=:(?:\$\{AWS::AccountId\}|\*|lambda|states|s3|sqs|sns|dynamodb|)?:)"
)
_ELSEWHERE = frozenset(["acm", "wafv2", "waf", "cloudfront", "route53", "iam"])
"""Services that look for things in us-east-1, wherever the stack is."""

BEFORE = """\
Resources:
  Policy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: ssm:GetParameter
            Resource: !Sub "arn:aws:ssm:us-east-1:${AWS::AccountId}:parameter/*"
"""
AFTER = BEFORE.replace("us-east-1", "${AWS::Region}")


class LiteralRegion(Pass):
    """An ARN of something in the stack's own account names a Region, so that the template is right in that Region only.

    The pseudo parameter `AWS::Region` takes its place where the account is that of the stack as well.

    Left alone: things of other accounts, which are where they are; certificates and web ACLs, which CloudFront wants in
    `us-east-1`; conditions of policies; and every ARN of a template that names several Regions, since it means them.
    """

    code = "POR001"
    name = "literal-region"
    profile = "production"
    stage = 2
    answers = ("I3042",)
    sources = ("https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html",)
    examples = (Example("Parameters of the account", BEFORE, AFTER, unsafe=True),)

    def run(self, context: Context) -> Iterator[Finding]:
        found = [
            (text, match)
            for text in texts(context.template)
            if (match := _REGION.search(text.node.value))
            and match["service"] not in _ELSEWHERE
            and "Condition" not in text.path
        ]
        if len({match["region"] for _, match in found}) != 1:
            return
        for text, match in found:
            message = f"an ARN of {match['region']}, whatever the Region of the stack"
            yield self.finding(context.template, text.path, text.node, message, _remedy(text, match["region"]))


def _remedy(text: Text, region: str) -> Remedy:
    pattern = re.compile(rf"(?<=:){re.escape(region)}(?=:)")
    return Remedy(
        "let the ARN name the Region of the stack",
        lambda builder: write(builder, text, pattern, "AWS::Region"),
        f"what is meant may be in {region} wherever the stack is",
        Applicability.UNSAFE,
    )
