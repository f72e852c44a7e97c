"""The page for people: whole without a script, safe with any template, and as it should look in a browser."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from remediator import Options
from remediator.cli import cli
from remediator.findings import Finding
from remediator.report import html
from remediator.report.sides import rows
from remediator.rounds import Located
from remediator.run import Report, Task, process_bytes

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
in_browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
_VOID = frozenset({"meta", "path", "rect"})


def fixed(*names: str) -> list[Report]:
    task = Task(Options(), fix=True, write=False, texts=True)
    return [process_bytes(name, (SAMPLES / name).read_bytes(), task) for name in names]


def page(*reports: Report) -> str:
    return html.render(list(reports), fixing=True, unsafe=False)


class Outline(HTMLParser):
    """The open tags of a page, which all have to be closed, and the attributes of each element."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert tag in _VOID or self.open.pop() == tag


def test_every_finding_is_there_and_every_element_closed() -> None:
    reports = fixed("video-processing.yaml", "media-pipeline.json")
    outline = Outline(page(*reports))
    assert outline.open == []
    items = [attributes for tag, attributes in outline.elements if tag == "li"]
    expected = [
        (each.finding.code, state)
        for report in reports
        for state, found in (("fixed", report.applied), ("left", report.remaining))
        for each in found
    ]
    assert [(each["data-rule"], each["data-state"]) for each in items] == expected
    assert sum(1 for tag, _ in outline.elements if tag == "svg") == 2


def test_the_page_loads_nothing() -> None:
    """No address in it but those of links and of the SVG namespace, and a policy that forbids the rest."""
    text = page(*fixed("video-processing.yaml"))
    for tag, attributes in Outline(text).elements:
        assert "src" not in attributes
        assert tag not in ("link", "iframe", "object", "embed", "img")
        assert tag == "a" or "href" not in attributes
    assert "default-src 'none'" in text
    assert "url(" not in re.sub(r"url\(#\w+\)", "", text)


def test_a_template_can_not_write_markup() -> None:
    evil = "</code><script>alert(1)</script>\"'&"
    finding = Finding("CYC001", evil, ("Resources", evil), 0, 0, None, evil)
    report = Report(f"{evil}.yaml", before=f"a: '{evil}'\n", after=f"b: '{evil}'\n", remaining=(Located(finding, 1, 1, 1, 2),))
    text = page(report, Report("x.yaml", error=evil, line=1, column=1))
    assert Outline(text).open == []
    assert text.count("<script>") == 1
    assert "alert(1)</script>" not in text


def test_the_command_writes_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(SAMPLES / "video-processing.yaml", "template.yaml")
    result = CliRunner().invoke(cli, ["fix", "--diff", "template.yaml", "--report", "page.html"])
    assert result.exit_code == 1
    text = Path("page.html").read_text(encoding="utf-8")
    assert 'data-file="template.yaml"' in text
    result = CliRunner().invoke(cli, ["fix", "--diff", "template.yaml", "--report", "no/such/folder.html"])
    assert (result.exit_code, "can't be written" in result.stderr) == (2, True)


LINES = st.lists(st.sampled_from(["a", "b", "", "  c"]), max_size=40).map(lambda lines: "".join(f"{each}\n" for each in lines))


@given(LINES, LINES)
def test_the_two_sides_are_the_two_texts(before: str, after: str) -> None:
    """All lines in order, but for the unchanged ones that are left out and counted."""
    found = list(rows(before, after))
    if before == after:
        return
    old = [row.old for row in found if row.old]
    new = [row.new for row in found if row.new]
    assert [each.text for each in old] == [before.split("\n")[each.number - 1] for each in old]
    assert [each.text for each in new] == [after.split("\n")[each.number - 1] for each in new]
    skipped = sum(row.skipped for row in found)
    assert len(old) + skipped == len(before.removesuffix("\n").split("\n"))
    assert len(new) + skipped == len(after.removesuffix("\n").split("\n"))
    assert all(row.old and row.new and row.old.text == row.new.text for row in found if row.same)


# In Chromium

_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--dump-dom",
]


def browsed(text: str, *, choice: str = "", width: int = 1280) -> str:
    """The document after its script ran."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.html"
        path.write_text(text, encoding="utf-8")
        words = [str(CHROMIUM), *_FLAGS, f"--user-data-dir={folder}/profile", f"--window-size={width},900"]
        done = subprocess.run([*words, f"{path.as_uri()}{choice}"], capture_output=True, text=True, check=True)
        return done.stdout


@in_browser
@pytest.mark.parametrize(
    ("choice", "state", "files"), [("", None, 2), ("#state=left", "left", 1), ("#file=compliance-baseline.yaml", None, 1)]
)
def test_filters(choice: str, state: str | None, files: int) -> None:
    """By rule, state and file; files without a finding that is shown are hidden as a whole."""
    reports = fixed("video-processing.yaml", "compliance-baseline.yaml")
    elements = Outline(browsed(page(*reports), choice=choice)).elements
    shown = [attributes for tag, attributes in elements if tag == "section" and "hidden" not in attributes]
    left = sum(bool(report.remaining) for report in reports)
    assert len(shown) == (left if state else files)
    items = [attributes for tag, attributes in elements if tag == "li" and "hidden" not in attributes]
    assert {each["data-state"] for each in items} <= ({state} if state else {"fixed", "left"})
    assert items


@in_browser
def test_one_rule() -> None:
    elements = Outline(browsed(page(*fixed("video-processing.yaml")), choice="#rule=CYC001")).elements
    items = [attributes for tag, attributes in elements if tag == "li" and "hidden" not in attributes]
    assert {each["data-rule"] for each in items} == {"CYC001"}


@in_browser
@pytest.mark.parametrize("width", [500, 1280])
def test_nothing_is_wider_than_the_window(width: int) -> None:
    """On a phone, too: long names and lines break, graphs scroll in a box of their own."""
    measure = "<script>document.title = document.documentElement.scrollWidth <= innerWidth</script>"
    text = page(*fixed("video-processing.yaml", "media-pipeline.json")).replace("</body>", f"{measure}</body>")
    assert "<title>true</title>" in browsed(text, width=width)
