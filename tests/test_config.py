"""The configuration file: where it is looked for, what it may say, and what is said about mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from cycle import CYCLE

from remediator.cli import cli
from remediator.config import Config, ConfigError, load


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(name: str, text: str) -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_defaults(tmp_path: Path) -> None:
    """Without a file: the secure profile, safe fixes, nothing selected, ignored or left out."""
    assert load(None, tmp_path) == Config("secure", (), (), (), unsafe_fixes=False, deployed=False)


def test_every_setting(tmp_path: Path) -> None:
    """Every setting in a file of our own."""
    write(
        ".remediator.toml",
        'profile = "production"\nselect = ["CYC"]\nignore = ["CYC002"]\n'
        'exclude = ["legacy/*"]\nunsafe-fixes = true\ndeployed = true\n',
    )
    assert load(None, tmp_path) == Config("production", ("CYC",), ("CYC002",), ("legacy/*",), unsafe_fixes=True, deployed=True)


@pytest.mark.parametrize("key", ["unsafe-fixes", "unsafe_fixes"])
def test_both_spellings(tmp_path: Path, key: str) -> None:
    """Words of a setting may be joined by hyphen or underscore."""
    write(".remediator.toml", f"{key} = true\n")
    assert load(None, tmp_path).unsafe_fixes


@pytest.mark.parametrize("profile", ["deploy", "secure", "production", "sandbox"])
def test_profiles(tmp_path: Path, profile: str) -> None:
    """Every profile of the command line can be the default of a project."""
    write(".remediator.toml", f'profile = "{profile}"\n')
    assert load(None, tmp_path).profile == profile


def test_pyproject(tmp_path: Path) -> None:
    """In pyproject.toml the settings stand under [tool.remediator]."""
    write("pyproject.toml", '[project]\nname = "x"\n[tool.remediator]\nprofile = "deploy"\n')
    assert load(None, tmp_path).profile == "deploy"


def test_own_file_goes_before_pyproject(tmp_path: Path) -> None:
    """In one folder, .remediator.toml wins."""
    write("pyproject.toml", '[tool.remediator]\nprofile = "deploy"\n')
    write(".remediator.toml", 'profile = "sandbox"\n')
    assert load(None, tmp_path).profile == "sandbox"


def test_the_nearest_file_above(tmp_path: Path) -> None:
    """A file in a folder above counts, the nearest one alone; a pyproject.toml without our table does not."""
    write(".remediator.toml", 'profile = "deploy"\nignore = ["CYC001"]\n')
    write("a/pyproject.toml", '[tool.remediator]\nprofile = "sandbox"\n')
    write("a/b/pyproject.toml", "[tool.ruff]\nline-length = 100\n")
    Path("a/b/c").mkdir()
    assert load(None, tmp_path / "a" / "b" / "c") == Config("sandbox")
    assert load(None, tmp_path).profile == "deploy"


def test_a_named_file_is_the_only_one(tmp_path: Path) -> None:
    """--config reads that file and no other; a pyproject.toml by its table."""
    write(".remediator.toml", 'profile = "deploy"\n')
    assert load(write("other.toml", 'ignore = ["CYC001"]\n'), tmp_path) == Config(ignore=("CYC001",))
    assert load(write("sub/pyproject.toml", '[tool.remediator]\nprofile = "sandbox"\n'), tmp_path) == Config("sandbox")
    assert load(write("empty/pyproject.toml", ""), tmp_path) == Config()


def test_an_empty_file_is_the_defaults(tmp_path: Path) -> None:
    """An empty file of our own stops the search, and says nothing else."""
    write(".remediator.toml", 'profile = "deploy"\n')
    write("sub/.remediator.toml", "")
    assert load(None, tmp_path / "sub") == Config()


WRONG: list[tuple[str, str, str]] = [
    ("unknown setting", "colour = true\n", "no such setting: colour"),
    ("unknown profile", 'profile = "fast"\n', "profile must be one of deploy, secure, production, sandbox"),
    ("profile as a number", "profile = 1\n", "profile must be one of deploy, secure, production, sandbox"),
    ("profile as a list", 'profile = ["deploy"]\n', "profile must be one of deploy, secure, production, sandbox"),
    ("switch as a text", 'unsafe-fixes = "yes"\n', "unsafe-fixes must be true or false"),
    ("switch as a number", "deployed = 1\n", "deployed must be true or false"),
    ("list as a text", 'select = "CYC001"\n', "select must be a list of texts"),
    ("list of numbers", "ignore = [1]\n", "ignore must be a list of texts"),
    ("list as a table", "[exclude]\na = 1\n", "exclude must be a list of texts"),
    ("table of pyproject in our file", '[tool.remediator]\nprofile = "deploy"\n', "no such setting: tool"),
]


@pytest.mark.parametrize(("text", "reason"), [pytest.param(text, reason, id=what) for what, text, reason in WRONG])
def test_mistakes_are_named(text: str, reason: str) -> None:
    """A mistake ends the run before any file is touched, in one line with the file and what is wrong."""
    write("a.yaml", CYCLE)
    write("my.toml", text)
    result = CliRunner().invoke(cli, ["fix", "--config", "my.toml", "a.yaml"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"error: my.toml: {reason}\n"
    assert Path("a.yaml").read_text() == CYCLE


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("tool = 5\n", "tool must be a table"),
        ("[tool]\nremediator = 5\n", "remediator must be a table"),
        ("[tool.remediator]\nselekt = []\n", "no such setting: selekt"),
    ],
)
def test_mistakes_in_pyproject(tmp_path: Path, text: str, reason: str) -> None:
    """A pyproject.toml of the wrong shape is refused, not stumbled over."""
    path = write("pyproject.toml", text).absolute()
    with pytest.raises(ConfigError) as caught:
        load(None, tmp_path)
    assert str(caught.value) == f"{path}: {reason}"


@pytest.mark.parametrize("data", [b"profile = \n", b"profile = 'deploy'\nprofile = 'deploy'\n", b"a\xff = 1\n", b"{}"])
def test_no_toml(tmp_path: Path, data: bytes) -> None:
    """What is no TOML is said to be none."""
    path = tmp_path / ".remediator.toml"
    path.write_bytes(data)
    with pytest.raises(ConfigError) as caught:
        load(None, tmp_path)
    assert str(caught.value).startswith(f"{path}: not valid TOML: ")


def test_a_missing_file(tmp_path: Path) -> None:
    """A named file must be there."""
    with pytest.raises(ConfigError, match=r"gone\.toml: can't be read: no such file or directory"):
        load(Path("gone.toml"), tmp_path)


def test_an_unknown_code_in_the_file() -> None:
    """A code that no rule has is a mistake in the file too."""
    write(".remediator.toml", 'ignore = ["NOPE001"]\n')
    write("a.yaml", CYCLE)
    result = CliRunner().invoke(cli, ["check", "a.yaml"])
    assert result.exit_code == 2
    assert result.stderr == "error: no rule has the code or name NOPE001; see: remediator rules\n"


def test_excluded_files_are_left_out_unless_named() -> None:
    """`exclude` takes globs over paths and names; what is named on the command line is done all the same."""
    write(".remediator.toml", 'exclude = ["legacy/*", "*.skip.yaml"]\n')
    for name in ("a.yaml", "b.skip.yaml", "legacy/c.yaml", "legacy/deep/d.yaml", "sub/e.skip.yaml"):
        write(name, CYCLE)
    result = CliRunner().invoke(cli, ["check", "."])
    assert {line.split(":")[0] for line in result.stdout.splitlines() if " CYC001 " in line} == {"a.yaml"}
    named = CliRunner().invoke(cli, ["check", "legacy/c.yaml", "*.skip.yaml"])
    assert {line.split(":")[0] for line in named.stdout.splitlines() if " CYC001 " in line} == {"legacy/c.yaml"}
