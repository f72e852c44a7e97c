"""Data that survives mistakes: deletion policies, backups, versions, protection."""
