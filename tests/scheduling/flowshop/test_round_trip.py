"""Jobs that do not wait as a round trip: optima by brute force and by published values, starts, limits, what it does not take."""

from __future__ import annotations

import os
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings

import optikit as ok
from optikit import Status, Stop, datasets
from optikit.scheduling import FlowShop, JobSequences
from tests.naive import flowshop as naive

from .shops import flowshops, random_shop


@given(flowshops(max_jobs=5))
@settings(max_examples=25)
def test_the_tour_is_the_best_order(problem):
    if problem.is_hybrid or problem.factories > 1:
        return
    problem = problem.replace(no_wait=True, blocking=False, release=None, objective="makespan", weight=None)
    result = ok.solve(problem, "round_trip")
    assert result.objective == pytest.approx(naive.optimum(problem), abs=2 * problem.error + 1e-9)
    assert result.status is Status.OPTIMAL


@pytest.mark.skipif(os.environ.get("OPTIKIT_KERNELS") == "python", reason="a proof takes most of a minute as plain Python")
@pytest.mark.parametrize(("name", "best"), [("ta001", 1486), ("ta011", 2044)])
def test_published_makespans_without_waiting_are_proved(name, best):
    """The best known makespans without waiting of Taillard's shops, as the literature has them."""
    result = ok.solve(datasets.load(f"flowshop/{name}").replace(no_wait=True), "round_trip", stop=Stop(time=60))
    assert (result.objective, result.bound) == (best, best)


def test_auto_takes_it_and_setups_are_distances():
    problem = random_shop(4, 7, 3, no_wait=True, setup=True, first_setup=True)
    result = ok.solve(problem)
    best = min(problem.evaluate(JobSequences.permutation(order)) for order in permutations(range(7)))
    assert result.solver == "round_trip"
    assert result.objective == result.bound == best


def test_a_start_is_not_worsened_and_numbers_may_be_long():
    durations = np.random.default_rng(1).random((7, 4)) * 1e6 + np.pi
    problem = FlowShop(durations, no_wait=True)
    first = ok.solve(problem, "round_trip", stop=Stop(time=20))
    again = ok.solve(problem, "round_trip", initial_solution=first, stop=Stop(time=20))
    assert again.objective <= first.objective
    assert first.status is again.status is Status.OPTIMAL


@pytest.mark.parametrize(
    "fields",
    [
        {"blocking": True},
        {"no_wait": True, "factories": 2},
        {"no_wait": True, "machines": [2, 1, 1]},
        {"no_wait": True, "release": True},
    ],
)
def test_what_is_no_tour_is_refused(fields):
    problem = random_shop(1, 5, 3, **{"no_wait": "blocking" not in fields, **fields})
    with pytest.raises(ok.errors.UnsupportedError, match="is a tour"):
        ok.solve(problem, "round_trip")


def test_a_limit_and_callbacks_are_kept():
    problem = random_shop(2, 30, 4, no_wait=True)
    assert ok.solve(problem, "round_trip", time_limit=1e-3).solution is not None
    seen = []
    result = ok.solve(
        problem, "round_trip", stop=Stop(time=20), callbacks=[lambda progress: seen.append(progress.objective) or True]
    )
    assert result.stop_reason is ok.StopReason.CANCELLED
    assert len(seen) == 1
