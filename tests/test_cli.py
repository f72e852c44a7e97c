"""The command line: exit statuses, what goes to which stream, diffs that git applies, and reports as people see them.

Snapshots lie in tests/snapshots; UPDATE_SNAPSHOTS=1 writes them anew.
"""

from __future__ import annotations

import dataclasses
import errno
import json
import os
import re
import signal
import stat
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cycle import CYCLE

import remediator
from remediator import run
from remediator.cli import cli
from remediator.engine import Failure, Located, Options
from remediator.findings import Applicability, Edit, Finding, Fix, UpdateEffect
from remediator.passes import Selection, registry
from remediator.report import json as json_report
from remediator.report import text as text_report
from remediator.report.diff import unified
from remediator.run import Report, Task

SNAPSHOTS = Path(__file__).parent / "snapshots"

"""Two security groups that name each other: fixed safely."""

UNSAFE = f"Transform: SomebodysMacro\n{CYCLE}"
"""The same behind a macro: fixed only with --unsafe-fixes."""

UNFIXABLE = """\
Conditions:
  Big: !Not [!Condition Small]
  Small: !Not [!Condition Big]
Resources:
  Topic:
    Type: AWS::SNS::Topic
"""
"""Conditions that name each other: only a person can decide."""

CLEAN = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n"
BROKEN = "Resources:\n  Topic:\n   - AWS::SNS::Topic\n  AWS::\n"
COMPOSE = "services:\n  web:\n    image: nginx\n"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


DEPLOY = Selection(profile="deploy")


def to_deploy(words: tuple[str, ...]) -> list[str]:
    """A command with the profile under which the small templates of these tests lack nothing."""
    return [*words[:1], "--profile", "deploy", *words[1:]] if words[:1] in (("fix",), ("check",)) else list(words)


def invoke(*words: str, data: str | bytes | None = None) -> Result:
    return CliRunner().invoke(cli, to_deploy(words), input=data)


def write(name: str, text: str) -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8"))
    return path


def fixed(text: str, *, unsafe: bool = False) -> str:
    task = Task(Options(DEPLOY, unsafe=unsafe), fix=True, write=False)
    report = run.process_bytes("template.yaml", text.encode("utf-8"), task)
    assert report.changed
    return report.after


def start(*words: str, **options: object) -> subprocess.Popen[bytes]:
    """The program as a process of its own, for what only a process shows."""
    command = [sys.executable, "-m", "remediator", *to_deploy(words)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, **options)  # type: ignore[call-overload,no-any-return]


def assert_snapshot(name: str, text: str) -> None:
    path = SNAPSHOTS / name
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode("utf-8"))
    assert text == path.read_bytes().decode("utf-8")


# Exit statuses

STATUS: list[tuple[str, list[str], str, int]] = [
    ("fix, all fixed", ["fix"], CYCLE, 0),
    ("fix, nothing to fix", ["fix"], CLEAN, 0),
    ("fix, unsafe fix left", ["fix"], UNSAFE, 1),
    ("fix, unsafe fix made", ["fix", "--unsafe-fixes"], UNSAFE, 0),
    ("fix, something left for a person", ["fix"], UNFIXABLE, 1),
    ("fix, not a template", ["fix"], COMPOSE, 2),
    ("fix, something left, exit zero", ["fix", "--exit-zero"], UNFIXABLE, 0),
    ("fix, not a template, exit zero", ["fix", "--exit-zero"], COMPOSE, 2),
    ("fix, rule ignored", ["fix", "--ignore", "CYC001"], CYCLE, 0),
    ("fix, other rule selected", ["fix", "--select", "CYC002"], CYCLE, 0),
    ("fix, selected by prefix", ["fix", "--diff", "--select", "CYC"], CYCLE, 1),
    ("fix, selected by name", ["fix", "--diff", "--select", "dependency-cycle"], CYCLE, 1),
    ("diff, something shown", ["fix", "--diff"], CYCLE, 1),
    ("diff, something shown, exit zero", ["fix", "--diff", "--exit-zero"], CYCLE, 0),
    ("diff, nothing to fix", ["fix", "--diff"], CLEAN, 0),
    ("diff, nothing shown but something left", ["fix", "--diff"], UNFIXABLE, 1),
    ("diff, not a template", ["fix", "--diff"], COMPOSE, 2),
    ("check, nothing", ["check"], CLEAN, 0),
    ("check, fixable", ["check"], CYCLE, 1),
    ("check, fixable, exit zero", ["check", "--exit-zero"], CYCLE, 0),
    ("check, needs unsafe fixes", ["check"], UNSAFE, 1),
    ("check, not a template", ["check"], BROKEN, 2),
    ("graph", ["graph"], CYCLE, 0),
    ("graph, not a template", ["graph"], COMPOSE, 2),
]


@pytest.mark.parametrize(
    ("words", "text", "status"), [pytest.param(words, text, status, id=what) for what, words, text, status in STATUS]
)
def test_exit_status(words: list[str], text: str, status: int) -> None:
    """0: nothing left that matters; 1: findings remain or a diff was printed; 2: not a template."""
    write("template.yaml", text)
    assert invoke(*words, "template.yaml").exit_code == status


@pytest.mark.parametrize("words", [["check"], ["fix", "--diff"], ["graph"]])
def test_looking_changes_nothing(words: list[str]) -> None:
    """`check`, `--diff` and `graph` write nothing."""
    path = write("template.yaml", CYCLE)
    invoke(*words, "template.yaml")
    assert path.read_text() == CYCLE
    assert list(Path().iterdir()) == [path]


def test_fix_is_done_after_one_run() -> None:
    """A second run finds nothing and does not write."""
    path = write("template.yaml", CYCLE)
    invoke("fix", "template.yaml")
    before = path.stat()
    again = invoke("fix", "template.yaml")
    assert (again.exit_code, again.stdout) == (0, "1 template: nothing to fix\n")
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_the_command_line_goes_before_the_configuration() -> None:
    """A word on the command line wins over the configuration file; --ignore adds to it."""
    write("template.yaml", UNSAFE)
    write(".remediator.toml", 'unsafe-fixes = true\nselect = ["CYC002"]\n')
    assert invoke("check", "template.yaml").exit_code == 0
    assert invoke("check", "--select", "CYC001", "template.yaml").exit_code == 1
    assert invoke("fix", "--select", "CYC001", "--no-unsafe-fixes", "--diff", "template.yaml").stdout == ""
    assert invoke("fix", "--select", "CYC001", "--diff", "template.yaml").stdout != ""
    write(".remediator.toml", 'ignore = ["CYC001"]\n')
    assert invoke("check", "--ignore", "CYC002", "template.yaml").exit_code == 0


# Diffs


def git(*words: str, folder: Path | None = None, data: bytes = b"") -> None:
    where = {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_CEILING_DIRECTORIES": str(Path.cwd().parent),
    }
    done = subprocess.run(
        ["git", "-c", "core.autocrlf=false", *words], cwd=folder, input=data, capture_output=True, env={**os.environ, **where}
    )
    assert done.returncode == 0, done.stderr.decode()


APPLIED: dict[str, dict[str, str]] = {
    "one file": {"template.yaml": CYCLE},
    "in a sub-folder": {"infra/eu/template.yaml": CYCLE},
    "CRLF": {"template.yaml": CYCLE.replace("\n", "\r\n")},
    "no final newline": {"template.yaml": CYCLE.rstrip("\n")},
    "CRLF, no final newline": {"template.yaml": CYCLE.replace("\n", "\r\n").rstrip("\r\n")},
    "byte order mark": {"template.yaml": "\ufeff" + CYCLE},
    "space in the name": {"my stack/my template.yaml": CYCLE},
    "letters beyond ASCII in the name": {"größe/テンプレート.yaml": CYCLE},
    "two files": {"a.yaml": CYCLE, "b/c.yaml": "# second\n" + CYCLE},
    "one of them clean": {"a.yaml": CLEAN, "b.yaml": CYCLE},
    "odd line breaks inside": {"template.yaml": "Description: 'a\u2028b\u0085c'\n" + CYCLE},
}


@pytest.mark.parametrize("contents", [pytest.param(contents, id=what) for what, contents in APPLIED.items()])
def test_a_diff_applies_and_is_what_fix_writes(contents: dict[str, str]) -> None:
    """`--diff` prints one diff and nothing else on stdout; `git apply` makes of it exactly what `fix` writes."""
    git("init", "-q", ".")
    for name, text in contents.items():
        write(name, text)
    shown = invoke("fix", "--diff", *contents)
    assert shown.exit_code == 1
    assert all(line[:1] in tuple("-+@ \\") for line in shown.stdout_bytes.decode().split("\n") if line)
    assert re.search(r"^\d templates?: ", shown.stderr, re.MULTILINE)
    git("apply", "-", data=shown.stdout_bytes)
    applied = {name: Path(name).read_bytes() for name in contents}
    for name, text in contents.items():
        write(name, text)
    assert invoke("fix", *contents).exit_code == 0
    assert applied == {name: Path(name).read_bytes() for name in contents}
    assert applied != {name: text.encode() for name, text in contents.items()}


def test_a_diff_made_in_a_sub_folder_applies_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths are relative to the working folder, as `git apply` takes them."""
    git("init", "-q", ".")
    path = write("infra/template.yaml", CYCLE).absolute()
    monkeypatch.chdir("infra")
    git("apply", "-", data=invoke("fix", "--diff", "template.yaml").stdout_bytes)
    assert path.read_text() == fixed(CYCLE)


@pytest.mark.parametrize("spelling", ["./template.yaml", "infra/../template.yaml", "absolute"])
def test_a_diff_names_files_from_the_working_folder(spelling: str) -> None:
    """However a path is spelled, the diff names it as git does."""
    path = write("template.yaml", CYCLE)
    Path("infra").mkdir()
    shown = invoke("fix", "--diff", str(path.absolute()) if spelling == "absolute" else spelling)
    assert shown.stdout.splitlines()[:2] == ["--- a/template.yaml", "+++ b/template.yaml"]


def test_a_diff_of_a_symlink_is_one_of_its_target() -> None:
    """git changes no file through a symbolic link, so the diff names what it stands for."""
    git("init", "-q", ".")
    path = write("real/template.yaml", CYCLE)
    Path("link.yaml").symlink_to(path)
    shown = invoke("fix", "--diff", "link.yaml")
    assert shown.stderr.startswith("link.yaml:2:3 ")
    git("apply", "-", data=shown.stdout_bytes)
    assert path.read_text() == fixed(CYCLE)


def test_a_diff_has_no_colours_and_no_report() -> None:
    """What is on stdout is the diff alone, also where the report is JSON."""
    write("template.yaml", CYCLE)
    plain = invoke("fix", "--diff", "template.yaml")
    with_json = invoke("fix", "--diff", "--format", "json", "template.yaml")
    assert with_json.stdout == plain.stdout
    assert json.loads(with_json.stderr)["files"][0]["changed"] is True


def test_a_diff_of_nothing_is_empty() -> None:
    """A report without a change gives no diff, not even a header."""
    assert unified(Report("a.yaml", before="a\n", after="a\n")) == ""
    assert unified(Report("a.yaml", error="broken")) == ""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\nb", "a\nc"),
        ("a\nb", "a\nb\n"),
        ("a\nb\n", "a\nb"),
        ("a\r\nb\r\n", "a\r\nc\r\n"),
        ("a\x0cb\n", "a\x0cc\n"),
        ("a\rb", "a\rc"),
    ],
)
def test_diffs_of_any_line_ends_apply(before: str, after: str) -> None:
    """Only a line feed ends a line of a diff, and a missing one is said."""
    git("init", "-q", ".")
    path = write("a.yaml", before)
    git("apply", "-", data=unified(Report("a.yaml", before=before, after=after)).encode())
    assert path.read_bytes().decode() == after


def test_a_file_name_in_no_encoding(tmp_path: Path) -> None:
    """A name that is no UTF-8 is reported and diffed, not stumbled over."""
    name = os.fsdecode(b"\xff.yaml")
    try:
        (tmp_path / name).write_text(CYCLE)
    except OSError as error:
        pytest.skip(f"this file system refuses such a name: {error}")
    process = start("fix", "--diff", name, stdout=subprocess.PIPE)
    diff, report = process.communicate()
    assert process.returncode == 1
    assert b"Traceback" not in report
    assert diff.startswith(b"--- a/\xff.yaml\n")


# Standard input and output


def test_standard_input_is_fixed_to_standard_output() -> None:
    """`fix -` writes the template, and nothing else, to stdout; the report goes to stderr."""
    result = invoke("fix", "-", data=CYCLE)
    assert result.exit_code == 0
    assert result.stdout == fixed(CYCLE)
    assert result.stderr.startswith("<stdin>:2:3 CYC001 ")
    assert result.stderr.endswith("\n1 template: 1 fixed in 1 file\n")


@pytest.mark.parametrize("text", [CLEAN, UNFIXABLE, "\ufeff" + CLEAN.replace("\n", "\r\n"), CLEAN.rstrip("\n") + " # 😀"])
def test_standard_input_without_a_fix_comes_out_as_it_is(text: str) -> None:
    """Every byte is passed on where there is nothing to fix."""
    assert invoke("fix", "-", data=text.encode()).stdout_bytes == text.encode()


def test_standard_input_with_diff() -> None:
    """`fix --diff -` shows what it would do, under the name <stdin>."""
    result = invoke("fix", "--diff", "-", data=CYCLE)
    assert result.exit_code == 1
    assert result.stdout.startswith("--- a/<stdin>\n+++ b/<stdin>\n@@ -")
    assert result.stderr.startswith("<stdin>:2:3 CYC001 ")


def test_standard_input_is_checked() -> None:
    """`check -` reports on stdout, as for files."""
    result = invoke("check", "-", data=CYCLE)
    assert result.exit_code == 1
    assert result.stdout.startswith("<stdin>:2:3 CYC001 ")
    assert result.stderr == ""


def test_graph_of_standard_input() -> None:
    """`graph -` reads standard input."""
    assert invoke("graph", "-", data=CLEAN).stdout.startswith("flowchart LR\n")


# Files, folders, globs


def test_a_folder_means_its_templates() -> None:
    """In a folder, what is no template is passed over in silence, and hidden and foreign folders are not entered."""
    named = {"a.yaml": CYCLE, "b.template": CYCLE, "deep/er/c.yml": CYCLE}
    passed = {
        "docker-compose.yaml": COMPOSE,
        "pod.yaml": "apiVersion: v1\nResources: AWS::Pod\n",
        "package.json": "{}",
        "README.md": f"```yaml\n{CYCLE}```\n",
        ".hidden/d.yaml": CYCLE,
        "node_modules/e.yaml": CYCLE,
        "deep/__pycache__/f.yaml": CYCLE,
    }
    for name, text in {**named, **passed}.items():
        write(name, text)
    result = invoke("fix", ".")
    assert result.stdout.splitlines()[-1] == "4 templates: 3 fixed in 3 files, 1 file with an error"
    assert "pod.yaml:2:12: error: Resources must be a mapping, not a text" in result.stdout
    assert {name: Path(name).read_text() for name in named} == dict.fromkeys(named, fixed(CYCLE))
    assert {name: Path(name).read_text() for name in passed} == passed


def test_a_folder_without_templates() -> None:
    """Nothing found is nothing wrong."""
    write("docker-compose.yaml", COMPOSE)
    result = invoke("fix", ".")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "no templates found\n", "")


def test_globs() -> None:
    """A glob that the shell did not expand is expanded here; ** reaches into folders."""
    for name in ("a.yaml", "b.yml", "sub/c.yaml"):
        write(name, CYCLE)
    invoke("fix", "*.yaml")
    assert [Path(name).read_text() == CYCLE for name in ("a.yaml", "b.yml", "sub/c.yaml")] == [False, True, True]
    invoke("fix", "**/*.yaml")
    assert [Path(name).read_text() == CYCLE for name in ("a.yaml", "b.yml", "sub/c.yaml")] == [False, True, False]


def test_errors_among_good_files_stop_nothing() -> None:
    """Each bad file is named once, the good ones are fixed, and the status is 2."""
    for name, text in {"a.yaml": CYCLE, "b.yaml": BROKEN, "c.yaml": COMPOSE, "d.yaml": CYCLE}.items():
        write(name, text)
    result = invoke("fix", "a.yaml", "b.yaml", "c.yaml", "d.yaml")
    assert result.exit_code == 2
    assert Path("a.yaml").read_text() == Path("d.yaml").read_text() == fixed(CYCLE)
    lines = [line for line in result.stdout.splitlines() if ": error: " in line]
    assert [line.split(":")[0] for line in lines] == ["b.yaml", "c.yaml"]
    assert result.stdout.splitlines()[-1] == "4 templates: 2 fixed in 2 files, 2 files with an error"


def test_several_processes_do_the_same() -> None:
    """--jobs 2 gives the same report, in the same order, and the same files as --jobs 1."""
    contents = {f"{number}.yaml": text for number, text in enumerate([CYCLE, UNFIXABLE, BROKEN, UNSAFE, CLEAN, CYCLE])}
    outcomes = []
    for jobs in ("1", "2"):
        for name, text in contents.items():
            write(name, text)
        result = invoke("fix", "--jobs", jobs, *contents)
        outcomes.append((result.exit_code, result.output, [Path(name).read_text() for name in contents]))
    assert outcomes[0] == outcomes[1]
    assert outcomes[0][0] == 2


def test_a_symlink_stays_one() -> None:
    """The file that a symbolic link stands for is rewritten; the link stays."""
    path = write("real/template.yaml", CYCLE)
    link = Path("link.yaml")
    link.symlink_to(path)
    result = invoke("fix", "link.yaml")
    assert result.stdout.startswith("link.yaml:2:3 CYC001 ")
    assert link.is_symlink()
    assert path.read_text() == fixed(CYCLE)
    assert [each.name for each in path.parent.iterdir()] == ["template.yaml"]


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755, 0o664])
def test_the_mode_of_a_file_stays(mode: int) -> None:
    """A rewritten file keeps its permissions."""
    path = write("template.yaml", CYCLE)
    path.chmod(mode)
    invoke("fix", "template.yaml")
    assert path.read_text() == fixed(CYCLE)
    assert stat.S_IMODE(path.stat().st_mode) == mode


# Reports


def test_output_goes_to_a_file() -> None:
    """--output takes the report, without colours; stdout stays empty."""
    write("template.yaml", CYCLE)
    shown = invoke("check", "template.yaml")
    result = invoke("check", "--output", "report.txt", "template.yaml")
    assert (result.exit_code, result.output) == (1, "")
    assert Path("report.txt").read_text(encoding="utf-8") == shown.stdout


def test_output_as_json() -> None:
    """--output with --format json holds the JSON document."""
    write("template.yaml", CYCLE)
    invoke("check", "--format", "json", "--output", "report.json", "template.yaml")
    assert json.loads(Path("report.json").read_text(encoding="utf-8"))["version"] == 1


def located(line: int, finding: Finding, column: int = 3, width: int = 6) -> Located:
    return Located(finding, line, column, line, column + width)


def finding(code: str, message: str, name: str, fix: Fix | None = None, reason: str = "") -> Finding:
    return Finding(code, message, ("Resources", name), 0, 0, fix, reason)


SAFE_FIX = Fix(
    (Edit(0, 0, "x"),),
    (("Resources", "Bucket", "Properties", "Tags", 0),),
    ("encrypt Bucket with a key of its own", "let Reader use the key"),
    Applicability.SAFE,
    UpdateEffect.NONE,
    "every reader that the template shows may use the key",
)
UNSAFE_FIX = Fix(
    (Edit(0, 0, "x"),),
    (("Resources", "Table"),),
    ("give Table a name",),
    Applicability.UNSAFE,
    UpdateEffect.REPLACEMENT,
    "a table of that name may exist",
)
SAFE_ONE = located(4, finding("ENC001", "Bucket is not encrypted", "Bucket", SAFE_FIX))
UNSAFE_ONE = located(12, finding("CYC001", "circular dependency between Table, Role", "Table", UNSAFE_FIX))
OPEN_ONE = located(20, finding("IAM001", "Role may do anything", "Role", reason="which actions does it need?"))

REPORTS: dict[str, list[Report]] = {
    "fixed": [Report("a.yaml", before="a", after="b", applied=(SAFE_ONE,), written=True)],
    "fixable": [Report("a.yaml", before="a", after="a", remaining=(SAFE_ONE,))],
    "needs-unsafe-fixes": [Report("a.yaml", before="a", after="a", remaining=(UNSAFE_ONE, UNSAFE_ONE))],
    "not-fixed": [Report("a.yaml", before="a", after="a", remaining=(OPEN_ONE,))],
    "error": [
        Report("a.yaml", error="not valid JSON: expecting value", line=3, column=7),
        Report("b.yaml", error="the file is read-only"),
    ],
    "defect": [Report("a.yaml", before="a", after="a", failures=(Failure("ENC001", "ValueError: boom", "a traceback"),))],
    "nothing": [Report("a.yaml", before="a", after="a"), Report("b.yaml", before="a", after="a")],
    "no-templates": [],
    "several": [
        Report("a.yaml", before="a", after="b", applied=(SAFE_ONE, UNSAFE_ONE), written=True),
        Report("b.yaml", error="the file is empty", line=1, column=1),
        Report("c/d.yaml", before="a", after="b", applied=(SAFE_ONE,), remaining=(UNSAFE_ONE, OPEN_ONE), written=True),
        Report("e.yaml", before="a", after="a"),
    ],
}
each_report = pytest.mark.parametrize("name", list(REPORTS))


@each_report
@pytest.mark.parametrize("fixing", [True, False])
def test_text_report(name: str, fixing: bool) -> None:
    """A block for each finding and a line that sums up, after `fix` and after `check`."""
    reports = [
        report
        if fixing
        else dataclasses.replace(report, before=report.after, applied=(), remaining=(*report.applied, *report.remaining))
        for report in REPORTS[name]
    ]
    said = text_report.render(reports, fixing=fixing, unsafe=False)
    assert_snapshot(f"{'fix' if fixing else 'check'}-{name}.txt", re.sub(r"\x1b\[[0-9;]*m", "", said))


def test_text_report_of_a_diff() -> None:
    """With --diff what was done in memory is called fixable."""
    report = Report("a.yaml", before="a", after="b", applied=(SAFE_ONE, UNSAFE_ONE))
    said = text_report.render([report], fixing=False, unsafe=True)
    assert_snapshot("diff-report.txt", re.sub(r"\x1b\[[0-9;]*m", "", said))


@each_report
def test_json_report(name: str) -> None:
    """The document for programs; a new field is no break, a renamed or missing one is."""
    assert_snapshot(f"{name}.json", json_report.render(REPORTS[name]))


def test_json_report_at_the_command_line() -> None:
    """--format json prints one document on stdout, for good and bad files alike."""
    write("a.yaml", CYCLE)
    write("b.yaml", COMPOSE)
    result = invoke("check", "--format", "json", "a.yaml", "b.yaml")
    assert (result.exit_code, result.stderr) == (2, "")
    good, bad = json.loads(result.stdout)["files"]
    assert [good["path"], good["changed"], good["defects"]] == ["a.yaml", False, []]
    [found] = good["findings"]
    place = {key: found[key] for key in ("code", "path", "line", "column", "end_line", "end_column", "applied", "reason")}
    assert place == {
        "code": "CYC001",
        "path": "Resources.Web",
        "line": 2,
        "column": 3,
        "end_line": 2,
        "end_column": 6,
        "applied": False,
        "reason": None,
    }
    assert found["fix"]["applicability"] == "safe"
    assert bad == {
        "path": "b.yaml",
        "error": "not a CloudFormation template: it has no Resources section",
        "line": 1,
        "column": 1,
    }


REPORTED: list[tuple[str, list[str], str, list[str]]] = [
    ("fixed", ["fix"], CYCLE, ["a.yaml:2:3 CYC001 ", "  fixed: ", "  safe: ", "1 template: 1 fixed in 1 file"]),
    ("fixable", ["check"], CYCLE, ["a.yaml:2:3 CYC001 ", "  fixable: ", "  safe: ", "1 template: 1 fixable"]),
    (
        "needs unsafe fixes",
        ["fix"],
        UNSAFE,
        ["a.yaml:3:3 CYC001 ", "  needs --unsafe-fixes: ", "  unsafe: ", "1 template: 1 fix more with --unsafe-fixes"],
    ),
    (
        "unsafe fixes made",
        ["fix", "--unsafe-fixes"],
        UNSAFE,
        ["a.yaml:3:3 CYC001 ", "  fixed: ", "  unsafe: ", "1 template: 1 fixed in 1 file"],
    ),
    ("not fixed", ["fix"], UNFIXABLE, ["a.yaml:2:3 CYC002 ", "  not fixed: ", "1 template: 1 for a person to decide"]),
    ("clean", ["check"], CLEAN, ["1 template: nothing to fix"]),
]


@pytest.mark.parametrize(
    ("words", "text", "starts"), [pytest.param(words, text, starts, id=what) for what, words, text, starts in REPORTED]
)
def test_report_at_the_command_line(words: list[str], text: str, starts: list[str]) -> None:
    """What is found, what is done about it, why that is safe, and a sum: a line each, without colours into a pipe."""
    write("a.yaml", text)
    lines = invoke(*words, "a.yaml").stdout.splitlines()
    assert [line.startswith(expected) for line, expected in zip(lines, starts, strict=True)] == [True] * len(starts), lines


# Processes


def run_on_terminal(*words: str) -> bytes:
    """What the program prints where its stdout is a terminal."""
    import pty

    ours, theirs = pty.openpty()
    process = start(*words, stdout=theirs)
    os.close(theirs)
    shown = b""
    try:
        while chunk := os.read(ours, 65536):
            shown += chunk
    except OSError as error:
        if error.errno != errno.EIO:  # how Linux says that the other side is closed
            raise
    os.close(ours)
    assert process.communicate()[1] == b""
    return shown


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals on Windows")
def test_colours_on_a_terminal_only() -> None:
    """The same report has colours on a terminal and none in a pipe."""
    write("template.yaml", CYCLE)
    process = start("check", "template.yaml", stdout=subprocess.PIPE)
    piped = process.communicate()[0]
    shown = run_on_terminal("check", "template.yaml")
    assert b"\x1b[" not in piped
    assert b"\x1b[1m" in shown
    assert re.sub(rb"\x1b\[[0-9;]*m", b"", shown).replace(b"\r\n", b"\n") == piped


@pytest.mark.skipif(sys.platform == "win32", reason="Windows reports a closed pipe otherwise")
@pytest.mark.parametrize("words", [["fix", "--diff", "t.yaml"], ["check", "t.yaml"], ["rules"]])
def test_a_closed_pipe_is_no_error(words: list[str]) -> None:
    """`… | head -1`: when nobody reads any more, the program ends without a word about it."""
    write("t.yaml", CYCLE)
    reading, writing = os.pipe()
    os.close(reading)
    process = start(*words, stdout=writing)
    os.close(writing)
    errors = process.communicate()[1]
    assert b"Traceback" not in errors
    assert b"Broken" not in errors
    assert process.returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to processes on Windows")
def test_ctrl_c() -> None:
    """An interrupt ends the run with one line and exit status 130."""
    process = start("check", "-", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    # More than any pipe holds: when all of it is written, the program is surely reading.
    process.stdin.write(b"#" * 2_000_000)
    process.stdin.flush()
    process.send_signal(signal.SIGINT)
    process.stdin = None  # stays open: the end of the text must not be what ends the program
    printed, errors = process.communicate()
    assert process.returncode == 130
    assert printed == b""
    assert errors.decode().split("\n") == ["", "interrupted; files done so far stay as they are", ""]


def test_an_output_encoding_without_the_letters() -> None:
    """Arrows in a message do not end a run whose output can't hold them."""
    write("template.yaml", UNFIXABLE)
    process = start("check", "template.yaml", stdout=subprocess.PIPE, env={**os.environ, "PYTHONIOENCODING": "ascii"})
    printed, errors = process.communicate()
    assert (process.returncode, errors) == (1, b"")
    assert printed.startswith(b"template.yaml:2:3 CYC002 ")


# The other commands

GRAPH = """\
Resources:
  Web:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: web
      SecurityGroupIngress:
        - IpProtocol: tcp
          SourceSecurityGroupId: !GetAtt App.GroupId
  App:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: app
      SecurityGroupIngress:
        - IpProtocol: tcp
          SourceSecurityGroupId: !Ref Web
  Server:
    Type: AWS::EC2::Instance
    DependsOn: Web
    Properties:
      SecurityGroups:
        - !Sub "${App} & <${AWS::Region}>"
"""


@pytest.mark.parametrize("form", ["mermaid", "dot", "json", "svg"])
def test_graph(form: str) -> None:
    """The dependency graph in every format, its cycle marked."""
    write("template.yaml", GRAPH)
    result = invoke("graph", "--format", form, "template.yaml")
    assert (result.exit_code, result.stderr) == (0, "")
    assert_snapshot(f"graph.{form}", result.stdout)


@pytest.mark.parametrize("form", ["mermaid", "dot", "json", "svg"])
def test_graph_beside_the_fixed_one(form: str) -> None:
    """Both graphs in every format: the first with its cycle, the second without, and what is new in it marked."""
    write("template.yaml", CYCLE)
    result = invoke("graph", "--fixed", "--format", form, "template.yaml")
    assert (result.exit_code, result.stderr) == (0, "")
    assert_snapshot(f"graph-fixed.{form}", result.stdout)


def test_graph_is_mermaid_unless_said_otherwise() -> None:
    """Mermaid is what GitHub shows."""
    write("template.yaml", GRAPH)
    assert invoke("graph", "template.yaml").stdout == invoke("graph", "--format", "mermaid", "template.yaml").stdout


@pytest.mark.parametrize("text", [GRAPH, CLEAN, "Resources: {}\n", CLEAN.replace("Topic:", "'<&\"':"), UNFIXABLE])
def test_graph_pictures_are_well_formed(text: str) -> None:
    """SVG output is XML with a box for each resource, also where names need escaping or there are none."""
    write("template.yaml", text)
    root = ElementTree.fromstring(invoke("graph", "--format", "svg", "template.yaml").stdout)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    boxes = root.findall(".//{http://www.w3.org/2000/svg}rect")
    assert len(boxes) == text.count("Type:")


@pytest.mark.parametrize("text", [GRAPH, CLEAN, "Resources: {}\n", CYCLE, UNFIXABLE])
def test_pictures_of_two_graphs_are_well_formed(text: str) -> None:
    write("template.yaml", text)
    root = ElementTree.fromstring(invoke("graph", "--fixed", "--format", "svg", "template.yaml").stdout)
    captions = [each.text for each in root.iter("{http://www.w3.org/2000/svg}text") if each.get("class") == "caption"]
    assert captions == ["as it is", "after the fix"]
    cyclic = [each for each in root.iter("{http://www.w3.org/2000/svg}g") if each.get("class") == "node cyclic"]
    assert len(cyclic) == (2 if text in (CYCLE, GRAPH) else 0)


def test_graph_in_json_names_cycles() -> None:
    """The JSON form says which resources lie on a cycle, and why each arc is there."""
    write("template.yaml", GRAPH)
    document = json.loads(invoke("graph", "--format", "json", "template.yaml").stdout)
    assert document["cycles"] == [["Web", "App"]]
    arcs = [(edge["source"], edge["target"], edge["kind"], edge["cyclic"]) for edge in document["edges"]]
    assert sorted(arcs) == [
        ("App", "Web", "Ref", True),
        ("Server", "App", "Sub", False),
        ("Server", "Web", "DependsOn", False),
        ("Web", "App", "GetAtt", True),
    ]


def test_rules_lists_every_rule() -> None:
    """A line a rule: code, name, profile, summary."""
    lines = invoke("rules").stdout.splitlines()
    assert [line.split()[:3] for line in lines] == [[each.code, each.name, each.profile] for each in registry().values()]


def test_rules_as_json() -> None:
    """The same for programs."""
    rows = json.loads(invoke("rules", "--format", "json").stdout)
    assert [row["code"] for row in rows] == list(registry())
    assert all(set(row) == {"code", "name", "profile", "summary", "answers"} for row in rows)
    assert all(row["summary"] for row in rows)


@pytest.mark.parametrize("code", sorted(registry()))
def test_explain(code: str) -> None:
    """A rule is explained by its code and by its name, in the same words."""
    result = invoke("explain", code)
    assert result.exit_code == 0
    assert result.stdout.startswith(f"# {code}: {registry()[code].name}\n\nProfile: `{registry()[code].profile}`.")
    assert invoke("explain", registry()[code].name).stdout == result.stdout


@pytest.mark.parametrize(
    "words", [["--help"], ["-h"], ["fix", "--help"], ["check", "-h"], ["graph", "--help"], ["rules", "--help"]]
)
def test_help(words: list[str]) -> None:
    """Help is on stdout, exit status 0."""
    result = invoke(*words)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("Usage: ")


def test_help_names_every_command() -> None:
    """Nothing is hidden."""
    words = invoke("--help").stdout.split()
    assert [name for name in cli.commands if name not in words] == []


def test_version() -> None:
    """--version tells the version of the package."""
    result = invoke("--version")
    assert result.exit_code == 0
    assert result.stdout == f"remediator, version {remediator.__version__}\n"


@pytest.mark.parametrize(("words", "status", "stream"), [(["--version"], 0, 0), (["repair"], 2, 1), ([], 2, 1)])
def test_the_entry_point(words: list[str], status: int, stream: int) -> None:
    """As a program of its own it gives the same statuses on the same streams."""
    process = start(*words, stdout=subprocess.PIPE)
    streams = process.communicate()
    assert process.returncode == status
    assert streams[stream] != b""
    assert streams[1 - stream] == b""
