"""Uchoa's families: a naive reference that draws one number at a time and uses floating point, and what the paper says of each."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import islice

import numpy as np
import pytest

import optikit as ok
from optikit.datasets.uchoa import CLIENTS, DEMANDS, DEPOTS, _route_size, uchoa
from optikit.errors import UnsupportedError

from ..naive.pcg64 import below


def first(name: str, seed: int, low: int, high: int) -> int:
    return low + next(below(name, seed, high - low + 1))


def naive(size: int, seed: int, depot: str, clients: str, demand: str, route_size: float) -> tuple[list, list, int]:
    """Section 4 of the paper, by its words."""
    places = below("uchoa depot", seed, 1001)
    center = {"center": (500, 500), "corner": (0, 0), "random": (next(places), next(places))}[depot]
    scattered = {"random": size, "clustered": 0, "mixed": size // 2}[clients]
    seeds = first("uchoa seeds", seed, 3, 8) if scattered < size else 0
    coordinates, chances = below("uchoa clients", seed, 1001), below("uchoa chances", seed, 2**30)
    points: list[tuple[int, int]] = []
    while len(points) < size:
        point = next(coordinates), next(coordinates)
        chance = next(chances) / 2**30
        if point in points or point == center:
            continue
        pull = sum(math.exp(-math.dist(point, other) / 40) for other in points[scattered : scattered + seeds])
        if len(points) < min(scattered + seeds, size) or chance < pull:
            points.append(point)
    if demand == "quadrant":
        drawn = islice(below("uchoa demands", seed, 50), size)
        amounts = [1 + d + 50 * ((x < 500) == (y < 500)) for d, (x, y) in zip(drawn, points, strict=True)]
    else:
        low, high = DEMANDS[demand]
        amounts = [low + d for d in islice(below("uchoa demands", seed, high - low + 1), size)]
    capacity = max(math.ceil(Fraction(route_size) * sum(amounts) / size), *amounts)
    return [center, *points], [0, *amounts], capacity


@pytest.mark.parametrize("clients", CLIENTS)
@pytest.mark.parametrize(("size", "seed"), [(1, 0), (5, 1), (100, 2), (100, 3), (1000, 4)])
def test_naive_reference(size, seed, clients):
    depot = DEPOTS[seed % 3]
    demand = ["quadrant", "5-10", "unitary", "quadrant", "1-100"][seed]
    drawn = uchoa(size=size, seed=seed, depot=depot, clients=clients, demand=demand, route_size=6.5)
    points, amounts, capacity = naive(size, seed, depot, clients, demand, 6.5)
    assert drawn["points"].tolist() == [list(point) for point in points]
    assert drawn["demand"].tolist() == amounts
    assert drawn["capacity"] == capacity


@pytest.mark.parametrize("demand", DEMANDS)
def test_demands(demand):
    amounts = uchoa(size=5000, seed=1, demand=demand)["demand"][1:]
    low, high = DEMANDS[demand]
    assert (amounts.min(), amounts.max()) == (low, high)
    if demand == "many-small":
        small, large = amounts[amounts <= 10], amounts[amounts >= 50]
        assert len(small) + len(large) == 5000
        assert 0.70 <= len(small) / 5000 <= 0.95
        assert 5 < small.mean() < 6 < 70 < large.mean() < 80
    else:
        assert amounts.mean() == pytest.approx((low + high) / 2, rel=0.05)


def test_points_are_on_the_grid_and_nobody_shares_one():
    for clients in CLIENTS:
        points = uchoa(size=2000, seed=5, clients=clients)["points"]
        assert 0 <= points.min() <= points.max() <= 1000
        assert len(np.unique(points, axis=0)) == 2001


def test_clusters_are_clusters():
    """Mean distance to the nearest neighbour: clustered < mixed < at random."""
    near = {}
    for clients in CLIENTS:
        points = uchoa(size=500, seed=6, clients=clients)["points"][1:].astype(float)
        apart = np.sqrt(((points[:, None] - points[None]) ** 2).sum(-1))
        np.fill_diagonal(apart, np.inf)
        near[clients] = apart.min(axis=1).mean()
    assert near["clustered"] < 0.7 * near["random"]
    assert near["clustered"] < near["mixed"] < near["random"]


def test_route_sizes_are_triangular():
    """Mean (3 + 6 + 25) / 3; the share below 6 is (6 - 3) / (25 - 3)."""
    sizes = np.array([float(_route_size(seed)) for seed in range(4000)])
    assert 3 <= sizes.min() < 4 < 24 < sizes.max() <= 25
    assert sizes.mean() == pytest.approx(34 / 3, abs=0.3)
    assert (sizes < 6).mean() == pytest.approx(3 / 22, abs=0.02)


def test_the_capacity_is_the_route_size_times_the_mean_demand():
    drawn = uchoa(size=200, seed=8, demand="unitary", route_size=9.2)
    assert drawn["capacity"] == 10
    assert (
        uchoa(size=3, seed=8, demand="50-100", route_size=1)["capacity"] >= uchoa(size=3, seed=8, demand="50-100")["demand"].max()
    )


def test_as_a_problem():
    vrp = ok.datasets.generate("cvrp/uchoa", size=30, seed=1, depot="center", demand="1-10")
    assert vrp.num_clients == 30
    assert vrp.name == "uchoa:size=30,seed=1,depot=center,demand=1-10"
    assert vrp == ok.datasets.load(f"cvrp/{vrp.name}")
    assert vrp.network.points[0].tolist() == [500, 500]
    assert vrp.network.rounding == "nearest"
    assert vrp.check(ok.solve(vrp, "savings").solution)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"size": 0}, "size is 0"),
        ({"size": 2.5}, r"size is 2\.5"),
        ({"size": 600_000}, "600,000; random clients .* 500,000 at most"),
        ({"size": 30_000, "clients": "mixed"}, "20,000 at most"),
        ({"seed": -1}, "seed is -1"),
        ({"depot": "centre"}, "depot is 'centre'; did you mean 'center'"),
        ({"clients": "RC"}, "expected one of random, clustered, mixed"),
        ({"demand": "1-1000"}, "did you mean '1-100'"),
        ({"route_size": 0.5}, r"route_size is 0\.5"),
        ({"route_size": math.nan}, "route_size is nan"),
        ({"route_size": "x"}, "route_size is 'x'"),
    ],
)
def test_bad_parameters(parameters, words):
    with pytest.raises(UnsupportedError, match=words):
        uchoa(**parameters)
