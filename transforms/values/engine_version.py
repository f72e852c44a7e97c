"""VAL005: databases and caches in a version that AWS does not offer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from remediator.api import (
    Applicability,
    Context,
    Example,
    Finding,
    Origin,
    Pass,
    Path,
    Remedy,
    Resource,
    Template,
    UpdateEffect,
    references,
    table,
)
from remediator.transforms.values.texts import literals, mend

_TYPES = (
    "AWS::RDS::DBInstance",
    "AWS::RDS::DBCluster",
    "AWS::RDS::GlobalCluster",
    "AWS::ElastiCache::CacheCluster",
    "AWS::ElastiCache::ReplicationGroup",
)
_SOURCES = (
    "DBSnapshotIdentifier",
    "DBClusterSnapshotIdentifier",
    "SnapshotIdentifier",
    "SnapshotName",
    "SnapshotArns",
    "SourceDBClusterIdentifier",
    "SourceDBInstanceIdentifier",
    "SourceDbiResourceId",
    "SourceDBInstanceAutomatedBackupsArn",
    "ReplicationSourceIdentifier",
)
"""What a new database may be made from; its version has to suit theirs."""
_EXTENDED = "-rds."
"""Marks the versions that only RDS Extended Support goes on building."""

_BEFORE = """\
Parameters:
  MySqlVersion:
    Type: String
    Default: "8.0.28"
    AllowedValues: ["8.0.28", "8.4.9"]
Resources:
  Orders:
    Type: AWS::RDS::DBInstance
    Properties:
      Engine: mysql
      EngineVersion: !Ref MySqlVersion
      DBInstanceClass: db.t4g.micro
      AllocatedStorage: 20
      ManageMasterUserPassword: true
      MasterUsername: orders
  Events:
    Type: AWS::RDS::DBInstance
    Properties:
      Engine: postgres
      EngineVersion: '15.4'
      DBInstanceClass: db.t4g.micro
      AllocatedStorage: 20
      ManageMasterUserPassword: true
      MasterUsername: events
"""


@dataclass(frozen=True, slots=True)
class _Engine:
    """What is known of an engine: its versions, oldest first, and how many of their parts make the major version."""

    name: str
    major: int
    versions: tuple[str, ...]

    def offers(self, version: str) -> bool:
        return version in self.versions

    def successor(self, version: str) -> str | None:
        """The newest version of the nearest line within the same major version."""
        parts = version.split(".")
        for length in range(len(parts), self.major - 1, -1):
            line = [each for each in self.versions if each.split(".")[:length] == parts[:length] and each != version]
            full = [each for each in line if len(each.split(".")) > self.major and "limitless" not in each]
            if full:
                return next((each for each in reversed(full) if _EXTENDED not in each), full[-1])
        return None


class UnavailableEngineVersion(Pass):
    """A database or cache asks for a version of its engine that AWS does not offer for new ones.

    AWS retires minor versions every few months, and then *Cannot find version 8.0.35 for mysql* stops the stack. The fix
    writes the newest version of the same major version (for Aurora MySQL of the same line, such as `3.04`, where it is still
    offered), at the place where the text stands: the property, the default of a parameter together with its
    `AllowedValues`, a mapping. A bare `8.0`, which RDS does not list for MySQL, is pinned likewise. A version written as a
    number is quoted, because as a number 16.10 is 16.1.

    What changes the major version is left to a person. The fix is unsafe where only RDS Extended Support offers the
    version, at a price, and where the database is made from a snapshot or from another database that the template
    does not define.
    """

    code = "VAL005"
    name = "unavailable-engine-version"
    profile = "deploy"
    answers = ("E3690", "E3691", "E3695", "W3690", "W3691")
    sources = (
        "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/MySQL.Concepts.VersionMgmt.html",
        "https://docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/postgresql-versions.html",
        "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.VersionPolicy.html",
    )
    examples = (
        Example(
            "A parameter and a literal",
            _BEFORE,
            _BEFORE.replace("8.0.28", "8.0.46").replace("15.4", "15.19"),
        ),
    )

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for resource in template.resources.values():
            node = resource.property("EngineVersion") if resource.type in _TYPES else None
            path = (*resource.path, "Properties", "EngineVersion")
            engines = _engines(template, resource) if node else []
            for origin in literals(template, node, path) if engines else ():
                finding = self._judged(template, resource, engines, origin, path)
                if finding:
                    yield finding

    def _judged(
        self, template: Template, resource: Resource, engines: list[_Engine], origin: Origin, path: Path
    ) -> Finding | None:
        version = origin.node.value
        offered = any(engine.offers(version) for engine in engines)
        if offered and not _loses_digit(origin):
            return None
        names = " or ".join(engine.name for engine in engines)
        if offered:
            message = f"EngineVersion {version} of {resource.logical_id} is a number, which is {float(version)}"
            remedy: Remedy | str = Remedy(
                f"quote the version {version}", lambda b: mend(b, origin, version), "the same version, as a text"
            )
        else:
            message = f"{names} {version} of {resource.logical_id} is no version that is offered for new databases"
            remedy = _remedy(template, resource, engines, origin)
        return self.finding(template, path, origin.node, message, remedy)


def _engines(template: Template, resource: Resource) -> list[_Engine]:
    """The engines that a resource may get; empty where one of them is not known."""
    path = (*resource.path, "Properties", "Engine")
    names = {each.node.value.lower() for each in literals(template, resource.property("Engine"), path)}
    rows = {name: table("engine_versions").get(name) for name in sorted(names)}
    if not all(rows.values()):
        return []
    return [_Engine(name, row["major"], tuple(row["versions"].split())) for name, row in rows.items() if row]


def _loses_digit(origin: Origin) -> bool:
    return origin.node.kind == "float" and re.fullmatch(r"\d+\.\d+0", origin.node.value) is not None


def _remedy(template: Template, resource: Resource, engines: list[_Engine], origin: Origin) -> Remedy | str:
    version = origin.node.value
    found = {engine.name: new for engine in engines if (new := engine.successor(version))}
    if not found:
        majors = ", ".join(_newest_majors(engines))
        return f"no version of that major version is offered: which one does the application support ({majors})?"
    if len(found) > 1:
        return f"the engine is one of {', '.join(sorted(found))}, and their versions differ: which version is meant?"
    ((engine, new),) = found.items()
    level = Applicability.SAFE
    why = f"{new} is the newest of the same major version; a deployed database is upgraded, with a restart"
    if _EXTENDED in new:
        why, level = f"{new} is a version of RDS Extended Support, which is charged by the hour", Applicability.UNSAFE
    elif _made_from_elsewhere(template, resource):
        why, level = f"whether {new} suits what {resource.logical_id} is made from can't be seen", Applicability.UNSAFE
    step = f"move {engine} from {version} to {new}"
    return Remedy(step, lambda b: mend(b, origin, new), why, level, UpdateEffect.INTERRUPTION)


def _newest_majors(engines: list[_Engine]) -> list[str]:
    found = {".".join(each.split(".")[: engine.major]): each for engine in engines for each in engine.versions}
    return list(found.values())[-3:]


def _made_from_elsewhere(template: Template, resource: Resource) -> bool:
    for name in _SOURCES:
        node = resource.property(name)
        if node is not None and not any(each.target in template.resources for each in references(node, template.source.text)):
            return True
    return False
