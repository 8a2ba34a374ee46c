"""A textbook quadratic assignment problem: plain lists, plain loops, for instances of a handful of locations."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import permutations

from optikit.assignment import QuadraticAssignment
from optikit.assignment.quadratic.flows import SparseFlow


def flows_of(problem: QuadraticAssignment) -> list[list[float]]:
    if not isinstance(problem.flow, SparseFlow):
        return problem.flow.tolist()
    flow = [[0] * problem.num_facilities for _ in range(problem.num_facilities)]
    for tail, head, amount in zip(problem.flow.tails.tolist(), problem.flow.heads.tolist(), problem.flow.amounts.tolist()):
        flow[tail][head] += amount
    return flow


def cost_of(problem: QuadraticAssignment, locations: tuple[int, ...]) -> Fraction:
    """The objective of a placement, in fractions: exact for whatever floats there are."""
    flow, distance = flows_of(problem), problem.distance.tolist()
    total = Fraction(0)
    for i, here in enumerate(locations):
        for k, there in enumerate(locations):
            total += Fraction(flow[i][k]) * Fraction(distance[here][there])
        if problem.linear is not None:
            total += Fraction(problem.linear[i].tolist()[here])
    return total


def is_allowed(problem: QuadraticAssignment, locations: tuple[int, ...]) -> bool:
    if any(locations[facility] != location for facility, location in problem.fixed):
        return False
    forbidden = problem.forbidden
    return forbidden is None or not any(forbidden[facility, location] for facility, location in enumerate(locations))


def optimum(problem: QuadraticAssignment) -> float | None:
    """The best objective over all placements; None where each of them breaks a rule."""
    sign = -1 if problem.maximize else 1
    best: Fraction | float = math.inf
    for locations in permutations(range(problem.num_locations), problem.num_facilities):
        if is_allowed(problem, locations):
            best = min(best, sign * cost_of(problem, locations))
    return None if best == math.inf else float(sign * best)
