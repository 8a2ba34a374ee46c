"""A bound that is always there: proved from distances, demands and capacity alone, in some milliseconds."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..metrics import Matrix, Planar
from .loads import fleet, load_ticks
from .problem import DENSE_NODES, VRP

PASSES = 30
"""So often shortest paths are improved at most: a pass looks at every arc."""

CACHED = 2**17
"""So many arcs are looked at together, which stay in the cache (measured at 1,001 nodes: 1.7 times as fast, and beside a thread
that hogs the interpreter three times)."""

TREE_NODES = 400
"""Up to this many nodes a spanning tree is made: it takes a numpy call a node, and is hardly better than degrees above."""


def lower_bound(problem: VRP) -> float:
    """The largest of three bounds on the total distance.

    Radial (Haimovich and Rinnooy Kan 1985, lemma 1): a route costs at least the way to and from each of its clients, so that
    client i accounts for a share demand[i] / capacity of it. Tree (after Christofides, Mingozzi and Toth 1981): leave out of
    each route its last arc; what stays spans all nodes, and what was left out are distinct arcs into the depot.
    Degree: every client has two edges, and the depot two a route; where arcs are asymmetric, one in and one out.

    The tree is made up to `TREE_NODES` (400) nodes and the bounds on degrees up to `DENSE_NODES`; above that the radial bound
    stands alone, and is weaker.

    Returns
    -------
    float
        In the user's units, never above the optimum.

    Examples
    --------
    >>> round(lower_bound(VRP.from_coordinates([(0, 0), (0, 3), (4, 0)], demand=[0, 1, 1], capacity=2)), 6)
    10.0
    """
    lattice = problem.lattice
    if len(problem.network) > DENSE_NODES:
        return max(0.0, _radial_of_many(problem) * (1 - len(problem.network) * 2**-51) - problem.error)
    ticks, routes = problem.tick_matrix, fleet(problem)[0]
    away = _shortest_paths(ticks)
    back = away if problem.network.symmetric else _shortest_paths(ticks.T)
    bounds = [_radial(problem, away, back)]
    if problem.network.symmetric:
        bounds += [_degree(ticks, routes)]
        if len(ticks) <= TREE_NODES:
            bounds += [_tree(ticks, routes)]
    else:
        bounds += [_assignment(ticks, routes)]
    # Float sums of n terms are off by less than n ulps; a sum of ticks is a whole number.
    best = math.ceil(max(bounds) * (1 - len(ticks) * 2**-51) - 1e-6)
    return max(0.0, lattice.units(best) - lattice.error)


def _radial(problem: VRP, away: NDArray[Any], back: NDArray[Any]) -> float:
    """Shares of the round trips to each client; needs lengths that obey the triangle inequality."""
    there_and_back = (away + back)[1:].astype(np.float64)
    demand, capacity = load_ticks(problem)
    share = np.minimum(demand / capacity, 1.0) if capacity > 0 else np.zeros(problem.num_clients)
    return max(float(share @ there_and_back), float(there_and_back.max()))


def _shortest_paths(ticks: NDArray[np.int64]) -> NDArray[np.int64]:
    """Lengths from node 0 (Bellman and Ford, all arcs at once): they obey the triangle inequality where arcs do not.

    Mostly one or two passes; after `PASSES` of them zeros, which are below every length, stand for the rest.
    """
    length: NDArray[np.int64] = ticks[0].copy()
    size = len(ticks)
    step = max(1, CACHED // size)
    through = np.empty((min(step, size), size), np.int64)
    for _ in range(PASSES):
        before = length.copy()
        for first in range(0, size, step):
            some = ticks[first : first + step]
            shorter = np.add(some, length[first : first + step, None], out=through[: len(some)]).min(axis=0)
            np.minimum(length, shorter, out=length)
        if np.array_equal(length, before):
            return length
    return np.zeros_like(length)


def _tree(ticks: NDArray[np.int64], routes: int) -> int:
    """A minimum spanning tree (Prim) and one more arc into the depot for each route."""
    never = np.iinfo(np.int64).max
    key = ticks[0].copy()
    key[0] = never
    outside = np.ones(len(key), bool)
    outside[0] = False
    total = 0
    for _ in range(len(key) - 1):
        node = int(key.argmin())
        total += int(key[node])
        outside[node] = False
        np.minimum(key, ticks[node], out=key, where=outside)
        key[node] = never
    return total + int(np.sort(ticks[1:, 0])[:routes].sum())


def _degree(ticks: NDArray[np.int64], routes: int) -> float:
    """Half of the two cheapest edges of each client (distinct, unless it is alone on its route) and of the depot's."""
    never = np.iinfo(np.int64).max
    others = ticks[1:].copy()
    rows = np.arange(len(others))
    others[rows, rows + 1] = never
    alone = 2 * others[:, 0]
    nearest = others.argmin(axis=1)
    first = others[rows, nearest]
    others[rows, nearest] = never
    second = others.min(axis=1) if len(others) > 1 else first
    return (int(np.minimum(first + second, alone).sum()) + 2 * int(np.sort(ticks[1:, 0])[:routes].sum())) / 2


def _assignment(ticks: NDArray[np.int64], routes: int) -> int:
    """The cheapest arc into each client and as many into the depot as there are routes; or out of them."""
    others = ticks.copy()
    np.fill_diagonal(others, np.iinfo(np.int64).max)
    inward = others[:, 1:].min(axis=0).sum() + np.sort(others[1:, 0])[:routes].sum()
    outward = others[1:].min(axis=1).sum() + np.sort(others[0, 1:])[:routes].sum()
    return int(max(inward, outward))


def _radial_of_many(problem: VRP) -> float:
    """The radial bound, in the user's units, where there are too many arcs to look at."""
    network = problem.network
    if isinstance(network, Matrix):
        # The cheapest arc that leaves the depot is part of every path, and so is the cheapest that enters the client.
        off = network.distance.astype(np.float64)
        np.fill_diagonal(off, np.inf)
        away = np.maximum(off.min(axis=0), off[0].min())
        back = np.maximum(off.min(axis=1), off[:, 0].min())
        return _radial(problem, away, back)
    home = np.zeros(len(network), np.int64)
    rule = network.rule if isinstance(network, Planar) else None
    if rule is None:
        direct = network.legs(home, np.arange(len(network)))
        return _radial(problem, direct, direct)
    # Rounding takes less than one step off each arc, and there are at most two arcs a client.
    direct = Planar(network.points).legs(home, np.arange(len(network))) * rule.factor / rule.divisor
    lost = 0.0 if rule.sign < 0 else (1 - rule.offset) / rule.divisor
    return _radial(problem, direct, direct) - 2 * problem.num_clients * lost
