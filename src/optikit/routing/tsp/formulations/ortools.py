"""The TSP for OR-Tools routing: one vehicle, solved in a child process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from ....backends.formulated import OnOrToolsRouting
from ....backends.ortools_routing import RoutingSpec
from ..problem import TSP
from ..reduction import arcs, cycle_of, num_nodes, tour_of
from ..solution import Tour

MAX_CITIES = 3_000
"""OR-Tools needs the whole matrix, twice: above, it takes gigabytes and more time than it has."""

_TICK_LIMIT = 2**44
"""Room for the penalties of guided local search, which OR-Tools adds to arc costs."""


class RoutingModel:
    """The routing model of a TSP as data, with the ways to and fro.

    The vehicle starts at the dummy city of a path (`optikit.routing.tsp.reduction`), and at ``first`` or city 0 of a closed tour.
    An arc that may not be used has a price above every tour that has none.

    Parameters
    ----------
    problem : TSP
    """

    def __init__(self, problem: TSP) -> None:
        self.problem = problem
        n, size, network = problem.num_cities, num_nodes(problem), problem.network
        lattice = problem.lattice
        if not lattice.exact:
            lattice = replace(network.lattice(n, _TICK_LIMIT), max_items=n)
        cost = np.zeros((size, size), np.int64)
        cost[:n, :n] = network.ticks(lattice)
        forbidden = ~arcs(problem)
        np.fill_diagonal(forbidden, False)
        cost[forbidden] = 1 + n * (int(network.longest * lattice.scale) + 1)
        depot = (problem.first or 0) if problem.closed else size - 1
        self.model = RoutingSpec(cost=cost, loads=(), capacity=(), num_vehicles=1, depot=depot)

    def start(self, solution: Tour) -> list[list[int]]:
        """The nodes of the route, without that where it starts."""
        cycle = cycle_of(self.problem, solution)
        return [np.roll(cycle, -int(np.flatnonzero(cycle == self.model.depot)[0]))[1:].tolist()]

    def read(self, routes: Sequence[Sequence[int]]) -> Tour:
        """The tour, from the nodes of the route."""
        return tour_of(self.problem, [self.model.depot, *(routes[0] if routes else ())])

    def bound(self, value: float) -> float:
        """OR-Tools routing has none."""
        raise NotImplementedError


def build_ortools(problem: TSP) -> tuple[RoutingSpec, Callable[[Sequence[Sequence[int]]], Tour]]:
    """The routing model of a TSP as data (see `RoutingModel`), and ``read(routes_of_nodes) -> Tour``.

    Parameters
    ----------
    problem : TSP

    Returns
    -------
    spec : RoutingSpec
        ``spec.build()`` makes OR-Tools' ``(RoutingIndexManager, RoutingModel)`` of it, for side constraints of your own.
    read : callable
        Takes the nodes of the one route, without that where it starts.
    """
    formulated = RoutingModel(problem)
    return formulated.model, formulated.read


@dataclass(frozen=True)
class OrToolsRouting(OnOrToolsRouting):
    """OR-Tools routing on `RoutingModel`; the parameters are those of `OnOrToolsRouting`."""

    name: ClassVar[str] = "ortools"
    solves: ClassVar[type[TSP]] = TSP

    def _unsupported(self, problem: TSP) -> str | None:
        if problem.num_cities > MAX_CITIES:
            return f"OR-Tools needs a full matrix, and {problem.num_cities} cities make one too large; it takes up to {MAX_CITIES}"
        return None

    def _formulate(self, problem: TSP, pause: Callable[[], None]) -> RoutingModel:
        return RoutingModel(problem)
