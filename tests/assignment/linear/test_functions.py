"""The functions that bear scipy's names, beside scipy's; and many matrices in one call."""

from __future__ import annotations

import re
import threading
import warnings
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment as reference
from scipy.sparse.csgraph import min_weight_full_bipartite_matching as sparse_reference

from optikit.assignment import linear_sum_assignment, linear_sum_assignment_batch, min_weight_full_bipartite_matching
from optikit.assignment.linear import functions
from optikit.assignment.linear.small import MOST_SMALL


def same(costs, maximize=False):
    """Both find the same sum, or refuse with the same words."""
    try:
        rows, columns = reference(costs, maximize)
    except (ValueError, TypeError) as error:
        with pytest.raises(type(error), match=re.escape(str(error))):
            linear_sum_assignment(costs, maximize)
        return
    ours = linear_sum_assignment(costs, maximize)
    assert [part.dtype for part in ours] == [np.int64, np.int64]
    assert (np.diff(ours[0]) > 0).all()
    assert len(ours[0]) == len(rows)
    assert len(set(ours[1].tolist())) == len(columns)
    plain = np.asarray(costs, float)
    assert plain[ours].sum() == pytest.approx(plain[rows, columns].sum(), rel=1e-12, abs=1e-12)


LARGE = MOST_SMALL + 10
A_LARGE_ONE = pytest.param(LARGE, marks=pytest.mark.compiled)

INPUTS = {
    "a list": [[4, 1, 3], [2, 0, 5], [3, 2, 2]],
    "one row": [[3, 1, 2]],
    "one column": [[3], [1], [2]],
    "wide": [[400, 150, 400, 1], [400, 450, 600, 2], [300, 225, 300, 3]],
    "bool": np.identity(3).astype(bool),
    "small ints": np.array([[200, 3], [7, 250]], np.uint8),
    "unsigned beyond int64": np.array([[2**64 - 5, 2**64 - 1], [2**64 - 9, 2**64 - 2]], np.uint64),
    "halves": np.array([[0.5, 2.0], [1.0, 1.5]], np.float16),
    "a matrix": np.matrix([[4, 1], [2, 0]]),
    "columns first": np.asfortranarray(np.arange(12.0).reshape(3, 4) ** 2 % 7),
    "every other": (np.arange(64.0).reshape(8, 8) ** 2 % 11)[::2, ::-2],
    "other byte order": np.array([[4, 1], [2, 0]], ">f8"),
    "no rows": np.empty((0, 3)),
    "no columns": np.empty((3, 0)),
    "nothing": [[]],
    "forbidden": np.where(np.identity(4) > 0, np.inf, 1.0),
    "infeasible": np.where(np.arange(3) == 0, np.inf, np.identity(3)),
    "all forbidden": np.full((2, 2), np.inf),
    "not a number": np.diag([np.nan, 1, 1]),
    "minus infinity": np.diag([1, -np.inf, 1]),
    "fractions": [[Fraction(1, 2), Fraction(1, 3)], [Fraction(2), Fraction(1)]],
    "decimals": [[Decimal(1), Decimal(2)], [Decimal(3), Decimal(5)]],
    "long ints": [[2**70, 1], [1, 2**70]],
    "long floats": [[np.longdouble(1), np.longdouble(2)], [3, 5]],
    "numbers in words": [["1", "2"], ["3", "5"]],
    "words": [["one", "2"], ["3", "5"]],
    "a gap": [[None, 1], [1, 2]],
    "a frame that may have gaps": pd.DataFrame({"a": [1, 2], "b": [3, 1]}, dtype="Int64"),
    "complex in a list": [[1j, 2], [3, 4]],
    "an iterator": iter([[1, 2], [3, 4]]),
    "a vector": [1, 2, 3],
    "three dimensions": np.zeros((2, 2, 2)),
    "a number": 5,
    "strings": np.identity(3).astype(str),
    "objects": np.array([[1, 2], [3, 4]], object),
    "complex": np.identity(2) * 1j,
    "durations": np.array([[1, 2], [3, 4]], "m8[s]"),
    "dates": np.array([[1, 2], [3, 4]], "M8[s]"),
}


@pytest.mark.parametrize("maximize", [False, True])
@pytest.mark.parametrize("name", INPUTS)
def test_every_input_as_scipy(name, maximize):
    same(INPUTS[name], maximize)


@pytest.fixture
def by_lists(monkeypatch):
    """As if no matrix were small."""
    monkeypatch.setattr(functions, "MOST_SMALL", 0)


@pytest.mark.parametrize("shape", [(150, 150), (150, 170), (170, 150)])
def test_large_and_the_same_shape_again(shape, by_lists):
    # Arrays are kept for the next matrix of that shape: nothing of the last may show.
    g = np.random.default_rng(4)
    for costs in (g.random(shape), g.integers(0, 3, shape).astype(float), g.random(shape)):
        same(costs)
        same(np.asfortranarray(costs), True)
    costs[5] = np.inf
    same(costs)
    costs[5] = np.nan
    same(costs)
    same(g.random(shape))


@pytest.mark.parametrize("shape", [(129, 131), (140, 203), (203, 140), (145, 145)])
def test_lists_of_rows_with_many_ties_and_ragged_ends(shape, by_lists):
    g = np.random.default_rng(6)
    for top in (2, 4, 30):
        costs = g.integers(0, top, shape)
        same(costs)
        same(costs.astype(float), True)
        same(np.where(g.random(shape) < 0.9, np.inf, costs))


def test_equal_costs_give_the_identity():
    for size in (8, 200, LARGE):
        rows, columns = linear_sum_assignment(np.ones((size, size)))
        assert np.array_equal(rows, columns)


def test_integers_are_exact_where_floats_are_not():
    high = 2**53 + 1
    costs = np.array([[high, high + 1], [high + 1, high + 3]])  # as floats: a tie
    assert linear_sum_assignment(costs)[1].tolist() == [1, 0]
    assert linear_sum_assignment(costs + 2**61)[1].tolist() == [1, 0]
    with pytest.raises(OverflowError, match="too far apart"):
        linear_sum_assignment(np.array([[-(2**62), 2**62], [0, 0]]))


@pytest.mark.parametrize("size", [3, 130, A_LARGE_ONE])
def test_floats_whose_sums_overflow(size):
    costs = np.random.default_rng(3).random((size, size)) * 1e308
    assert np.array_equal(linear_sum_assignment(costs)[1], reference(costs)[1])
    assert np.array_equal(linear_sum_assignment_batch([costs, costs.T])[1], reference(costs.T)[1])
    for bad, words in ((np.nan, "invalid numeric"), (np.inf, "infeasible")):
        costs[:, 1] = bad
        with pytest.raises(ValueError, match=words):
            linear_sum_assignment(costs)
        with pytest.raises(ValueError, match=rf"cost_matrices\[1\].*{words}"):
            linear_sum_assignment_batch([np.ones((2, 2)), costs])


def test_integers_of_a_batch_are_far_apart_in_each_matrix_only_where_it_says_so():
    costs = np.array([[[1, 2], [0, 9]], [[3, 1], [1, 3]]]) + np.array([2**62, -(2**62)])[:, None, None]
    assert linear_sum_assignment_batch(costs).tolist() == [[1, 0], [1, 0]]
    costs[1, 0, 0] = 2**62
    with pytest.raises(OverflowError, match=r"cost_matrices\[1\]: integers from"):
        linear_sum_assignment_batch(costs)


def test_what_is_given_is_not_written():
    costs = np.random.default_rng(0).random((140, 140))
    before = costs.copy()
    costs.flags.writeable = False
    linear_sum_assignment(costs, maximize=True)
    linear_sum_assignment(costs[:5, :5])
    assert np.array_equal(costs, before)


def test_threads_do_not_meet():
    g = np.random.default_rng(9)
    tasks = [g.random((size, size)) for size in (6, 132, 6, 132)]
    found = [None] * len(tasks)

    def work(k):
        for _ in range(2):
            found[k] = linear_sum_assignment(tasks[k])[1]

    threads = [threading.Thread(target=work, args=(k,)) for k in range(len(tasks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for costs, columns in zip(tasks, found, strict=True):
        assert np.array_equal(columns, reference(costs)[1])


@settings(max_examples=60)
@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 2**32 - 1), st.sampled_from(["csr", "csc", "coo"]), st.booleans())
def test_sparse_as_scipy(num_rows, num_columns, seed, layout, maximize):
    g = np.random.default_rng(seed)
    costs = np.where(g.random((num_rows, num_columns)) < 0.6, g.integers(1, 9, (num_rows, num_columns)), 0)
    graph = sp.csr_array(costs if seed % 2 else costs.astype(float)).asformat(layout)
    try:
        rows, columns = sparse_reference(graph.tocsr(), maximize)  # older ones take no other layout
    except ValueError:
        with pytest.raises(ValueError, match="no full matching exists"):
            min_weight_full_bipartite_matching(graph, maximize)
        return
    ours = min_weight_full_bipartite_matching(graph, maximize)
    assert (np.diff(ours[0]) > 0).all()
    assert len(set(ours[1].tolist())) == len(ours[0]) == len(rows)
    assert (costs[ours] != 0).all()
    assert costs[ours].sum() == costs[rows, columns].sum()


def test_sparse_zeros_are_costs():
    graph = sp.csr_array((np.array([0.0, 1.0, 1.0, 2.0]), np.array([0, 1, 0, 1]), np.array([0, 2, 4])), shape=(2, 2))
    with pytest.warns(UserWarning, match="explicit zeros are costs"):
        assert min_weight_full_bipartite_matching(graph)[1].tolist() in ([0, 1], [1, 0])
    diagonal = sp.csr_array((np.zeros(3), np.arange(3), np.arange(4)), shape=(3, 3))
    with pytest.warns(UserWarning, match="explicit zeros"):
        assert min_weight_full_bipartite_matching(diagonal)[1].tolist() == [0, 1, 2]


def test_sparse_entries_given_twice_are_added():
    twice = sp.coo_array((np.array([1, 5, 2, 2]), (np.array([0, 0, 0, 1]), np.array([0, 0, 1, 0]))), shape=(2, 2))
    rows, columns = min_weight_full_bipartite_matching(twice)
    assert columns.tolist() == [1, 0]
    assert np.array_equal(rows, [0, 1])
    graph = sp.csr_array((np.array([1, 5, 2, 9, 2]), np.array([0, 0, 1, 1, 0]), np.array([0, 3, 5])), shape=(2, 2))
    held = graph.data.copy()
    assert min_weight_full_bipartite_matching(graph)[1].tolist() == [1, 0]
    assert np.array_equal(graph.data, held)


def test_sparse_refusals():
    with pytest.raises(ValueError, match="min_weight_full_bipartite_matching takes it"):
        linear_sum_assignment(sp.csr_array(np.identity(2)))
    with pytest.raises(TypeError, match="graph must be sparse"):
        min_weight_full_bipartite_matching(np.identity(2))
    with pytest.raises(TypeError, match="CSC, CSR, or COO"):
        min_weight_full_bipartite_matching(sp.lil_array(np.identity(2)))
    with pytest.raises(ValueError, match="invalid numeric entries"):
        min_weight_full_bipartite_matching(sp.csr_array(np.diag([np.nan, 1.0])))
    with pytest.raises(TypeError, match="Cannot cast"):
        min_weight_full_bipartite_matching(sp.csr_array(np.diag([1j, 1.0])))
    for shape in [(0, 0), (2, 0), (0, 3)]:
        assert [len(part) for part in min_weight_full_bipartite_matching(sp.csr_array(shape))] == [0, 0]


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize("shape", [(6, 6), (4, 7), (7, 4), pytest.param((LARGE, LARGE), marks=pytest.mark.compiled)])
def test_a_batch_is_one_after_the_other(shape, n_jobs):
    g = np.random.default_rng(6)
    count = 520 if max(shape) < 100 else 2
    for costs in (g.random((count, *shape)), g.integers(0, 4, (count, *shape)), g.integers(0, 4, (count, *shape)).astype(float)):
        for maximize in (False, True):
            found = linear_sum_assignment_batch(costs, maximize, n_jobs=n_jobs)
            assert found.shape == (count, shape[0])
            for matrix, columns in list(zip(costs, found, strict=True))[:: max(1, count // 40)]:
                rows, expected = reference(matrix, maximize)
                mine = np.flatnonzero(columns >= 0)
                assert len(set(columns[mine].tolist())) == len(rows)
                assert matrix[mine, columns[mine]].sum() == pytest.approx(matrix[rows, expected].sum(), rel=1e-12)


def test_a_batch_of_several_shapes_and_kinds():
    g = np.random.default_rng(8)
    matrices = [
        g.random((3, 5)),
        g.integers(0, 9, (4, 4)),
        [[1, 2], [3, 5]],
        np.zeros((0, 2)),
        g.random((LARGE, 5)),
        np.ones((2, 2), bool),
    ]
    found = linear_sum_assignment_batch(matrices)
    for matrix, columns in zip(map(np.asarray, matrices), found, strict=True):
        assert columns.shape == (len(matrix),)
        rows = np.flatnonzero(columns >= 0)
        expected = reference(matrix)
        assert matrix[rows, columns[rows]].sum() == pytest.approx(matrix[expected].sum())
    assert linear_sum_assignment_batch([]) == []
    assert linear_sum_assignment_batch(np.zeros((0, 3, 4))).shape == (0, 3)
    assert linear_sum_assignment_batch(np.zeros((2, 0, 4))).shape == (2, 0)


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize("size", [5, A_LARGE_ONE])
def test_a_batch_says_which_matrix_is_bad(size, n_jobs):
    costs = np.ones((3, size, size))
    costs[1, 2, 3] = np.nan
    with pytest.raises(ValueError, match=r"cost_matrices\[1\]: matrix contains invalid numeric entries"):
        linear_sum_assignment_batch(costs, n_jobs=n_jobs)
    costs[1, 2, 3] = 1
    costs[2, :, 0] = np.inf
    for given_costs in (costs, list(costs)):
        with pytest.raises(ValueError, match=r"cost_matrices\[2\]: cost matrix is infeasible"):
            linear_sum_assignment_batch(given_costs, n_jobs=n_jobs)


def test_a_batch_of_what_is_none():
    with pytest.raises(ValueError, match="expected matrices"):
        linear_sum_assignment_batch(np.ones((3, 3)))
    with pytest.raises(ValueError, match=r"cost_matrices\[1\]: expected a matrix"):
        linear_sum_assignment_batch([np.ones((2, 2)), np.ones(2)])
    with pytest.raises(TypeError, match=r"cost_matrices\[0\]: Cannot cast"):
        linear_sum_assignment_batch([np.array([["a"]])])
    with pytest.raises(ValueError, match=r"cost_matrices\[1\]: expected a matrix \(2-D array\), got rows of different lengths"):
        linear_sum_assignment_batch([np.ones((2, 2)), [[1, 2], [3]]])
    with pytest.raises(ValueError, match=r"cost_matrices\[1\]: could not convert string to float: 'one'"):
        linear_sum_assignment_batch([np.ones((2, 2)), [["one", 2], [1, 3]]])
    for given_costs in (5, None, "abc", sp.eye(3)):
        with pytest.raises(TypeError, match="expected a 3-D array, or an iterable of matrices"):
            linear_sum_assignment_batch(given_costs)
    with pytest.raises(ValueError, match="n_jobs is 0"):
        linear_sum_assignment_batch(np.ones((1, 2, 2)), n_jobs=0)


def test_no_warnings_where_nothing_is_odd():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        linear_sum_assignment(np.where(np.identity(150) > 0, np.inf, 1.0))
        linear_sum_assignment_batch(np.where(np.identity(5) > 0, np.inf, 1.0)[None])
        min_weight_full_bipartite_matching(sp.csr_array(np.where(np.identity(5) > 0, np.inf, 1.0)))
