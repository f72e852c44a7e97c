"""VAL004: actions in policies that no service has."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from functools import cache

from remediator.api import (
    Applicability,
    Context,
    EditBuilder,
    Example,
    Finding,
    Node,
    Origin,
    Pass,
    Remedy,
    Sequence,
    Template,
    iam,
    table,
    text_of,
)
from remediator.transforms.values.statements import Statement, statements
from remediator.transforms.values.texts import list_literals, mend

_KEYS = ("Action", "NotAction")

_BEFORE = """\
Resources:
  Auditor:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Action:
              - s3:GetBucketEncryption
              - s3:ListBucket
            Resource: '*'
"""


class UnknownIamAction(Pass):
    """A policy names an action that its service does not have.

    IAM stores such a policy, and the permission is missing when it is needed; policies of buckets and queues are refused
    (*Policy has invalid action*). Most of these names are those of API operations whose permission is called
    otherwise: `s3:GetBucketEncryption` needs `s3:GetEncryptionConfiguration`. The fix writes the right one, or drops the
    wrong one where the right one is in the list already.

    It is unsafe where the right one allows more than the wrong one says (`s3:HeadObject` needs `s3:GetObject`). Where no
    action is known to be meant, and where several are, the report asks. A service that the data does not know is left
    alone: it may be new.
    """

    code = "VAL004"
    name = "unknown-iam-action"
    profile = "secure"
    answers = ("W3037",)
    sources = (
        "https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html",
    )
    examples = (
        Example(
            "A permission under the name of its operation",
            _BEFORE,
            _BEFORE.replace("GetBucketEncryption", "GetEncryptionConfiguration"),
        ),
    )

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for statement in statements(template):
            for key in _KEYS:
                node = statement.node.get(key)
                for origin in list_literals(template, node, (*statement.path, key)):
                    if _is_unknown(origin.node.value):
                        yield self._found(template, statement, key, origin)

    def _found(self, template: Template, statement: Statement, key: str, origin: Origin) -> Finding:
        action = origin.node.value
        message = f"there is no action {action}, in a policy of {statement.resource.logical_id}"
        path = (*statement.path, key)
        return self.finding(template, path, origin.node, message, _remedy(statement, key, origin))


@cache
def _aliases() -> dict[str, dict[str, object]]:
    return {name.lower(): row for name, row in table("iam_action_aliases").items()}


def _is_unknown(action: str) -> bool:
    service, _, name = action.lower().partition(":")
    if service == "*" and name:
        return True
    known = iam.names(service)
    if not known or not name or "$" in name:
        return False
    if "*" in name or "?" in name:
        pattern = re.compile(fnmatch.translate(name))
        return not any(pattern.match(each) for each in known)
    return name not in known


def _remedy(statement: Statement, key: str, origin: Origin) -> Remedy | str:
    action = origin.node.value
    if action.startswith("*:"):
        return f"which services does {action} mean? IAM has no wildcard for the service, only for all of its actions"
    row = _aliases().get(action.lower()) or _aliases().get(action.lower().rstrip("*")) or {}
    meant = row.get("actions")
    if not isinstance(meant, list):
        return f"which action does {action} mean?"
    if len(meant) > 1:
        return f"{action} is allowed through {', '.join(meant)}: which of them are meant?"
    new = str(meant[0])
    listed = statement.node.get(key)
    if isinstance(listed, Sequence) and origin.node in listed.items and any(_says(item, new) for item in listed.items):
        step, why = f"drop {action}, which {new} beside it stands for", f"{new} is in the list already"
        return Remedy(step, lambda b: _drop(b, statement, key, listed, origin), why)
    level = Applicability.UNSAFE if row.get("wider") else Applicability.SAFE
    why = "which allows more than the old name says" if row.get("wider") else "which is what IAM calls this permission"
    return Remedy(f"write {new} instead of {action}", lambda b: mend(b, origin, new), f"{new}, {why}", level)


def _says(node: Node, action: str) -> bool:
    return (text_of(node) or "").lower() == action.lower()


def _drop(builder: EditBuilder, statement: Statement, key: str, listed: Sequence, origin: Origin) -> None:
    builder.remove_item(statement.node, key, listed.items.index(origin.node), statement.path)
