"""Writes which engine versions, database instance classes and Lambda runtimes AWS offers into remediator/knowledge/.

The source is the data that ships with cfn-lint (MIT-0), which AWS's own describe calls and the Lambda documentation fed.
Run it again after ``pip install -U cfn-lint``; the result is the same, byte for byte, for the same data.

python scripts/make_versions.py
"""

from __future__ import annotations

import datetime
import json
import re
import sys
from pathlib import Path
from typing import Any

import cfnlint

DATA = Path(cfnlint.__file__).parent / "data"
KNOWLEDGE = Path(__file__).parent.parent / "remediator" / "knowledge"
SOURCE = "https://github.com/aws-cloudformation/cfn-lint (MIT-0)"

MAJOR = {
    "aurora-mysql": 4,
    "aurora-postgresql": 1,
    "db2-ae": 2,
    "db2-se": 2,
    "mariadb": 2,
    "memcached": 2,
    "mysql": 2,
    "oracle-ee": 1,
    "oracle-ee-cdb": 1,
    "oracle-se2": 1,
    "oracle-se2-cdb": 1,
    "postgres": 1,
    "redis": 1,
    "sqlserver-ee": 2,
    "sqlserver-ex": 2,
    "sqlserver-se": 2,
    "sqlserver-web": 2,
    "valkey": 1,
}
"""How many parts of a version make the major version, within which an upgrade is a minor one."""

AURORA_BURSTABLE = {
    "aurora-mysql": (
        "db.t2.medium",
        "db.t2.small",
        "db.t3.large",
        "db.t3.medium",
        "db.t3.small",
        "db.t4g.large",
        "db.t4g.medium",
    ),
    "aurora-postgresql": ("db.t3.large", "db.t3.medium", "db.t4g.large", "db.t4g.medium"),
}
"""Of the price lists' burstable classes those that Aurora runs on; version 3 of Aurora MySQL runs on no small ones.
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.DBInstanceClass.SupportAurora.html (2026-11)"""

LASTS = datetime.timedelta(days=180)
"""How much longer a runtime has to be supported for functions to be moved to it."""


def natural(version: str) -> list[tuple[int, str]]:
    """Sorts 8.0.9 before 8.0.42."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.findall(r"\d+|[^\d.]+", version)]


def enums(folder: str, name: str, *, side: str) -> dict[str, list[str]]:
    """The versions that a schema lists for each engine: offered ones in ``then``, those it warns of in ``if``."""
    document = json.loads((DATA / "schemas" / "extensions" / folder / f"{name}.json").read_text(encoding="utf-8"))
    found: dict[str, list[str]] = {}
    for rule in document["allOf"]:
        engine = rule["if"]["properties"]["Engine"].get("const")
        place: Any = rule[side]
        listed = place["properties"].get("EngineVersion", {}).get("enum") if engine else None
        if listed:
            found[engine] = listed
    return found


def engines() -> dict[str, list[str]]:
    """For each engine the versions that a new database can have.

    A bare major version stays where the data has it and one of its versions is offered: RDS picks the default one.
    """
    found: dict[str, set[str]] = {}
    for folder, warned in (("aws_rds_dbinstance", True), ("aws_rds_dbcluster", True), ("aws_elasticache_cachecluster", False)):
        gone = enums(folder, "engine_version_deprecated", side="if") if warned else {}
        for engine, versions in enums(folder, "engine_version", side="then").items():
            if engine in MAJOR:
                offered = {version for version in versions if version not in gone.get(engine, ())}
                bare = {each for each in versions if any(other.startswith(f"{each}.") for other in offered)}
                found.setdefault(engine, set()).update(offered | bare)
    return {engine: sorted(versions, key=natural) for engine, versions in sorted(found.items())}


def engine_versions(date: str) -> str:
    lines = [
        "# Versions that a new database or cache can have, oldest first; made by scripts/make_versions.py",
        "# major: how many parts of a version make the major version",
        "",
        f'source = "{SOURCE}"',
        f"reviewed = {date}",
    ]
    for engine, versions in engines().items():
        lines += ["", f"[{engine}]", f"major = {MAJOR[engine]}", f"versions = '{' '.join(versions)}'"]
    return "\n".join(lines) + "\n"


def instance_classes(date: str) -> str:
    """For each engine the classes that it runs on in any Region, with any licence."""
    schema = DATA / "schemas" / "extensions" / "aws_rds_dbinstance" / "dbinstanceclass_enum.json"
    found: dict[str, set[str]] = {}
    for region in json.loads(schema.read_text(encoding="utf-8")).values():
        for rule in region["allOf"]:
            engine = rule["if"]["properties"]["Engine"]["const"]
            found.setdefault(engine, set()).update(rule["then"]["properties"]["DBInstanceClass"]["enum"])
    for engine in ("aurora-mysql", "aurora-postgresql"):
        found[engine] = {each for each in found[engine] if not each.startswith("db.t") or each in AURORA_BURSTABLE[engine]}
    lines = [
        "# Classes that a database of an engine can have in at least one Region; made by scripts/make_versions.py",
        "",
        f'source = "{SOURCE}"',
        f"reviewed = {date}",
    ]
    for engine, classes in sorted(found.items()):
        lines += ["", f"[{engine}]", f"classes = '{' '.join(sorted(classes))}'"]
    return "\n".join(lines) + "\n"


def lambda_runtimes(date: str) -> str:
    """Dates are compared with that of the data, so that a run gives the same result on every day."""
    runtimes = json.loads((DATA / "AdditionalSpecs" / "LmbdRuntimeLifecycle.json").read_text(encoding="utf-8"))
    lines = [
        "# Lambda runtimes as of the date below; made by scripts/make_versions.py",
        "# state: current, deprecated (can still be created) or blocked (can not)",
        f"# successor: the nearest later one of the same language that has {LASTS.days} days left, or the newest",
        "",
        f'source = "{SOURCE}; https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html"',
        f"reviewed = {date}",
    ]
    for name, row in sorted(runtimes.items(), key=lambda item: natural(item[0])):
        blocked, deprecated = row["create-block"] or "9999", row["deprecated"] or "9999"
        state = "blocked" if blocked <= date else "deprecated" if deprecated <= date else "current"
        lines += ["", f'["{name}"]', f'state = "{state}"', f"deprecated = {row['deprecated']}"]
        lines += [f'successor = "{successor(name, runtimes, date)}"'] if state != "current" else []
    return "\n".join(lines) + "\n"


def successor(name: str, runtimes: dict[str, Any], date: str) -> str:
    """The runtime to move to, from the version that is next to it."""
    last = (datetime.date.fromisoformat(date) + LASTS).isoformat()
    later = [
        each for each in sorted(runtimes, key=natural) if language(each) == language(name) and natural(each) > natural(name)
    ]
    return next((each for each in later if runtimes[each]["deprecated"] > last), runtimes[name]["successor"])


def language(runtime: str) -> str:
    return re.sub(r"\d.*", "", runtime.replace("dotnetcore", "dotnet").replace("provided.al", "provided"))


def main() -> int:
    date = json.loads((DATA / "schemas" / "version.json").read_text(encoding="utf-8"))["schema_date"][:10]
    tables = {"engine_versions": engine_versions, "instance_classes": instance_classes, "lambda_runtimes": lambda_runtimes}
    for name, make in tables.items():
        text = make(date)
        (KNOWLEDGE / f"{name}.toml").write_text(text, encoding="utf-8")
        print(f"{name}.toml: {len(text):,} characters, data of {date}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
