"""Generalized assignment as Chu and Beasley draw it: a naive reference, one number at a time and in floating point."""

from __future__ import annotations

import math

import pytest

import optikit as ok
from optikit.datasets.chu_beasley import KINDS, chu_beasley
from optikit.errors import UnsupportedError

from ..naive.pcg64 import below


def words(name: str, seed: int, bound: int, count: int) -> list[int]:
    stream = below(name, seed, bound)
    return [next(stream) for _ in range(count)]


def naive(size: int, agents: int, kind: str, seed: int) -> tuple[list, list, list]:
    """The papers' words."""
    count, name = size * agents, f"chu_beasley {kind}"
    if kind == "d":
        demand = [1 + d for d in words(f"{name} demand", seed, 100, count)]
        cost = [111 - d + e - 10 for d, e in zip(demand, words(f"{name} cost", seed, 21, count), strict=True)]
    elif kind == "e":
        demand = [math.floor(1 - 10 * math.log((u + 1) / 2**32) + 0.5) for u in words(f"{name} demand", seed, 2**32, count)]
        drawn = words(f"{name} cost", seed, 2**20, count)
        cost = [math.floor(1000 / d - 10 * v / 2**20 + 0.5) for d, v in zip(demand, drawn, strict=True)]
    else:
        demand = [5 + d for d in words(f"{name} demand", seed, 21, count)]
        cost = [10 + c for c in words(f"{name} cost", seed, 41, count)]
    a = [demand[i * size : (i + 1) * size] for i in range(agents)]
    c = [cost[i * size : (i + 1) * size] for i in range(agents)]
    if kind in "ab":
        load = [0] * agents
        for j in range(size):
            i = min(range(agents), key=lambda i: c[i][j])
            load[i] += a[i][j]
        capacity = [math.floor((0.7 if kind == "b" else 1) * (0.6 * size / agents * 15 + 0.4 * max(load)) + 1e-9)] * agents
    else:
        capacity = [math.floor(0.8 * sum(row) / agents + 1e-9) for row in a]
    return c, a, capacity


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("size", "agents", "seed"), [(1, 1, 0), (7, 3, 1), (100, 10, 2)])
def test_naive_reference(size, agents, seed, kind):
    drawn = chu_beasley(size=size, agents=agents, kind=kind, seed=seed)
    cost, demand, capacity = naive(size, agents, kind, seed)
    assert drawn["cost"].tolist() == cost
    assert drawn["demand"].tolist() == demand
    assert drawn["capacity"].tolist() == capacity


def test_by_key():
    problem = ok.datasets.load("gap/chu_beasley:size=20,agents=4,kind=e,seed=3")
    assert problem == ok.datasets.generate("gap/chu_beasley", size=20, agents=4, kind="e", seed=3)
    assert (problem.num_agents, problem.num_jobs) == (4, 20)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"kind": "f"}, "kind is 'f'.*expected one of a, b, c, d, e"),
        ({"size": 0}, "size is 0"),
        ({"size": 10**9}, "at most 50,000,000 pairs"),
    ],
)
def test_refusals(given, message):
    with pytest.raises(UnsupportedError, match=message):
        chu_beasley(**given)
