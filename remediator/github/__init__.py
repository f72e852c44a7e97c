"""Remediator on pull requests: what the Action runs. docs/action.md says what people see of it."""
