"""The quadratic assignment for CP-SAT."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from ....backends.formulated import OnCpSat
from ....core.run import Outcome, Run
from ....ticks import CPSAT_LIMIT
from ..instance import lattice_within
from ..problem import QuadraticAssignment
from ..solution import Placement
from .interactions import Interactions, told

MAX_LOCATIONS = 40
"""Above, the model takes seconds to build, and CP-SAT finds little in it."""


def most_ticks(problem: QuadraticAssignment) -> int:
    """What a placement may cost, such that CP-SAT can add up all that is in the model."""
    return CPSAT_LIMIT // (4 * problem.num_locations**2) - 1


class PlacementModel:
    """A CP-SAT model of a quadratic assignment: a literal for each facility at each location, and what its flows cost there.

    The cost of facility i is an integer that is at least ``sum flow[i, k] distance[j, l] x[k, l]`` where ``x[i, j]`` holds: the
    linearisation of Kaufman and Broeckx ("An algorithm for the quadratic assignment problem using Benders' decomposition", European
    Journal of Operational Research 2, 1978), with implications in the place of large constants. Fixed facilities are left out.

    Parameters
    ----------
    problem : QuadraticAssignment
    pause : callable
        Called once a facility while building.
    """

    def __init__(self, problem: QuadraticAssignment, pause: Callable[[], None] = lambda: None) -> None:
        from ortools.sat.python import cp_model

        self.problem = problem
        self.parts = parts = Interactions.of(problem, most_ticks(problem))
        self.core = core = parts.core
        self.model = model = cp_model.CpModel()
        m, n = core.num_facilities, core.size
        self.at: dict[tuple[int, int], Any] = {}
        """(facility, location) -> literal, by their positions in the problem, of those that are free."""
        x: dict[tuple[int, int], Any] = {}
        for i, j in np.argwhere(parts.allowed).tolist():
            x[i, j] = model.new_bool_var("")
            self.at[int(core.facilities[i]), int(core.locations[j])] = x[i, j]
        for i in range(m):
            model.add_exactly_one(x[i, j] for j in range(n) if (i, j) in x)
        for j in range(n):
            model.add_at_most_one(x[i, j] for i in range(m) if (i, j) in x)
        self._costs: list[tuple[Any, int]] = []
        terms = [int(core.linear[pair]) * literal for pair, literal in x.items() if core.linear[pair]]
        for i in range(m):
            pause()
            partners = np.flatnonzero(parts.flow[i]).tolist()
            if not partners:
                continue
            cost = model.new_int_var(int(parts.least[i].min()), int(parts.most[i].max()), "")
            self._costs.append((cost, i))
            terms.append(cost)
            for j in range(n):
                if (i, j) in x:
                    weighed = {
                        (k, place): int(parts.flow[i, k]) * int(core.distance[j, place])
                        for k in partners
                        for place in range(n)
                        if place != j and (k, place) in x
                    }
                    paid = cp_model.LinearExpr.weighted_sum([x[pair] for pair in weighed], list(weighed.values()))
                    model.add(cost >= paid).only_enforce_if(x[i, j])
                    model.add(cost >= int(parts.least[i, j])).only_enforce_if(x[i, j])
        model.minimize(cp_model.LinearExpr.sum(terms) if terms else 0)

    def start(self, solution: Placement) -> None:
        """Give a solution to start from."""
        place = self.core.place(solution)[: self.core.num_facilities]
        for (facility, location), literal in self.at.items():
            self.model.add_hint(literal, solution.locations[facility] == location)
        for cost, i in self._costs:
            self.model.add_hint(cost, int(self.parts.flow[i] @ self.core.distance[place[i], place]))

    def read(self, value_of: Callable[[Any], int]) -> Placement:
        """The placement, from a function that gives the value of a literal (``solver.value``, for instance)."""
        at = dict(self.problem.fixed)
        at.update(pair for pair, literal in self.at.items() if value_of(literal))
        return Placement([at.get(facility, -1) for facility in range(self.problem.num_facilities)])  # type: ignore[arg-type]

    def bound(self, value: float) -> float:
        """A bound on the ticks as one on the cost: the objective is a whole number of ticks."""
        return self.core.bound(int(np.ceil(value - 1e-6)))


def build_cpsat(problem: QuadraticAssignment) -> tuple[Any, Callable[[Callable[[Any], int]], Placement]]:
    """The CP-SAT model of a quadratic assignment, and ``read(value_of) -> Placement``.

    Parameters
    ----------
    problem : QuadraticAssignment

    Returns
    -------
    model : ortools.sat.python.cp_model.CpModel
        Minimises the cost in ticks (its negative, where the most is sought), without what is always paid.
    read : callable
        ``read(solver.value)`` gives the placement. ``read.__self__.at[facility, location]`` is the literal of a pair, for side
        constraints of your own.

    Examples
    --------
    >>> from ortools.sat.python import cp_model
    >>> qap = QuadraticAssignment([[0, 3, 0], [0, 0, 1], [0, 0, 0]], [[0, 5, 2], [5, 0, 4], [2, 4, 0]])
    >>> model, read = build_cpsat(qap)
    >>> solver = cp_model.CpSolver()
    >>> _ = solver.solve(model)
    >>> qap.evaluate(read(solver.value))
    10.0
    """
    formulated = PlacementModel(problem)
    return formulated.model, formulated.read


@dataclass(frozen=True)
class CpSat(OnCpSat):
    """CP-SAT on the placement formulation (`PlacementModel`); the parameter is that of `OnCpSat`."""

    name: ClassVar[str] = "cpsat"
    solves: ClassVar[type[QuadraticAssignment]] = QuadraticAssignment

    def _unsupported(self, problem: QuadraticAssignment) -> str | None:
        free = problem.num_locations - len(problem.fixed)
        if free > MAX_LOCATIONS:
            return f"{free} free locations make a model too large for CP-SAT; it takes up to {MAX_LOCATIONS}"
        if lattice_within(problem, most_ticks(problem)) is None:
            return f"CP-SAT adds up below 2^53, and costs reach {problem.lattice.most:.3g}; use a larger unit"
        return super()._unsupported(problem)

    def _formulate(self, problem: QuadraticAssignment, pause: Callable[[], None]) -> PlacementModel:
        return PlacementModel(problem, pause)

    def _run(self, problem: QuadraticAssignment, run: Run) -> Outcome:
        outcome = super()._run(problem, run)
        return replace(outcome, message="; ".join(filter(None, (outcome.message, told(problem, most_ticks(problem))))))
