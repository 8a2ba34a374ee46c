"""A relaxation of the VRP as a minimum-cost flow, for networkx: a bound, and sometimes the optimum itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from ....backends.judge import OutOfTimeError, look, unfinished
from ....core.result import StopReason
from ....core.run import Outcome, Run
from ....core.solver import Capabilities, Solver
from ..loads import fits, fleet, joinable
from ..problem import VRP
from ..solution import Routes
from .cpsat import routes_of

MAX_CLIENTS = 100
"""networkx is pure Python: above, its network simplex takes minutes."""


def build_flow(problem: VRP, pause: Callable[[], None] = lambda: None) -> tuple[Any, Callable[[Callable[[Any, Any], int]], Routes]]:
    """The assignment relaxation of a VRP (Laporte, Mercure and Nobert 1986) as a minimum-cost flow.

    Each client has one arc in and one arc out; the depot as many of either as there are routes, between the fewest that hold
    the demand and the fleet. Loops that miss the depot, and loads along a route, are relaxed.

    Parameters
    ----------
    problem : VRP
    pause : callable
        Called once a node while building.

    Returns
    -------
    graph : networkx.DiGraph
        Nodes ``("out", u)`` supply and ``("in", v)`` take; weights in ticks of ``problem.lattice``.
    read : callable
        ``read(flow_of)``, with ``flow_of(tail, head)``, gives the routes; incomplete where a loop misses the depot.
    """
    import networkx as nx

    least, most = fleet(problem)
    cost = problem.network.ticks(problem.lattice)
    possible = joinable(problem)
    graph = nx.DiGraph()
    nodes = range(problem.num_clients + 1)
    for u in nodes:
        supply = 1 if u else most
        graph.add_node(("out", u), demand=-supply)
        graph.add_node(("in", u), demand=supply)
    # Vehicles that stay at home.
    graph.add_edge(("out", 0), ("in", 0), capacity=most - least, weight=0)
    for u in nodes:
        pause()
        for v in nodes:
            if possible[u, v]:
                graph.add_edge(("out", u), ("in", v), capacity=1, weight=int(cost[u, v]))

    def read(flow_of: Callable[[Any, Any], int]) -> Routes:
        return routes_of([(u, v) for u in nodes for v in nodes if possible[u, v] and flow_of(("out", u), ("in", v))])

    return graph, read


@dataclass(frozen=True)
class AssignmentBound(Solver):
    """A lower bound by networkx: the assignment relaxation (`build_flow`), and the optimum where the relaxation is feasible.

    Strong where distances are asymmetric, weak where they are Euclidean.
    """

    name: ClassVar[str] = "networkx"
    solves: ClassVar[type[VRP]] = VRP
    capabilities: ClassVar[Capabilities] = Capabilities(
        bounds=True,
        stops=frozenset({"time"}),
        late=0.5,
        requires=("networkx",),
        extra="solvers",
    )

    def _unsupported(self, problem: VRP) -> str | None:
        if problem.num_clients > MAX_CLIENTS:
            return f"{problem.num_clients} clients are too many for networkx, which is pure Python; it takes up to {MAX_CLIENTS}"
        return None

    def _run(self, problem: VRP, run: Run) -> Outcome:
        from ....backends.graph import solve_min_cost_flow

        least, most = fleet(problem)
        if least > most or not fits(problem):
            return Outcome(StopReason.PROVEN, infeasible=True, message="the demands exceed the vehicles")
        try:
            graph, read = build_flow(problem, look(run))
        except OutOfTimeError:
            return unfinished(run)
        answer = solve_min_cost_flow(graph, run)
        solution = None if answer.values is None else read(answer.values)
        if solution is not None and not problem.check(solution):
            solution = None
        bound = None if answer.bound is None else problem.lattice.units(round(answer.bound)) - problem.error
        reason = StopReason.EXHAUSTED if answer.reason is StopReason.PROVEN and not answer.infeasible else answer.reason
        return Outcome(
            reason, solution, bound=bound, infeasible=answer.infeasible, message=answer.message, versions=answer.versions
        )
