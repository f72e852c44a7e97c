"""Python code: what it offers and does, read with ``ast``."""
