"""What keeps logs and traces: settings that are rows of a table."""

from remediator.transforms.settings.rule import rules

globals().update(rules("settings_logging", __name__))
