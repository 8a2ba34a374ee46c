"""Every registered solver of flow shops against the laws."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

import optikit as ok
from optikit import Status, Stop
from optikit.core import registry
from optikit.scheduling import FlowShop, JobSequences
from optikit.testing import check_auto, check_problem, check_result, check_solver
from tests.naive import flowshop as naive
from tests.scheduling.flowshop.shops import flowshops, random_shop

NAMES = [entry.name for entry in registry.menu(FlowShop)]
ENGINES = ("portfolio", "cpsat", "highs", "cbc", "milp")
OWN = [name for name in NAMES if name not in ENGINES]

INSTANCES = {
    "plain": random_shop(1, 5, 3),
    "two machines": random_shop(2, 6, 2),
    "one machine": random_shop(3, 4, 1),
    "one job": random_shop(4, 1, 3),
    "setups": random_shop(5, 4, 2, setup=True, first_setup=True),
    "blocking": random_shop(6, 4, 3, blocking=True, release=True),
    "no wait": random_shop(7, 4, 3, no_wait=True),
    "flow time": random_shop(8, 5, 2, objective="total_flow_time", release=True, weight=True),
    "overtaking": random_shop(9, 3, 3, permutation=False, objective="total_flow_time"),
    "hybrid": random_shop(10, 3, 2, machines=[2, 1]),
    "distributed": random_shop(11, 4, 2, factories=2),
    "decimals": FlowShop([[0.1, 2.25], [1.5, 0.7], [0.3, 0.3]]),
}
ENGINES_TAKE = ("plain", "overtaking", "setups")
"""Engines use up their time in starting: a few instances are enough for the laws; brute force has them meet the others."""

CASES = [(name, instance) for name in NAMES for instance in (ENGINES_TAKE if name in ENGINES else INSTANCES)]


@pytest.fixture(scope="module")
def optima():
    return {name: naive.optimum(problem) for name, problem in INSTANCES.items()}


@pytest.mark.parametrize(("name", "instance"), CASES)
def test_laws(name, instance, optima):
    problem = INSTANCES[instance]
    result = check_solver(registry.find(FlowShop, name), problem, seconds=0.3 if name in OWN else 1.0, iterations=100)
    if result is None:
        return
    best = optima[instance]
    slack = 1e-9 * max(1.0, best)
    assert result.status in (Status.FEASIBLE, Status.OPTIMAL)
    assert result.objective >= best - slack
    if result.status is Status.OPTIMAL:
        assert result.objective == pytest.approx(best, abs=2 * problem.error + slack)
    assert result.bound is not None, "there is always a bound"
    assert result.bound <= best + problem.error + slack


@pytest.mark.parametrize("instance", INSTANCES)
def test_problem(instance):
    problem = INSTANCES[instance]
    feasible = ok.solve(problem, "palmer").solution
    jobs = list(range(problem.num_jobs))
    missing = JobSequences([[], *[jobs[:-1]] * (problem.factories - 1)] if problem.factories > 1 else [jobs[:-1]])
    check_problem(problem, [feasible], [missing, JobSequences([[*jobs, 0]] * problem.factories)])
    check_auto(problem)


@given(flowshops())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_our_solvers_and_bounds_keep_to_brute_force(problem):
    best = naive.optimum(problem)
    slack = problem.error + 1e-9 * max(1.0, best)
    assert registry.cheap_bound(problem) <= best + slack
    for name in OWN:
        solver = registry.find(FlowShop, name)
        if not solver.supports(problem):
            continue
        stop = Stop(iterations=20) if "iterations" in solver.capabilities.stops else None
        result = solver.solve(problem, stop=stop)
        check_result(problem, result)
        assert result.objective >= best - slack
        if solver.capabilities.exact:
            assert result.status is Status.OPTIMAL


@given(flowshops(max_jobs=3))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_cpsat_proves_what_brute_force_finds(problem):
    result = ok.solve(problem, "cpsat", time_limit=20)
    check_result(problem, result)
    assert result.status is Status.OPTIMAL
    assert result.objective == pytest.approx(naive.optimum(problem), abs=2 * problem.error + 1e-9)


@given(flowshops(max_jobs=3))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_highs_proves_what_brute_force_finds(problem):
    if not registry.find(FlowShop, "highs").supports(problem):
        return
    result = ok.solve(problem, "highs", time_limit=20)
    check_result(problem, result)
    assert result.status is Status.OPTIMAL
    assert result.objective == pytest.approx(naive.optimum(problem), abs=2 * problem.error + 1e-6)
