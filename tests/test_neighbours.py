"""Templates of one run that rely on each other: what one of them uses is not taken away from the other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from remediator.engine import Options
from remediator.files import Target
from remediator.neighbours import NEW_PARAMETER, kept_paths
from remediator.passes import Selection
from remediator.run import Report, Task, process_all

PARENT = """\
Resources:
  Network:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: !Sub https://${Templates}.s3.amazonaws.com/network.yaml
      Parameters:
        Stage: test
  Topic:
    Type: AWS::SNS::Topic
    Properties:
      DisplayName: !GetAtt Network.Outputs.VpcId
Parameters:
  Templates:
    Type: String
"""

CHILD = """\
Parameters:
  Stage:
    Type: String
  Owner:
    Type: String
    Default: nobody
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Properties: {}
  Worker:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Code: {ZipFile: "def handler(event, context): pass"}
Outputs:
  VpcId:
    Value: !Ref Vpc
"""

EXPORTER = """\
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Properties: {CidrBlock: 10.0.0.0/16}
Outputs:
  VpcId:
    Value: !Ref Vpc
    Export: {Name: !Sub "${AWS::StackName}-VpcId"}
  Own:
    Value: !Ref Vpc
    Export: {Name: !Sub "${AWS::StackName}-Own"}
"""

IMPORTER = """\
Parameters:
  NetworkStack: {Type: String}
Resources:
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: any
      VpcId:
        Fn::ImportValue: !Sub "${NetworkStack}-VpcId"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The templates in one folder."""
    for name, text in (("parent", PARENT), ("network", CHILD), ("exporter", EXPORTER), ("importer", IMPORTER)):
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def _run(folder: Path, *names: str) -> dict[str, Report]:
    targets = [Target(folder / f"{name}.yaml", named=True) for name in names]
    task = Task(Options(Selection(select=("SCH002", "unused-parameter")), unsafe=True), fix=True, write=False)
    return {Path(report.path).stem: report for report in process_all(targets, task)}


def test_what_a_parent_passes_and_reads_is_kept(folder: Path) -> None:
    """The parameters that a parent passes, the outputs that it reads; and no parameter may be added."""
    kept = kept_paths(folder.glob("*.yaml"))
    assert kept[str(folder / "network.yaml")] == {NEW_PARAMETER, ("Parameters", "Stage"), ("Outputs", "VpcId")}


def test_what_is_imported_is_kept_with_its_name(folder: Path) -> None:
    """An export whose name another template builds, whatever the stack is called there; the others are free."""
    kept = kept_paths(folder.glob("*.yaml"))
    assert kept[str(folder / "exporter.yaml")] == {("Outputs", "VpcId"), ("Outputs", "VpcId", "Export")}


def test_nothing_is_kept_where_nobody_relies_on_it(folder: Path) -> None:
    """Templates that use nothing of each other are free, and so are those that can't be read."""
    (folder / "broken.yaml").write_text("a: [AWS::CloudFormation::Stack", encoding="utf-8")
    assert kept_paths([folder / "exporter.yaml", folder / "network.yaml", folder / "broken.yaml", folder / "missing"]) == {}


def test_a_fix_that_a_parent_would_have_to_follow_is_held_back(folder: Path) -> None:
    """Alone, the template asks for the missing role; beside the parent that creates it, it does not, and says so."""
    alone, together = _run(folder, "network")["network"], _run(folder, "network", "parent")["network"]
    assert "WorkerRole:" in alone.after
    assert "WorkerRole:" not in together.after
    assert "held back: another template of this run relies on what would change" in [
        each.finding.reason for each in together.remaining
    ]


def test_parameters_that_are_passed_stay(folder: Path) -> None:
    """An unused parameter goes only where no other template passes it."""
    alone, together = _run(folder, "network")["network"], _run(folder, "network", "parent")["network"]
    assert "  Stage:" not in alone.after
    assert "  Stage:" in (together.after or CHILD)  # left out of the report where nothing changed


def test_options_keep_nothing_by_themselves() -> None:
    """A single template is fixed as if it stood alone."""
    assert replace(Options(), unsafe=True).kept == frozenset()
