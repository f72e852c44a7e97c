"""References that do not resolve, or that resolve to something else than was meant."""
