"""The TSP for CP-SAT: one circuit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ....backends.answer import Answer
from ....backends.formulated import OnCpSat
from ....backends.judge import offer
from ....core.run import Outcome, Run
from ....errors import InvalidProblemError
from ....ticks import CPSAT_LIMIT, Lattice
from ..nearest_neighbour import nearest_neighbour
from ..problem import TSP
from ..reduction import arcs, cycle_of, num_nodes, tour_of
from ..solution import Tour

MAX_CITIES = 250
"""Above, the model takes seconds to build, and CP-SAT finds little in it."""


class CircuitModel:
    """A CP-SAT model of a TSP: a literal for each arc, and ``add_circuit`` over all of them.

    A path is closed by the dummy city of `optikit.routing.tsp.reduction`. Arcs that do not exist have no literal.

    Parameters
    ----------
    problem : TSP
    pause : callable
        Called once a node while building.
    """

    def __init__(self, problem: TSP, pause: Callable[[], None] = lambda: None) -> None:
        from ortools.sat.python import cp_model

        self.problem = problem
        self.lattice = lattice_of(problem)
        self.model = model = cp_model.CpModel()
        usable, n = arcs(problem), problem.num_cities
        self.arcs: dict[tuple[int, int], Any] = {}
        """(u, v) -> literal; node n is the dummy of a path."""
        for u in range(len(usable)):
            pause()
            for v in np.flatnonzero(usable[u]).tolist():
                self.arcs[u, v] = model.new_bool_var("")
        if usable.any(axis=0).all() and usable.any(axis=1).all():
            model.add_circuit([(u, v, used) for (u, v), used in self.arcs.items()])
        else:
            model.add_bool_or([])  # a city without an arc in or out: CP-SAT would pass over one that has none at all
        between = np.array([arc for arc in self.arcs if max(arc) < n], np.int64).reshape(-1, 2)
        ticks = problem.network.leg_ticks(self.lattice, between[:, 0], between[:, 1])
        used = [self.arcs[u, v] for u, v in between.tolist()]
        model.minimize(cp_model.LinearExpr.weighted_sum(used, ticks.tolist()))

    def start(self, solution: Tour) -> None:
        """Give a solution to start from."""
        cycle = cycle_of(self.problem, solution)
        used = set(zip(cycle.tolist(), np.roll(cycle, -1).tolist()))
        for arc, literal in self.arcs.items():
            self.model.add_hint(literal, arc in used)

    def read(self, value_of: Callable[[Any], int]) -> Tour:
        """The tour, from a function that gives the value of a literal (``solver.value``, for instance)."""
        after = {u: v for (u, v), literal in self.arcs.items() if value_of(literal)}
        return tour_of(self.problem, followed(after, num_nodes(self.problem)))

    def bound(self, value: float) -> float:
        """A bound on the ticks as one on the distance: the objective is a whole number of ticks."""
        return self.lattice.units(np.ceil(value - 1e-6)) - self.lattice.error


def lattice_of(problem: TSP) -> Lattice:
    """Ticks of distance such that the sum of all arc costs stays below CP-SAT's limit; its error is that of a tour."""
    n = problem.num_cities
    fitted = problem.network.lattice(n * (n - 1), CPSAT_LIMIT)
    return Lattice(fitted.scale, fitted.item_error, n)


def followed(after: dict[int, int], nodes: int) -> list[int]:
    """The cycle through the last node, which is the dummy where there is one; shorter where there are several cycles."""
    cycle = [nodes - 1]
    while (following := after.get(cycle[-1], nodes - 1)) != nodes - 1 and len(cycle) <= nodes:
        cycle.append(following)
    return cycle


def build_cpsat(problem: TSP) -> tuple[Any, Callable[[Callable[[Any], int]], Tour]]:
    """The CP-SAT model of a TSP, and ``read(value_of) -> Tour``.

    Parameters
    ----------
    problem : TSP

    Returns
    -------
    model : ortools.sat.python.cp_model.CpModel
        Minimises the distance in ticks (see `lattice_of`).
    read : callable
        ``read(solver.value)`` gives the tour. ``read.__self__.arcs[u, v]`` is the literal of an arc, for side constraints of your
        own.

    Examples
    --------
    >>> from ortools.sat.python import cp_model
    >>> tsp = TSP.from_coordinates([(0, 0), (3, 4), (0, 4)])
    >>> model, read = build_cpsat(tsp)
    >>> solver = cp_model.CpSolver()
    >>> _ = solver.solve(model)
    >>> tsp.evaluate(read(solver.value))
    12.0
    """
    formulated = CircuitModel(problem)
    return formulated.model, formulated.read


@dataclass(frozen=True)
class CpSat(OnCpSat):
    """CP-SAT on the circuit formulation (`CircuitModel`); the parameter is that of `OnCpSat`.

    ``linearization_level`` is 2 unless ``parameters`` say otherwise: with one worker, CP-SAT would else put no circuit into its
    linear relaxation, and subtour cuts are what proves (measured: 100 cities in 14 s, not a gap of 37 % after 60 s). Until it
    has a tour of its own, that of the nearest neighbours stands in for it.
    """

    name: ClassVar[str] = "cpsat"
    solves: ClassVar[type[TSP]] = TSP

    def _unsupported(self, problem: TSP) -> str | None:
        if problem.num_cities > MAX_CITIES:
            return f"{problem.num_cities} cities make a model too large for CP-SAT; it takes up to {MAX_CITIES}"
        try:
            lattice_of(problem)
        except InvalidProblemError as error:
            return f"CP-SAT adds up below 2^53: {error}"
        return super()._unsupported(problem)

    def _engine(self, model: Any, run: Run, **question: Any) -> Answer:
        question["parameters"] = {"linearization_level": 2, **question["parameters"]}
        return super()._engine(model, run, **question)

    def _formulate(self, problem: TSP, pause: Callable[[], None]) -> CircuitModel:
        return CircuitModel(problem, pause)

    def _run(self, problem: TSP, run: Run) -> Outcome:
        offer(problem, run, nearest_neighbour(problem))
        return super()._run(problem, run)
