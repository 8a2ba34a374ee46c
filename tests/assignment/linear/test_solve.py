"""Our own solver: every variant against trying everything, and what it says where there is no assignment."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

import optikit as ok
from optikit import Status, Stop, StopReason
from optikit.assignment import Assignment, DualPrices, LinearAssignment
from optikit.assignment.linear import HallViolator
from optikit.assignment.linear.search import completed
from optikit.testing import check_result
from tests.assignment.linear.strategies import problems

INF = math.inf


@given(problems())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_variant_is_solved_to_proof(pair):
    problem, reference = pair
    best = reference.optimum()
    result = ok.solve(problem, "jv")
    check_result(problem, result)
    if best is None:
        assert result.status is Status.INFEASIBLE
        assert result.message
        assert isinstance(result.certificate, HallViolator)
    else:
        assert result.status is Status.OPTIMAL
        assert math.isclose(result.objective, float(best), rel_tol=1e-9, abs_tol=1e-9)
        assert isinstance(result.certificate, DualPrices if problem.objective == "sum" else HallViolator)
    bound = ok.lower_bound(problem)
    if best is not None:
        slack = 1e-9 * max(1, abs(float(best)))
        assert bound >= best - slack if problem.maximize else bound <= best + slack


@pytest.mark.parametrize("maximize", [False, True])
@pytest.mark.parametrize("shape", [(40, 40), (25, 40), (40, 25)])
def test_larger_ones_meet_an_independent_solver(shape, maximize):
    from scipy.optimize import linear_sum_assignment

    rng = np.random.default_rng(3)
    for cost in (
        rng.random(shape),
        rng.integers(1, 100, shape),
        np.outer(rng.integers(1, 99, shape[0]), rng.integers(1, 99, shape[1])),
    ):
        result = ok.solve(LinearAssignment(cost, maximize=maximize))
        rows, columns = linear_sum_assignment(cost, maximize=maximize)
        assert result.status is Status.OPTIMAL
        assert math.isclose(result.objective, math.fsum(cost[rows, columns].tolist()), rel_tol=1e-12)


@pytest.mark.parametrize("maximize", [False, True])
def test_bottlenecks_meet_a_search_by_bisection(maximize):
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    rng = np.random.default_rng(5)
    for shape in ((30, 30), (20, 30), (30, 20)):
        cost = rng.random(shape)
        levels = np.unique(cost)
        fits = [
            (maximum_bipartite_matching(csr_array(cost >= t if maximize else cost <= t)) >= 0).sum() == min(shape) for t in levels
        ]
        best = levels[np.flatnonzero(fits)[-1 if maximize else 0]]
        result = ok.solve(LinearAssignment(cost, maximize=maximize, objective="bottleneck"))
        assert result.status is Status.OPTIMAL
        assert result.objective == best == result.bound


def test_semi_assignment_meets_a_linear_program():
    from scipy.optimize import linprog

    rng = np.random.default_rng(7)
    cost, capacity = rng.integers(1, 50, (30, 6)), np.array([9, 1, 8, 0, 7, 9])
    rows = np.kron(np.eye(30), np.ones(6))
    columns = np.kron(np.ones(30), np.eye(6))
    program = linprog(cost.ravel(), columns, capacity, rows, np.ones(30), method="highs")
    result = ok.solve(LinearAssignment(cost, capacity=capacity))
    assert result.objective == pytest.approx(program.fun)
    assert result.status is Status.OPTIMAL


@pytest.mark.parametrize(
    ("capacity", "objective", "best"),
    [(2**62, "sum", 1), ([2**63 - 1, 1], "sum", 3), (2**62, "bottleneck", 1), ([2**63 - 1, 1], "bottleneck", 2)],
)
def test_capacities_whose_sum_64_bits_do_not_hold(capacity, objective, best):
    """By hand: both rows to the second column, or the first row there and the other to the first."""
    result = ok.solve(LinearAssignment([[4, 1], [2, 0]], capacity=capacity, objective=objective))
    assert (result.status, result.objective) == (Status.OPTIMAL, best)


def test_capacities_far_above_the_rows_cost_nothing():
    result = ok.solve(LinearAssignment([[3, 5], [4, 1]], capacity=10**12))
    assert result.objective == 4
    assert ok.solve(LinearAssignment([[3, 5], [4, 1]], capacity=10**6, leave_column=2)).objective == 4 + 2 * (2 * 10**6 - 2)


def test_infeasibility_is_named_by_names():
    problem = LinearAssignment(
        [[1, 2, INF, INF], [3, 1, INF, INF], [2, 2, INF, INF], [1, 1, 1, 1]],
        row_names=["Ann", "Bob", "Cy", "Di"],
        column_names=["early", "late", "night", "off"],
    )
    result = ok.solve(problem)
    assert result.status is Status.INFEASIBLE
    assert result.message.startswith("rows Ann, Bob and Cy can only go to 2 columns: early and late")
    assert result.certificate.lines.tolist() == [0, 1, 2]
    assert result.stop_reason is StopReason.PROVEN


def test_columns_can_be_what_is_missing():
    problem = LinearAssignment([[1, INF], [2, INF], [3, 4]], column_names=["x", "y"])
    assert ok.solve(problem).status is Status.OPTIMAL
    short = LinearAssignment([[1, INF, INF], [2, INF, INF], [INF, 1, 1], [3, INF, INF]])
    result = ok.solve(short)
    assert result.status is Status.INFEASIBLE
    assert "columns 1 and 2 can only take 1 row: 2" in result.message


def test_a_deadline_that_is_over_leaves_a_bound():
    problem = LinearAssignment(np.random.default_rng(0).random((300, 300)))
    result = ok.solve(problem, "jv", time_limit=1e-9)
    check_result(problem, result)
    assert result.stop_reason in (StopReason.TIME, StopReason.PROVEN)
    assert result.bound is not None
    assert ok.solve(problem.replace(objective="bottleneck"), time_limit=1e-9).bound is not None


def test_what_is_begun_is_completed_greedily():
    problem = LinearAssignment([[4, 1, 3], [2, 0, 5], [3, 2, 2]])
    assert completed(problem, Assignment([-1, 1, -1])) == Assignment([2, 1, 0])
    assert completed(LinearAssignment([[1, INF], [1, INF]]), Assignment([-1, -1])) is None


def test_a_start_is_kept_where_it_is_optimal():
    problem = LinearAssignment([[1, 1], [1, 1]])
    result = ok.solve(problem, initial_solution=Assignment([1, 0]))
    assert result.objective == 2
    assert result.trace[0].objective == 2
    with pytest.raises(ok.errors.UnsupportedError, match="does not honour"):
        ok.solve(problem, "jv", stop=Stop(iterations=5))


@pytest.mark.parametrize("objective", ["sum", "bottleneck"])
def test_lent_memory_is_never_written(monkeypatch, objective):
    monkeypatch.setattr("optikit.assignment.linear.costs.LENT_ABOVE", 0)
    cost = np.random.default_rng(1).random((60, 60))
    before = cost.copy()
    cost.flags.writeable = False
    problem = LinearAssignment(cost, maximize=True, objective=objective)
    assert np.shares_memory(problem.cost, cost)
    assert ok.solve(problem).status is Status.OPTIMAL
    assert (cost == before).all()


def test_many_are_solved_in_order():
    rng = np.random.default_rng(2)
    problems_ = [LinearAssignment(rng.integers(0, 9, (4, 4))) for _ in range(5)]
    assert [r.objective for r in ok.solve_many(problems_)] == [ok.solve(p).objective for p in problems_]
