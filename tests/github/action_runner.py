"""Runs the steps of ``action.yml`` as GitHub's runner would, but for what it fetches from elsewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import venv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
ACTION: dict[str, Any] = YAML(typ="safe").load((ROOT / "action.yml").read_text(encoding="utf-8"))
INSTALL, SUGGEST = ACTION["runs"]["steps"][1:]
ENVIRONMENT = "remediator-environment"
HARMLESS = ("PATH", "HOME", "LANG", "SYSTEMROOT", "TEMP", "TMPDIR")


def run(
    step: Mapping[str, Any],
    folder: Path,
    environment: Mapping[str, str],
    inputs: Mapping[str, str],
    python: str = sys.executable,
) -> subprocess.CompletedProcess[str]:
    """One step of the Action, in the checkout, with the runner's environment."""
    values = {name: inputs.get(name, str(said.get("default", ""))) for name, said in ACTION["inputs"].items()}
    unknown = inputs.keys() - values.keys()
    assert not unknown, f"the Action has no input {unknown}"

    def value(match: re.Match[str]) -> str:
        area, name = match[1].split(".", 1)
        known = {"inputs": values, "github": {"token": "token"}, "steps": {"python.outputs.python-path": python}}
        return re.sub(r"\$\{\{ (.+?) }}", value, known[area][name])

    own = {name: re.sub(r"\$\{\{ (.+?) }}", value, text) for name, text in step["env"].items()}
    plain = {name: os.environ[name] for name in HARMLESS if name in os.environ}
    script = Path(environment["RUNNER_TEMP"], "step.sh")
    script.write_text(step["run"], encoding="utf-8")
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
    return subprocess.run(command, cwd=folder, env={**plain, **environment, **own}, capture_output=True, text=True, check=False)


def prepared(temporary: Path) -> None:
    """The environment as the install step leaves it, with this tree's program and what it needs, and without an index."""
    place = temporary / ENVIRONMENT
    venv.create(place, with_pip=False)
    [packages] = [*place.glob("lib/python*/site-packages"), *place.glob("Lib/site-packages")]
    folders = [path for path in sys.path if path.endswith("site-packages")]
    line = f"import site; list(map(site.addsitedir, {folders!r}))\n"
    packages.joinpath("here.pth").write_text(line, encoding="utf-8")
