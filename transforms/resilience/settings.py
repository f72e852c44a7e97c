"""What keeps data and services: settings that are rows of a table."""

from remediator.transforms.settings.rule import rules

globals().update(rules("settings_resilience", __name__))
