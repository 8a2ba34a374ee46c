"""The VRP for OR-Tools routing: arcs and loads as plain arrays, solved in a child process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from ....backends.formulated import OnOrToolsRouting
from ....backends.ortools_routing import RoutingSpec
from ....core.result import StopReason
from ....core.run import Outcome, Run
from ..loads import first_fit, fits, fleet, load_ticks
from ..problem import VRP
from ..solution import Routes

MAX_CLIENTS = 3_000
"""OR-Tools needs the whole matrix, twice: above, it takes gigabytes and more time than it has."""

_TICK_LIMIT = 2**44
"""Room for the penalties of guided local search, which OR-Tools adds to arc costs."""

_FEW_CLIENTS = 50


class RoutingModel:
    """The routing model of a VRP as data, with the ways to and fro.

    Parameters
    ----------
    problem : VRP
    """

    def __init__(self, problem: VRP) -> None:
        self.problem = problem
        lattice = problem.lattice if problem.lattice.exact else problem.network.lattice(2 * problem.num_clients, _TICK_LIMIT)
        demand, self._capacity = load_ticks(problem)
        cost, loads = problem.network.ticks(lattice), (np.concatenate(([0], demand)),)
        self.model = self._with_vehicles(RoutingSpec(cost=cost, loads=loads, capacity=(), num_vehicles=0), num_vehicles(problem))

    def _with_vehicles(self, spec: RoutingSpec, vehicles: int) -> RoutingSpec:
        return replace(spec, num_vehicles=vehicles, capacity=((self._capacity,) * vehicles,))

    def start(self, solution: Routes) -> list[list[int]]:
        """The nodes of each route; the model is given as many vehicles as the solution uses."""
        self.model = self._with_vehicles(self.model, num_vehicles(self.problem, solution))
        return [[client + 1 for client in visits] for visits in solution.visits if visits]

    def read(self, routes: Sequence[Sequence[int]]) -> Routes:
        """Routes from the nodes of each."""
        return Routes.of([[node - 1 for node in route] for route in routes])

    def bound(self, value: float) -> float:
        """OR-Tools routing has none."""
        raise NotImplementedError


def build_ortools(problem: VRP) -> tuple[RoutingSpec, Callable[[Sequence[Sequence[int]]], Routes]]:
    """The routing model of a VRP as data, and ``read(routes_of_nodes) -> Routes``.

    Parameters
    ----------
    problem : VRP

    Returns
    -------
    spec : RoutingSpec
        ``spec.build()`` makes OR-Tools' ``(RoutingIndexManager, RoutingModel)`` of it, for side constraints of your own.
    read : callable
        Takes the nodes of each route without the depot (node 0; client i is node i + 1).
    """
    formulated = RoutingModel(problem)
    return formulated.model, formulated.read


def num_vehicles(problem: VRP, start: Routes | None = None) -> int:
    """Vehicles that OR-Tools is given: the fleet, or, without a limit, some more than are surely enough.

    Fewer make it faster; first-fit decreasing fills a feasible set of vehicles, so that no instance becomes infeasible.
    """
    _, most = fleet(problem)
    if problem.num_vehicles is not None or problem.num_clients <= _FEW_CLIENTS:
        return most
    enough = first_fit(problem)
    used = 0 if start is None else sum(bool(visits) for visits in start.visits)
    return min(most, max(enough + max(3, enough // 10), used))


@dataclass(frozen=True)
class OrToolsRouting(OnOrToolsRouting):
    """OR-Tools routing on `RoutingModel`; the parameters are those of `OnOrToolsRouting`."""

    name: ClassVar[str] = "ortools"
    solves: ClassVar[type[VRP]] = VRP

    def _unsupported(self, problem: VRP) -> str | None:
        if problem.num_clients > MAX_CLIENTS:
            return (
                f"OR-Tools needs a full matrix, and {problem.num_clients} clients make one too large; it takes up to {MAX_CLIENTS}"
            )
        return None

    def _formulate(self, problem: VRP, pause: Callable[[], None]) -> RoutingModel:
        return RoutingModel(problem)

    def _run(self, problem: VRP, run: Run) -> Outcome:
        least, most = fleet(problem)
        if least > most or not fits(problem):
            return Outcome(StopReason.PROVEN, infeasible=True, message="the demands exceed the vehicles")
        return super()._run(problem, run)
