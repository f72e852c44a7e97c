"""Which files a run is about, and how they are written: whole, or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from remediator.files import FileError, Target, discover, looks_like_template, read, write


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def make(*names: str) -> None:
    for name in names:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")


def names(*words: str, exclude: tuple[str, ...] = ()) -> list[str]:
    return [target.path.as_posix() for target in discover(words, exclude)]


def test_a_named_file_is_taken_whatever_it_is_called() -> None:
    """A file that is named is meant, with any suffix, hidden or not."""
    make("stack.txt", ".hidden.yaml")
    assert discover(["stack.txt", ".hidden.yaml"]) == [
        Target(Path("stack.txt"), named=True),
        Target(Path(".hidden.yaml"), named=True),
    ]


def test_a_folder_gives_files_with_a_templates_suffix() -> None:
    """YAML, JSON and .template files at any depth, in a fixed order, none of them named."""
    make("b.yml", "a.yaml", "c.json", "d.template", "e.txt", "f.yaml.bak", "sub/g.yaml", "sub/deep/h.json", "YAML", "i.YAML")
    assert names(".") == ["a.yaml", "b.yml", "c.json", "d.template", "sub/g.yaml", "sub/deep/h.json"]
    assert not any(target.named for target in discover(["."]))


@pytest.mark.parametrize("folder", [".git", ".venv", ".hidden", "node_modules", "__pycache__", "venv", "site-packages"])
def test_folders_that_are_not_entered(folder: str) -> None:
    """Hidden folders and those of other people's code are passed over, unless they are named."""
    make(f"{folder}/a.yaml", f"sub/{folder}/b.yaml", "c.yaml")
    assert names(".") == ["c.yaml"]
    assert names(folder) == [f"{folder}/a.yaml"]


def test_symlinks_to_folders_are_not_followed() -> None:
    """A loop of folders ends."""
    make("sub/a.yaml")
    Path("sub/loop").symlink_to("..")
    assert names(".") == ["sub/a.yaml"]


def test_globs() -> None:
    """A glob gives its matches in order; a matched folder gives its templates; hidden files need to be named."""
    make("b.yaml", "a.yaml", ".c.yaml", "sub/d.yaml", "sub/e.txt", "x.txt")
    assert names("*.yaml") == ["a.yaml", "b.yaml"]
    assert names("**/*.yaml") == ["a.yaml", "b.yaml", "sub/d.yaml"]
    assert names("s*") == ["sub/d.yaml"]
    assert names("[ab].yaml") == ["a.yaml", "b.yaml"]
    assert not discover(["*.yaml"])[0].named


def test_a_file_whose_name_looks_like_a_glob() -> None:
    """A name that exists is a name."""
    make("a[1].yaml", "a1.yaml")
    assert discover(["a[1].yaml"]) == [Target(Path("a[1].yaml"), named=True)]


@pytest.mark.parametrize("words", [["a.yaml", "./a.yaml"], ["a.yaml", "."], [".", "sub/../a.yaml"], ["*.yaml", "a.yaml"]])
def test_each_file_once(words: list[str]) -> None:
    """However often a file is meant, it comes once; it counts as named if it is named at all."""
    make("a.yaml")
    Path("sub").mkdir()
    assert discover(words) == [Target(Path("a.yaml"), named=any(Path(word).name == "a.yaml" for word in words))]


def test_a_file_and_a_symlink_to_it() -> None:
    """Two names of one file are one file, so no process writes what another one reads."""
    make("a.yaml")
    Path("b.yaml").symlink_to("a.yaml")
    assert names(".") == ["a.yaml"]
    assert names("b.yaml", "a.yaml") == ["b.yaml"]


def test_order_of_words_is_kept() -> None:
    """Files come in the order in which they are asked for."""
    make("a.yaml", "b.yaml", "c.yaml")
    assert names("c.yaml", "a.yaml", ".") == ["c.yaml", "a.yaml", "b.yaml"]


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("*.json", ["a.yaml", "sub/b.yaml", "sub/deep/d.yaml"]),
        ("b.yaml", ["a.yaml", "sub/c.json", "sub/deep/d.yaml"]),
        ("sub/*", ["a.yaml"]),
        ("*/deep/*", ["a.yaml", "sub/b.yaml", "sub/c.json"]),
        ("*", []),
        ("nothing", ["a.yaml", "sub/b.yaml", "sub/c.json", "sub/deep/d.yaml"]),
    ],
)
def test_excluded(pattern: str, left: list[str]) -> None:
    """Patterns are held against the path and the name of what was not named."""
    make("a.yaml", "sub/b.yaml", "sub/c.json", "sub/deep/d.yaml")
    assert names(".", exclude=(pattern,)) == left
    assert names("a.yaml", exclude=(pattern,)) == ["a.yaml"]


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("gone.yaml", "gone.yaml: no such file or folder"),
        ("gone/a.yaml", "gone/a.yaml: no such file or folder"),
        ("*.nope", "*.nope: no file matches"),
        ("", "a path is empty"),
        ("a" * 5000, f"{'a' * 5000}: file name too long"),
    ],
)
def test_what_is_not_there(word: str, reason: str) -> None:
    """A word that means no file is an error, and a typing mistake does not pass for a clean run."""
    with pytest.raises(FileError) as caught:
        discover([word])
    assert str(caught.value) == reason


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Resources:\n  A:\n    Type: AWS::SNS::Topic\n", True),
        ('{"Resources": {"A": {"Type": "Custom::Thing"}}}', True),
        ("AWSTemplateFormatVersion: 2010-09-09\nResources: {}\n", True),
        ("services:\n  web:\n    image: nginx\n", False),
        ("Resources:\n  limits: {cpu: 1}\n", False),
        ("- Type: AWS::SNS::Topic\n", False),
        ("", False),
    ],
)
def test_a_first_look(text: str, expected: bool) -> None:
    """Files in a folder that can't be templates are not even parsed."""
    assert looks_like_template(text.encode()) is expected


def test_write_replaces_the_whole_file() -> None:
    """The new bytes, the old mode, and nothing left beside it."""
    path = Path("a.yaml")
    path.write_bytes(b"old")
    path.chmod(0o640)
    write(path, b"old", b"new\r\n")
    assert path.read_bytes() == b"new\r\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert os.listdir() == ["a.yaml"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
def test_the_owner_of_a_file_stays() -> None:
    """A run as root, as in a container, leaves a user's file to the user."""
    path = Path("a.yaml")
    path.write_bytes(b"old")
    os.chown(path, 1234, 1235)
    write(path, b"old", b"new")
    assert (path.stat().st_uid, path.stat().st_gid) == (1234, 1235)


def test_write_is_one_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who reads the file meanwhile sees the old text or the new one, complete: it is renamed into place."""
    path = Path("a.yaml")
    path.write_bytes(b"old")
    replace, seen = os.replace, []

    def spy(source: str, target: Path) -> None:
        seen.append((Path(source).read_bytes(), target.read_bytes(), Path(source).parent == target.parent))
        replace(source, target)

    monkeypatch.setattr(os, "replace", spy)
    write(path, b"old", b"new")
    assert seen == [(b"new", b"old", True)]


def test_write_through_a_symlink() -> None:
    """The link stays; the file that it stands for is replaced, in its own folder."""
    make("real/a.yaml")
    Path("link.yaml").symlink_to("real/a.yaml")
    write(Path("link.yaml"), b"", b"new")
    assert Path("link.yaml").is_symlink()
    assert Path("real/a.yaml").read_bytes() == b"new"
    assert sorted(os.listdir()) == ["link.yaml", "real"]


@pytest.mark.parametrize(
    ("disk", "mode", "reason"),
    [(b"other", 0o644, "the file was changed by someone else meanwhile"), (b"old", 0o444, "the file is read-only")],
)
def test_write_refuses(disk: bytes, mode: int, reason: str) -> None:
    """A file that changed meanwhile, or may not be written, stays."""
    path = Path("a.yaml")
    path.write_bytes(disk)
    path.chmod(mode)
    with pytest.raises(FileError) as caught:
        write(path, b"old", b"new")
    assert str(caught.value) == reason
    assert path.read_bytes() == disk
    assert os.listdir() == ["a.yaml"]


def test_write_to_a_missing_file() -> None:
    """A file that is gone is not made anew."""
    with pytest.raises(FileError, match="can't be written: no such file or directory"):
        write(Path("a.yaml"), b"old", b"new")
    assert os.listdir() == []


@pytest.mark.parametrize(
    ("word", "reason"), [("gone.yaml", "can't be read: no such file or directory"), (".", "not a regular file")]
)
def test_read_refuses(word: str, reason: str) -> None:
    """What can't be read is said plainly."""
    with pytest.raises(FileError) as caught:
        read(Path(word))
    assert str(caught.value) == reason
