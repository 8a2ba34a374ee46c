"""Engines on formulations of ours meet brute force, and users may add constraints."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

import optikit as ok
from optikit import Status
from optikit.assignment import Placement, QuadraticAssignment
from tests.naive import qap as naive

from .strategies import qaps

NEEDS = {"cpsat": "ortools", "highs": "highspy"}


@pytest.mark.parametrize("name", NEEDS)
@given(problem=qaps(max_locations=4))
@settings(max_examples=12)
def test_engines_meet_brute_force(name, problem):
    pytest.importorskip(NEEDS[name])
    solver = ok.core.registry.find(QuadraticAssignment, name)
    if not solver.supports(problem):
        return
    best = naive.optimum(problem)
    result = solver.solve(problem, time_limit=30)
    if best is None:
        assert result.status is Status.INFEASIBLE
    else:
        sign, slack = -1 if problem.maximize else 1, 2 * problem.error + 1e-6 * max(1, abs(best))
        assert sign * result.bound - slack <= sign * best <= sign * result.objective + slack
        if "costs are rounded for the engine" not in result.message:
            # Where the error is of the objective's own size, nothing is proved.
            assert result.status is Status.OPTIMAL or 2 * problem.error > 1e-3 * abs(best)
            assert result.objective == pytest.approx(best, abs=slack)


def test_no_symmetry_is_worth_a_false_optimum():
    """The first facility stands where no way leads to the third's place, at no cost; CP-SAT's symmetries proved 10^12."""
    pytest.importorskip("ortools")
    flow = [[0, 0, 1], [0, 0, 0], [1, 0, 0]]
    distance = [[0, 0, 0, 1], [1, 0, 0, 0], [0, 1, 0, 0], [0, 1, 1, 0]]
    problem = QuadraticAssignment(10**6 * np.array(flow), 10**6 * np.array(distance))
    assert naive.optimum(problem) == 0
    result = ok.solve(problem, "cpsat", time_limit=30)
    assert (result.status, result.objective, result.bound) == (Status.OPTIMAL, 0, 0)


def test_a_side_constraint_for_cpsat():
    pytest.importorskip("ortools")
    from ortools.sat.python import cp_model

    g = np.random.default_rng(0)
    problem = QuadraticAssignment(g.integers(0, 9, (4, 4)), g.integers(0, 9, (5, 5)), g.integers(0, 9, (4, 5)), fixed={3: 0})
    model, read = ok.formulate(problem, "cpsat")
    at = read.__self__.at
    model.add_implication(at[0, 1], at[1, 2])
    model.add_bool_or(at[0, 1])
    solver = cp_model.CpSolver()
    assert solver.solve(model) == cp_model.OPTIMAL
    placement = read(solver.value)
    assert placement.locations[:2] == (1, 2)
    assert placement.locations[3] == 0
    assert problem.evaluate(placement) == naive.optimum(problem.replace(fixed={3: 0, 0: 1, 1: 2}))


def test_a_side_constraint_for_pulp():
    pulp = pytest.importorskip("pulp")
    if not pulp.HiGHS(msg=False).available():
        pytest.skip("PuLP finds no HiGHS here")
    g = np.random.default_rng(1)
    problem = QuadraticAssignment(g.integers(-3, 9, (3, 3)), g.integers(0, 9, (4, 4)), maximize=True)
    model, read = ok.formulate(problem, "milp")
    model += read.__self__.at[0, 1] == 1
    model.solve(pulp.HiGHS(msg=False))
    placement = read(pulp.value)
    assert placement.locations[0] == 1
    assert problem.evaluate(placement) == naive.optimum(problem.replace(fixed={0: 1}))


def test_starts_are_values_of_the_models():
    """A start satisfies every row of the program, at its own cost."""
    pytest.importorskip("pulp")
    from optikit.assignment.quadratic.formulations.milp import PlacementProgram

    g = np.random.default_rng(4)
    problem = QuadraticAssignment(g.integers(-4, 9, (4, 4)), g.integers(-3, 9, (5, 5)), g.integers(0, 9, (4, 5)))
    placement = Placement([4, 2, 0, 1])
    program = PlacementProgram(problem)
    values = program.start(placement)
    for variable in program.model.variables():
        variable.varValue = values[variable.name]
    assert program.model.valid()
    assert program.model.objective.value() + program.core.constant == problem.evaluate(placement)


def test_sizes_that_engines_do_not_take():
    flow = np.ones((50, 50))
    offers = {offer.name: offer for offer in QuadraticAssignment(flow, flow).solvers()}
    assert "50 free locations make a model too large for CP-SAT; it takes up to 40" in offers["cpsat"].reason
    assert "50 free locations make a program too large" in offers["highs"].reason
    great = QuadraticAssignment(np.full((3, 3), 2**25), np.full((3, 3), 2**25))
    offers = {offer.name: offer for offer in great.solvers()}
    assert "CP-SAT adds up below 2^53" in offers["cpsat"].reason
    assert "more than a float engine tells apart" in offers["highs"].reason
    charged = QuadraticAssignment([[1]], [[1]], [[3]])
    assert "scipy knows no linear costs" in {offer.name: offer for offer in charged.solvers()}["faq"].reason


@pytest.mark.parametrize("solver", ["cpsat", "highs"])
@pytest.mark.parametrize("maximize", [False, True])
def test_floats_of_many_digits_are_rounded_for_engines_and_the_bound_says_so(solver, maximize):
    g = np.random.default_rng(8)
    problem = QuadraticAssignment(g.random((4, 4)), g.random((4, 4)), g.random((4, 4)), maximize=maximize)
    best, sign = naive.optimum(problem), -1 if maximize else 1
    result = ok.solve(problem, solver, time_limit=20)
    assert "costs are rounded for the engine" in result.message
    assert sign * result.bound <= sign * best <= sign * result.objective + 1e-12
    assert result.gap < 0.01
    assert result.status is Status.FEASIBLE


def test_faq_has_no_exchanges_where_they_take_minutes(monkeypatch):
    import scipy.optimize

    from optikit.assignment.quadratic import faq

    methods, whole = [], scipy.optimize.quadratic_assignment

    def noted(*matrices, method, **more):
        methods.append(method)
        return whole(*matrices, method=method, **more)

    monkeypatch.setattr(faq, "MOST_EXCHANGED", 5)
    monkeypatch.setattr(scipy.optimize, "quadratic_assignment", noted)
    for size in (5, 6):
        matrix = np.arange(size * size).reshape(size, size) % 7
        assert ok.solve(QuadraticAssignment(matrix, matrix), faq.FAQ(restarts=0)).solution is not None
    assert methods == ["faq", "2opt", "faq"]


def test_faq_takes_seeds():
    pytest.importorskip("scipy")
    g = np.random.default_rng(2)
    flow = g.integers(0, 9, (7, 7))
    order = g.permutation(7)
    twin = np.zeros_like(flow)
    twin[np.ix_(order, order)] = flow
    problem = QuadraticAssignment(flow, twin, maximize=True, fixed={2: int(order[2])})
    result = ok.solve(problem, "faq")
    assert result.solution == Placement(order.tolist())
