"""Every registered solver of shops against the laws."""

from __future__ import annotations

import math

import pytest
from hypothesis import HealthCheck, given, settings

import optikit as ok
from optikit import Status, Stop
from optikit.core import registry
from optikit.scheduling import Calendar, FlexibleJobShop, JobShop, OpenShop, Precedence, Schedule, Shop
from optikit.scheduling.shop import Baseline
from optikit.scheduling.shop.check import timetable
from optikit.testing import check_auto, check_problem, check_result, check_solver
from tests.naive import shop as naive
from tests.scheduling.shop.strategies import shops

NAMES = [entry.name for entry in registry.menu(Shop)]
EXACT = ("cpsat", "highs", "cbc", "milp", "portfolio")
ENDLESS = ("milp", "random")
"""Solvers that are slow to start, or use up all their time: few instances are enough for them."""

JOBS = [[(0, 3), (1, 2), (2, 2)], [(0, 2), (2, 1), (1, 4)], [(1, 4), (2, 3)]]
MIXED = [[[(0, 2), (1, 3)], [(1, 2)]], [[(0, 1)], [(0, 2), (1, 1)]]]
TERMS = dict.fromkeys(("makespan", "total_completion", "total_tardiness", "max_lateness", "num_tardy"), 1)
INSTANCES = {
    "job shop": (JobShop.from_jobs(JOBS), 11),
    "open shop": (OpenShop.from_matrix([[3, 2, 1], [2, 4, 1], [1, 2, 5]]), 8),
    "flexible": (FlexibleJobShop.from_jobs(MIXED), 5),
    "dated": (JobShop.from_jobs(JOBS, due=[7, 6, 9], weight=[2, 3, 1], objective=TERMS, release=[0, 1, 0]), None),
    "everything": (
        Shop.from_jobs(
            [*MIXED, [[(0, 2)], [(1, 3)], [(0, 1)]]],
            order=["chain", "open", "network"],
            due=[4, 5, 6],
            setup=[[0, 1, 1], [2, 0, 1], [1, 1, 0]],
            transport=[[0, 1], [1, 0]],
            blocking=[True, False, False],
            no_wait=[False, True, False],
            precedences=[Precedence(4, 6, max_lag=9)],
            calendars=Calendar.always_but([(6, 8)]),
            resumable=[True, False, True, False, True, True, False],
            omission=[math.inf, 5, math.inf, math.inf, math.inf, 9, math.inf],
            baseline=Baseline([math.nan] * 6 + [3], [-1] * 6 + [0], 0.5, 1),
            objective={"total_tardiness": 2, "total_setup": 1, "makespan": 1},
        ),
        None,
    ),
    "one operation": (JobShop.from_jobs([[(0, 2.5)]]), 2.5),
    "no time at all": (JobShop.from_jobs([[(0, 0), (1, 0)], [(1, 0)]]), 0),
    "impossible": (JobShop.from_jobs(JOBS, deadline=[6, 20, 20]), None),
}
CASES = [(name, instance) for name in NAMES for instance in (("job shop", "impossible") if name in ENDLESS else INSTANCES)]


@pytest.mark.parametrize(("name", "instance"), CASES)
def test_laws(name, instance):
    problem, best = INSTANCES[instance]
    result = check_solver(registry.find(Shop, name), problem, seconds=0.5, iterations=100)
    if result is None:
        return
    if instance == "impossible":
        assert result.solution is None
        return
    assert result.status is not Status.INFEASIBLE
    if best is not None and result.objective is not None:
        assert result.objective >= best
        if name in EXACT:
            assert result.objective == best
    if best is not None:
        assert result.bound <= best


def test_problems_obey_the_laws():
    for problem, _ in INSTANCES.values():
        result = ok.solve(problem, "cpsat", time_limit=10)
        good = [] if result.solution is None else [result.solution]
        check_problem(problem, good, [Schedule([0] * problem.num_operations, [-1] * problem.num_operations)])


@pytest.mark.parametrize("instance", INSTANCES)
def test_auto(instance):
    check_auto(INSTANCES[instance][0])


@pytest.mark.parametrize("name", [name for name in NAMES if name not in EXACT])
@given(problem=shops(max_operations=2))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_own_solvers_take_whatever_hypothesis_makes(name, problem):
    solver = registry.find(Shop, name)
    if not solver.supports(problem):
        return
    stop = Stop(iterations=30) if "iterations" in solver.capabilities.stops else None
    result = solver.solve(problem, stop=stop)
    check_result(problem, result)
    best = naive.optimum(problem, 6)
    if result.solution is None:
        return
    if best is None or timetable(problem, result.solution).end.max(initial=0) > 6:
        return  # beyond what was tried
    assert result.objective >= best[0] - 1e-9
