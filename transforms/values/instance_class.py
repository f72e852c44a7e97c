"""VAL012: databases on a class of machine that their engine does not run on."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from remediator.api import Applicability, Context, Example, Finding, Pass, Remedy, Resource, Template, UpdateEffect, table
from remediator.transforms.values.texts import literals, mend

_TYPE = "AWS::RDS::DBInstance"
_SIZES = ("micro", "small", "medium", "large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge")

_BEFORE = """\
Resources:
  Reader:
    Type: AWS::RDS::DBInstance
    Properties:
      Engine: aurora-postgresql
      DBClusterIdentifier: orders
      DBInstanceClass: db.t3.micro
"""


class UnavailableInstanceClass(Pass):
    """A database asks for a class of machine on which RDS does not run its engine in any Region.

    Aurora has no `micro` classes, SQL Server Enterprise no small ones: *RDS does not support creating a DB instance with the
    following combination*. The unsafe fix takes the next larger class of the same family, which costs more. Where the
    family is not offered at all the report names the smallest classes that are.
    """

    code = "VAL012"
    name = "unavailable-instance-class"
    profile = "deploy"
    answers = ("E3025", "E3062")
    sources = (
        "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.html",
        "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.DBInstanceClass.html",
    )
    examples = (Example("Aurora has no micro class", _BEFORE, _BEFORE.replace("db.t3.micro", "db.t3.medium"), unsafe=True),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for resource in template.resources.values():
            node = resource.property("DBInstanceClass") if resource.type == _TYPE else None
            path = (*resource.path, "Properties", "DBInstanceClass")
            offered = _offered(template, resource) if node is not None else frozenset()
            for origin in literals(template, node, path) if offered else ():
                name = origin.node.value.lower()
                if name.startswith("db.") and name not in offered:
                    larger = _larger(name, offered)
                    remedy: Remedy | str = f"which class should {resource.logical_id} have, such as {_smallest(offered)}?"
                    if larger:
                        remedy = Remedy(
                            f"use {larger} instead of {name}",
                            partial(mend, origin=origin, text=larger),
                            "the next larger class costs more",
                            Applicability.UNSAFE,
                            UpdateEffect.INTERRUPTION,
                        )
                    message = f"no Region offers {name} for the engine of {resource.logical_id}"
                    yield self.finding(template, path, origin.node, message, remedy)


def _offered(template: Template, resource: Resource) -> frozenset[str]:
    """The classes of all engines that a database may get; empty where one of them is not known."""
    path = (*resource.path, "Properties", "Engine")
    engines = {each.node.value.lower() for each in literals(template, resource.property("Engine"), path)}
    rows = [table("instance_classes").get(engine) for engine in engines]
    found: set[str] = set()
    for row in rows:
        if row is None:
            return frozenset()
        found.update(row["classes"].split())
    return frozenset(found)


def _larger(name: str, offered: frozenset[str]) -> str | None:
    """The next larger class of the same family; not a small one, which the newer versions of Aurora do not run on."""
    family, _, size = name.rpartition(".")
    sizes = _SIZES[_SIZES.index(size) :] if size in _SIZES else ()
    return next((f"{family}.{each}" for each in sizes if each != "small" and f"{family}.{each}" in offered), None)


def _smallest(offered: frozenset[str]) -> str:
    """Some of the smallest classes that are offered."""
    for size in _SIZES[2:]:
        found = sorted((each for each in offered if each.endswith(f".{size}")), reverse=True)
        if found:
            return " or ".join(found[:3])
    return " or ".join(sorted(offered)[:3])
