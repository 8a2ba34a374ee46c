"""The judge of placements: numpy on the original data, with no code of the solvers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...core.check import CheckReport, Violation
from ...errors import InvalidSolutionError
from .solution import Placement

if TYPE_CHECKING:
    from .problem import QuadraticAssignment


def evaluate(problem: QuadraticAssignment, placement: Placement) -> float:
    """What a placement costs, exactly rounded.

    Raises
    ------
    InvalidSolutionError
        For a solution of another class, one of another number of facilities, or one that names a location that is not there.
    """
    return math.fsum(terms(problem, placement).values())


def terms(problem: QuadraticAssignment, placement: Placement) -> dict[str, float]:
    """The cost of the flows, and, where there are linear costs, their sum. Raises as `evaluate` does."""
    at = located(problem, placement)
    tails, heads, amounts = problem.entries
    found = {"flow": _sum_of_products(amounts, problem.distance[at[tails], at[heads]])}
    if problem.linear is not None:
        costs = problem.linear[np.arange(len(at)), at]
        found["linear"] = float(int(costs.sum())) if costs.dtype.kind == "i" else math.fsum(costs.tolist())
    return found


def located(problem: QuadraticAssignment, placement: Placement) -> NDArray[np.int64]:
    """The location of each facility, as an array. Raises as `evaluate` does."""
    problem.require(placement)
    if len(placement) != problem.num_facilities:
        raise InvalidSolutionError(f"locations has {len(placement)} entries, expected {problem.num_facilities}: one a facility")
    at = np.array(placement.locations, np.int64)
    unknown = np.flatnonzero((at < 0) | (at >= problem.num_locations))
    if unknown.size:
        where = int(unknown[0])
        raise InvalidSolutionError(f"locations[{where}] is {at[where]}; locations are 0 to {problem.num_locations - 1}")
    return at


def _sum_of_products(amounts: NDArray[Any], ways: NDArray[Any]) -> float:
    if amounts.dtype.kind == "i" and ways.dtype.kind == "i":
        return float(int((amounts * ways).sum()))  # the lattice of the problem refuses what could overflow
    return math.fsum((amounts * ways).tolist())


def check(problem: QuadraticAssignment, placement: Placement) -> CheckReport:
    """All rules: each facility at a location of its own, what is fixed as it is, and no forbidden pair."""
    problem.require(placement)
    return CheckReport.of(_violations(problem, placement))


def _violations(problem: QuadraticAssignment, placement: Placement) -> Iterator[Violation]:
    m, n = problem.num_facilities, problem.num_locations
    if len(placement) != m:
        apart = float(abs(len(placement) - m))
        yield Violation("number of facilities", f"{len(placement)} facilities have a location, but there are {m}", apart)
    stands: dict[int, int] = {}
    for facility, location in enumerate(placement.locations[:m]):
        called = problem.facility(facility)
        if not 0 <= location < n:
            yield Violation("unknown location", f"{called} is at location {location}; locations are 0 to {n - 1}")
            continue
        first = stands.setdefault(location, facility)
        if first != facility:
            yield Violation("taken twice", f"{problem.facility(first)} and {called} are both at {problem.location(location)}")
        if problem.forbidden is not None and problem.forbidden[facility, location]:
            yield Violation("forbidden", f"{called} may not be at {problem.location(location)}")
    for facility, location in problem.fixed:
        if facility < len(placement) and placement.locations[facility] != location:
            yield Violation("fixed", f"{problem.facility(facility)} is fixed at {problem.location(location)}, but is not there")
