"""One rule of loads: what the checker accepts, every solver and every bound accepts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import optikit as ok
from optikit import Status
from optikit.core import registry
from optikit.core.run import Run
from optikit.core.stop import Stop
from optikit.errors import InvalidProblemError
from optikit.routing import VRP
from optikit.routing.vrp import Routes, loads
from optikit.routing.vrp.bounds import lower_bound
from optikit.routing.vrp.exact import Exact
from optikit.routing.vrp.explain import impossible, least_vehicles
from tests.naive import vrp as naive

NAMES = [entry.name for entry in registry.menu(VRP) if entry.name != "networkx"]

CORNER = [(0, 0), (0, 3), (4, 0)]
WITHIN_SLACK = {
    "one client a little above": (VRP.from_coordinates(CORNER, [0.0, 0.0, 2e8], 199_999_999.98), Routes.of([[0], [1]])),
    "two together a little above": (VRP.from_coordinates(CORNER, [0, 0.3, 0.1], 0.4 - 2e-10), Routes.of([[0, 1]])),
}


@pytest.mark.parametrize("case", WITHIN_SLACK)
@pytest.mark.parametrize("name", NAMES)
def test_a_load_that_the_checker_accepts_is_no_proof_of_infeasibility(name, case):
    problem, start = WITHIN_SLACK[case]
    solver = registry.find(VRP, name)
    if not solver.supports(problem):
        pytest.skip(solver.supports(problem).reason)
    assert problem.check(start)
    stop = Stop(iterations=200) if "iterations" in solver.capabilities.stops else Stop(time=1)
    result = ok.solve(problem, solver, initial_solution=start, stop=stop)  # a SolverError otherwise
    assert result.status in (Status.OPTIMAL, Status.FEASIBLE)
    assert result.objective <= problem.evaluate(start)


@st.composite
def near_the_capacity(draw):
    """Fractional demands in any unit, and a capacity that some of them fill but for a hair."""
    scale = 10.0 ** draw(st.sampled_from([-200, -12, -3, 0, 3, 9, 200]))
    parts = st.sampled_from([0.1, 0.2, 0.3, 1 / 3, 0.0]) | st.floats(1e-6, 1)
    demand = [scale * part for part in draw(st.lists(parts, min_size=2, max_size=5))]
    inside = draw(st.lists(st.sampled_from(demand), min_size=1, max_size=3))
    # Relative steps: within the slack, at a float's last digit, and beyond. Not at its very edge, where floats decide.
    step = draw(st.sampled_from([0, 1e-16, -1e-16, 5e-10, -5e-10, 0.99e-9, -0.99e-9, -1.01e-9, -2e-9]))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    return VRP.from_coordinates(
        rng.random((len(demand) + 1, 2)), [0.0, *demand], sum(inside) * (1 + step), num_vehicles=draw(st.sampled_from([None, 1, 2]))
    )


@given(near_the_capacity())
@settings(max_examples=200, deadline=None)
def test_judge_proof_and_bounds_follow_one_rule(problem):
    for group in ([0], [0, 1], list(range(problem.num_clients))):
        rules = [violation.rule for violation in problem.check(Routes.of([group]))]
        assert ("capacity" in rules) == naive.overloaded(problem, group)
    best = naive.optimum(problem)
    outcome = Exact()._run(problem, Run(problem, Stop()))
    assert outcome.infeasible == (best is None)
    if best is None:
        return
    assert problem.evaluate(outcome.solution) == pytest.approx(best, abs=2 * problem.error + 1e-12)
    assert lower_bound(problem) <= best + problem.error + 1e-12
    assert not impossible(problem)
    assert least_vehicles(problem) <= len(outcome.solution.visits)


def test_a_capacity_counts_in_any_unit():
    """An absolute slack would make a capacity of billionths mean nothing."""
    for unit in (1.0, 1e-6, 1e-12, 1e-150):
        problem = VRP.from_coordinates(CORNER, [0, 0.5 * unit, 0.6 * unit], unit)
        assert not problem.check(Routes.of([[0, 1]]))
        assert problem.check(Routes.of([[0], [1]]))


def test_visits_beyond_the_total_are_no_overload_of_a_large_vehicle():
    problem = VRP.from_coordinates(CORNER, [0, 1, 2], 100)
    assert [violation.rule for violation in problem.check(Routes.of([[0, 1, 1, 1]]))] == ["visited twice"]


def test_what_is_far_above_the_capacity_takes_no_digits_from_the_rest():
    problem = VRP.from_coordinates([*CORNER, (1, 1)], [0, 1e30, 1 / 3, 9.9], 10.0)
    rules = [violation.rule for violation in problem.check(Routes.of([[0], [1, 2]]))]
    assert rules == ["capacity", "capacity"]
    assert loads.load_ticks(problem)[0].sum() < 2**53


def test_demands_that_floats_cannot_tell_apart_are_refused():
    with pytest.raises(InvalidProblemError, match=r"demand reaches only 1e-320.*smaller unit"):
        VRP.from_coordinates(CORNER, [0, 1e-320, 1e-320], 2e-320)
