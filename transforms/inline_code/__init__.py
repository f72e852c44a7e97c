"""The code of functions that stands in the template."""
