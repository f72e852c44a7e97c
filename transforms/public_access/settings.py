"""PUB101 and on: what is open to the internet by one property. The rows are in ``knowledge/settings_public_access.toml``."""

from __future__ import annotations

from remediator.transforms.settings.rule import rules

globals().update(rules("settings_public_access", __name__))
