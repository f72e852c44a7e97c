"""Settings of encryption that need no key of the stack: rotation, and encryption with a key that the service has."""

from remediator.transforms.settings.rule import rules

globals().update(rules("settings_encryption", __name__))
