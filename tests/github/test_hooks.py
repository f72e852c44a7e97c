"""The hooks for pre-commit: they mend and refuse templates, and leave every other file alone."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from github.action_runner import ROOT
from github.texts import ASKING, HEAD, QUEUE, RIGHT, WRONG
from remediator.cli import cli

HOOKS = {each["id"]: each for each in YAML(typ="safe").load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}
OTHERS = {"values.yaml": "a: [1\n", "package.json": "{}", "compose.yaml": "services: {}\n", "empty.yml": ""}


def go(hook: str, folder: Path, *words: str) -> int:
    """The hook's command, with the files that pre-commit would name."""
    command = shlex.split(HOOKS[hook]["entry"])
    assert command[0] == "remediator"
    found = CliRunner().invoke(cli, [*command[1:], *words, *map(str, sorted(folder.iterdir()))], standalone_mode=False)
    code = found.exit_code
    assert code != 2, found.output
    return code


def files(folder: Path, texts: dict[str, str]) -> Path:
    for name, text in texts.items():
        (folder / name).write_text(text)
    return folder


def test_files_that_are_no_templates_are_passed_over(tmp_path: Path) -> None:
    folder = files(tmp_path, OTHERS)
    assert go("remediator-fix", folder) == go("remediator-check", folder) == 0
    assert {path.name: path.read_text() for path in folder.iterdir()} == OTHERS


def test_the_fixing_hook_fixes_and_stops_nobody_for_a_question(tmp_path: Path) -> None:
    folder = files(tmp_path, {**OTHERS, "a.yaml": WRONG, "b.yaml": ASKING})
    assert go("remediator-fix", folder, "--profile=deploy") == 0
    assert (folder / "a.yaml").read_text() == RIGHT


def test_the_checking_hook_refuses_and_changes_nothing(tmp_path: Path) -> None:
    folder = files(tmp_path, {**OTHERS, "a.yaml": WRONG})
    assert go("remediator-check", folder, "--profile=deploy") == 1
    assert (folder / "a.yaml").read_text() == WRONG


PRE_COMMIT = shutil.which("pre-commit", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.skipif(PRE_COMMIT is None, reason="pre-commit is not installed")
@pytest.mark.skipif("REMEDIATOR_INDEX" not in os.environ, reason="REMEDIATOR_INDEX names no package index to install from")
def test_pre_commit_runs_the_hooks_in_a_fresh_repository(tmp_path: Path) -> None:
    tool, mine = tmp_path / "tool", tmp_path / "mine"
    for name in ("remediator", "transforms"):
        shutil.copytree(ROOT / name, tool / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, tool / name)
    git(tool, "init", "--quiet")
    revision = commit(tool)
    mine.mkdir()
    git(mine, "init", "--quiet")
    files(mine, {"README.md": "text\n", "values.yaml": "a: 1\n", "a.yaml": WRONG, "b.yaml": HEAD + QUEUE})
    hooks = [{"id": name, "args": ["--profile=deploy"]} for name in HOOKS]
    config = {"repos": [{"repo": str(tool), "rev": revision, "hooks": hooks}]}
    (mine / ".pre-commit-config.yaml").write_text(json.dumps(config))
    git(mine, "add", "--all")
    assert pre_commit(mine, tmp_path, "run", "remediator-check", "--all-files").returncode == 1
    assert (mine / "a.yaml").read_text() == WRONG
    done = pre_commit(mine, tmp_path, "run", "remediator-fix", "--all-files")
    assert (done.returncode, "files were modified by this hook" in done.stdout) == (1, True), done.stdout
    assert (mine / "a.yaml").read_text() == RIGHT
    assert pre_commit(mine, tmp_path, "run", "--all-files").returncode == 0


def pre_commit(folder: Path, home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PRE_COMMIT_HOME": str(home / "cache"), "PIP_INDEX_URL": os.environ["REMEDIATOR_INDEX"]}
    assert PRE_COMMIT
    return subprocess.run([PRE_COMMIT, *words], cwd=folder, env=environment, capture_output=True, text=True, check=False)


def git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=True).stdout


def commit(folder: Path) -> str:
    git(folder, "add", "--all")
    git(folder, "-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "--quiet", "-m", "all")
    return git(folder, "rev-parse", "HEAD").strip()
