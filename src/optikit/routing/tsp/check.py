"""The judge of tours: numpy on the original data, with no code of the solvers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...core.check import CheckReport, Violation
from ...errors import InvalidSolutionError
from .solution import Tour

if TYPE_CHECKING:
    from .problem import TSP

SPELLED_OUT = 100
"""So many violations of one rule are listed one by one; the rest is counted."""


def evaluate(problem: TSP, tour: Tour) -> float:
    """Total distance of the legs, exactly rounded; infinite where there is no arc.

    Raises
    ------
    InvalidSolutionError
        For a solution of another class, or one that names a city that is not there.
    """
    return math.fsum(legs(problem, tour).tolist())


def legs(problem: TSP, tour: Tour) -> NDArray[Any]:
    """Distance of each leg, in order; of a closed tour, the way back is the last. Raises as `evaluate` does."""
    problem.require(tour)
    order = np.asarray(tour.order)
    unknown = np.flatnonzero((order < 0) | (order >= problem.num_cities))
    if unknown.size:
        where = int(unknown[0])
        raise InvalidSolutionError(f"order[{where}] is {order[where]}; cities are 0 to {problem.num_cities - 1}")
    tails, heads = ends(problem, order)
    return problem.network.legs(tails, heads) if tails.size else np.zeros(0)


def ends(problem: TSP, order: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where each leg begins and ends."""
    return (order, np.roll(order, -1)) if problem.closed else (order[:-1], order[1:])


def check(problem: TSP, tour: Tour) -> CheckReport:
    """All rules: each city once, no arc that does not exist, and the ends of a path."""
    problem.require(tour)
    return CheckReport.of(_violations(problem, np.asarray(tour.order)))


def _violations(problem: TSP, order: NDArray[np.int64]) -> Iterator[Violation]:
    num_cities, called = problem.num_cities, problem.called
    known = (order >= 0) & (order < num_cities)
    visits = np.bincount(order[known], minlength=num_cities)
    yield from _listed(
        "unknown city",
        np.flatnonzero(~known),
        lambda place: f"position {place} of the tour is city {order[place]}; cities are 0 to {num_cities - 1}",
    )
    yield from _listed("not visited", np.flatnonzero(visits == 0), lambda city: f"{called(city)} is not on the tour")
    yield from _listed(
        "visited twice",
        np.flatnonzero(visits > 1),
        lambda city: f"{called(city)} is visited {visits[city]} times",
        lambda city: float(visits[city] - 1),
    )
    if problem.network.has_missing:
        tails, heads = ends(problem, order)
        real = np.flatnonzero(known[: len(tails)] & (np.roll(known, -1)[: len(tails)]))
        missing = real[np.isinf(problem.network.legs(tails[real], heads[real]))]
        yield from _listed(
            "missing arc", missing, lambda place: f"there is no arc from {called(tails[place])} to {called(heads[place])}"
        )
    if not problem.closed and len(order):
        for what, wanted, found in (("first", problem.first, order[0]), ("last", problem.last, order[-1])):
            if wanted is not None and wanted != found:
                at_end = called(found) if 0 <= found < num_cities else f"city {found}"
                yield Violation(f"{what} city", f"the path has {at_end} {what}, not {called(wanted)}")


def _listed(
    rule: str, places: NDArray[np.intp], sentence: Callable[[Any], str], size: Callable[[Any], float] = lambda place: 1.0
) -> Iterator[Violation]:
    for place in places[:SPELLED_OUT].tolist():
        yield Violation(rule, sentence(place), size(place))
    rest = places[SPELLED_OUT:]
    if rest.size:
        yield Violation(rule, f"{len(rest):,} more of that kind: {rule}", math.fsum(map(size, rest.tolist())))
