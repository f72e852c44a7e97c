"""POR002: accounts that exist in examples only."""

from __future__ import annotations

import re
from collections.abc import Iterator

from remediator.api import Applicability, Context, Example, Finding, Mapping, Pass, Path, Remedy, Scalar, show
from remediator.transforms.portability.pseudo_parameters import Text, texts, write

_ACCOUNT = re.compile(r"(?<!\d)(?:123456789012|012345678901|111122223333|444455556666|(\d)\1{11})(?!\d)")
"""What the documentation of AWS has for an account id, and a digit twelve times."""

_OWN = ("aws:sourceaccount", "aws:sourcearn", "aws:sourceowner", "kms:encryptioncontext")
"""Keys of conditions, in small letters, whose value is the account in which a service works for the stack."""
_ROOT = re.compile(r"arn:[^:]+:iam::[^:]*:root")

BEFORE = """\
Resources:
  Policy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: logs:PutLogEvents
            Resource: arn:aws:logs:us-east-1:123456789012:log-group:*
"""
AFTER = BEFORE.replace(
    "arn:aws:logs:us-east-1:123456789012:log-group:*", '!Sub "arn:aws:logs:us-east-1:${AWS::AccountId}:log-group:*"'
)


class ExampleAccount(Pass):
    """An account id stands where somebody's own should, such as `123456789012`, which the documentation of AWS uses in
    examples.

    The pseudo parameter `AWS::AccountId` takes its place where only the stack's own account can be meant: in what a policy
    is about, in the account that owns a key, and in conditions on the source of a call. Who else is to be trusted, and which
    certificate, image or secret of which account is meant, the report asks.
    """

    code = "POR002"
    name = "example-account"
    profile = "deploy"
    sources = ("https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html",)
    examples = (Example("The logs of an example", BEFORE, AFTER, unsafe=True),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for text in texts(template):
            match = _ACCOUNT.search(text.node.value)
            if match:
                message = f"{match.group()} is an account of examples"
                remedy: Remedy | str = f"which account is meant in {show(_plain(text.path))}?"
                if _means_own(text):
                    remedy = _remedy(text)
                yield self.finding(template, text.path, text.node, message, remedy)
        section = template.section("Parameters")
        for entry in section.entries if section else ():
            default = entry.value.get("Default") if isinstance(entry.value, Mapping) else None
            match = _ACCOUNT.search(default.value) if isinstance(default, Scalar) else None
            if match and default:
                path = ("Parameters", entry.key.value, "Default")
                message = f"{match.group()} is an account of examples"
                yield self.finding(template, path, default, message, f"what should {entry.key.value} be by default?")


def _means_own(text: Text) -> bool:
    """Whether a text in a policy can only mean the account of the stack."""
    keys = _plain(text.path)
    policy = "PolicyDocument" in keys or "KeyPolicy" in keys
    if "Condition" in keys:
        return policy and any(isinstance(key, str) and key.lower().startswith(_OWN) for key in keys)
    if "Principal" in keys:
        return "KeyPolicy" in keys and _ROOT.fullmatch(text.node.value) is not None
    return policy and "Resource" in keys and "AssumeRolePolicyDocument" not in keys


def _plain(path: Path) -> Path:
    return tuple(step for step in path if not (isinstance(step, str) and step.startswith("Fn::")))


def _remedy(text: Text) -> Remedy:
    return Remedy(
        "let it be the account of the stack",
        lambda builder: write(builder, text, _ACCOUNT, "AWS::AccountId"),
        "another account may be meant, whose id somebody forgot to fill in",
        Applicability.UNSAFE,
    )
