"""The kernels of linear assignment: against every matching, against scipy, and by the prices that certify them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment as reference
from scipy.sparse import csr_array

from optikit.assignment.linear.dense import DenseMatching
from optikit.assignment.linear.sparse import SparseMatching
from optikit.kernels.control import DEADLINE, NEVER, STOP
from tests.naive.linear_assignment import least

INFINITY = float("inf")


def finish(search):
    while not search.advance():
        pass
    return search.matching()


def sparse_search(costs, **options):
    """A SparseMatching of what is allowed in a dense matrix; zeros are entries."""
    allowed = np.isfinite(np.asarray(costs, float))
    first = np.concatenate(([0], np.cumsum(allowed.sum(axis=1))))
    return SparseMatching(first, np.nonzero(allowed)[1], costs[allowed], costs.shape, **options)


def certify(costs, found, maximize=False, row_out=None, column_out=None):
    """That it is a matching, and that prices prove it; returns its sum."""
    sign = -1 if maximize else 1
    num_rows, num_columns = costs.shape
    rows = np.flatnonzero(found.column_of >= 0)
    columns = found.column_of[rows]
    assert len(set(columns.tolist())) == len(columns)
    assert np.array_equal(found.row_of[columns], rows)
    assert np.count_nonzero(found.row_of >= 0) == len(rows)
    plain = np.asarray(costs, float)
    size = max(1.0, float(np.abs(plain[np.isfinite(plain)]).max(initial=0)))
    slack = sign * (costs - found.u[:, None] - found.v[None, :])
    exact = costs.dtype.kind == "i"
    assert (slack >= (0 if exact else -1e-11 * size)).all()
    total = costs[rows, columns].sum()
    if row_out is None and column_out is None:
        assert len(rows) == min(num_rows, num_columns)
        if num_rows < num_columns:
            assert (sign * found.v <= 0).all()
        if num_rows > num_columns:
            assert (sign * found.u <= 0).all()
    if row_out is not None:
        total += row_out[found.column_of < 0].sum()
        assert (sign * (row_out - found.u) >= -1e-11 * size).all()
    if column_out is not None:
        total += column_out[found.row_of < 0].sum()
        assert (sign * (column_out - found.v) >= -1e-11 * size).all()
    bound = found.u.sum() + found.v.sum()
    assert (total == bound) if exact else (abs(total - bound) <= 1e-10 * size * max(1, num_rows + num_columns))
    return total


def refuted(costs, violator):
    """That the set of Hall's is one."""
    allowed = np.isfinite(np.asarray(costs, float))
    if violator.axis == "columns":
        allowed, lines, partners = allowed.T, violator.columns, violator.rows
    else:
        lines, partners = violator.rows, violator.columns
    assert len(lines) == len(partners) + 1
    assert not np.delete(allowed[lines], partners, axis=1).any()


@st.composite
def matrices(draw, most=4, forbidden=True):
    """Few distinct costs, so that ties abound; floats with fractions; all equal; pairs that are forbidden."""
    num_rows, num_columns = draw(st.integers(1, most)), draw(st.integers(1, most))
    kind = draw(st.sampled_from(["few", "whole", "floats", "huge"]))
    cell = {
        "few": st.integers(0, 2),
        "whole": st.integers(-20, 20),
        "floats": st.floats(-4, 4).map(lambda x: round(x, 3)),
        "huge": st.sampled_from([-(2**53), 2**53, 2**53 - 1, 2**52, 0, 1]),
    }[kind]
    costs = np.array(draw(st.lists(cell, min_size=num_rows * num_columns, max_size=num_rows * num_columns)))
    costs = costs.reshape(num_rows, num_columns)
    if kind == "floats" or (kind != "huge" and draw(st.booleans())):
        costs = costs.astype(np.float64)
        if forbidden and draw(st.booleans()):
            costs[np.array(draw(st.lists(st.booleans(), min_size=costs.size, max_size=costs.size))).reshape(costs.shape)] = INFINITY
    return costs


@settings(max_examples=150)
@given(matrices(), st.booleans())
def test_every_matching_is_no_better(costs, maximize):
    best = least(costs.tolist())
    given_costs = -costs if maximize else costs
    layouts = {"rows": np.ascontiguousarray(given_costs), "columns": np.asfortranarray(given_costs)}
    strided = np.zeros((2 * costs.shape[0], 2 * costs.shape[1]), costs.dtype)
    strided[::2, ::2] = given_costs
    layouts["strided"] = strided[::2, ::2]
    for layout in layouts.values():
        layout.flags.writeable = False
    searches = [DenseMatching(layout, maximize=maximize) for layout in layouts.values()]
    for search in [*searches, sparse_search(given_costs, maximize=maximize)]:
        found = finish(search)
        if best is None:
            refuted(given_costs, found.violator)
        else:
            assert found.violator is None
            total = certify(given_costs, found, maximize)
            assert abs(float(total) * (-1 if maximize else 1) - float(best)) <= 1e-12 * max(1.0, abs(float(best)))


@settings(max_examples=100)
@given(matrices(most=3, forbidden=True), st.data())
def test_leaving_lines_out(costs, data):
    costs = np.where(np.abs(costs) > 100, 7, costs).astype(float) if costs.dtype.kind == "i" else costs
    outs = st.integers(-6, 9).map(float)
    row_out = np.array(data.draw(st.lists(outs | st.just(INFINITY), min_size=costs.shape[0], max_size=costs.shape[0])))
    column_out = np.array(data.draw(st.lists(outs, min_size=costs.shape[1], max_size=costs.shape[1])))
    which = data.draw(st.sampled_from(["rows", "columns", "both"]))
    options = {} if which == "columns" else {"row_out": row_out}
    options |= {} if which == "rows" else {"column_out": column_out}
    start = data.draw(st.none() | st.lists(outs, min_size=costs.shape[1], max_size=costs.shape[1]))
    best = least(costs.tolist(), **{name: values.tolist() for name, values in options.items()})
    for make in (DenseMatching, sparse_search):
        found = finish(make(costs, v=start, **options))
        assert (found.violator is None) == (best is not None)
        if best is not None:
            assert certify(costs, found, **options) == pytest.approx(float(best), abs=1e-9)


FAMILIES = {
    "uniform": lambda g, n, m: g.random((n, m)),
    "few": lambda g, n, m: g.integers(1, 5, (n, m)).astype(float),
    "ints": lambda g, n, m: g.integers(1, 101, (n, m)),
    "plane": lambda g, n, m: np.hypot(*(g.random((n, 1, 2)) - g.random((1, m, 2))).transpose(2, 0, 1)),
    "product": lambda g, n, m: np.outer(g.integers(1, n, n), g.integers(1, m, m)),
    "range": lambda g, n, m: 10.0 ** g.uniform(-6, 6, (n, m)),
    "equal": lambda g, n, m: np.full((n, m), 3.5),
    "diagonal": lambda g, n, m: np.where(np.arange(m) == g.permutation(max(n, m))[:n, None], 0.0, 1.0),
    "big": lambda g, n, m: g.integers(2**53 - 1000, 2**53, (n, m)),
}


@pytest.mark.parametrize("shape", [(60, 60), (37, 60), (60, 25)])
@pytest.mark.parametrize("family", FAMILIES)
def test_larger_matrices(family, shape):
    costs = FAMILIES[family](np.random.default_rng(7), *shape)
    for maximize in (False, True):
        found = finish(DenseMatching(costs, maximize=maximize))
        total = certify(costs, found, maximize)
        rows, columns = reference(costs - (2**53 - 1000 if family == "big" else 0), maximize)
        assert total == pytest.approx(costs[rows, columns].sum(), rel=1e-12)
        assert certify(costs, finish(sparse_search(costs, maximize=maximize)), maximize) == pytest.approx(total, rel=1e-12)


@pytest.mark.parametrize("kind", ["product", "plane"])
@pytest.mark.parametrize("whole", [False, True])
def test_an_auction_is_held_where_paths_are_long(kind, whole):
    costs = FAMILIES[kind](np.random.default_rng(3), 90, 90)
    costs = np.rint(costs * 1000).astype(np.int64) if whole else costs.astype(float)
    for search in (DenseMatching(costs), sparse_search(costs)):
        found = finish(search)
        assert search.bids > 90
        rows, columns = reference(costs)
        assert certify(costs, found) == pytest.approx(costs[rows, columns].sum(), rel=1e-12)


def test_auctions_end_where_there_is_no_matching():
    # 16 rows share 15 columns, and paths among them are long.
    g = np.random.default_rng(5)
    costs = np.outer(g.integers(1, 30, 30), g.integers(1, 30, 30)).astype(float)
    costs[:16, 15:] = INFINITY
    for search in (DenseMatching(costs), sparse_search(costs)):
        refuted(costs, finish(search).violator)


def test_a_start_saves_the_searches():
    g = np.random.default_rng(11)
    costs = g.random((50, 70))
    before = finish(DenseMatching(costs))
    changed = costs.copy()
    changed[[3, 8]] = g.random((2, 70))
    column_of = before.column_of.copy()
    column_of[[3, 8]] = -1
    for make in (DenseMatching, sparse_search):
        again = make(changed, v=before.v, column_of=column_of)
        found = finish(again)
        rows, columns = reference(changed)
        assert certify(changed, found) == pytest.approx(changed[rows, columns].sum(), rel=1e-12)
        assert again.augmentations <= 2 + 2  # a path for each row, and one for each column that was given up


@settings(max_examples=60)
@given(matrices(most=4, forbidden=False), st.data())
def test_any_start_will_do(costs, data):
    num_rows, num_columns = costs.shape
    v = np.array(data.draw(st.lists(st.integers(-30, 30), min_size=num_columns, max_size=num_columns)), costs.dtype)
    order = data.draw(st.permutations(range(max(num_rows, num_columns))))
    column_of = np.array([j if j < num_columns else -1 for j in order[:num_rows]])
    best = least(costs.tolist())
    for make in (DenseMatching, sparse_search):
        total = certify(costs, finish(make(costs, v=v, column_of=column_of)))
        assert float(total) == pytest.approx(float(best), rel=1e-12, abs=1e-12)


def test_a_column_given_twice_is_refused():
    with pytest.raises(ValueError, match="a column to two rows"):
        DenseMatching(np.ones((2, 2)), column_of=[1, 1])


def test_costs_near_the_end_of_floats():
    costs = np.array([[1e308, -1e308, 5.0], [-1e308, 1e308, 1e308], [1e308, 1e308, 1e300]])
    for make in (DenseMatching, sparse_search):
        assert finish(make(costs)).column_of.tolist() == [1, 0, 2]
        assert finish(make(costs, maximize=True)).column_of.tolist() != [1, 0, 2]


def test_costs_that_forbid_in_fact_do_not_blur_the_others():
    # Prices never rise by what is forbidden in fact: 1e20 added to a price would swallow the small costs.
    g = np.random.default_rng(2)
    costs = np.where(g.random((40, 40)) < 0.8, 1e20, g.random((40, 40)))
    costs[np.arange(40), g.permutation(40)] = 2.0
    rows, columns = reference(np.where(costs == 1e20, INFINITY, costs))
    found = finish(DenseMatching(costs))
    assert costs[np.arange(40), found.column_of].sum() == pytest.approx(costs[rows, columns].sum(), rel=1e-13)


@pytest.mark.parametrize("bad", [np.nan, -INFINITY])
def test_costs_that_are_no_numbers(bad):
    costs = np.ones((20, 20))
    costs[13, 4] = bad
    for make in (DenseMatching, lambda c: SparseMatching(*_csr(c))):
        with pytest.raises(ValueError, match="matrix contains invalid numeric entries"):
            finish(make(costs))
    costs[13, 4] = -bad
    with pytest.raises(ValueError, match="matrix contains invalid numeric entries"):
        finish(DenseMatching(costs, maximize=True))


def _csr(costs):
    matrix = csr_array(costs)
    return matrix.indptr, matrix.indices, matrix.data, matrix.shape


def test_integers_that_do_not_fit():
    with pytest.raises(OverflowError, match="2\\*\\*58"):
        finish(DenseMatching(np.array([[2**60, 1], [1, 1]])))
    wide = np.array([[2**57, -(2**57)] * 20] * 40)
    with pytest.raises(OverflowError, match="may not fit 64 bits"):
        sparse_search(wide)


def test_nothing_to_match():
    for shape in [(0, 0), (0, 3), (3, 0)]:
        found = finish(DenseMatching(np.zeros(shape)))
        assert found.column_of.tolist() == [-1] * shape[0]
        assert found.row_of.tolist() == [-1] * shape[1]
        assert finish(sparse_search(np.zeros(shape))).violator is None


def test_slices_change_nothing():
    costs = FAMILIES["plane"](np.random.default_rng(1), 80, 80)
    whole = DenseMatching(costs)
    whole.advance()
    sliced = DenseMatching(costs)
    sliced.control.slots[DEADLINE] = 0  # has passed: it returns at every look at the clock
    slices = 1
    while not sliced.advance():
        slices += 1
    assert slices > 2
    assert np.array_equal(sliced.matching().column_of, whole.matching().column_of)
    assert np.array_equal(sliced.matching().v, whole.matching().v)
    assert (sliced.scans, sliced.bids, sliced.augmentations) == (whole.scans, whole.bids, whole.augmentations)


def test_the_flag_stops():
    search = DenseMatching(np.random.default_rng(0).random((300, 300)))
    search.control.slots[[STOP, DEADLINE]] = 1, NEVER
    assert not search.advance()
    search.control.slots[STOP] = 0
    assert search.advance()


def test_no_second_copy():
    costs = np.random.default_rng(0).random((200, 300))
    costs.flags.writeable = False
    for maximize in (False, True):
        search = DenseMatching(costs, maximize=maximize)
        assert np.shares_memory(search._matrix.cost, costs)
        held = sum(
            part.nbytes for owner in (search._lists, search._state) for part in vars(owner).values() if hasattr(part, "nbytes")
        )
        assert held < 200 * 16 * 12 + 120 * (200 + 300) + 4096
    square = np.asfortranarray(np.random.default_rng(0).random((50, 50)))
    assert np.shares_memory(DenseMatching(square)._matrix.cost, square)
