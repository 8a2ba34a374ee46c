"""A tour for engines to begin with: left alone, they may not find any for minutes."""

from __future__ import annotations

import numpy as np

from ...metrics import Matrix
from ..problem import TSP
from ..solution import Order, Tour


def nearest_neighbour(problem: TSP) -> Tour:
    """Always on to the nearest city that is left, and to ``last`` at the end (Rosenkrantz, Stearns and Lewis 1977).

    Where arcs are missing, it may use some: whoever takes it checks it.
    """
    n, last, network = problem.num_cities, problem.last, problem.network
    rows = network.distance if isinstance(network, Matrix) else problem.tick_matrix
    start = problem.first if problem.first is not None else int(last == 0)
    order = [start]
    left = np.ones(n, bool)
    left[start] = False
    if last is not None:
        left[last] = False
    never = np.inf if rows.dtype.kind == "f" else np.iinfo(rows.dtype).max
    waiting = int(left.sum())
    for _ in range(waiting):
        city = int(np.where(left, rows[order[-1]], never).argmin())
        if not left[city]:  # no arc leads to any of them
            city = int(left.argmax())
        order.append(city)
        left[city] = False
    return Tour(Order(np.array(order if last is None else [*order, last], np.int64)))
