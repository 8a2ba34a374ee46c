"""Profiles of hypothesis: ``HYPOTHESIS_PROFILE=soak`` tries ten times as many examples as each test says, ``short`` a fifth."""

import os

import pytest
from hypothesis import HealthCheck, settings

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "default")
TIMES = {"short": 0.2, "default": 1, "soak": 10}

# No test asserts seconds: as plain Python, with coverage, on a busy machine, an example takes what it takes.
for name in TIMES:
    settings.register_profile(name, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(PROFILE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get("OPTIKIT_KERNELS") == "python":
        for item in items:
            if item.get_closest_marker("compiled"):
                item.add_marker(pytest.mark.skip(reason="as plain Python this takes minutes"))
    if TIMES[PROFILE] == 1:
        return
    for test in {item.function for item in items if hasattr(getattr(item, "function", None), "is_hypothesis_test")}:
        # A profile cannot do that: what a test asks for itself goes before it.
        own = test._hypothesis_internal_use_settings or settings.default
        test._hypothesis_internal_use_settings = settings(own, max_examples=max(1, round(TIMES[PROFILE] * own.max_examples)))
