"""Every registered solver of every problem class against the laws."""

import dataclasses
import math

import pytest
from hypothesis import HealthCheck, given, settings

import optikit as ok
from optikit import Status, Stop
from optikit.core import registry
from optikit.inputs.ranges import ranges_of
from optikit.routing import VRP
from optikit.testing import check_auto, check_result, check_solver
from tests.naive import vrp as naive
from tests.strategies import vrps

NAMES = [entry.name for entry in registry.menu(VRP)]

SMALL = VRP.from_coordinates(
    [(0, 0), (2, 7), (-3, 4), (5, 5), (6, -2), (-4, -4), (1, -6), (3, 3)], [0, 3, 4, 2, 5, 3, 4, 1], 9, rounding="nearest"
)
LIMITED = VRP.from_coordinates([(0, 0), (2, 7), (-3, 4), (5, 5), (6, -2)], [0, 3, 4, 2, 5], 8, num_vehicles=2)
ASYMMETRIC = VRP.from_matrix([[0, 3, 9, 4], [8, 0, 1, 7], [2, 6, 0, 5], [4, 4, 9, 0]], [0, 1, 1, 1], 2)
ONE = VRP.from_coordinates([(0, 0), (3, 4)], [0, 1], 1)
EQUAL_POINTS = VRP.from_coordinates([(1, 1)] * 5, [0, 1, 1, 0, 1], 2)
GLOBE = VRP.from_coordinates(
    [(52.4, 9.7), (48.1, 11.6), (53.6, 10.0), (50.1, 8.7), (51.3, 12.4)], [0, 1, 2, 1, 1], 3, metric="haversine"
)
INSTANCES = {
    "small": SMALL,
    "limited": LIMITED,
    "asymmetric": ASYMMETRIC,
    "one client": ONE,
    "equal points": EQUAL_POINTS,
    "globe": GLOBE,
}


@pytest.mark.parametrize("instance", INSTANCES)
@pytest.mark.parametrize("name", NAMES)
def test_laws(name, instance):
    problem = INSTANCES[instance]
    result = check_solver(registry.find(VRP, name), problem, seconds=0.4 if name == "hgs" else 1.0, iterations=300)
    if result is not None and result.solution is not None:
        best = naive.optimum(problem)
        assert best is not None
        assert result.objective >= best - 1e-9 * max(1, best)
        if result.status is Status.OPTIMAL:
            assert result.objective == pytest.approx(best, abs=2 * problem.error + 1e-9 * max(1, best))
        if result.bound is not None:
            assert result.bound <= best + problem.error + 1e-9 * max(1, best)


@pytest.mark.parametrize("instance", INSTANCES)
def test_auto(instance):
    check_auto(INSTANCES[instance])


@given(vrps(max_clients=5))
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


@pytest.mark.parametrize("name", [n for n in NAMES if n in ("hgs", "savings", "sweep", "insertion")])
@given(problem=vrps(max_clients=7))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_own_solvers_take_whatever_hypothesis_makes(name, problem):
    solver = registry.find(VRP, name)
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


@pytest.mark.parametrize("name", NAMES)
def test_numbers_among_the_parameters_have_a_range(name):
    solver = registry.find(VRP, name)
    numbers = {field.name for field in dataclasses.fields(solver) if {"int", "float"} & set(str(field.type).split(" | "))}
    assert numbers <= ranges_of(solver).keys()
