"""Matrices that fit the processor's cache: against every matching, by the prices that certify, and what is left to lists."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment as reference

from optikit.assignment import linear_sum_assignment, linear_sum_assignment_batch
from optikit.assignment.linear import small
from optikit.assignment.linear.arrays import BAD_COST, NO_MATCHING, SOLVED, TOO_HARD, Costs, FloatBatch, WholeBatch
from optikit.assignment.linear.kernels.small import solve_costs, solve_float_batch, solve_whole_batch
from optikit.assignment.linear.small import MOST_SMALL, WHOLE_LIMIT, limit_of, new_desk, solve_small
from optikit.kernels.control import Control
from optikit.kernels.jit import Unavailable
from tests.assignment.linear.test_kernels import FAMILIES, matrices
from tests.naive.linear_assignment import least

INFINITY = float("inf")
LARGER = MOST_SMALL + 10


def solved(costs, way=None, limit=None):
    """Status and desk of a matrix of no more rows than columns."""
    desk = new_desk(max(costs.shape[1], 1), 0)
    table = Costs(num_costs=costs.size, cost=np.array(costs, float, order="C"))
    run = solve_costs if way is None else solve_costs.using(way)
    return run(table, desk, *costs.shape, limit_of(costs.dtype) if limit is None else limit), desk


def certify(costs, desk):
    """That prices prove the matching; exactly, where costs are whole numbers. Returns its sum."""
    num_rows, num_columns = costs.shape
    column_of, owner = desk.column_of[:num_rows], desk.owner[:num_columns]
    rows = np.arange(num_rows)
    assert np.array_equal(owner[column_of], rows)
    assert np.count_nonzero(owner >= 0) == num_rows
    price = desk.price[:num_columns]
    if num_rows < num_columns:
        assert (price >= 0).all()
        assert (price[owner < 0] == 0).all()
    whole = np.isfinite(costs).all() and (costs == np.rint(costs)).all()
    slack = costs + price - (costs[rows, column_of] + price[column_of])[:, None]
    assert slack.min(initial=0) >= (0 if whole else -1e-12 * np.abs(costs[np.isfinite(costs)]).max())
    return costs[rows, column_of].sum()


@settings(max_examples=100)
@given(matrices(most=4), st.sampled_from([None, "python"]))
def test_every_matching_is_no_better(costs, way):
    costs = costs.T if costs.shape[0] > costs.shape[1] else costs
    best = least(costs.tolist())
    status, desk = solved(costs, way)
    if costs.dtype.kind == "i" and np.abs(costs).max() >= WHOLE_LIMIT:
        assert status == BAD_COST
    elif best is None:
        assert status == NO_MATCHING
    else:
        assert status == SOLVED
        assert certify(costs, desk) == pytest.approx(float(best), rel=1e-12, abs=1e-12)


@settings(max_examples=60)
@given(matrices(most=4), st.booleans())
def test_by_the_functions(costs, maximize):
    best = least(costs.tolist())
    costs = -costs if maximize else costs
    if best is None:
        with pytest.raises(ValueError, match="infeasible"):
            linear_sum_assignment(costs, maximize)
        with pytest.raises(ValueError, match=r"cost_matrices\[1\]: cost matrix is infeasible"):
            linear_sum_assignment_batch([np.ones((2, 2)), costs], maximize)
    else:
        rows, columns = linear_sum_assignment(costs, maximize)
        total = costs[rows, columns].sum() * (-1 if maximize else 1)
        assert total == pytest.approx(float(best), rel=1e-15, abs=1e-12)
        batch = linear_sum_assignment_batch(np.stack([costs, costs]), maximize)
        assert np.array_equal(np.flatnonzero(batch[1] >= 0), rows)
        assert costs[rows, batch[1][rows]].sum() == costs[rows, columns].sum()


@pytest.mark.parametrize("shape", [(0, 5), (1, 1), (33, 33), (31, 47), (50, 50)])
@pytest.mark.parametrize("family", ["uniform", "few", "ints", "plane", "equal"])
def test_every_way_of_running_gives_the_same(family, shape):
    costs = np.asarray(FAMILIES[family](np.random.default_rng(5), *shape), float)
    found = {}
    for way in ("python", "jit", "aot"):
        try:
            status, desk = solved(costs, way)
        except Unavailable:
            continue
        found[way] = status, desk.column_of[: shape[0]].tolist(), desk.price[: shape[1]].tolist()
    assert len(found) >= 2
    assert all(other == found["python"] for other in found.values()), list(found)
    assert certify(costs, desk) == pytest.approx(costs[reference(costs)].sum(), rel=1e-12)


@pytest.mark.parametrize("structure", [FloatBatch, WholeBatch])
def test_every_way_of_running_a_batch_gives_the_same(structure):
    g = np.random.default_rng(2)
    shapes = np.array([(7, 7), (3, 40), (9, 4), (0, 3), (6, 6)])
    sizes = shapes[:, 0] * shapes[:, 1]
    kind = np.float64 if structure is FloatBatch else np.int64
    costs = g.integers(-9, 9, sizes.sum()).astype(kind)
    found = {}
    for way in ("python", "jit", "aot"):
        batch = structure.empty(
            num_matrices=5, num_costs=len(costs), num_lines=int(shapes[:, 0].sum()), sign=-1, limit=WHOLE_LIMIT,
            first=np.cumsum(sizes) - sizes, line=np.cumsum(shapes[:, 0]) - shapes[:, 0], cost=costs,
            rows=shapes[:, 0].astype(np.int32), columns=shapes[:, 1].astype(np.int32),
        )  # fmt: skip
        kernel = solve_float_batch if structure is FloatBatch else solve_whole_batch
        try:
            assert kernel.using(way)(batch, new_desk(40, 120), Control.fresh(), 0, 5) == 5
        except Unavailable:
            continue
        found[way] = batch.status.tolist(), batch.column_of.tolist()
    assert found["python"][0] == [SOLVED] * 5
    assert len(found) >= 2
    assert all(other == found["python"] for other in found.values()), list(found)


@pytest.mark.compiled
@pytest.mark.parametrize("shape", [(200, 200), (130, 220), (220, 130), (257, 257)])
@pytest.mark.parametrize("family", ["uniform", "few", "ints", "plane", "product", "range", "diagonal", "big"])
def test_larger_matrices(family, shape):
    costs = FAMILIES[family](np.random.default_rng(9), *shape)
    for maximize in (False, True):
        total = costs[linear_sum_assignment(costs, maximize)].sum()
        assert total == pytest.approx(costs[reference(costs - costs.min(), maximize)].sum(), rel=1e-12)


@pytest.mark.parametrize("dtype", [bool, np.int8, np.uint8, np.int32, np.uint64, np.float16, np.float32, ">f8", ">i4"])
def test_dtypes_and_layouts(dtype):
    g = np.random.default_rng(1)
    costs = g.integers(0, 2 if dtype is bool else 120, (90, 90)).astype(dtype)
    plain = costs.astype(float)
    strided = np.zeros((180, 180), dtype)
    strided[::2, ::2] = costs
    odd = np.frombuffer(b"x" + costs.tobytes(), costs.dtype, offset=1).reshape(costs.shape)  # not aligned, and read-only
    for maximize in (False, True):
        best = plain[reference(plain, maximize)].sum()
        for layout in (costs, np.asfortranarray(costs), strided[::2, ::2], odd):
            assert plain[linear_sum_assignment(layout, maximize)].sum() == best
            assert plain[np.arange(90), linear_sum_assignment_batch(layout[None], maximize)[0]].sum() == best
            assert plain[np.arange(90), linear_sum_assignment_batch([layout], maximize)[0]].sum() == best


@pytest.mark.compiled
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_hard_ones_are_left_to_lists(n_jobs):
    g = np.random.default_rng(4)
    costs = np.stack([FAMILIES["product"](g, 200, 200), g.integers(0, 9, (200, 200)), FAMILIES["product"](g, 200, 200)])
    assert [solved(matrix)[0] for matrix in costs] == [TOO_HARD, SOLVED, TOO_HARD]
    found = linear_sum_assignment_batch(costs, n_jobs=n_jobs)
    for matrix, columns in zip(costs, found, strict=True):
        best = matrix[reference(matrix)].sum()
        assert matrix[np.arange(200), columns].sum() == best
        assert matrix[linear_sum_assignment(matrix)].sum() == best


def test_integers_beyond_those_exact_in_floats():
    high = int(WHOLE_LIMIT)
    near = np.array([[high - 1, high - 2], [high - 2, 2 - high]])
    assert solved(near)[0] == SOLVED
    assert certify(near, solved(near)[1]) == 1
    assert solved(near + 1)[0] == BAD_COST
    g = np.random.default_rng(8)
    costs = g.integers(0, 50, (6, 12, 12)) + np.array([0, high, -high, 2**57, 2**62, -(2**62)])[:, None, None]
    for maximize in (False, True):
        for matrix, columns in zip(costs, linear_sum_assignment_batch(costs, maximize), strict=True):
            small_costs = matrix - matrix.min()
            best = small_costs[reference(small_costs, maximize)].sum()
            assert small_costs[np.arange(12), columns].sum() == best
            assert small_costs[linear_sum_assignment(matrix, maximize)].sum() == best


def test_what_is_read_in_place_is_neither_written_nor_copied(monkeypatch):
    bound = []
    monkeypatch.setattr(small, "Costs", lambda **members: bound.append(members["cost"]) or Costs(**members))
    costs = np.random.default_rng(0).random((150, 150))
    before = costs.copy()
    costs.flags.writeable = False
    column_of = solve_small(costs, False)
    assert len(bound) == 1
    assert np.shares_memory(bound[0], costs)
    assert np.array_equal(costs, before)
    assert np.array_equal(solve_small(-costs, True), column_of)
    assert np.array_equal(solve_small(np.asfortranarray(costs), False), column_of)
    assert len(bound) == 1


def test_nothing_of_the_last_matrix_shows():
    g = np.random.default_rng(3)
    for shape in [(90, 90), (20, 60), (60, 20), (5, 5), (300, 300), (1, 1), (90, 90)]:
        for costs in (g.random(shape), g.integers(0, 3, shape)):
            assert costs[linear_sum_assignment(costs)].sum() == pytest.approx(costs[reference(costs)].sum(), rel=1e-12)


@pytest.mark.parametrize("size", [3, *(pytest.param(size, marks=pytest.mark.compiled) for size in (MOST_SMALL, LARGER))])
def test_infinite_costs_forbid(size):
    g = np.random.default_rng(6)
    costs = np.where(g.random((size, size)) < 0.5, INFINITY, g.random((size, size)))
    costs[np.arange(size), g.permutation(size)] = 0.5
    assert costs[linear_sum_assignment(costs)].sum() == pytest.approx(costs[reference(costs)].sum(), rel=1e-12)
    costs[:, 1] = INFINITY
    with pytest.raises(ValueError, match="infeasible"):
        linear_sum_assignment(costs)
    for bad in (np.nan, -INFINITY):
        costs[2, 1] = bad
        with pytest.raises(ValueError, match="invalid numeric"):
            linear_sum_assignment(costs)
