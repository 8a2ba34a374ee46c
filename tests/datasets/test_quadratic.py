"""Quadratic assignment: Taillard's files number for number, a naive reference, and what is known of each rule."""

from __future__ import annotations

import itertools
import math
from decimal import Decimal

import numpy as np
import pytest

import optikit as ok
from optikit.assignment.quadratic.bounds import gilmore_lawler
from optikit.assignment.quadratic.instance import make_core
from optikit.datasets.quadratic import _powers, grid, palubeckis, structured
from optikit.errors import UnsupportedError

from ..naive.pcg64 import below
from .conftest import INSTANCES, needs_instances


@needs_instances
@pytest.mark.parametrize(("name", "flow_seed"), [("tai40a", 1364951216), ("tai60a", 563836558)])
def test_taillard_number_for_number(name, flow_seed):
    size, *told = map(int, (INSTANCES / "qap" / f"{name}.dat").read_text().split())
    flow, distance = np.array(told).reshape(2, size, size)
    numbers = ok.datasets.numbers(f"qap/taillard:size={size},flow_seed={flow_seed},distance_seed=123456789")
    assert (numbers["flow"] == flow).all()
    assert (numbers["distance"] == distance).all()


@pytest.mark.parametrize(("size", "flow_seed", "bound"), [(50, 148469109, 3_854_359), (80, 1768973698, 10_329_674)])
def test_taillard_by_a_published_bound(size, flow_seed, bound):
    """Of tai50a and tai80a there is no file here; their bound of Gilmore and Lawler, in which every number counts, is published."""
    problem = ok.datasets.load(f"qap/taillard:size={size},flow_seed={flow_seed},distance_seed=123456789")
    assert gilmore_lawler(make_core(problem))[0] + make_core(problem).constant == bound


def draw(name: str, seed: int, low: int, high: int, count: int) -> list[int]:
    return [low + k for k in itertools.islice(below(name, seed, high - low + 1), count)]


def test_a_grid_by_its_words():
    drawn = grid(rows=3, columns=4, seed=5, density=50, most=7)
    stream = iter(draw("grid flows", 5, 0, 2**32 - 1, 2 * 66))  # the upper halves of the words
    there = [next(stream) * 100 >> 32 < 50 for _ in range(66)]
    amounts = [1 + (next(stream) * 7 >> 32) for _ in range(66)]
    for (i, k), flows, amount in zip(itertools.combinations(range(12), 2), there, amounts, strict=True):
        assert drawn["flow"][i, k] == drawn["flow"][k, i] == (amount if flows else 0)
        assert drawn["distance"][i, k] == drawn["distance"][k, i] == abs(i // 4 - k // 4) + abs(i % 4 - k % 4)
    assert not drawn["flow"].diagonal().any()


def test_groups_and_powers_by_their_words():
    size, seed = 12, 3
    drawn = structured(size=size, seed=seed, group=4, radius=30, span=500, low=-2, high=3)
    sizes = draw("structured groups", seed, 1, 4, size)
    groups = [number for number, count in enumerate(sizes) for _ in range(count)][:size]

    def around(name: str, most: int) -> list[tuple[int, int]]:
        stream, points = below(name, seed, 2**32), []
        looked = 0
        while len(points) < size:
            x, y = (-(2**15) + (next(stream) * (2**16 + 1) >> 32) for _ in range(2))
            looked += 1
            if 0 < x * x + y * y <= 2**30:
                points.append((x, y))
        for _ in range(2 * (-looked % 256)):  # directions are drawn 256 at a time
            next(stream)
        far = [next(stream) * (most + 1) >> 32 for _ in range(size)]
        return [
            (r * x // math.isqrt(x * x + y * y), r * y // math.isqrt(x * x + y * y)) for r, (x, y) in zip(far, points, strict=True)
        ]

    centres, offsets = around("structured centres", 500), around("structured places", 30)
    places = [(centres[g][0] + dx, centres[g][1] + dy) for g, (dx, dy) in zip(groups, offsets, strict=True)]
    assert drawn["places"].tolist() == [list(place) for place in places]
    for i, k in itertools.product(range(size), repeat=2):
        assert drawn["distance"][i, k] == round(math.dist(places[i], places[k]))
    exponents = draw("structured flows", seed, 0, 5 * 2**20 - 1, size * size)
    expected = [math.floor(10 ** (-2 + t / 2**20)) for t in exponents]
    off = [v for place, v in enumerate(expected) if place % (size + 1)]
    assert [v for place, v in enumerate(drawn["flow"].ravel().tolist()) if place % (size + 1)] == off


def test_powers_of_ten_in_integers():
    """Within 2^-26 of the power, before it is cut; the powers themselves are whole."""
    at = np.random.default_rng(0).integers(0, 9 * 2**20, 200)
    for exponent, power in zip(at.tolist(), _powers(at).tolist(), strict=True):
        exact = Decimal(10) ** (Decimal(exponent) / 2**20)
        assert exact * (1 - Decimal(2) ** -26) - 1 < power <= exact
    assert _powers(np.arange(-3, 10) * 2**20).tolist() == [0, 0, 0, *(10**k for k in range(10))]


def test_structured_flows_are_mostly_nothing_and_sometimes_very_large():
    drawn = structured(size=100, seed=1)
    assert (drawn["flow"] == 0).mean() == pytest.approx(5 / 9, abs=0.02)
    assert 9_000 < drawn["flow"].max() < 10_000
    assert (drawn["flow"] != drawn["flow"].T).any()
    assert drawn["distance"].max() <= 2 * 1020
    near = np.sort(drawn["distance"] + 10**6 * np.eye(100, dtype=np.int64), axis=1)[:, 0]
    assert np.median(near) <= 20, "a place has others of its group near by"


@pytest.mark.parametrize("shape", [(2, 3), (2, 4), (1, 6), (7, 1)])
@pytest.mark.parametrize("seed", [0, 1])
def test_the_optimum_that_is_told_is_the_optimum(shape, seed):
    drawn = palubeckis(rows=shape[0], columns=shape[1], seed=seed)
    flow, distance = drawn["flow"], drawn["distance"]
    assert flow.min() == 0
    assert (flow == flow.T).all()
    every = np.array(list(itertools.permutations(range(len(flow)))))
    costs = sum(flow[i, k] * distance[every[:, i], every[:, k]] for i, k in itertools.product(range(len(flow)), repeat=2))
    assert costs.min() == drawn["optimum"]
    p = drawn["placement"]
    assert (flow * distance[p][:, p]).sum() == drawn["optimum"]
    assert (costs > drawn["optimum"]).any()


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("qap/structured:size=1", "size is 1"),
        ("qap/structured:size=5001", "size is 5001"),
        ("qap/structured:high=10", "high is 10"),
        ("qap/structured:low=5,high=4", "low is 5"),
        ("qap/structured:span=1000000", "at most 1,000,000 together"),
        ("qap/grid:rows=0", "rows is 0"),
        ("qap/grid:rows=1,columns=1", "size is 1"),
        ("qap/grid:rows=500,columns=500", "expected at most 5,000 locations"),
        ("qap/grid:density=101", "density is 101"),
        ("qap/palubeckis:most=0", "most is 0"),
        ("qap/taillard:size=5,flow_seed=0,distance_seed=1", "flow_seed is 0"),
        ("qap/taillard:size=5,flow_seed=1", "needs distance_seed"),
    ],
)
def test_refusals(key, words):
    with pytest.raises(UnsupportedError, match=words):
        ok.datasets.numbers(key)
