"""Bounds against brute force and against the linear relaxation as HiGHS solves it."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import optikit as ok
from optikit.assignment import GAP, Allocation
from optikit.assignment.generalized.arrays import Instance
from optikit.assignment.generalized.bounds import lagrangean, lower_bound
from optikit.assignment.generalized.instance import Pairs
from optikit.assignment.generalized.kernels.relax import BEST, Relaxation, relax
from optikit.errors import UnsupportedError
from optikit.kernels.control import LIMIT, Control
from tests.assignment.generalized.strategies import gaps
from tests.naive import gap as naive


def linear_relaxation(problem):
    from scipy.optimize import linprog

    m, n = problem.cost.shape
    rows = np.zeros((m, m * n))
    for agent in range(m):
        rows[agent, agent * n : (agent + 1) * n] = problem.demand[agent]
    each = np.tile(np.eye(n), m)
    return linprog(problem.cost.ravel(), rows, problem.capacity, each, np.ones(n), method="highs").fun


@pytest.mark.parametrize("kind", ["a", "c", "d", "e"])
def test_beside_the_linear_relaxation(kind):
    problem = ok.datasets.generate("gap/chu_beasley", size=25, agents=4, kind=kind, seed=1)
    linear = linear_relaxation(problem)
    cheap, found = lower_bound(problem), lagrangean(problem, iterations=30)
    assert cheap <= np.ceil(linear - 1e-6)
    assert cheap >= 0.97 * linear
    assert found.value >= linear - 1e-6, "never below the linear relaxation, as its multipliers are the first that are tried"
    assert found.complete


@given(gaps())
@settings(max_examples=40)
def test_no_bound_crosses_the_optimum(problem):
    best = naive.brute_force(problem)
    if best is None:
        return
    sign = -1 if problem.maximize else 1
    for bound in (lower_bound(problem), lagrangean(problem, iterations=10).value):
        assert sign * (best - bound) >= -problem.error - 1e-9 * max(1, abs(best))


@pytest.mark.parametrize("scale", [1, 1e6, 1e-9])
@pytest.mark.parametrize("sign", [1, -1])
def test_an_optimum_of_zero_is_proved_in_floats(scale, sign):
    """Inexact lattices have an error, beside which zero has no size of its own."""
    cost = sign * scale * np.array([[0, 1 / 3, 1 / 7], [1 / 3, 0, 0]])
    problem = GAP(cost, demand=[2, 1, 1], capacity=[2, 2], maximize=sign < 0)
    assert problem.error > 0
    assert lower_bound(problem) == 0
    result = ok.solve(problem, "ejection_chains", stop=ok.Stop(iterations=1))
    assert (result.status, result.objective) == (ok.Status.OPTIMAL, 0)


def test_costs_that_cancel_are_proved_optimal():
    problem = GAP([[-1 / 3, 1 / 3], [1 / 7, 2 / 3]], demand=[1, 1], capacity=[2, 1])
    result = ok.solve(problem, "ejection_chains", stop=ok.Stop(iterations=1))
    assert (result.status, result.objective) == (ok.Status.OPTIMAL, 0)


@given(gaps(max_jobs=3), st.floats(0.1, 10))
@settings(max_examples=30)
def test_each_job_where_it_costs_least_is_no_bound_too_high(problem, factor):
    """To the last digit of the sums that the judge makes."""
    problem = problem.replace(cost=problem.cost * factor / 3)
    sign, floor = -1 if problem.maximize else 1, Pairs.of(problem).floor
    for agents in product(range(-1, problem.num_agents), repeat=problem.num_jobs):
        if problem.check(Allocation(agents)):
            assert floor <= sign * problem.evaluate(Allocation(agents))


items = st.lists(st.tuples(st.integers(1, 60), st.integers(1, 30)), min_size=0, max_size=9)


@given(items=items, part=st.floats(0, 1.2))
@settings(max_examples=150)
def test_knapsacks_are_filled_best(items, part):
    """One agent, and multipliers that are the gains: what the relaxation gives the agent is a knapsack."""
    gains, loads = [gain for gain, _ in items], [load for _, load in items]
    count, capacity = len(items), int(part * sum(loads))
    best = max(
        sum(gain for k, gain in enumerate(gains) if chosen >> k & 1)
        for chosen in range(2**count)
        if sum(load for k, load in enumerate(loads) if chosen >> k & 1) <= capacity
    )
    n = max(count, 1)
    instance = Instance.empty(
        num_agents=1, num_jobs=n, num_options=count, tiny=1e-9,
        demand=np.array(loads or [0], np.int64), capacity=np.array([capacity]), first=np.arange(n + 1) * bool(count),
    )  # fmt: skip
    relaxation = Relaxation.empty(
        num_agents=1, num_jobs=n, num_options=count, shift=0, most=10**9,
        multiplier=np.array(gains or [0], np.int64), first=np.array([0, count]), item=np.arange(count, dtype=np.int32),
    )  # fmt: skip
    relaxation.words[BEST] = -(2**61)
    control = Control.fresh()
    control.slots[LIMIT] = 1
    assert sum(gains) - relax(instance, relaxation, control) == best
    chosen = np.flatnonzero(relaxation.cover)
    assert sum(gains[k] for k in chosen) == best
    assert sum(loads[k] for k in chosen) <= capacity


def test_profits_have_bounds_from_above():
    problem = ok.datasets.generate("gap/chu_beasley", size=30, agents=4, kind="c", seed=5).replace(maximize=True)
    result = ok.solve(problem, "ejection_chains", stop=ok.Stop(iterations=50))
    assert result.objective <= result.bound <= lower_bound(problem)


def test_a_job_that_fits_nowhere_has_no_bound():
    assert lower_bound(GAP([[1, 1]], [3, 1], [2])) is None
    assert lagrangean(GAP([[1, 1]], [3, 1], [2])) is None


@pytest.mark.parametrize(
    ("problem", "options", "said"),
    [
        (5, {}, "problem is 5; expected a GeneralizedAssignment"),
        (GAP([[1]], [1], [1]), {"seconds": "x"}, "seconds is 'x'"),
        (GAP([[1]], [1], [1]), {"iterations": 1.5}, "iterations is 1.5"),
        (GAP([[1]], [1], [1]), {"upper": np.nan}, "upper is nan"),
    ],
)
def test_refusals(problem, options, said):
    with pytest.raises(UnsupportedError, match=said):
        lagrangean(problem, **options)
