"""The VRP for CP-SAT: one circuit of many loops through the depot, with the load on arrival of each client."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, ClassVar

from ....core.errors import InvalidProblemError
from ....core.run import Outcome, Run
from ....core.solver import Capabilities, Solver
from ....core.ticks import CPSAT_LIMIT, Lattice
from ..loads import fleet, joinable, load_ticks
from ..problem import VRP
from ..solution import Routes
from .judge import OutOfTimeError, look, offer, outcome_of, unfinished

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

    def hint(self, solution: Routes) -> None:
        """Give a solution to start from."""
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
class CpSat(Solver):
    """CP-SAT on the circuit formulation (`CircuitModel`).

    Parameters
    ----------
    parameters : mapping of str to object
        Fields of CP-SAT's ``SatParameters``, passed on as they are.
    """

    name: ClassVar[str] = "cpsat"
    solves: ClassVar[type[VRP]] = VRP
    capabilities: ClassVar[Capabilities] = Capabilities(
        exact=True,
        bounds=True,
        anytime=True,
        start=True,
        seeded=True,
        deterministic=False,
        threads=True,
        stops=frozenset({"time", "target", "gap"}),
        late=0.5,
        requires=("ortools",),
        extra="solvers",
    )
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def _unsupported(self, problem: VRP) -> str | None:
        if problem.num_clients > MAX_CLIENTS:
            return f"{problem.num_clients} clients make a model too large for CP-SAT; it takes up to {MAX_CLIENTS}"
        try:
            lattice_of(problem)
        except InvalidProblemError as error:
            return f"CP-SAT adds up below 2^53: {error}"
        return None

    def _run(self, problem: VRP, run: Run) -> Outcome:
        from ....backends.cpsat import solve_cpsat

        try:
            formulated = CircuitModel(problem, look(run))
        except OutOfTimeError:
            return unfinished(run)
        if run.initial_solution is not None:
            formulated.hint(run.initial_solution)  # type: ignore[arg-type]
        lattice = formulated.lattice

        def in_units(bound: float | None) -> float | None:
            # The objective is a whole number of ticks.
            return None if bound is None else lattice.units(math.ceil(bound - 1e-6)) - lattice.error

        def tighten(bound: float) -> None:
            units = in_units(bound)
            if units is not None:
                run.tighten(units)

        answer = solve_cpsat(
            formulated.model,
            run,
            late=0.8 * self.capabilities.late,
            on_values=lambda values: offer(problem, run, formulated.read(values)),
            on_bound=tighten,
            parameters=self.parameters,
        )
        solution = None if answer.values is None else formulated.read(answer.values)
        return outcome_of(problem, run, answer, solution, in_units(answer.bound))
