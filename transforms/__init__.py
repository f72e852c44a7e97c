"""The passes: one subject a file. Each imports ``remediator.api`` and nothing deeper."""
