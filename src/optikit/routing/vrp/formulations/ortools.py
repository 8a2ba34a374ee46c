"""The VRP for OR-Tools routing: arcs and loads as plain arrays, solved in a child process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from ....backends.ortools_routing import RoutingSpec, solve_routing
from ....core.run import Outcome, Run
from ....core.solver import Capabilities, Solver
from ..loads import first_fit, fits, fleet, load_ticks
from ..problem import VRP
from ..solution import Routes
from .judge import offer, outcome_of

MAX_CLIENTS = 3_000
"""OR-Tools needs the whole matrix, twice: above, it takes gigabytes and more time than it has."""

_TICK_LIMIT = 2**44
"""Room for the penalties of guided local search, which OR-Tools adds to arc costs."""

_FEW_CLIENTS = 50


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
    lattice = problem.lattice if problem.lattice.exact else problem.network.lattice(2 * problem.num_clients, _TICK_LIMIT)
    demand, capacity = load_ticks(problem)
    vehicles = num_vehicles(problem)
    spec = RoutingSpec(
        cost=problem.network.ticks(lattice),
        loads=(np.concatenate(([0], demand)),),
        capacity=((capacity,) * vehicles,),
        num_vehicles=vehicles,
    )
    return spec, read_nodes


def read_nodes(routes: Sequence[Sequence[int]]) -> Routes:
    """Routes from the nodes of each."""
    return Routes.of([[node - 1 for node in route] for route in routes])


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
class OrToolsRouting(Solver):
    """OR-Tools routing (Furnon and Perron) in a child process: a first solution, then guided local search.

    It has no seed, no proof and one thread, and never ends by itself unless its search is exhausted.

    Parameters
    ----------
    first_solution_strategy : str
        A name of OR-Tools' ``FirstSolutionStrategy``.
    metaheuristic : str
        A name of OR-Tools' ``LocalSearchMetaheuristic``.
    parameters : mapping of str to object
        Further fields of ``RoutingSearchParameters``, passed on as they are.
    """

    name: ClassVar[str] = "ortools"
    solves: ClassVar[type[VRP]] = VRP
    capabilities: ClassVar[Capabilities] = Capabilities(
        anytime=True,
        start=True,
        deterministic=False,
        stops=frozenset({"time", "target", "gap"}),
        late=0.5,
        requires=("ortools",),
        extra="solvers",
    )
    first_solution_strategy: str = "PATH_CHEAPEST_ARC"
    metaheuristic: str = "GUIDED_LOCAL_SEARCH"
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def _unsupported(self, problem: VRP) -> str | None:
        if problem.num_clients > MAX_CLIENTS:
            return (
                f"OR-Tools needs a full matrix, and {problem.num_clients} clients make one too large; it takes up to {MAX_CLIENTS}"
            )
        return None

    def _run(self, problem: VRP, run: Run) -> Outcome:
        from dataclasses import replace

        from ....core.result import StopReason

        if not fits(problem) or fleet(problem)[0] > fleet(problem)[1]:
            return Outcome(StopReason.PROVEN, infeasible=True, message="the demands exceed the vehicles")
        spec, read = build_ortools(problem)
        start: Routes | None = run.initial_solution  # type: ignore[assignment]
        vehicles = num_vehicles(problem, start)
        search = {
            "first_solution_strategy": self.first_solution_strategy,
            "local_search_metaheuristic": self.metaheuristic,
            **self.parameters,
        }
        spec = replace(spec, num_vehicles=vehicles, capacity=((spec.capacity[0][0],) * vehicles,), parameters=search)
        nodes = None if start is None else [[client + 1 for client in visits] for visits in start.visits if visits]
        answer = solve_routing(
            spec,
            run,
            late=0.8 * self.capabilities.late,
            start=nodes,
            on_routes=lambda routes: offer(problem, run, read(routes)),
        )
        solution = None if answer.values is None else read(answer.values)
        return outcome_of(problem, run, answer, solution, None)
