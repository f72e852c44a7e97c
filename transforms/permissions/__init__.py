"""Least privilege: rights that go beyond what roles are needed for, and rights that are missing."""
