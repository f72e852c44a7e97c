"""Settings of every test run: property tests try the same examples each time."""

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("ci", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci")

# what a failed assertion in a helper compared
pytest.register_assert_rewrite("cloud", "protected", "read_back", "reading")
