"""A bound that is always there: proved from distances, demands and capacity alone, in a few milliseconds."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..metrics import Matrix, Planar
from .problem import VRP

DENSE_NODES = 2_000
"""Up to this many nodes the bounds that look at every arc are computed; above it, the radial one alone."""


def least_routes(problem: VRP) -> int:
    """No solution has fewer routes: total demand over capacity, rounded up, in exact load ticks."""
    lattice = problem.load_lattice
    demand = lattice.ticks(problem.demand.ravel(), "down")
    capacity = int(lattice.ticks([min(problem.capacity, float(problem.demand.sum()))], "up")[0])
    return max(1, math.ceil(int(demand.sum()) / capacity)) if capacity > 0 else 1


def lower_bound(problem: VRP) -> float:
    """The largest of three bounds on the total distance.

    Radial (Haimovich and Rinnooy Kan 1985, lemma 1): a route costs at least the way to and from each of its clients, so that
    client i accounts for a share demand[i] / capacity of it. Degree: every client is entered and left once, the depot at
    least as often as there are routes. Tree (after Christofides, Mingozzi and Toth 1981): leave out of each route its last
    arc; what stays spans all nodes, what was left out are distinct arcs into the depot.

    Returns
    -------
    float
        In the user's units, never above the optimum (a relative 1e-9 is given away to float sums).

    Examples
    --------
    >>> round(lower_bound(VRP.from_coordinates([(0, 0), (0, 3), (4, 0)], demand=[0, 1, 1], capacity=2)), 6)
    12.0
    """
    routes = least_routes(problem)
    if len(problem.network) <= DENSE_NODES:
        distance = problem.network.matrix().astype(np.float64)
        bounds = [_radial(problem, *_to_and_from_depot(distance)), _degree(distance, routes)]
        if problem.network.symmetric:
            bounds.append(_tree(distance, routes))
    else:
        bounds = [_radial_of_many(problem)]
    # Sums of n floats are off by less than n ulps of their size.
    best = max(bounds) * (1 - len(problem.network) * 2**-51)
    whole = problem.lattice.exact and problem.lattice.scale == 1.0
    # Distances in whole numbers add up to a whole number.
    return float(math.ceil(best - 1e-6)) if whole else max(0.0, best)


def _radial(problem: VRP, away: NDArray[Any], back: NDArray[Any]) -> float:
    """Shares of the round trips to each client; needs distances that obey the triangle inequality."""
    there_and_back = (away + back)[1:]
    if problem.capacity <= 0 or not there_and_back.size:
        return 0.0
    share = np.minimum(problem.demand.ravel() / problem.capacity, 1.0)
    return max(float(share @ there_and_back), float(there_and_back.max()))


def _to_and_from_depot(distance: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Shortest paths from and to the depot: they obey the triangle inequality where rounded or measured arcs do not."""
    return _shortest_paths(distance), _shortest_paths(distance.T)


def _shortest_paths(distance: NDArray[Any]) -> NDArray[Any]:
    """Dijkstra from node 0 on a dense graph, O(n^2)."""
    length = distance[0].copy()
    length[0] = 0.0
    through = distance + length[:, None]
    if (through.min(axis=0) >= length).all():
        return length  # the usual case: no detour pays
    done = np.zeros(len(length), bool)
    for _ in range(len(length)):
        node = int(np.where(done, np.inf, length).argmin())
        done[node] = True
        np.minimum(length, length[node] + distance[node], out=length)
    return length


def _radial_of_many(problem: VRP) -> float:
    """The radial bound where there are too many arcs to look at."""
    network = problem.network
    nodes = np.arange(len(network))
    if isinstance(network, Matrix):
        # The cheapest arc that leaves the depot is part of every path, and so is the cheapest that enters the client.
        away, back = np.zeros(len(nodes)), np.zeros(len(nodes))
        for client in nodes[1:]:
            others = nodes != client
            away[client] = max(network.distance[0, 1:].min(), network.distance[others, client].min())
            back[client] = max(network.distance[1:, 0].min(), network.distance[client, others].min())
        return _radial(problem, away, back)
    rule = network.rule if isinstance(network, Planar) else None
    if rule is None:
        direct = network.legs(np.zeros(len(nodes), np.int64), nodes)
        return _radial(problem, direct, direct)
    # Rounding takes less than one step off each arc, and there are at most two arcs a client.
    direct = Planar(network.points).legs(np.zeros(len(nodes), np.int64), nodes) * rule.factor / rule.divisor
    lost = 0.0 if rule.sign < 0 else (1 - rule.offset) / rule.divisor
    return _radial(problem, direct, direct) - 2 * problem.num_clients * lost


def _degree(distance: NDArray[Any], routes: int) -> float:
    """Half of the cheapest ways into and out of every node."""
    off = distance.copy()
    np.fill_diagonal(off, np.inf)
    num_clients = len(off) - 1
    inward, outward = off[:, 1:].min(axis=0), off[1:].min(axis=1)
    from_depot, to_depot = np.sort(off[0, 1:])[:routes], np.sort(off[1:, 0])[:routes]
    arcs_in = inward.sum() + to_depot.sum()
    arcs_out = outward.sum() + from_depot.sum()
    if num_clients == 1 or not np.array_equal(distance, distance.T):
        return float(max(arcs_in, arcs_out))
    # Symmetric: the two edges of a client are distinct, unless it is alone on its route.
    two = np.partition(off[1:], 1, axis=1)[:, :2].sum(axis=1)
    alone = 2 * off[1:, 0]
    return float(max(arcs_in, arcs_out, (np.minimum(two, alone).sum() + from_depot.sum() + to_depot.sum()) / 2))


def _tree(distance: NDArray[Any], routes: int) -> float:
    """A minimum spanning tree and one more arc into the depot for each route."""
    key = distance[0].copy()
    key[0] = np.inf
    total = 0.0
    open_nodes = np.ones(len(key), bool)
    open_nodes[0] = False
    for _ in range(len(key) - 1):
        node = int(np.where(open_nodes, key, np.inf).argmin())
        total += key[node]
        open_nodes[node] = False
        np.minimum(key, distance[node], out=key)
    return float(total + np.sort(distance[1:, 0])[:routes].sum())
