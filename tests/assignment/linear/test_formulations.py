"""Other engines on the same problems: their models, what they do not take, and proofs that are not theirs."""

from __future__ import annotations

import math

import numpy as np
import pulp
import pytest
from hypothesis import HealthCheck, given, settings
from ortools.sat.python import cp_model
from scipy import sparse

import optikit as ok
from optikit import Status
from optikit.assignment import Assignment, LinearAssignment
from optikit.core import registry
from optikit.testing import check_result
from tests.assignment.linear.strategies import problems

INF = math.inf


def test_costs_below_zero_do_not_seem_infeasible():
    """OR-Tools says that of them as they are, with an error on the way."""
    problem = LinearAssignment(sparse.coo_array(([-1, 1, 0], ([0, 0, 1], [0, 1, 0])), shape=(2, 2)))
    result = ok.solve(problem, "ortools")
    assert (result.status, result.objective) == (Status.OPTIMAL, 1)
    assert ok.solve(problem.replace(maximize=True), "ortools").objective == 1


@pytest.mark.parametrize("name", ["scipy", "ortools", "cpsat", "highs"])
@given(problems(max_lines=3))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
def test_engines_meet_trying_everything(name, pair):
    problem, reference = pair
    solver = registry.find(LinearAssignment, name)
    if not solver.supports(problem):
        return
    best, result = reference.optimum(), solver.solve(problem)
    check_result(problem, result)
    if best is None:
        assert result.status is Status.INFEASIBLE
    else:
        assert result.objective == pytest.approx(float(best), rel=1e-6, abs=1e-6)
        if name in ("scipy", "ortools"):
            assert result.status is Status.OPTIMAL


def test_models_take_side_constraints():
    problem = LinearAssignment([[4, 1, 3], [2, 0, 5], [3, 2, 2]])
    model, read = ok.formulate(problem, "cpsat")
    model.add(read.__self__.pairs[0, 1] == 0)
    solver = cp_model.CpSolver()
    solver.solve(model)
    assert problem.evaluate(read(solver.value)) == 6
    model, read = ok.formulate(problem, "milp")
    model += read.__self__.pairs[0, 1] == 0
    model.solve(pulp.PULP_CBC_CMD(msg=False))
    assert problem.evaluate(read(pulp.value)) == 6


def test_the_network_is_that_of_the_assignment():
    import networkx as nx

    problem = LinearAssignment([[4, 1], [2, 0], [3, 2]], capacity=[2, 1], leave_row=3)
    graph, read = ok.formulate(problem, "networkx")
    cost, flow = nx.network_simplex(graph)
    assignment = read(lambda tail, head: flow[tail][head])
    assert cost == problem.evaluate(assignment) == ok.solve(problem).objective
    model, read = ok.formulate(problem, "ortools")
    model.solve()
    assert problem.evaluate(read(model)) == cost


@pytest.mark.parametrize(
    ("name", "problem", "words"),
    [
        ("scipy", LinearAssignment([[1]], objective="bottleneck"), "not bottlenecks"),
        ("scipy", LinearAssignment([[1]], leave_row=1), "left over"),
        ("scipy", LinearAssignment([[1]], capacity=2), "one row each"),
        ("scipy", LinearAssignment([[2**55]]), "skip integers"),
        ("ortools", LinearAssignment([[0.5]]), "the costs are floats"),
        ("ortools", LinearAssignment([[2**57]]), "beyond 64 bits"),
        ("networkx", LinearAssignment(np.ones((200, 200), int)), "pure Python"),
        ("cpsat", LinearAssignment(np.ones((600, 600))), "too large to build"),
        ("highs", LinearAssignment(np.ones((600, 600))), "too large to build"),
    ],
)
def test_what_engines_do_not_take(name, problem, words):
    support = registry.find(LinearAssignment, name).supports(problem)
    assert not support
    assert words in support.reason


def test_columns_without_any_arc_reach_the_engines():
    problem = LinearAssignment([[1, INF], [2, INF]])
    for name in ("scipy", "highs", "cpsat"):
        assert ok.solve(problem, name).status is Status.INFEASIBLE
    whole = LinearAssignment([[1, 7], [2, 7]], forbidden=[[False, True], [False, True]])
    assert ok.solve(whole, "ortools").status is Status.INFEASIBLE


def test_starts_reach_the_engines():
    problem = LinearAssignment([[4, 1, 3], [2, 0, 5], [3, 2, 2]], leave_column=1, leave_row=9)
    start = Assignment([0, 1, 2])
    for name in ("highs", "cpsat"):
        assert ok.solve(problem, name, initial_solution=start).objective == ok.solve(problem).objective
