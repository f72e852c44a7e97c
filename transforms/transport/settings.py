"""What protects data on its way: settings that are rows of a table."""

from remediator.transforms.settings.rule import rules

globals().update(rules("settings_transport", __name__))
