"""A tour at once: always on to the nearest city that is left. Engines left alone may not find any tour for minutes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..metrics import Matrix
from .problem import TSP
from .solution import Order, Tour


def nearest_neighbour(problem: TSP, pause: Callable[[], None] = lambda: None) -> Tour:
    """From ``first`` (or city 0) on to the nearest city that is left, and to ``last`` at the end.

    Where arcs are missing, it may use some: whoever takes it checks it. No matrix is made.

    Parameters
    ----------
    problem : TSP
    pause : callable
        Called once a city.

    References
    ----------
    D. J. Rosenkrantz, R. E. Stearns and P. M. Lewis, "An analysis of several heuristics for the traveling salesman problem", SIAM
    Journal on Computing 6, 1977.
    """
    network, last = problem.network, problem.last
    here = int(last == 0) if problem.first is None else problem.first
    order = [here]
    left = np.arange(problem.num_cities)
    left = left[(left != here) & (left != (here if last is None else last))]
    while left.size:
        pause()
        lengths = network.distance[here, left] if isinstance(network, Matrix) else network.legs([here], left)
        place = int(lengths.argmin())
        here = int(left[place])
        order.append(here)
        left = np.delete(left, place)
    return Tour(Order(np.array(order if last is None else [*order, last], np.int64)))
