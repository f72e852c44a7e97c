"""COM003: settings of an Aurora instance that are those of its cluster."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from remediator.api import (
    Applicability,
    Context,
    Copy,
    EditBuilder,
    Example,
    Finding,
    Node,
    Pass,
    Remedy,
    Resource,
    Template,
    intrinsic,
    meaning,
    text_of,
)
from remediator.transforms.combinations.known import is_absent, is_set, targets

_CLUSTER = "AWS::RDS::DBCluster"
_INSTANCE = "AWS::RDS::DBInstance"

_SETTINGS = {
    "BackupRetentionPeriod": "BackupRetentionPeriod",
    "CopyTagsToSnapshot": "CopyTagsToSnapshot",
    "DBName": "DatabaseName",
    "DeletionProtection": "DeletionProtection",
    "EnableIAMDatabaseAuthentication": "EnableIAMDatabaseAuthentication",
    "KmsKeyId": "KmsKeyId",
    "MasterUserPassword": "MasterUserPassword",
    "MasterUsername": "MasterUsername",
    "PreferredBackupWindow": "PreferredBackupWindow",
}
"""What the cluster manages, and its name there: "Not applicable" for Aurora instances.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html (2026-11)"""
_MATCHING = {"Engine": "Engine", "StorageEncrypted": "StorageEncrypted"}
"""What an instance may have, but not otherwise than its cluster."""

_BEFORE = """\
Resources:
  Orders:
    Type: AWS::RDS::DBCluster
    Properties:
      Engine: aurora-postgresql
      ManageMasterUserPassword: true
      MasterUsername: orders

  Writer:
    Type: AWS::RDS::DBInstance
    Properties:
      DBClusterIdentifier: !Ref Orders
      DBInstanceClass: db.r8g.large
      Engine: aurora-postgresql
      BackupRetentionPeriod: 14
"""
_AFTER = """\
Resources:
  Orders:
    Type: AWS::RDS::DBCluster
    Properties:
      Engine: aurora-postgresql
      ManageMasterUserPassword: true
      MasterUsername: orders
      BackupRetentionPeriod: 14

  Writer:
    Type: AWS::RDS::DBInstance
    Properties:
      DBClusterIdentifier: !Ref Orders
      DBInstanceClass: db.r8g.large
      Engine: aurora-postgresql
"""


@dataclass(frozen=True, slots=True)
class _Setting:
    """A property that instances of one cluster have, and that is the cluster's."""

    name: str
    cluster: Resource | None
    instances: tuple[Resource, ...]

    @property
    def wanted(self) -> list[Node]:
        return [node for each in self.instances if (node := each.property(self.name)) is not None]

    def remove(self, builder: EditBuilder) -> None:
        for each in self.instances:
            assert each.properties is not None
            builder.remove_entry(each.properties, self.name, (*each.path, "Properties"))


class SettingOfTheCluster(Pass):
    """An instance of Aurora has a setting that its cluster has for all of them, such as the password or how long backups are
    kept, and RDS refuses the instance.

    The setting goes where the cluster says the same, and moves up to the cluster where that says nothing. Where both say
    different things the cluster's holds, and to remove the instance's is unsafe; where two instances differ, the report
    asks. An instance whose engine is another than the cluster's gets the cluster's.

    Left alone: `StorageEncrypted` where both say the same.
    """

    code = "COM003"
    name = "setting-of-the-cluster"
    profile = "deploy"
    answers = ("E3682", "E3707", "E3709", "E3719")
    sources = ("https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html",)
    examples = (Example("How long backups are kept", _BEFORE, _AFTER),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        if template.has_custom_macro:
            return
        for setting in _settings(template):
            yield self._finding(template, setting)
        for instance in template.resources.values():
            cluster = _cluster(template, instance)
            for name in _MATCHING if cluster else ():
                yield from self._matching(template, instance, cluster, name)

    def _finding(self, template: Template, setting: _Setting) -> Finding:
        first = setting.instances[0]
        node = setting.wanted[0]
        names = ", ".join(each.logical_id for each in setting.instances)
        message = f"{setting.name} of {names} is a setting of the cluster"
        path = (*first.path, "Properties", setting.name)
        related = tuple(each.path for each in setting.instances[1:])
        return self.finding(template, path, node, message, _remedy(setting), related)

    def _matching(self, template: Template, instance: Resource, cluster: Resource | None, name: str) -> Iterator[Finding]:
        mine, theirs = instance.property(name), cluster.property(name) if cluster else None
        if mine is None or theirs is None or intrinsic(mine) or intrinsic(theirs) or cluster is None:
            return
        if str(meaning(mine)).lower() == str(meaning(theirs)).lower():
            return
        path = (*instance.path, "Properties", name)
        remedy: Remedy | str = Remedy(
            f"write the {name} of {cluster.logical_id}",
            lambda b: b.replace(mine, Copy(theirs), path),
            "an instance is created with what its cluster has, or not at all",
        )
        if name == "Engine" and not (text_of(theirs) or "").startswith("aurora"):
            remedy = f"which engine do {cluster.logical_id} and {instance.logical_id} have?"
        yield self.finding(template, path, mine, f"{name} of {instance.logical_id} is not that of its cluster", remedy)


def _settings(template: Template) -> Iterator[_Setting]:
    """Each setting with the instances of one cluster that have it."""
    found: dict[tuple[str, str], list[Resource]] = {}
    for instance in template.resources.values():
        if instance.type != _INSTANCE or instance.properties is None:
            continue
        of = instance.property("DBClusterIdentifier")
        engine = text_of(instance.property("Engine")) or ""
        if not is_set(of) or (_cluster(template, instance) is None and not engine.startswith("aurora")):
            continue
        for name in _SETTINGS:
            if not is_absent(instance.property(name)):
                found.setdefault((str(meaning(of)) if of else "", name), []).append(instance)
    for (_, name), instances in found.items():
        yield _Setting(name, _cluster(template, instances[0]), tuple(instances))


def _cluster(template: Template, instance: Resource) -> Resource | None:
    if instance.type != _INSTANCE:
        return None
    found = [each for each in targets(template, instance.property("DBClusterIdentifier")) if each.type == _CLUSTER]
    return found[0] if len(found) == 1 and found[0].properties is not None else None


def _remedy(setting: _Setting) -> Remedy | str:
    cluster, name = setting.cluster, setting.name
    step = f"remove {name} from {', '.join(each.logical_id for each in setting.instances)}"
    if cluster is None:
        why = "the cluster, which is not in the template, has to have the setting"
        return Remedy(step, setting.remove, why, Applicability.UNSAFE)
    theirs = cluster.property(_SETTINGS[name])
    said = {str(meaning(node)) for node in setting.wanted}
    if theirs is not None and not is_absent(theirs):
        if said == {str(meaning(theirs))}:
            return Remedy(step, setting.remove, f"{cluster.logical_id} says the same")
        why = f"{cluster.logical_id} says something else, and that holds"
        return Remedy(step, setting.remove, why, Applicability.UNSAFE)
    if len(said) > 1:
        return f"which {_SETTINGS[name]} should {cluster.logical_id} have?"
    if name.startswith("Master") and _has_its_user(cluster):
        return Remedy(step, setting.remove, "the cluster has its user already", Applicability.UNSAFE)
    return Remedy(
        f"move {name} up to {cluster.logical_id}",
        lambda builder: _move(builder, setting, cluster),
        "the cluster is where RDS takes the setting from, and the instance can't be created with it",
    )


def _has_its_user(cluster: Resource) -> bool:
    given = ("ManageMasterUserPassword", "SnapshotIdentifier", "SourceDBClusterIdentifier", "GlobalClusterIdentifier")
    return any(not is_absent(cluster.property(each)) for each in given)


def _move(builder: EditBuilder, setting: _Setting, cluster: Resource) -> None:
    assert cluster.properties is not None
    builder.set_entry(cluster.properties, _SETTINGS[setting.name], Copy(setting.wanted[0]), (*cluster.path, "Properties"))
    setting.remove(builder)
