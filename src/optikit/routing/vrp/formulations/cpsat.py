"""The VRP for CP-SAT: one circuit of many loops through the depot, with the load on arrival of each client."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

from ....backends.formulated import OnCpSat
from ....errors import InvalidProblemError
from ....ticks import CPSAT_LIMIT, Lattice
from ..loads import fleet, joinable, load_ticks
from ..problem import VRP
from ..solution import Routes

MAX_CLIENTS = 200
"""Above, the model alone takes seconds to build, and CP-SAT finds little in it."""


class CircuitModel:
    """A CP-SAT model of a VRP with its variables by arc.

    A literal per arc, ``add_multiple_circuit`` over all of them, and for each client the load delivered up to and including
    it: ``load[v] >= load[u] + demand[v]`` where arc (u, v) is used (Miller, Tucker and Zemlin 1960, in the form of Desrochers
    and Laporte 1991); CP-SAT derives its capacity cuts from these. Arcs between two clients that no vehicle holds together
    are left out.

    Parameters
    ----------
    problem : VRP
    pause : callable
        Called once a node while building.
    """

    def __init__(self, problem: VRP, pause: Callable[[], None] = lambda: None) -> None:
        from ortools.sat.python import cp_model

        self.problem = problem
        self.lattice = lattice_of(problem)
        self.model = model = cp_model.CpModel()
        cost = problem.network.ticks(self.lattice)
        demand, capacity = load_ticks(problem)
        possible = joinable(problem)
        least, most = fleet(problem)
        num_nodes = problem.num_clients + 1
        self.arcs: dict[tuple[int, int], Any] = {}
        """(u, v) -> literal; node 0 is the depot, client i is node i + 1."""
        self.load: list[Any] = [None]
        """Node -> load delivered on arrival, its own included, in ticks."""
        for amount in demand.tolist():
            self.load.append(model.new_int_var(min(amount, capacity), capacity, ""))
            if amount > capacity:
                model.add_bool_or([])  # no vehicle holds it
        for u in range(num_nodes):
            pause()
            for v in range(num_nodes):
                if possible[u, v]:
                    used = self.arcs[u, v] = model.new_bool_var("")
                    if u and v:
                        model.add(self.load[v] >= self.load[u] + int(demand[v - 1])).only_enforce_if(used)
        model.add_multiple_circuit([(u, v, used) for (u, v), used in self.arcs.items()])
        leaving = cp_model.LinearExpr.sum([self.arcs[0, v] for v in range(1, num_nodes)])
        model.add(leaving >= least)
        model.add(leaving <= most)
        model.minimize(cp_model.LinearExpr.weighted_sum(list(self.arcs.values()), [int(cost[u, v]) for u, v in self.arcs]))

    def start(self, solution: Routes) -> None:
        """Hint at a solution to start from."""
        used, loads = trace_arcs(solution), {}
        demand, _ = load_ticks(self.problem)
        for visits in solution.visits:
            total = 0
            for client in visits:
                total += int(demand[client])
                loads[client + 1] = total
        for arc, literal in self.arcs.items():
            self.model.add_hint(literal, arc in used)
        for node, total in loads.items():
            self.model.add_hint(self.load[node], total)

    def read(self, value_of: Callable[[Any], int]) -> Routes:
        """Routes from a function that gives the value of a variable (``solver.value``, for instance)."""
        return routes_of([arc for arc, literal in self.arcs.items() if value_of(literal)])

    def bound(self, value: float) -> float:
        """A bound on the distance in the user's unit; the model's objective is a whole number of ticks."""
        return self.lattice.units(math.ceil(value - 1e-6)) - self.lattice.error


def lattice_of(problem: VRP) -> Lattice:
    """Ticks of distance such that the sum of all arc costs stays below CP-SAT's limit; its error is that of a solution."""
    num_nodes = problem.num_clients + 1
    fitted = problem.network.lattice(num_nodes * (num_nodes - 1), CPSAT_LIMIT)
    return Lattice(fitted.scale, fitted.item_error, 2 * problem.num_clients)


def trace_arcs(solution: Routes) -> set[tuple[int, int]]:
    """The arcs that a solution uses; node 0 is the depot, client i is node i + 1."""
    arcs: set[tuple[int, int]] = set()
    for visits in solution.visits:
        stops = [0, *(client + 1 for client in visits), 0]
        if visits:
            arcs.update(pairwise(stops))
    return arcs


def routes_of(arcs: list[tuple[int, int]]) -> Routes:
    """Routes from the arcs that are used; loops that miss the depot are left out (the checker then says who is unserved)."""
    after = {u: v for u, v in arcs if u}
    routes = []
    for first in sorted(v for u, v in arcs if u == 0):
        visits: list[int] = []
        here = first
        while here and len(visits) < len(after) + 1:
            visits.append(here - 1)
            here = after.get(here, 0)
        routes.append(visits)
    return Routes.of(routes)


def build_cpsat(problem: VRP) -> tuple[Any, Callable[[Callable[[Any], int]], Routes]]:
    """The CP-SAT model of a VRP, and ``read(value_of) -> Routes``.

    Parameters
    ----------
    problem : VRP

    Returns
    -------
    model : ortools.sat.python.cp_model.CpModel
        Minimises the distance in ticks (see `lattice_of`).
    read : callable
        ``read(solver.value)`` gives the routes. ``read.__self__.arcs[u, v]`` is the literal of an arc, and
        ``read.__self__.load[v]`` the load variable of a node, for side constraints of your own.

    Examples
    --------
    >>> from ortools.sat.python import cp_model
    >>> vrp = VRP.from_coordinates([(0, 0), (0, 3), (4, 0)], demand=[0, 1, 1], capacity=2)
    >>> model, read = build_cpsat(vrp)
    >>> solver = cp_model.CpSolver()
    >>> _ = solver.solve(model)
    >>> vrp.evaluate(read(solver.value))
    12.0
    """
    formulated = CircuitModel(problem)
    return formulated.model, formulated.read


@dataclass(frozen=True)
class CpSat(OnCpSat):
    """CP-SAT on the circuit formulation (`CircuitModel`); the parameter is that of `OnCpSat`."""

    name: ClassVar[str] = "cpsat"
    solves: ClassVar[type[VRP]] = VRP

    def _unsupported(self, problem: VRP) -> str | None:
        if problem.num_clients > MAX_CLIENTS:
            return f"{problem.num_clients} clients make a model too large for CP-SAT; it takes up to {MAX_CLIENTS}"
        try:
            lattice_of(problem)
        except InvalidProblemError as error:
            return f"CP-SAT adds up below 2^53: {error}"
        return None

    def _formulate(self, problem: VRP, pause: Callable[[], None]) -> CircuitModel:
        return CircuitModel(problem, pause)
