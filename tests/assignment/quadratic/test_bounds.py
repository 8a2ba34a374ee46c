"""Bounds are bounds, published ones are met, and what is proved is the optimum."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from scipy.optimize import linear_sum_assignment

import optikit as ok
from optikit import Status, Stop
from optikit.assignment import QuadraticAssignment
from optikit.assignment.quadratic import bounds
from optikit.assignment.quadratic.arrays import BARRED, Matrix
from optikit.assignment.quadratic.bounds import DualAscent, GilmoreLawler, gilmore_lawler, lower_bound
from optikit.assignment.quadratic.exact import Exact
from optikit.assignment.quadratic.instance import make_core
from optikit.assignment.quadratic.kernels.lap import solve_matrix
from optikit.assignment.quadratic.tableau import Tableau
from tests.naive import qap as naive

from .strategies import qaps

INSTANCES = Path(__file__).parents[3] / ".." / "shared" / "instances" / "qap"
needs_instances = pytest.mark.skipif(not INSTANCES.is_dir(), reason="../shared/instances is not on this machine")

# Burkard, Karisch and Rendl 1997: the bound of Gilmore and Lawler, and the optimum.
PUBLISHED = {"nug12": (493, 578), "chr12a": (7245, 9552), "had16": (3358, 3720), "rou20": (599948, 725522)}


def read(name: str) -> QuadraticAssignment:
    return QuadraticAssignment.read(INSTANCES / f"{name}.dat")


@given(qaps(restricted=False))
@settings(max_examples=30)
def test_no_bound_crosses_the_optimum(problem):
    best = naive.optimum(problem)
    sign, slack = -1 if problem.maximize else 1, problem.error + 1e-9 * max(1, abs(best))
    found = [lower_bound(problem), ok.solve(problem, GilmoreLawler()).bound]
    found += [ok.solve(problem, DualAscent(), stop=Stop(iterations=rounds)).bound for rounds in (1, 10)]
    for bound in found:
        assert sign * bound <= sign * best + slack


@needs_instances
@pytest.mark.parametrize("name", PUBLISHED)
def test_published_bounds(name):
    """Gilmore and Lawler's to the last unit; the dual ascent between that and the optimum."""
    problem = read(name)
    published, optimum = PUBLISHED[name]
    by_rows = -(-gilmore_lawler(make_core(problem))[0] // 1)
    assert by_rows == published
    assert lower_bound(problem) <= published
    if solve_matrix.resolve() != "python":  # some rounds of it take minutes as plain Python
        assert published < ok.solve(problem, DualAscent(), stop=Stop(iterations=40)).bound <= optimum


@given(qaps())
@settings(max_examples=40)
def test_the_ascent_changes_the_cost_of_no_placement(problem):
    """After some rounds: bound, leads and quads of a placement are what it costs; and none of them is negative."""
    if naive.optimum(problem) is None:
        return
    core = make_core(problem)
    n, m = core.size, core.num_facilities
    if m == 0 or n < 2:
        return
    tableau = Tableau(core, deep=False, rounds=1, root_rounds=3, worth=10**6)
    tableau.begin()
    tableau.advance(limit=3)
    tree = tableau.tree
    lead, quad = tree.lead.reshape(n, n), tree.quad.reshape(n, n, n, n)
    used = quad[lead < BARRED // 2]
    assert lead.min() >= 0
    for i in range(n):
        for j in range(n):
            if lead[i, j] < BARRED // 2:
                others = np.delete(np.delete(quad[i, j], i, axis=0), j, axis=1)
                assert others.min(initial=0) >= 0
    assert used.size
    for place in permutations(range(n)):
        pairs = list(enumerate(place))
        if any(lead[pair] >= BARRED // 2 for pair in pairs):
            continue
        total = int(tree.bound[n]) + sum(int(lead[pair]) for pair in pairs)
        total += sum(int(quad[a + b]) for a in pairs for b in pairs if a[0] != b[0])
        expected = core.cost(np.array(place[:m]))
        if tableau.shift:
            assert 0 <= expected - (total << tableau.shift) <= n**2 << tableau.shift
        else:
            assert total == expected * tableau.factor


@pytest.mark.parametrize("size", [1, 2, 3, 7, 12])
@pytest.mark.parametrize("seed", range(4))
def test_linear_assignments(size, seed):
    """What the ascent calls thousands of times, against scipy; what is left is not negative, and 0 where it is assigned."""
    g = np.random.default_rng([size, seed])
    cost = g.integers(-20, 20, (size, size))
    barred = g.random((size, size)) < 0.15 * seed
    matrix = Matrix.empty(size=size, work=np.where(barred, BARRED, cost))
    value = solve_matrix(matrix)
    rows, columns = linear_sum_assignment(np.where(barred, 10**6, cost))
    best = np.where(barred, 10**6, cost)[rows, columns].sum()
    if best >= 10**5:
        assert value >= BARRED // 2
        return
    assert value == best
    left = matrix.work.reshape(size, size)
    assert left.min() >= 0
    assert (left[np.arange(size), matrix.column_of] == 0).all()
    assert cost[np.arange(size), matrix.column_of].sum() == best


@given(qaps(max_locations=4))
@settings(max_examples=40)
def test_exact_proves_the_optimum(problem):
    best = naive.optimum(problem)
    result = ok.solve(problem, Exact())
    if best is None:
        assert result.status is Status.INFEASIBLE
        return
    # Where the error is of the objective's own size, nothing is proved.
    assert result.status is Status.OPTIMAL or 2 * problem.error > 1e-3 * abs(best)
    assert result.objective == pytest.approx(best, abs=2 * problem.error + 1e-9 * max(1, abs(best)))


@pytest.mark.compiled
@needs_instances
@pytest.mark.parametrize("name", ["chr12a", "nug12"])
def test_exact_proves_published_optima(name):
    result = ok.solve(read(name), Exact())
    assert result.status is Status.OPTIMAL
    assert result.objective == PUBLISHED[name][1]


def test_exact_without_a_placement_to_begin_with_looks_at_the_whole_tree():
    """The tree finds the optimum by itself: no search goes before it."""
    g = np.random.default_rng(2)
    problem = QuadraticAssignment(g.integers(0, 9, (5, 5)), g.integers(0, 9, (6, 6)), g.integers(0, 20, (5, 6)))
    tableau = Tableau(make_core(problem), deep=True, rounds=3, root_rounds=3, worth=100)
    tableau.begin()
    assert tableau.advance()
    assert tableau.core.units(tableau.proved) == naive.optimum(problem)
    assert tableau.core.cost(tableau.tree.best[:5].astype(np.int64)) == tableau.upper


def test_lower_bound_of_the_call():
    problem = QuadraticAssignment([[0, 3], [1, 0]], [[0, 5], [2, 0]])
    assert ok.lower_bound(problem) <= ok.lower_bound(problem, time_limit=1) <= naive.optimum(problem)


def test_a_huge_one_has_a_cheap_bound(monkeypatch):
    g = np.random.default_rng(0)
    monkeypatch.setattr(bounds, "MOST_BY_ROWS", 50)
    n = 60
    flow = np.zeros((n, n), np.int64)
    flow[0, 1], flow[2, 3], flow[4, 5] = 7, -2, 1
    distance = g.integers(1, 1000, (n, n))
    # The largest flow over the shortest way, and the negative one over the longest.
    ways = np.sort(distance[~np.eye(n, dtype=bool)])
    assert lower_bound(QuadraticAssignment(flow, distance)) <= 7 * ways[0] + ways[1] - 2 * ways[-1]
    assert lower_bound(QuadraticAssignment(flow, distance)) == 7 * ways[0] + ways[1] - 2 * ways[-1]
