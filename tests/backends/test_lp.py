"""Linear programs that grow, against scipy's on the same data."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

pytest.importorskip("highspy")

from optikit.backends.lp import Entries, GrowingLP, LPStatus


def test_entries_are_the_nonzeros_of_each_line():
    entries = Entries.of([[0, 2, 0], [0, 0, 0], [5, 0, 7]])
    assert entries.starts.tolist() == [0, 1, 1]
    assert entries.indices.tolist() == [1, 0, 2]
    assert entries.values.tolist() == [2, 5, 7]


@given(seed=st.integers(0, 2**32 - 1), columns=st.integers(1, 6), rows=st.integers(1, 5))
@settings(max_examples=60)
def test_grown_in_any_order_it_is_the_same_program(seed, columns, rows):
    """Half of the columns, some rows, the other columns, the other rows, a solve after each: the last answer is scipy's."""
    g = np.random.default_rng(seed)
    matrix = g.integers(-3, 4, (rows, columns)).astype(float)
    cost, upper, least = g.integers(-5, 9, columns), g.integers(0, 5, columns), g.integers(-6, 5, rows)
    half, early = columns // 2, rows // 2
    lp = GrowingLP(least[:early], np.full(early, math.inf))
    lp.add_columns(cost[:half], np.zeros(half), upper[:half], Entries.of(matrix[:early, :half].T.reshape(half, early)))
    lp.solve()
    lp.add_columns(cost[half:], np.zeros(columns - half), upper[half:], Entries.of(matrix[:early, half:].T))
    lp.solve()
    lp.add_rows(least[early:], np.full(rows - early, math.inf), Entries.of(matrix[early:]))
    status = lp.solve()
    theirs = linprog(cost, -matrix, -least, bounds=list(zip(np.zeros(columns), upper)))
    assert status is (LPStatus.OPTIMAL if theirs.status == 0 else LPStatus.INFEASIBLE)
    if status is LPStatus.OPTIMAL:
        assert lp.objective == pytest.approx(theirs.fun, abs=1e-6)
        # The duals alone prove it: no other point of the box is cheaper in the Lagrangian.
        reduced = cost - lp.duals @ matrix
        assert lp.duals.min() >= -1e-7
        assert lp.duals @ least + np.minimum(reduced, 0) @ upper == pytest.approx(theirs.fun, abs=1e-5)
    else:
        ray = lp.ray()
        assert ray is not None
        assert ray.min() >= -1e-9
        assert ray @ least - np.maximum(ray @ matrix, 0) @ upper > 1e-9


def test_rows_go_and_bounds_change():
    lp = GrowingLP([1.0, 5.0], [math.inf, math.inf])
    lp.add_columns([1.0, 3.0], [0.0, 0.0], [9.0, 9.0], Entries.of([[1, 1], [1, 2]]))
    assert lp.solve() is LPStatus.OPTIMAL
    assert lp.objective == 5.0
    lp.remove_rows([1])
    assert lp.num_rows == 1
    assert lp.solve() is LPStatus.OPTIMAL
    assert lp.objective == 1.0
    lp.change_bounds([0], [0.0], [0.0])
    assert lp.solve() is LPStatus.OPTIMAL
    assert lp.values.tolist() == [0.0, 1.0]
    assert lp.activities.tolist() == [1.0]


def test_a_basis_is_where_the_next_solve_starts():
    g = np.random.default_rng(1)
    lp = GrowingLP(np.full(30, 40.0), np.full(30, math.inf))
    lp.add_columns(g.integers(1, 99, 60), np.zeros(60), np.full(60, 9.0), Entries.of(g.integers(0, 5, (60, 30))))
    assert lp.solve(iterations=1) is LPStatus.LIMIT
    assert lp.solve() is LPStatus.OPTIMAL
    best, basis = lp.objective, lp.basis()
    lp.change_bounds([int(lp.values.argmax())], [0.0], [0.0])
    lp.solve()
    lp.change_bounds(range(60), np.zeros(60), np.full(60, 9.0))
    lp.restore(basis)
    before = lp.iterations
    assert lp.solve() is LPStatus.OPTIMAL
    assert lp.objective == pytest.approx(best)
    assert lp.iterations == before


def test_no_time_is_a_limit():
    lp = GrowingLP([3.0], [math.inf])
    lp.add_columns([2.0, 5.0], [0.0, 0.0], [1.0, 9.0], Entries.of([[1], [1]]))
    assert lp.solve(seconds=0.0) in (LPStatus.LIMIT, LPStatus.OPTIMAL)
