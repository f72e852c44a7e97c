"""Texts that do not parse, but that a person can see through: repaired as text, before the other passes run."""
