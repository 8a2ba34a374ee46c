"""Dynamic programming over subsets against enumeration."""

import threading
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings

import optikit as ok
from optikit import Status, StopReason
from optikit.core.run import Run
from optikit.core.stop import Stop
from optikit.routing import VRP
from optikit.routing.vrp.exact import MAX_CLIENTS, Exact, subsets
from tests.naive import vrp as naive
from tests.strategies import vrps


def circle(num_clients, capacity, num_vehicles=None):
    angle = 2 * np.pi * np.arange(num_clients) / num_clients
    points = np.vstack(([[0, 0]], 100 * np.stack((np.cos(angle), np.sin(angle)), axis=1)))
    return VRP.from_coordinates(points, [0] + [1] * num_clients, capacity, num_vehicles=num_vehicles)


@given(vrps(max_clients=6))
@settings(max_examples=150, deadline=None)
def test_meets_enumeration(problem):
    best = naive.optimum(problem)
    # `_run`, not `solve`: that would look for a reason of infeasibility first.
    outcome = Exact()._run(problem, Run(problem, Stop()))
    assert outcome.reason is StopReason.PROVEN
    assert outcome.infeasible == (best is None)
    if best is not None:
        tolerance = 2 * problem.error + 1e-9 * max(1.0, best)
        assert problem.check(outcome.solution)
        assert problem.evaluate(outcome.solution) == pytest.approx(best, abs=tolerance)
        assert best - tolerance <= outcome.bound <= best + problem.error + 1e-9 * max(1.0, best)


def test_a_limited_fleet_costs_more():
    # Three clients at 10 on one side and one at 10 on the other; out and back is 20 each, and asymmetric matrices may
    # reward many routes: two to a vehicle would cost 1 + 1 + 50.
    matrix = np.full((5, 5), 50)
    matrix[0, :] = matrix[:, 0] = 1
    free = VRP.from_matrix(matrix, [0, 1, 1, 1, 1], 2)
    assert ok.solve(free, "exact").objective == 8
    assert ok.solve(free.replace(vehicle_types=(ok.routing.VehicleType((2,), 3),)), "exact").objective == 6 - 2 + 52
    assert ok.solve(free.replace(vehicle_types=(ok.routing.VehicleType((2,), 2),)), "exact").objective == 104


def test_packing_that_fails_is_proved():
    # Sum 24 = 2 x 12, but 5 and 7 appear in no pairing that fills a vehicle: {5, 5, ...} leaves holes.
    demand = [5, 5, 5, 9]
    assert not any(sum(c) == 12 for r in range(1, 5) for c in combinations(demand, r))
    problem = VRP.from_coordinates([(0, 0), (1, 0), (2, 0), (0, 1), (0, 2)], [0, *demand], 12, num_vehicles=2)
    outcome = Exact()._run(problem, Run(problem, Stop()))
    assert outcome.infeasible
    assert ok.solve(problem, "exact").status is Status.INFEASIBLE


def test_the_largest_size_is_solved_and_the_next_refused():
    result = ok.solve(circle(MAX_CLIENTS, MAX_CLIENTS), "exact")
    # Out, round the polygon but for one side, and back.
    side = 2 * 100 * np.sin(np.pi / MAX_CLIENTS)
    assert result.status is Status.OPTIMAL
    assert result.objective == pytest.approx(200 + (MAX_CLIENTS - 1) * side)
    with pytest.raises(ok.errors.UnsupportedError, match=f"{MAX_CLIENTS + 1} clients"):
        ok.solve(circle(MAX_CLIENTS + 1, 3), "exact")


def test_deadline_and_cancel():
    problem = circle(MAX_CLIENTS, MAX_CLIENTS)
    result = ok.solve(problem, "exact", time_limit=0.02)
    assert "first that came to hand" in result.message
    token = ok.CancelToken()
    threading.Timer(0.05, token.cancel).start()
    assert ok.solve(problem, "exact", callbacks=[token]).stop_reason is StopReason.CANCELLED


def test_a_start_is_kept_where_time_is_short():
    problem = circle(MAX_CLIENTS, MAX_CLIENTS)
    start = ok.routing.Routes.of([[i] for i in range(MAX_CLIENTS)])
    result = ok.solve(problem, "exact", time_limit=0.02, initial_solution=start)
    assert (result.stop_reason, result.solution) == (StopReason.TIME, start)


@pytest.mark.parametrize("mask", [0, 1, 6, 0b1011, 0b1100101])
def test_subsets(mask):
    expected = [part for part in range(mask + 1) if part & mask == part]
    assert sorted(subsets(mask).tolist()) == expected
