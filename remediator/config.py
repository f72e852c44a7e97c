"""The configuration file: ``[tool.remediator]`` in pyproject.toml, or .remediator.toml, nearest above the working folder."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from remediator.passes import PROFILES

OWN_FILE = ".remediator.toml"


class ConfigError(Exception):
    """A configuration that can't be used; the message names the file and what is wrong."""


@dataclass(frozen=True, slots=True)
class Config:
    """What a configuration file may say. The command line goes first; ``ignore`` and ``exclude`` add up."""

    profile: str = "secure"
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    unsafe_fixes: bool = False
    deployed: bool = False


def load(path: Path | None, folder: Path) -> Config:
    """Reads one file, or the nearest one in a folder and those above it; the defaults where there is none."""
    if path is not None:
        return _read(path)
    for parent in (folder, *folder.parents):
        own, project = parent / OWN_FILE, parent / "pyproject.toml"
        if own.is_file():
            return _read(own)
        if project.is_file() and "remediator" in _table(project, _toml(project), "tool"):
            return _read(project)
    return Config()


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: can't be read: {(error.strerror or '').lower()}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from None


def _table(path: Path, document: dict[str, Any], key: str) -> dict[str, Any]:
    value = document.get(key, {})
    if not isinstance(value, dict):
        raise ConfigError(f"{path}: {key} must be a table")
    return value


def _read(path: Path) -> Config:
    document = _toml(path)
    said = document
    if path.name == "pyproject.toml":
        said = _table(path, _table(path, document, "tool"), "remediator")
    values: dict[str, Any] = {}
    for key, value in said.items():
        name = key.replace("-", "_")
        if name not in Config.__slots__:
            raise ConfigError(f"{path}: no such setting: {key}")
        values[name] = _checked(path, key, name, value)
    return Config(**values)


def _checked(path: Path, key: str, name: str, value: Any) -> Any:
    if name == "profile":
        if not isinstance(value, str) or value not in PROFILES:
            raise ConfigError(f"{path}: profile must be one of {', '.join(PROFILES)}")
        return value
    if name in ("unsafe_fixes", "deployed"):
        if not isinstance(value, bool):
            raise ConfigError(f"{path}: {key} must be true or false")
        return value
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ConfigError(f"{path}: {key} must be a list of texts")
    return tuple(value)
