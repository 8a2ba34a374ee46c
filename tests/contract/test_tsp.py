"""Every registered solver of the travelling salesman problem against the laws."""

from __future__ import annotations

import math

import pytest
from hypothesis import HealthCheck, given, settings

import optikit as ok
from optikit import Status, Stop
from optikit.core import registry
from optikit.routing import TSP
from optikit.testing import check_auto, check_result, check_solver
from tests.naive import tsp as naive
from tests.strategies import tsps

NAMES = [entry.name for entry in registry.menu(TSP)]
BACKENDS = ("ortools", "cpsat", "highs", "cbc", "milp")
INF = math.inf

POINTS = [(0, 0), (2, 7), (-3, 4), (5, 5), (6, -2), (-4, -4), (1, -6), (3, 3), (8, 1)]
ONE_WAY = [[0, 3, INF, 4, 9], [INF, 0, 1, 7, INF], [2, INF, 0, 5, 3], [4, 4, 9, 0, INF], [6, INF, INF, 2, 0]]
INSTANCES = {
    "plane": TSP.from_coordinates(POINTS, rounding="nearest"),
    "path": TSP.from_coordinates(POINTS, closed=False),
    "path from": TSP.from_coordinates(POINTS, closed=False, first=3),
    "path from to": TSP.from_coordinates(POINTS, closed=False, first=3, last=0),
    "asymmetric": TSP.from_matrix([[0, 3, 9, 4], [8, 0, 1, 7], [2, 6, 0, 5], [4, 4, 9, 0]]),
    "one way": TSP.from_matrix(ONE_WAY),
    "one way path": TSP.from_matrix(ONE_WAY, closed=False, last=1),
    "two cities": TSP.from_coordinates([(0, 0), (3, 4)]),
    "two cities, a path": TSP.from_matrix([[0, 5], [7, 0]], closed=False),
    "three cities": TSP.from_coordinates([(0, 0), (3, 4), (0, 4)]),
    "equal points": TSP.from_coordinates([(1, 1)] * 5),
    "globe": TSP.from_coordinates([(52.4, 9.7), (48.1, 11.6), (53.6, 10.0), (50.1, 8.7), (51.3, 12.4)], metric="haversine"),
    "space": TSP.from_coordinates([(*point, index % 3) for index, point in enumerate(POINTS)]),
    "geo": TSP.from_coordinates([(16.47, 96.10), (16.47, 94.44), (20.09, 92.54), (22.39, 93.37)], metric="geo"),
    "no tour": TSP.from_matrix([[0, 1, INF, 1], [1, 0, INF, 1], [1, 1, 0, INF], [1, 1, INF, 0]]),
}


ENDLESS = ("ortools",)
"""Solvers that use up all their time whatever the instance: three are enough for them."""

CASES = [
    (name, instance) for name in NAMES for instance in (("plane", "one way path", "no tour") if name in ENDLESS else INSTANCES)
]


@pytest.mark.parametrize(("name", "instance"), CASES)
def test_laws(name, instance):
    problem = INSTANCES[instance]
    result = check_solver(registry.find(TSP, name), problem, seconds=1.0, iterations=300)
    if result is None:
        return
    best = naive.optimum(problem)
    if best is None:
        assert result.solution is None
        return
    assert result.status is not Status.INFEASIBLE
    if result.solution is not None:
        assert result.objective >= best - 1e-9 * max(1, best)
        if result.status is Status.OPTIMAL:
            assert result.objective == pytest.approx(best, abs=2 * problem.error + 1e-9 * max(1, best))
    if result.bound is not None:
        assert result.bound <= best + problem.error + 1e-9 * max(1, best)


@pytest.mark.parametrize("instance", INSTANCES)
def test_auto(instance):
    check_auto(INSTANCES[instance])


@given(tsps())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_auto_meets_brute_force(problem):
    best = naive.optimum(problem)
    result = ok.solve(problem, time_limit=5)
    check_result(problem, result)
    if best is None:
        assert result.status is Status.INFEASIBLE
    else:
        assert result.status is Status.OPTIMAL
        assert math.isclose(result.objective, best, rel_tol=1e-9, abs_tol=1e-9 + 2 * problem.error)


@pytest.mark.parametrize("name", [n for n in NAMES if n not in BACKENDS])
@given(problem=tsps(max_cities=7))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_own_solvers_take_whatever_hypothesis_makes(name, problem):
    solver = registry.find(TSP, name)
    if not solver.supports(problem):
        return
    stop = Stop(iterations=200) if "iterations" in solver.capabilities.stops else None
    result = solver.solve(problem, stop=stop)
    check_result(problem, result)
    best = naive.optimum(problem)
    if best is None:
        assert result.solution is None
    elif result.objective is not None:
        assert result.objective >= best - problem.error - 1e-9 * max(1, best)
    if best is not None and result.bound is not None:
        assert result.bound <= best + problem.error + 1e-9 * max(1, best)
