"""How generated cases are run: a loaded machine is no failure, and a run can be repeated."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile(
    "project",
    deadline=None,
    derandomize=True,
    print_blob=True,
    # A planted breach needs a place, and not every program has one.
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
settings.load_profile("project")
