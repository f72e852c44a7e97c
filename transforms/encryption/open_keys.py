"""ENC051: keys that everybody may use, in whatever account."""

from __future__ import annotations

from collections.abc import Iterator

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
    Remedy,
    Resource,
    Scalar,
    Sequence,
    Sub,
    intrinsic,
    is_no_value,
    text_of,
)

_ROOT = "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"

_BEFORE = """\
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      EnableKeyRotation: true
      KeyPolicy:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: "*"
            Action: kms:*
            Resource: "*"
"""
_AFTER = _BEFORE.replace('Principal: "*"\n', f'Principal:\n              AWS: !Sub "{_ROOT}"\n')


class KeyOpenToEverybody(Pass):
    """The policy of a key lets in everybody, whatever account they belong to.

    The account of the stack takes their place: its own policies decide who uses the key. Services and other accounts that used
    the open statement can't any more, so that it is an unsafe fix; services that the template makes use the key get statements
    of their own.

    Left alone: statements with a condition, which says who is meant, and those that deny.
    """

    code = "ENC051"
    name = "key-open-to-everybody"
    profile = "secure"
    stage = 3
    companions = ("CRE007",)
    answers = ("CKV_AWS_33", "F76")
    sources = (
        "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html",
        "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html",
    )
    examples = (Example("A key for everybody", _BEFORE, _AFTER, unsafe=True),)

    def run(self, context: Context) -> Iterator[Finding]:
        for key in context.template.resources.values():
            if key.type in ("AWS::KMS::Key", "AWS::KMS::ReplicaKey"):
                for node, path, whole in _open(key):
                    message = f"the policy of {key.logical_id} lets in everybody, whatever account they belong to"
                    yield self.finding(context.template, path, node, message, _remedy(key, node, path, whole))


def _open(key: Resource) -> Iterator[tuple[Node, Path, bool]]:
    """The stars among the principals, their paths, and whether each is the whole principal."""
    policy = key.property("KeyPolicy")
    listed = policy.get("Statement") if isinstance(policy, Mapping) else None
    path = (*key.path, "Properties", "KeyPolicy", "Statement")
    for index, statement in enumerate(listed.items if isinstance(listed, Sequence) and not intrinsic(listed) else ()):
        if not isinstance(statement, Mapping) or text_of(statement.get("Effect")) != "Allow":
            continue
        condition, principal = statement.get("Condition"), statement.get("Principal")
        if principal is None or (condition is not None and not is_no_value(condition)):
            continue
        at = (*path, index, "Principal")
        if text_of(principal) == "*":
            yield principal, at, True
        elif isinstance(principal, Mapping):
            named = principal.get("AWS")
            if text_of(named) == "*" and named is not None:
                yield named, (*at, "AWS"), False
            elif isinstance(named, Sequence) and not intrinsic(named):
                yield from ((n, (*at, "AWS", i), False) for i, n in enumerate(named.items) if text_of(n) == "*")


def _remedy(key: Resource, node: Node, path: Path, whole: bool) -> Remedy:
    def make(builder: EditBuilder) -> None:
        assert isinstance(node, Scalar)
        builder.replace(node, {"AWS": Sub(_ROOT)} if whole else Sub(_ROOT), path)

    return Remedy(
        f"let the account decide who uses {key.logical_id}",
        make,
        "other accounts and services that used the open statement can't use the key any more",
        Applicability.UNSAFE,
    )
