"""Columns that take many rows: against linear programs, which have whole solutions here, and by their certificates."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import csr_array

import optikit as ok
from optikit import Status
from optikit.assignment import LinearAssignment
from optikit.assignment.linear import capacities
from optikit.testing import check_result


def by_linear_program(cost, allowed, capacity, leave_row, leave_column):
    """The least sum, or None: rows leave at a price or never, and so do places of columns."""
    rows, columns = cost.shape
    ends = [(0, 1 if flag else 0) for flag in allowed.ravel()]
    ends += [(0, None if math.isfinite(price) else 0) for price in (*leave_row, *leave_column)]
    prices = np.concatenate((cost.ravel(), leave_row, leave_column)).astype(float)
    each_row = np.hstack([np.kron(np.eye(rows), np.ones(columns)), np.eye(rows), np.zeros((rows, columns))])
    each_place = np.hstack([np.kron(np.ones(rows), np.eye(columns)), np.zeros((columns, rows)), np.eye(columns)])
    program = linprog(
        np.where(np.isfinite(prices), prices, 0), A_eq=np.vstack([each_row, each_place]), b_eq=np.append(np.ones(rows), capacity),
        bounds=ends, method="highs",
    )  # fmt: skip
    return program.fun if program.status == 0 else None


@pytest.mark.parametrize("table", [True, False])
@pytest.mark.parametrize("seed", range(8))
def test_it_meets_a_linear_program(seed, table, monkeypatch):
    rng = np.random.default_rng(seed)
    rows, columns, maximize = 24, 4, bool(seed % 2)
    cost = rng.integers(-9, 30, (rows, columns)) if seed % 3 else rng.normal(size=(rows, columns)) * 10
    allowed = rng.random((rows, columns)) < (0.7 if seed % 4 else 1.0)
    leave_row = np.where(rng.random(rows) < 0.5, math.inf, rng.integers(5, 30, rows))
    never = 0.5 if table else 0.0
    leave_column = np.where(rng.random(columns) < never, math.inf, rng.integers(-3, 6, columns))
    capacity = rng.integers(0, 9, columns)
    if not table:
        monkeypatch.setattr(capacities, "MOST_PAIRS", 0)
    given = csr_array((cost[allowed], np.nonzero(allowed)), shape=cost.shape) if not table or seed % 2 else cost
    mask = {} if not isinstance(given, np.ndarray) else {"forbidden": ~allowed}
    problem = LinearAssignment(given, maximize=maximize, capacity=capacity, leave_row=leave_row, leave_column=leave_column, **mask)
    assert capacities.SemiMatching.takes(problem)
    result = ok.solve(problem, "jv")
    check_result(problem, result)
    best = by_linear_program(-cost if maximize else cost, allowed, capacity, leave_row, leave_column)
    if best is None:
        assert result.status is Status.INFEASIBLE
    else:
        assert result.status is Status.OPTIMAL
        assert math.isclose(result.objective, -best if maximize else best, rel_tol=1e-9, abs_tol=1e-9)


def test_room_for_all_copies_no_column():
    """Where every column took every row, the copies would be a matrix of 240 million costs."""
    cost = np.random.default_rng(0).random((2_000, 60))
    result = ok.solve(LinearAssignment(cost, capacity=2_000), time_limit=60)
    assert result.status is Status.OPTIMAL
    assert result.objective == math.fsum(cost.min(axis=1).tolist())


@pytest.mark.compiled
def test_tight_columns_copy_no_column():
    """The greatest sum of products: the most to the most."""
    problem = LinearAssignment(np.outer(np.arange(2_000), np.arange(60)), capacity=34, maximize=True)
    result = ok.solve(problem, time_limit=60)
    assert result.status is Status.OPTIMAL
    places = np.repeat(np.arange(59, -1, -1), 34).tolist()
    assert result.objective == sum(i * j for i, j in zip(range(1_999, -1, -1), places))


def test_columns_without_rows_enough_are_named():
    inf = math.inf
    problem = LinearAssignment(
        [[1, inf, 2], [inf, 3, 1], [inf, 2, 2]],
        capacity=[2, 2, 1],
        leave_row=9,
        leave_column=[inf, 0, 0],
        column_names=["a", "b", "c"],
    )
    result = ok.solve(problem, "jv")
    assert result.status is Status.INFEASIBLE
    assert "a" in result.message
    assert problem.proved(result.certificate) == inf
