"""VAL007: lifecycles that move what is deleted before the move pays, or before it happens."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

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
    Sequence,
    Template,
    intrinsic,
    walk,
)
from remediator.transforms.values.texts import literals

_COLD_DAYS = 90
"""Days that a recovery point has to stay in cold storage."""
_MOVE, _DELETE = "MoveToColdStorageAfterDays", "DeleteAfterDays"

_BEFORE = """\
Resources:
  Plan:
    Type: AWS::Backup::BackupPlan
    Properties:
      BackupPlan:
        BackupPlanName: daily
        BackupPlanRule:
          - RuleName: daily
            TargetBackupVault: default
            ScheduleExpression: cron(0 5 ? * * *)
            Lifecycle:
              MoveToColdStorageAfterDays: 7
              DeleteAfterDays: 30
"""


class ImpossibleLifecycle(Pass):
    """A lifecycle moves things to colder storage so late, or deletes them so early, that AWS refuses it.

    AWS Backup keeps a recovery point for 90 days in cold storage, so *DeleteAfterDays must be at least 90 days more than
    MoveToColdStorageAfterDays*. S3 wants objects to expire after their last transition.

    The fix drops the move and keeps what the template says of retention. It is safe where the move could never have
    happened: backups that live for 90 days or less, objects that are gone before their transition. Backups that live longer
    could be kept longer or moved earlier just as well, so there the fix is unsafe.
    """

    code = "VAL007"
    name = "impossible-lifecycle"
    profile = "deploy"
    answers = ("E3504",)
    sources = (
        "https://docs.aws.amazon.com/aws-backup/latest/devguide/API_Lifecycle.html",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html",
    )
    examples = (Example("Backups for a month", _BEFORE, _BEFORE.replace("              MoveToColdStorageAfterDays: 7\n", "")),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for resource in template.resources.values():
            if resource.properties is None or resource.type not in ("AWS::Backup::BackupPlan", "AWS::S3::Bucket"):
                continue
            for path, node in walk(resource.properties, (*resource.path, "Properties")):
                if isinstance(node, Mapping) and node.tag is None:
                    find = self._backups if resource.type == "AWS::Backup::BackupPlan" else self._objects
                    yield from find(template, resource, node, path)

    def _backups(self, template: Template, resource: Resource, node: Mapping, path: Path) -> Iterator[Finding]:
        move, delete = _days(template, node, _MOVE, path), _days(template, node, _DELETE, path)
        if move is None or delete is None or delete >= move + _COLD_DAYS:
            return
        message = (
            f"backups of {resource.logical_id} move after {move} days and are deleted after {delete}, not {_COLD_DAYS} later"
        )
        if delete <= _COLD_DAYS and not _is_given(node):
            why, level = (
                "what lives for 90 days or less can't be in cold storage; it is kept as long as before",
                Applicability.SAFE,
            )
        else:
            why, level = (
                "backups cost more in warm storage; they could move earlier or live longer instead",
                Applicability.UNSAFE,
            )
        remedy = Remedy("do not move backups to cold storage", lambda b: b.remove_entry(node, _MOVE, path), why, level)
        yield self.finding(template, path, node, message, remedy)

    def _objects(self, template: Template, resource: Resource, node: Mapping, path: Path) -> Iterator[Finding]:
        """Transitions of a lifecycle rule that come when the objects are gone."""
        expiration, listed = _days(template, node, "ExpirationInDays", path), node.get("Transitions")
        if expiration is None or not isinstance(listed, Sequence) or listed.tag:
            return
        for index, item in enumerate(listed.items):
            inner: Path = (*path, "Transitions", index)
            days = _days(template, item, "TransitionInDays", inner)
            if days is not None and days >= expiration and not _is_given(item) and not _is_given(node):
                message = f"objects of {resource.logical_id} expire after {expiration} days and move after {days}"
                remedy = Remedy(
                    f"drop the transition after {days} days",
                    partial(_drop, rule=node, index=index, path=path),
                    "no object lives to see it",
                )
                yield self.finding(template, inner, item, message, remedy)


def _is_given(node: Node) -> bool:
    """Whether a number of days comes from a parameter, which may be set otherwise."""
    return any(intrinsic(each.value) is not None for each in node.entries) if isinstance(node, Mapping) else False


def _drop(builder: EditBuilder, rule: Mapping, index: int, path: Path) -> None:
    builder.remove_item(rule, "Transitions", index, path)


def _days(template: Template, node: Node, key: str, path: Path) -> int | None:
    """A number of days, where it is one known number."""
    value = node.get(key) if isinstance(node, Mapping) else None
    found = {each.node.value for each in literals(template, value, (*path, key))}
    text = found.pop() if len(found) == 1 else ""
    return int(text) if text.isdigit() else None
