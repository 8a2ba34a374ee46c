"""Every registered solver of the quadratic assignment against the laws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

import optikit as ok
from optikit import Status, Stop
from optikit.assignment import Placement, QuadraticAssignment
from optikit.core import registry
from optikit.testing import check_auto, check_problem, check_result, check_solver
from tests.assignment.quadratic.strategies import qaps
from tests.naive import qap as naive

NAMES = [entry.name for entry in registry.menu(QuadraticAssignment)]
BACKENDS = ("cpsat", "highs", "cbc", "milp")

RANDOM = np.random.default_rng(5)
FLOW = RANDOM.integers(0, 9, (6, 6))
GRID = np.array([[abs(a % 3 - b % 3) + abs(a // 3 - b // 3) for b in range(6)] for a in range(6)])
ONE_WAY = RANDOM.integers(-3, 9, (6, 6))
LINEAR = RANDOM.integers(0, 40, (6, 6))
RING = [[0, 1, 0, 1], [1, 0, 1, 0], [0, 1, 0, 1], [1, 0, 1, 0]]

INSTANCES = {
    "grid": QuadraticAssignment(FLOW, GRID),
    "one way": QuadraticAssignment(FLOW, ONE_WAY, LINEAR),
    "most": QuadraticAssignment(FLOW, ONE_WAY, maximize=True),
    "empty locations": QuadraticAssignment(FLOW[:4, :4], GRID, LINEAR[:4]),
    "fixed": QuadraticAssignment(FLOW, GRID, fixed={0: 3, 4: 4}),
    "all fixed": QuadraticAssignment(FLOW[:2, :2], GRID[:3, :3], fixed=[(0, 2), (1, 0)]),
    "forbidden": QuadraticAssignment(FLOW, GRID, forbidden=[(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (2, 5)]),
    "no placement": QuadraticAssignment(FLOW, GRID, forbidden=[(u, v) for u in (1, 2, 3) for v in range(6) if v not in (2, 4)]),
    "fixed twice": QuadraticAssignment(FLOW, GRID, fixed=[(0, 1), (2, 1)]),
    "floats": QuadraticAssignment(np.sqrt(FLOW), GRID * math.pi, LINEAR / 7),
    "sparse": QuadraticAssignment(np.triu(np.tri(6, k=1), 1), GRID),
    "graph matching": QuadraticAssignment(RING, RING, maximize=True, fixed=[(0, 2)]),
    "one facility": QuadraticAssignment([[2]], [[3, 0], [0, 1]]),
    "one location": QuadraticAssignment([[2]], [[3]]),
    "nothing flows": QuadraticAssignment(np.zeros((3, 3)), np.zeros((3, 3))),
}

FEW = ("grid", "fixed", "all fixed", "no placement")
"""Enough for engines, which take their time to start."""

CASES = [(name, instance) for name in NAMES for instance in (FEW if name in BACKENDS else INSTANCES)]


@pytest.mark.parametrize(("name", "instance"), CASES)
def test_laws(name, instance):
    problem = INSTANCES[instance]
    result = check_solver(
        registry.find(QuadraticAssignment, name), problem, seconds=2.0 if name in BACKENDS else 0.02, iterations=20
    )
    if result is None:
        return
    best = naive.optimum(problem)
    if best is None:
        assert result.solution is None
        return
    slack = 2 * problem.error + 1e-9 * max(1, abs(best))
    assert result.status is not Status.INFEASIBLE
    sign = -1 if problem.maximize else 1
    if result.solution is not None:
        assert sign * result.objective >= sign * best - slack
        if result.status is Status.OPTIMAL:
            assert result.objective == pytest.approx(best, abs=slack)
    if result.bound is not None:
        assert sign * result.bound <= sign * best + slack


@pytest.mark.parametrize("instance", INSTANCES)
def test_problems_obey_the_laws(instance):
    problem = INSTANCES[instance]
    found = ok.solve(problem, "greedy").solution
    nonsense = [Placement([0] * problem.num_facilities), Placement([problem.num_locations])]
    check_problem(problem, [] if found is None else [found], nonsense if problem.num_facilities > 1 else nonsense[1:])
    check_auto(problem)


@given(qaps())
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_auto_meets_brute_force(problem):
    best = naive.optimum(problem)
    result = ok.solve(problem, time_limit=60)
    check_result(problem, result)
    if best is None:
        assert result.status is Status.INFEASIBLE
    else:
        assert math.isclose(result.objective, best, rel_tol=1e-9, abs_tol=1e-9 + 2 * problem.error)
        # Where the error is of the objective's own size, nothing is proved.
        assert result.status is Status.OPTIMAL or 2 * problem.error > 1e-3 * abs(best)


@pytest.mark.parametrize("name", [n for n in NAMES if n not in BACKENDS])
@given(problem=qaps())
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_own_solvers_take_whatever_hypothesis_makes(name, problem):
    solver = registry.find(QuadraticAssignment, name)
    if not solver.supports(problem):
        return
    stop = Stop(iterations=50) if "iterations" in solver.capabilities.stops else None
    result = solver.solve(problem, stop=stop)
    check_result(problem, result)
    best = naive.optimum(problem)
    if best is None:
        assert result.solution is None
        return
    sign, slack = -1 if problem.maximize else 1, 2 * problem.error + 1e-9 * max(1, abs(best))
    if result.objective is not None:
        assert sign * result.objective >= sign * best - slack
    if result.bound is not None:
        assert sign * result.bound <= sign * best + slack
