"""VAL003: AWS managed policies that do not exist, or that nobody can attach."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from remediator.api import (
    Applicability,
    CannotEdit,
    Context,
    EditBuilder,
    Example,
    Finding,
    Node,
    Pass,
    Path,
    Remedy,
    Scalar,
    Sequence,
    Template,
    table,
    walk,
)

_ARN = re.compile(r"(?:arn:(?:[\w-]+|\$\{AWS::Partition\}))?:iam::aws:policy(/[\w+=,.@/-]+)")
"""The end of a managed policy's ARN, as one text or as the last piece of a join."""
_SECTIONS = ("Resources", "Parameters", "Mappings")
_POLICIES = ("PolicyDocument", "AssumeRolePolicyDocument", "Condition", "Metadata", "Description")
"""Below these an ARN is a text to compare with, or prose."""
_LINKED = "/aws-service-role/"
_TYPO = 0.9

_BEFORE = """\
Resources:
  RecorderRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement: [{Effect: Allow, Principal: {Service: config.amazonaws.com}, Action: 'sts:AssumeRole'}]
      ManagedPolicyArns:
        - arn:aws:iam::aws:policy/service-role/ConfigRole
        - !Sub arn:${AWS::Partition}:iam::aws:policy/AWSLambdaBasicExecutionRole
"""


@dataclass(frozen=True, slots=True)
class _Meant:
    """The policy that an unknown one most likely stands for."""

    policy: str
    why: str
    safe: bool


class UnknownManagedPolicy(Pass):
    """A managed policy of AWS does not exist under the ARN that the template gives.

    *Policy … does not exist or is not attachable* stops the stack. The fix corrects the path (`service-role/`,
    `job-function/`, none) where AWS has one policy of exactly that name, and replaces names that AWS has renamed or that
    people often mistake, such as `ConfigRole`. Where the right policy is in the same list already, the wrong one goes.

    A name that is only similar to one that exists is an unsafe fix. Policies of service-linked roles can't be attached to a
    role; where nothing takes their place the report asks.
    """

    code = "VAL003"
    name = "unknown-managed-policy"
    profile = "deploy"
    sources = (
        "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html",
        "https://docs.aws.amazon.com/config/latest/developerguide/security-iam-awsmanpol.html",
    )
    examples = (
        Example(
            "A wrong name and a wrong path",
            _BEFORE,
            _BEFORE.replace("/ConfigRole", "/AWS_ConfigRole").replace("/AWSLambdaBasic", "/service-role/AWSLambdaBasic"),
        ),
    )

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for name in _SECTIONS:
            section = template.section(name)
            for path, node in walk(section, (name,)) if section else ():
                match = _ARN.fullmatch(node.value) if isinstance(node, Scalar) else None
                if match and isinstance(node, Scalar) and not _is_prose(path):
                    finding = self._judged(template, path, node, match.group(1))
                    if finding:
                        yield finding

    def _judged(self, template: Template, path: Path, node: Scalar, policy: str) -> Finding | None:
        if policy in _attachable() and policy.rpartition("/")[2] not in table("managed_policy_aliases"):
            return None
        meant = _meant(policy)
        message = (
            f"the managed policy {policy[1:]} {'is for service-linked roles only' if _is_linked(policy) else 'does not exist'}"
        )
        if meant is None:
            question = f"which policy does {_owner(path)} need in place of {policy[1:]}?"
            return self.finding(template, path, node, message, question)
        level = Applicability.SAFE if meant.safe else Applicability.UNSAFE
        step = f"attach {meant.policy[1:]} instead of {policy[1:]}"
        remedy = Remedy(step, lambda b: _put(b, path, node, policy, meant.policy), meant.why, level)
        return self.finding(template, path, node, message, remedy)


def _is_prose(path: Path) -> bool:
    return any(step in _POLICIES for step in path) or (path[0] == "Resources" and "Properties" not in path)


def _owner(path: Path) -> str:
    return str(path[1])


@cache
def _attachable() -> frozenset[str]:
    """Paths and names of policies that can be attached, and of those of which we can't be sure."""
    found: set[str] = set()
    for path, row in table("managed_policies").items():
        if path != _LINKED:
            found.update((path if path.startswith("/") else "") + name for name in row["names"].split())
    return frozenset(each for each in found if not each.startswith(_LINKED))


def _is_linked(policy: str) -> bool:
    return policy.rpartition("/")[2] in table("managed_policies")[_LINKED]["names"].split()


def _meant(policy: str) -> _Meant | None:
    name = policy.rpartition("/")[2]
    alias = table("managed_policy_aliases").get(name)
    if alias:
        return _Meant(str(alias["policy"]), str(alias["why"]), not alias.get("unsafe", False))
    by_name = {each.rpartition("/")[2]: each for each in sorted(_attachable())}
    same = [right for right in by_name if right.lower() == name.lower()]
    if len(same) == 1:
        return _Meant(by_name[same[0]], "it is the policy of that name, and its permissions are the ones meant", True)
    if _is_linked(policy):
        return None
    plain = re.sub(r"[-_]", "", name).lower()
    close = [right for right in by_name if re.sub(r"[-_]", "", right).lower() == plain]
    close = close or difflib.get_close_matches(name, list(by_name), 2, _TYPO)
    if len(close) != 1:
        return None
    return _Meant(by_name[close[0]], f"{close[0]} is the only policy with a similar name, which is a guess", False)


def _put(builder: EditBuilder, path: Path, node: Scalar, old: str, new: str) -> None:
    """Writes the right policy; where its list has that already, takes the wrong one out."""
    resource = builder.template.resources.get(str(path[1])) if path[0] == "Resources" else None
    if resource is not None and len(path) > 4 and isinstance(path[4], int) and resource.properties is not None:
        listed = resource.property(str(path[3]))
        if isinstance(listed, Sequence) and any(_names(item, new) for item in listed.items):
            builder.remove_item(resource.properties, str(path[3]), path[4], (*resource.path, "Properties"))
            return
    start = builder.source.text.find(old, node.start, node.end)
    if start < 0:
        raise CannotEdit("the ARN is written with escapes")
    builder.replace_text(start, start + len(old), new, path)


def _names(node: Node, policy: str) -> bool:
    return any(isinstance(each, Scalar) and each.value.endswith(f":policy{policy}") for _, each in walk(node))
