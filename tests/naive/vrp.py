"""A textbook capacitated VRP: plain lists, plain loops, for instances of a handful of clients."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from itertools import pairwise, permutations

from optikit.routing import VRP


def matrix_of(problem: VRP) -> list[list[float]]:
    """Arc by arc, not by the vectorised code."""
    nodes = range(len(problem.network))
    return [[0.0 if u == v else float(problem.network.legs([u], [v])[0]) for v in nodes] for u in nodes]


def cost_of(problem: VRP, visits: list[list[int]]) -> float:
    distance = matrix_of(problem)
    total = 0.0
    for route in visits:
        stops = [0, *[client + 1 for client in route], 0]
        total += sum(distance[u][v] for u, v in pairwise(stops))
    return total


def partitions(items: list[int]) -> Iterator[list[list[int]]]:
    """All ways to split items into groups."""
    if not items:
        yield []
        return
    first, rest = items[0], items[1:]
    for smaller in partitions(rest):
        yield [[first], *smaller]
        for index, group in enumerate(smaller):
            yield [*smaller[:index], [first, *group], *smaller[index + 1 :]]


def overloaded(problem: VRP, group: list[int]) -> bool:
    """Whole loads are compared exactly, fractional ones within a relative 1e-9: here with fractions, which do not round."""
    load = sum((Fraction(d) for d in problem.demand[group, 0].tolist()), Fraction(0))
    slack = 0 if problem.demand.dtype.kind == "i" else Fraction(1, 10**9)
    return load > Fraction(problem.capacity) * (1 + slack)


def optimum(problem: VRP) -> float | None:
    """The least total distance over all partitions and all orders; None where nothing is feasible."""
    distance = matrix_of(problem)

    @cache
    def cheapest(group: tuple[int, ...]) -> float:
        return min(
            sum(distance[u][v] for u, v in zip((0, *[c + 1 for c in order]), (*[c + 1 for c in order], 0)))
            for order in permutations(group)
        )

    best = None
    for groups in partitions(list(range(problem.num_clients))):
        if problem.num_vehicles is not None and len(groups) > problem.num_vehicles:
            continue
        if any(overloaded(problem, group) for group in groups):
            continue
        total = sum(cheapest(tuple(sorted(group))) for group in groups)
        best = total if best is None else min(best, total)
    return best
