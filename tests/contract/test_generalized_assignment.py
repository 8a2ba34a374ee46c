"""Every registered solver of the generalized assignment problem against the laws."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

import optikit as ok
from optikit import Status, Stop
from optikit.assignment import Allocation, GeneralizedAssignment
from optikit.core import registry
from optikit.testing import check_auto, check_problem, check_result, check_solver
from tests.assignment.generalized.strategies import gaps
from tests.naive import gap as naive

NAMES = [entry.name for entry in registry.menu(GeneralizedAssignment)]
OURS = ("ejection_chains", "greedy", "lagrangean")
INF = math.inf

COST = [[17, 21, 22, 18, 24, 15], [23, 16, 21, 16, 17, 16], [16, 20, 16, 25, 24, 16]]
DEMAND = [[8, 15, 14, 23, 8, 16], [15, 7, 23, 22, 11, 11], [21, 20, 6, 22, 24, 10]]
INSTANCES = {
    "plain": GeneralizedAssignment(COST, DEMAND, [36, 34, 38]),
    "maximised": GeneralizedAssignment(COST, DEMAND, [36, 34, 38], maximize=True),
    "one demand a job": GeneralizedAssignment(COST, [3, 4, 5, 3, 2, 4], [8, 7, 9], job_names=list("abcdef")),
    "fractions": GeneralizedAssignment(np.array(COST) / 7, np.array(DEMAND) / 3, [12.5, 11.5, 12.8]),
    "forbidden": GeneralizedAssignment([[1, INF, 4, 2], [INF, 3, 1, 5]], [2, 3, 1, 2], [5, 4]),
    "left out": GeneralizedAssignment(COST, DEMAND, [25, 24, 23], leave_out=[30, 31, 19, INF, 40, 20]),
    "left out, maximised": GeneralizedAssignment(COST, DEMAND, [20, 20, 20], maximize=True, leave_out=0),
    "nothing to choose": GeneralizedAssignment([[3, 4]], [1, 2], [3]),
    "no demand": GeneralizedAssignment([[3, 4], [2, 9]], [0, 0], [0, 0]),
    "too little room": GeneralizedAssignment([[1, 1, 1], [1, 1, 1]], [2, 2, 2], [3, 3]),
    "no room": GeneralizedAssignment([[1, 1], [1, 1]], [2, 2], [1, 5]).replace(capacity=[1, 1]),
}
ENOUGH = ("plain", "left out", "too little room")
"""Instances for the engines that are programs of their own: starting them takes most of the time."""

CASES = [(name, instance) for name in NAMES for instance in (ENOUGH if name in ("cbc", "milp") else INSTANCES)]


@pytest.mark.parametrize(("name", "instance"), CASES)
def test_laws(name, instance):
    problem = INSTANCES[instance]
    result = check_solver(registry.find(GeneralizedAssignment, name), problem, seconds=0.5, iterations=200)
    if result is None:
        return
    best = naive.brute_force(problem)
    if best is None:
        assert result.solution is None
        return
    assert result.status is not Status.INFEASIBLE
    sign = -1 if problem.maximize else 1
    slack = problem.error + 1e-9 * max(1, abs(best))
    if result.objective is not None:
        assert sign * (result.objective - best) >= -slack
        if result.status is Status.OPTIMAL:
            assert result.objective == pytest.approx(best, abs=2 * problem.error + 1e-9 * max(1, abs(best)))
    if result.bound is not None:
        assert sign * (best - result.bound) >= -slack


@pytest.mark.parametrize("instance", INSTANCES)
def test_auto(instance):
    check_auto(INSTANCES[instance])


def test_the_problem():
    nonsense = [Allocation([0] * 6), Allocation([0, 1, 2, 0, 1, -1]), Allocation([9] * 6), Allocation([0, 1])]
    check_problem(INSTANCES["plain"], nonsense=nonsense)
    check_problem(INSTANCES["left out"], nonsense=[Allocation([-1] * 6)])
    for name in ("plain", "maximised", "left out", "left out, maximised", "forbidden", "fractions"):
        problem = INSTANCES[name]
        agents = range(-1 if problem.leave_out is not None else 0, problem.num_agents)
        every = list(product(agents, repeat=problem.num_jobs))[:: 1 if problem.leave_out is None else 5]
        feasible = {chosen for chosen in every if naive.is_feasible(problem, chosen)}
        assert feasible
        check_problem(problem, solutions=map(Allocation, sorted(feasible)[:5]))
        for chosen in every:
            assert problem.check(Allocation(chosen)).feasible == (chosen in feasible)


@given(gaps())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_auto_meets_brute_force(problem):
    best = naive.brute_force(problem)
    result = ok.solve(problem, time_limit=5)
    check_result(problem, result)
    if best is None:
        assert result.status is Status.INFEASIBLE
    else:
        assert result.status is Status.OPTIMAL
        assert math.isclose(result.objective, best, rel_tol=1e-9, abs_tol=1e-9 + 2 * problem.error)


@pytest.mark.parametrize("name", OURS)
@given(problem=gaps())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_own_solvers_take_whatever_hypothesis_makes(name, problem):
    solver = registry.find(GeneralizedAssignment, name)
    stop = Stop(iterations=60) if "iterations" in solver.capabilities.stops else None
    result = solver.solve(problem, stop=stop)
    check_result(problem, result)
    best, sign = naive.brute_force(problem), -1 if problem.maximize else 1
    if best is None:
        assert result.solution is None
        return
    assert result.status is not Status.INFEASIBLE
    slack = 2 * problem.error + 1e-9 * max(1, abs(best))
    if result.objective is not None:
        assert sign * (result.objective - best) >= -slack
    if result.bound is not None:
        assert sign * (best - result.bound) >= -slack
