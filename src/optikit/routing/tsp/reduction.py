"""Paths as closed tours: one more city, the dummy, stands between the two ends of a path.

The dummy is node n. It costs nothing from and to where a path may begin and end, and the price of a forbidden arc elsewhere. A
closed tour has no dummy. Who searches or bounds works on this cycle of ``num_nodes`` nodes, in ticks, and is done with paths.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .problem import TSP
from .solution import Order, Tour


def num_nodes(problem: TSP) -> int:
    """The cities, and the dummy of a path."""
    return problem.num_cities + (not problem.closed)


def offset(problem: TSP) -> int:
    """What every cycle of `dense` costs beyond its tour.

    Where distances are symmetric and only one end of a path is fixed, an edge has no direction to say which end is meant: so
    the dummy's edge to that end is free, all its others cost ``forbidden``, and a cycle without other forbidden arcs pays that
    once.
    """
    one_end = (problem.first is None) != (problem.last is None)
    return problem.forbidden if not problem.closed and problem.symmetric and one_end else 0


def dense(problem: TSP) -> NDArray[np.int64]:
    """Ticks of the cycle's arcs, shape (num_nodes, num_nodes), read-only; symmetric where the problem is.

    A cycle that costs `offset` plus ``problem.forbidden`` or more uses an arc that may not be used; any other costs `offset` plus
    the ticks of its tour.
    """
    if problem.closed:
        return problem.tick_matrix
    n = problem.num_cities
    ticks = np.zeros((n + 1, n + 1), np.int64)
    ticks[:n, :n] = problem.tick_matrix
    ticks[n], ticks[:, n] = dummy(problem)
    ticks[n, n] = 0
    ticks.flags.writeable = False
    return ticks


def levelled(problem: TSP) -> NDArray[np.int64]:
    """`dense` with the problem's potentials taken out: every cycle costs the same; symmetric where the problem is undirected."""
    ticks, level = dense(problem), problem.potentials
    if not level.any():
        return ticks
    level = np.append(level, np.zeros(len(ticks) - len(level), np.int64))
    arcs: NDArray[np.int64] = np.add(ticks, level[:, None])
    arcs -= level
    arcs.flags.writeable = False
    return arcs


def dummy(problem: TSP) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Ticks from the dummy of a path to each node, and back; shape (num_nodes,) both."""
    n, price = problem.num_cities, problem.forbidden
    free = [city for city in (problem.first, problem.last) if city is not None]
    if problem.symmetric:
        both = np.full(n + 1, price if free else 0, np.int64)
        both[[*free, n]] = 0
        return both, both
    sides = []
    for end in (problem.first, problem.last):
        side = np.full(n + 1, 0 if end is None else price, np.int64)
        side[n if end is None else [end, n]] = 0
        sides.append(side)
    return sides[0], sides[1]


def arcs(problem: TSP) -> NDArray[np.bool_]:
    """Which arcs of the cycle may be used, shape (num_nodes, num_nodes); the dummy's lead to first cities and from last ones."""
    n, nodes = problem.num_cities, num_nodes(problem)
    usable = np.ones((nodes, nodes), bool)
    if problem.network.has_missing:
        usable[:n, :n] = np.isfinite(problem.network.matrix())
    np.fill_diagonal(usable, False)
    if not problem.closed:
        if problem.first is not None:
            usable[n] = False
            usable[n, problem.first] = True
        if problem.last is not None:
            usable[:, n] = False
            usable[problem.last, n] = True
    return usable


def cycle_of(problem: TSP, tour: Tour) -> NDArray[np.int64]:
    """The nodes of the cycle that a tour stands for; the dummy, where there is one, first."""
    order = np.array(tour.order, np.int64)
    return order if problem.closed else np.concatenate(([problem.num_cities], order))


def tour_of(problem: TSP, cycle: ArrayLike) -> Tour:
    """The tour that a cycle stands for: without the dummy; a path from its first city, a closed tour from ``first`` or city 0."""
    nodes = np.asarray(cycle, np.int64)
    place = np.flatnonzero(nodes == ((problem.first or 0) if problem.closed else problem.num_cities))
    nodes = np.roll(nodes, -int(place[0])) if place.size else nodes
    if problem.closed:
        return Tour(Order(nodes))
    path = nodes[nodes != problem.num_cities]
    turned = path.size and (path[0] == problem.last or path[-1] == problem.first)
    return Tour(Order(path[::-1] if turned and problem.symmetric else path))
