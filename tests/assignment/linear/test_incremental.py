"""Solving again after changes gives what solving afresh gives, with a certificate of its own."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array

import optikit as ok
from optikit import Status
from optikit.assignment import LinearAssignment, Reassignment
from optikit.errors import InvalidProblemError, UnsupportedError
from optikit.testing import check_result


def same_as_afresh(again):
    problem = again.problem
    fresh, result = ok.solve(problem, "jv"), again.result()
    check_result(problem, result)
    assert result.status is fresh.status
    if fresh.status is Status.OPTIMAL:
        assert math.isclose(result.objective, fresh.objective, rel_tol=1e-9, abs_tol=1e-9)
        assert math.isclose(again.objective, fresh.objective, rel_tol=1e-9, abs_tol=1e-9)
        assert problem.check(again.solve())
    else:
        assert again.solve() is None
        assert again.objective is None
        assert again.prices is None


@given(st.integers(0, 10**6), st.booleans(), st.booleans(), st.sampled_from(["plain", "rows out", "both out"]), st.booleans())
@settings(max_examples=30, deadline=None)
def test_any_sequence_of_changes(seed, maximize, whole, kind, sparse):
    rng = np.random.default_rng(seed)
    never = -np.inf if maximize else np.inf

    def numbers(*shape):
        drawn = rng.integers(-9, 20, shape) if whole else rng.normal(size=shape) * 10
        return drawn if rng.random() < 0.5 else np.where(rng.random(shape) < 0.2, never, drawn)

    rows, columns = rng.integers(1, 6, 2)
    options = {"leave_row": rng.integers(0, 9, rows)} if kind != "plain" else {}
    if kind == "both out":
        options["leave_column"] = rng.integers(0, 9, columns)
    cost = numbers(rows, columns)
    kept = np.isfinite(cost)
    if sparse or whole:
        dtype = np.int64 if whole else float
        cost = (
            coo_array((cost[kept].astype(dtype), np.nonzero(kept)), cost.shape) if sparse or not kept.all() else cost.astype(dtype)
        )
    again = Reassignment(LinearAssignment(cost, maximize=maximize, **options))
    if rng.random() < 0.8:
        again.solve()
    for _ in range(6):
        rows, columns = again.problem.num_rows, again.problem.num_columns
        change = rng.integers(7)
        if change == 0:
            count = int(rng.integers(1, 4))
            again.set_costs(rng.integers(0, rows, count), rng.integers(0, columns, count), numbers(count))
        elif change == 1:
            again.replace_row(rng.integers(rows), numbers(columns))
        elif change == 2:
            again.replace_column(rng.integers(columns), numbers(rows))
        elif change == 3:
            again.add_row(numbers(columns), leave=3 if kind != "plain" else None)
        elif change == 4:
            again.add_column(numbers(rows), leave=2 if kind == "both out" else None)
        elif change == 5 and rows > 1:
            again.remove_row(rng.integers(rows))
        elif change == 6 and columns > 1:
            again.remove_column(rng.integers(columns))
        same_as_afresh(again)


def test_a_change_takes_few_paths():
    """Of a hundred rows, one that changes is one search and not a hundred."""
    rng = np.random.default_rng(4)
    again = Reassignment(LinearAssignment(rng.random((100, 100))))
    again.solve()
    before = np.array(again.solve().column_of)
    again.replace_row(17, rng.random(100))
    after = again.solve().column_of
    assert (before != after).sum() < 50
    same_as_afresh(again)


def test_columns_that_must_be_taken_beside_rows_that_need_not():
    problem = LinearAssignment([[5, 9], [1, 7]], leave_row=[0, 0], leave_column=[math.inf, 3])
    again = Reassignment(problem)
    assert again.objective == 4
    again.set_costs(1, 0, 8)
    assert again.objective == 8
    same_as_afresh(again)


def test_rows_and_columns_go_by_name():
    again = Reassignment(LinearAssignment([[1, 2], [3, 5]], row_names=["Ann", "Bob"], column_names=["x", "y"]))
    again.set_costs("Ann", ["x", "y"], [9, 1])
    assert again.problem.cost.tolist() == [[9, 1], [3, 5]]
    assert again.add_row([0, 0], name="Cy") == 2
    again.remove_row("Bob")
    assert again.problem.row_names == ("Ann", "Cy")
    assert again.result().objective == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda again: again.set_costs(0, 0, math.nan), "costs is nan; expected a finite number"),
        (lambda again: again.set_costs([[0, 1], [0]], 0, 1.0), "expected one row, or an array of them"),
        (lambda again: again.set_costs(0, 0, 1e300), "sums over all rows and columns"),
        (lambda again: again.set_costs(0, 0, 2**53 + 1), "where floats skip integers"),
        (lambda again: again.replace_row(0, {0: 1.0, 7: 2.0}), "column is 7"),
        (lambda again: again.set_costs(0, 5, 1), "column is 5; expected a position, 0 to 1"),
        (lambda again: again.set_costs([0, 1, 0], [0, 1], 1.0), "do not go together"),
        (lambda again: again.replace_row(0, [1.0]), r"costs has shape \(1,\), expected \(2,\)"),
        (lambda again: again.replace_row(0, [1.0, -math.inf]), "inf forbids a pair"),
        (lambda again: again.replace_column(-1, [1.0, 2.0]), "column is -1"),
        (lambda again: again.add_row([1.0, 2.0], name="Ann"), "rows have no names"),
        (lambda again: again.add_row([1.0, 2.0], leave=3), "has no price here"),
        (lambda again: again.remove_row(True), "row is True"),
        (lambda again: [again.remove_column(0), again.remove_column(0)], "the only column"),
    ],
)
def test_refusals(change, words):
    again = Reassignment(LinearAssignment([[1.0, 2.0], [3.0, 4.0]]))
    with pytest.raises(InvalidProblemError, match=words):
        change(again)
    assert again.problem.num_rows == 2
    same_as_afresh(again)


def test_a_refused_change_changes_nothing():
    problem = LinearAssignment([[1, 2], [3, 5]], leave_row=[4, 4], row_names=["Ann", "Bob"])
    again = Reassignment(problem)
    again.solve()
    for options in ({"name": "Cy"}, {"name": "Cy", "leave": math.nan}, {"name": 3, "leave": 1}, {"name": 1.5, "leave": 1},
                    {"name": "Ann", "leave": 1}, {"leave": 1}, {"name": "Cy", "leave": 2**61}):  # fmt: skip
        with pytest.raises(InvalidProblemError):
            again.add_row([1, 1], **options)
        assert again.problem.fingerprint == problem.fingerprint
    with pytest.raises(InvalidProblemError, match="sums over all rows"):
        again.replace_row("Ann", [2**60, 1])
    assert again.problem.fingerprint == problem.fingerprint
    assert again.add_row([0, 0], name="Cy", leave=9) == 2
    same_as_afresh(again)


def test_numbers_that_are_names_are_no_positions():
    again = Reassignment(LinearAssignment([[1, 2], [3, 5]], row_names=[1, 0], column_names=[10, 20]))
    again.set_costs(0, 20, 9)
    assert again.problem.cost.tolist() == [[1, 2], [3, 9]]
    again.remove_row(1)
    assert again.problem.cost.tolist() == [[3, 9]]
    with pytest.raises(InvalidProblemError, match="column is 0; expected a name of a column"):
        again.replace_column(0, [1])


def test_a_series_goes_by_its_index():
    pd = pytest.importorskip("pandas")
    again = Reassignment(LinearAssignment([[1, 2, 3], [4, 5, 6]], column_names=["a", "b", "c"]))
    again.replace_row(0, pd.Series([7, 8, 9], index=["c", "a", "b"]))
    again.add_row(pd.Series([1, 2, 3]))
    assert again.problem.cost.tolist() == [[8, 9, 7], [4, 5, 6], [1, 2, 3]]
    for twice in (pd.Series([7, 8, 9], index=["c", "a", "a"]), {"a": 1, "b": 2, 0: 3}):
        with pytest.raises(InvalidProblemError, match=r"costs has the column ('a'|0) twice; expected a number for each column"):
            again.replace_row(0, twice)


def test_sparse_rows_by_column_and_ints_that_become_forbidden():
    again = Reassignment(LinearAssignment(coo_array(([3, 1, 2], ([0, 0, 1], [0, 2, 2])), shape=(2, 3))))
    assert again.objective == 5
    assert again.add_row({0: 1, 1: 0}) == 2
    assert again.objective == 5
    same_as_afresh(again)
    ints = Reassignment(LinearAssignment([[1, 9], [2, 8]]))
    assert ints.objective == 9
    ints.set_costs([0, 0], [0, 0], [7, math.inf])
    assert ints.objective == 11
    assert ints.problem.whole
    ints.set_costs(1, 0, math.inf)
    assert ints.result().status is Status.INFEASIBLE


def test_ints_stay_ints():
    priced = Reassignment(LinearAssignment([[1, 2], [3, 4]], leave_row=1))
    assert priced.problem.whole
    for leave in (0.5, math.nan, -math.inf, [1, 2]):
        with pytest.raises(InvalidProblemError, match=r"leave is .*; expected an int"):
            priced.add_row([1, 2], leave=leave)
    assert priced.add_row([1, 2], leave=math.inf) == 2
    same_as_afresh(priced)
    again = Reassignment(LinearAssignment([[1, 2], [3, 4]]))
    with pytest.raises(InvalidProblemError, match="the problem's costs are ints"):
        again.set_costs(0, 0, 1.5)


@pytest.mark.parametrize(
    "problem",
    [
        LinearAssignment([[1]], objective="bottleneck"),
        LinearAssignment([[1]], capacity=2),
        "matrix",
    ],
)
def test_what_it_does_not_take(problem):
    with pytest.raises(UnsupportedError):
        Reassignment(problem)
