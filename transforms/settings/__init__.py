"""Rules that are one property with one value: rows of tables. See ``rule``."""
