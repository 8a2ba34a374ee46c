"""A textbook travelling salesman problem: plain lists, plain loops, for instances of a handful of cities."""

from __future__ import annotations

import math
from functools import cache
from itertools import pairwise, permutations

from optikit.routing import TSP


def matrix_of(problem: TSP) -> list[list[float]]:
    """Arc by arc, not by the vectorised code."""
    cities = range(problem.num_cities)
    return [[0.0 if u == v else float(problem.network.legs([u], [v])[0]) for v in cities] for u in cities]


def cost_of(problem: TSP, order: list[int]) -> float:
    distance = matrix_of(problem)
    stops = [*order, order[0]] if problem.closed else order
    return sum(distance[u][v] for u, v in pairwise(stops))


def brute_force(problem: TSP) -> float | None:
    """The least distance over all orders; None where each of them uses an arc that does not exist."""
    distance = matrix_of(problem)
    best = math.inf
    for order in permutations(range(problem.num_cities)):
        if problem.closed and order[0] != 0:
            break  # permutations come in lexicographic order: the others are rotations of these
        if not problem.closed and problem.first not in (None, order[0]):
            continue
        if not problem.closed and problem.last not in (None, order[-1]):
            continue
        stops = [*order, order[0]] if problem.closed else order
        best = min(best, sum(distance[u][v] for u, v in pairwise(stops)))
    return None if best == math.inf else best


def optimum(problem: TSP) -> float | None:
    """The same by Held and Karp's recursion (1962): the shortest path through each set of cities to each of its last ones."""
    distance = matrix_of(problem)
    n = problem.num_cities

    @cache
    def path(cities: frozenset[int], end: int) -> float:
        before = cities - {end}
        if not before:
            if problem.closed:
                return 0.0 if end == 0 else math.inf
            return 0.0 if problem.first in (None, end) else math.inf
        return min(path(before, city) + distance[city][end] for city in before)

    everything = frozenset(range(n))
    if problem.closed:
        best = min(path(everything, end) + distance[end][0] for end in range(n) if end != 0)
    else:
        best = min(path(everything, end) for end in range(n) if problem.last in (None, end))
    return None if best == math.inf else best
