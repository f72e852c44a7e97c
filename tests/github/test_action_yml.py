"""The Action's own steps: nothing of the pull request is run, no input is more than a text, and linters are content."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from github.action_runner import ACTION, ENVIRONMENT, INSTALL, ROOT, SUGGEST, prepared, run
from github.pull_requests import PullRequest
from github.state import GitHub
from github.texts import RIGHT, WRONG
from remediator.github.settings import PREFIX, Settings

Make = Callable[..., PullRequest]

MODULES = ("remediator", "click", "json", "ruamel", "sitecustomize", "usercustomize", "urllib", "pip", "venv", "setup")


@pytest.fixture
def planted(pull_request: Make, tmp_path: Path) -> PullRequest:
    """A pull request with modules, settings and plugins that leave a trace when they are run."""
    trace = f"open({str(tmp_path / 'trace')!r}, 'a').write(__file__ + '\\n')\n"
    files = {f"{name}.py": trace for name in MODULES}
    files |= {f"src/{name}.py": trace for name in MODULES}
    files |= {
        "a.yaml": WRONG,
        "transforms/evil.py": trace,
        "evil-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: evil\nVersion: 1\n",
        "evil-1.dist-info/entry_points.txt": "[remediator.passes]\nevil = setup\n",
        "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "setup"\nbackend-path = ["."]\n',
        "pip.conf": "[global]\nindex-url = http://127.0.0.1:1/\n",
        ".python-version": "2.7\n",
    }
    made = pull_request({}, files)
    made.environment |= {"PYTHONPATH": "src:.", "PYTHONSTARTUP": "setup.py", "PIP_CONFIG_FILE": "pip.conf", "PIP_NO_INDEX": "1"}
    return made


def test_nothing_that_is_planted_runs(hub: GitHub, planted: PullRequest, tmp_path: Path) -> None:
    prepared(planted.temporary)
    done = run(SUGGEST, planted.folder, planted.environment, {"profile": "deploy"})
    assert (done.returncode, done.stderr) == (1, "")
    assert hub.pressed("a.yaml") == RIGHT
    assert not (tmp_path / "trace").exists()


def test_the_trap_would_work(planted: PullRequest, tmp_path: Path) -> None:
    """Run as people run modules, the planted ones are: what keeps them out above is how the step starts Python."""
    environment = {**os.environ, **planted.environment}
    subprocess.run([sys.executable, "-m", "remediator"], cwd=planted.folder, env=environment, capture_output=True, check=False)
    assert (tmp_path / "trace").exists()


def test_the_install_step_takes_nothing_from_the_checkout(planted: PullRequest, tmp_path: Path) -> None:
    """What it starts, it starts outside of it, isolated, without variables of pip; the index is one word."""
    shim = tmp_path / "python"
    log = planted.temporary / "log"
    installed = planted.temporary / ENVIRONMENT / "bin" / "python"
    shim.write_text(
        f"""#!/bin/bash
printf '%s|' "$PWD" "$@" >> {log}; env | grep ^PIP_ >> {log}; echo >> {log}
mkdir -p {installed.parent}; [ -e {installed} ] || cp "$0" {installed}
"""
    )
    shim.chmod(0o755)
    environment = {**planted.environment, "GITHUB_ACTION_PATH": str(tmp_path)}
    done = run(INSTALL, planted.folder, environment, {"index-url": "https://index.example/a b"}, python=str(shim))
    assert (done.returncode, done.stderr) == (0, "")
    made, pip = log.read_text().splitlines()
    assert made == f"{tmp_path}|-I|-m|venv|--clear|{planted.temporary / ENVIRONMENT}|"
    assert pip.startswith(f"{tmp_path}|-I|-m|pip|--isolated|install|")
    assert pip.endswith(f"|--index-url|https://index.example/a b|{tmp_path}|")


@pytest.mark.skipif("REMEDIATOR_INDEX" not in os.environ, reason="REMEDIATOR_INDEX names no package index to install from")
def test_it_installs_itself_and_runs(hub: GitHub, planted: PullRequest, tmp_path: Path) -> None:
    """Both steps, from a copy of this tree."""
    copy = tmp_path / "action"
    for name in ("remediator", "transforms"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy / name)
    environment = {**planted.environment, "GITHUB_ACTION_PATH": str(copy)}
    done = run(INSTALL, planted.folder, environment, {"index-url": os.environ["REMEDIATOR_INDEX"]})
    assert (done.returncode, done.stderr) == (0, "")
    done = run(SUGGEST, planted.folder, environment, {"profile": "deploy"})
    assert (done.returncode, done.stderr) == (1, "")
    assert hub.pressed("a.yaml") == RIGHT
    assert not (tmp_path / "trace").exists()


EVIL = "$(touch trace) `touch trace` '; touch trace; \"; touch trace #\n::add-mask::x\n--help"


def test_no_input_is_more_than_a_text(hub: GitHub, pull_request: Make) -> None:
    """Each is taken as it is, or refused in one line."""
    made = pull_request({}, {"a.yaml": RIGHT})
    prepared(made.temporary)
    for name in ACTION["inputs"]:
        if name == "index-url":
            continue
        done = run(SUGGEST, made.folder, made.environment, {name: EVIL})
        assert done.returncode in (0, 2), name
        assert "Traceback" not in done.stderr
        assert not list(made.folder.rglob("trace"))
        if done.returncode == 2:
            assert done.stderr.startswith("error: ")


def test_the_program_knows_the_actions_inputs_and_defaults() -> None:
    """And no expression stands in a script, where its text would be code."""
    inputs = {name.replace("-", "_") for name in ACTION["inputs"]} - {"index_url"}
    assert inputs == set(Settings.__slots__)
    assert set(SUGGEST["env"]) == {PREFIX + name.upper() for name in inputs}
    for step in (INSTALL, SUGGEST):
        assert "${{" not in step["run"]
    defaults = {PREFIX + name.replace("-", "_").upper(): said["default"] for name, said in ACTION["inputs"].items()}
    assert Settings.of({**defaults, "REMEDIATOR_TOKEN": ""}) == Settings()


def test_the_page_has_every_input_and_output_and_its_workflows_use_no_others() -> None:
    page = (ROOT / "docs" / "action.md").read_text(encoding="utf-8")
    table = page.split("## Inputs")[1].split("## Outputs")[0]
    assert set(re.findall(r"`([a-z-]+)`", "".join(re.findall(r"^\| (.*?) \|", table, re.MULTILINE)))) == set(ACTION["inputs"])
    outputs = page.split("## Outputs")[1].split("## When")[0]
    assert all(f"`{name}`" in outputs for name in ACTION["outputs"])
    blocks = [YAML(typ="safe").load(block) for block in re.findall(r"^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)]
    workflows = [block for block in blocks if "jobs" in block]
    assert len(workflows) == 3
    for workflow in workflows:
        steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
        mine = [step for step in steps if step["uses"].startswith("remediator/")]
        assert len(mine) == 1
        assert mine[0].get("with", {}).keys() <= ACTION["inputs"].keys()
        assert all(re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", step["uses"]) for step in steps if step not in mine)


def test_others_actions_are_pinned() -> None:
    used = [step["uses"] for step in ACTION["runs"]["steps"] if "uses" in step]
    assert used
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", each) for each in used)


@pytest.mark.parametrize(
    "command",
    [
        ["check-jsonschema", "--builtin-schema", "vendor.github-actions", "action.yml"],
        ["zizmor", "--offline", "--no-progress", "action.yml"],
    ],
    ids=lambda command: command[0],
)
def test_linters_are_content(command: list[str]) -> None:
    tool = shutil.which(command[0], path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if tool is None:
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run([tool, *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
