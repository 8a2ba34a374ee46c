"""Linear assignment: naive references, and optima that follow from the rules."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

import optikit as ok
from optikit.datasets import linear
from optikit.errors import UnsupportedError

from ..naive.pcg64 import below, pcg64


def draw(name: str, seed: int, bound: int, count: int) -> list[int]:
    return list(itertools.islice(below(name, seed, bound), count))


def test_by_their_words():
    assert linear.uniform(size=7, seed=3, most=50)["cost"].ravel().tolist() == [1 + k for k in draw("lap uniform", 3, 50, 49)]
    points = np.array(draw("lap geometric", 3, 10**6, 28)).reshape(2, 7, 2).tolist()
    expected = [[round(math.dist(p, q)) for q in points[1]] for p in points[0]]
    assert linear.geometric(size=7, seed=3)["cost"].tolist() == expected
    costs = linear.two_cost(size=7, seed=3)["cost"].ravel().tolist()
    assert costs == [10**6 if k else 1 for k in draw("lap two_cost", 3, 2, 49)]


def test_the_roots_of_large_squares_are_exact():
    side = 10**9
    cost = linear.geometric(size=30, seed=1, side=side)["cost"]
    points = np.array(draw("lap geometric", 1, side, 120)).reshape(2, 30, 2).tolist()
    for i, k in itertools.product(range(30), repeat=2):
        square = sum((a - b) ** 2 for a, b in zip(points[0][i], points[1][k], strict=True))
        assert cost[i, k] == (math.isqrt(4 * square) + 1) // 2


@pytest.mark.parametrize("size", [1, 2, 40])
def test_machol_and_wien(size):
    """Sum over i of i (size + 1 - i)."""
    assert ok.solve(ok.datasets.load(f"lap/machol_wien:size={size}")).objective == size * (size + 1) * (size + 2) // 6


def test_products_by_the_rearrangement_inequality():
    cost = linear.product(size=30, seed=2, most=99)["cost"]
    factors = np.array(draw("lap product", 2, 99, 60)).reshape(2, 30) + 1
    assert (cost == np.multiply.outer(*factors)).all()
    best = (np.sort(factors[0]) * np.sort(factors[1])[::-1]).sum()
    assert ok.solve(ok.datasets.load("lap/product:size=30,seed=2,most=99")).objective == best


def test_sparse_rows_by_their_words():
    size, degree, seed = 9, 3, 4
    words = pcg64([seed, *b"lap sparse hidden"])
    hidden = sorted(range(size), key=[next(words) for _ in range(size)].__getitem__)
    columns = np.array(draw("lap sparse columns", seed, size, size * degree)).reshape(size, degree).tolist()
    costs = np.array(draw("lap sparse costs", seed, 20, size * degree)).reshape(size, degree).tolist()
    problem = ok.datasets.load(f"lap/sparse:size={size},degree={degree},seed={seed},most=20")
    assert problem.is_sparse
    for row in range(size):
        in_order = sorted([hidden[row], *columns[row][1:]])
        expected = {column: 1 + costs[row][in_order.index(column)] for column in in_order}
        entries = slice(problem.cost.indptr[row], problem.cost.indptr[row + 1])
        assert dict(zip(problem.cost.indices[entries].tolist(), problem.cost.data[entries].tolist(), strict=True)) == expected


@pytest.mark.parametrize("seed", range(3))
def test_one_pair_a_row_is_an_assignment(seed):
    assert sorted(linear.sparse(size=50, degree=1, seed=seed)["indices"].tolist()) == list(range(50))
    assert ok.solve(ok.datasets.load(f"lap/sparse:size=50,degree=2,seed={seed}")).status is ok.Status.OPTIMAL


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("uniform:size=0", "size is 0"),
        ("uniform:size=20001", "size is 20001"),
        ("uniform:most=0", "most is 0"),
        ("two_cost:most=1", "most is 1"),
        ("geometric:side=0", "side is 0"),
        ("product:most=2000000", "most is 2000000"),
        ("machol_wien:seed=1", "has no option 'seed'"),
        ("sparse:size=5,degree=6", "degree is 6"),
        ("sparse:size=100000000,degree=2", "at most 100,000,000 pairs"),
    ],
)
def test_refusals(key, words):
    with pytest.raises(UnsupportedError, match=words):
        ok.datasets.numbers(f"lap/{key}")
