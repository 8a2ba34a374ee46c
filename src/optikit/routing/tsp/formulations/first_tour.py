"""A tour for engines to begin with: left alone, they may not find any for minutes."""

from __future__ import annotations

import numpy as np

from ..problem import TSP
from ..solution import Order, Tour


def nearest_neighbour(problem: TSP) -> Tour:
    """Always on to the nearest city that is left, and to ``last`` at the end (Rosenkrantz, Stearns and Lewis 1977).

    Where arcs are missing, it may use some: whoever takes it checks it.
    """
    ticks, n, last = problem.tick_matrix, problem.num_cities, problem.last
    start = problem.first if problem.first is not None else int(last == 0)
    order = [start]
    left = np.ones(n, bool)
    left[start] = False
    if last is not None:
        left[last] = False
    never = np.iinfo(np.int64).max
    while left.any():
        city = int(np.where(left, ticks[order[-1]], never).argmin())
        order.append(city)
        left[city] = False
    return Tour(Order(np.array(order if last is None else [*order, last], np.int64)))
