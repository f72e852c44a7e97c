"""Facts about AWS, each with its source and the date at which it was looked up; read when first asked for."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any


@cache
def table(name: str) -> dict[str, Any]:
    """A table by file name without its ending: resource types and what is known of them."""
    text = resources.files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return {key: row for key, row in tomllib.loads(text).items() if isinstance(row, dict)}
