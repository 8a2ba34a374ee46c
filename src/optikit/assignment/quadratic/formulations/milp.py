"""The quadratic assignment as a mixed-integer program, for any solver that PuLP finds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from ....backends.formulated import Formulated, OnCbc, OnHighs, OnPulp
from ....backends.judge import offer
from ....core.result import StopReason
from ....core.run import Outcome, Run
from ..instance import lattice_within, make_core
from ..problem import QuadraticAssignment
from ..solution import Placement
from .interactions import Interactions, told

MAX_LOCATIONS = 25
"""Above, PuLP takes many seconds to build the model, and no open solver gets far with it."""

LARGEST = 10**9
"""Costs up to that many ticks: a float engine's tolerances are a millionth."""


class PlacementProgram:
    """A PuLP model of a quadratic assignment: x for each facility at each location, and z for what its flows cost there.

    ``z[i, j] >= sum flow[i, k] distance[j, l] x[k, l] - most[i, j] (1 - x[i, j])`` (Kaufman and Broeckx 1978) and ``z[i, j] >=
    least[i, j] x[i, j]``, the bound of Gilmore and Lawler (Xia and Yuan, "A new linearization method for quadratic assignment
    problems", Optimization Methods and Software 21, 2006). Fixed facilities are left out.

    Parameters
    ----------
    problem : QuadraticAssignment
    pause : callable
        Called once a facility while building.
    """

    def __init__(self, problem: QuadraticAssignment, pause: Callable[[], None] = lambda: None) -> None:
        import pulp

        self._pulp = pulp
        self.problem = problem
        self.parts = parts = Interactions.of(problem, LARGEST)
        self.core = core = parts.core
        self.model = model = pulp.LpProblem("qap", pulp.LpMinimize)
        # PuLP 3.3 has the model make its variables, and warns of the old way.
        self._variable = model.add_variable if hasattr(model, "add_variable") else pulp.LpVariable
        m, n = core.num_facilities, core.size
        x: dict[tuple[int, int], Any] = {}
        for i, j in np.argwhere(parts.allowed).tolist():
            x[i, j] = self._variable(f"x_{i}_{j}", 0, 1, cat=pulp.LpBinary)
        self.at = {(int(core.facilities[i]), int(core.locations[j])): variable for (i, j), variable in x.items()}
        """(facility, location) -> variable, by their positions in the problem, of those that are free."""
        for i in range(m):
            self._add(f"facility_{i}", [x[i, j] for j in range(n) if (i, j) in x])
        for j in range(n):
            here = [x[i, j] for i in range(m) if (i, j) in x]
            if here:
                model.addConstraint(pulp.LpAffineExpression([(v, 1.0) for v in here]) <= 1, f"location_{j}")
        self.z: dict[tuple[int, int], Any] = {}
        for i in range(m):
            pause()
            partners = np.flatnonzero(parts.flow[i]).tolist()
            for j in range(n) if partners else ():
                if (i, j) in x:
                    self._charge(i, j, partners, x)
        terms = [(x[pair], float(core.linear[pair])) for pair in x if core.linear[pair]]
        model.setObjective(pulp.LpAffineExpression([*terms, *((z, 1.0) for z in self.z.values())]))

    def _charge(self, i: int, j: int, partners: list[int], x: Mapping[tuple[int, int], Any]) -> None:
        """What the flows of facility i cost at location j."""
        parts, core = self.parts, self.core
        least, most = float(parts.least[i, j]), float(parts.most_elsewhere[i, j])
        self.z[i, j] = z = self._variable(f"z_{i}_{j}", min(0.0, least))
        paid = [
            (x[k, place], -float(parts.flow[i, k] * core.distance[j, place]))
            for k in partners
            for place in range(core.size)
            if place != j and (k, place) in x and core.distance[j, place]
        ]
        own = [(x[i, j], -most)] if most else []
        if paid or own:
            self.model.addConstraint(self._pulp.LpAffineExpression([(z, 1.0), *paid, *own]) >= -most, f"flows_{i}_{j}")
        if least:
            self.model.addConstraint(self._pulp.LpAffineExpression([(z, 1.0), (x[i, j], -least)]) >= 0, f"least_{i}_{j}")

    def _add(self, name: str, chosen: list[Any]) -> None:
        if chosen:
            self.model.addConstraint(self._pulp.LpAffineExpression([(v, 1.0) for v in chosen]) == 1, name)
        else:
            # A facility that may be nowhere: no solution; but PuLP drops rows without variables.
            self.model.addConstraint(self._variable(f"nowhere_{name}", 0, 0) >= 1, name)

    def start(self, solution: Placement) -> dict[str, float]:
        """Values of the variables for a solution to start from."""
        place = self.core.place(solution)[: self.core.num_facilities]
        values = {v.name: float(solution.locations[facility] == location) for (facility, location), v in self.at.items()}
        for (i, j), z in self.z.items():
            values[z.name] = float(self.parts.flow[i] @ self.core.distance[j, place]) if place[i] == j else 0.0
        return values

    def read(self, value_of: Callable[[Any], float]) -> Placement:
        """The placement, from a function that gives the value of a variable (``pulp.value``, for instance)."""
        at = dict(self.problem.fixed)
        at.update(pair for pair, variable in self.at.items() if (value_of(variable) or 0.0) > 0.5)
        return Placement([at.get(facility, -1) for facility in range(self.problem.num_facilities)])  # type: ignore[arg-type]

    def bound(self, value: float) -> float:
        """A bound on the ticks as one on the cost: rounded up to a whole number, but for the engine's tolerances."""
        return self.core.bound(int(np.ceil(value - 1e-5 - 1e-9 * abs(value))))


def build_milp(problem: QuadraticAssignment) -> tuple[Any, Callable[[Callable[[Any], float]], Placement]]:
    """The PuLP model of a quadratic assignment, and ``read(value_of) -> Placement``.

    Parameters
    ----------
    problem : QuadraticAssignment

    Returns
    -------
    model : pulp.LpProblem
        Minimises the cost in ticks (its negative, where the most is sought), without what is always paid.
    read : callable
        ``read(pulp.value)`` gives the placement. ``read.__self__.at[facility, location]`` is the variable of a pair, for side
        constraints of your own.

    Examples
    --------
    >>> import pulp
    >>> qap = QuadraticAssignment([[0, 3, 0], [0, 0, 1], [0, 0, 0]], [[0, 5, 2], [5, 0, 4], [2, 4, 0]])
    >>> model, read = build_milp(qap)
    >>> _ = model.solve(pulp.HiGHS(msg=False))
    >>> qap.evaluate(read(pulp.value))
    10.0
    """
    formulated = PlacementProgram(problem)
    return formulated.model, formulated.read


@dataclass(frozen=True)
class _OnProgram(Formulated):
    """What the solvers on the program share."""

    solves: ClassVar[type[QuadraticAssignment]] = QuadraticAssignment

    def _unsupported(self, problem: QuadraticAssignment) -> str | None:
        free = problem.num_locations - len(problem.fixed)
        if free > MAX_LOCATIONS:
            return f"{free} free locations make a program too large; it takes up to {MAX_LOCATIONS}"
        if lattice_within(problem, LARGEST) is None:
            return f"costs reach {problem.lattice.most:.3g}, more than a float engine tells apart; use a larger unit"
        return super()._unsupported(problem)

    def _formulate(self, problem: QuadraticAssignment, pause: Callable[[], None]) -> PlacementProgram:
        return PlacementProgram(problem, pause)

    def _run(self, problem: QuadraticAssignment, run: Run) -> Outcome:
        if len(problem.fixed) < problem.num_facilities:
            outcome = super()._run(problem, run)
            return replace(outcome, message="; ".join(filter(None, (outcome.message, told(problem, LARGEST)))))
        # A program without variables is none.
        core = make_core(problem)
        offer(problem, run, core.placement(np.zeros(0, np.int64)))
        return Outcome(StopReason.PROVEN, run.incumbent, bound=core.bound(0))


@dataclass(frozen=True)
class Highs(_OnProgram, OnHighs):
    """HiGHS on the placement program (`PlacementProgram`); the parameter is that of `OnHighs`."""

    name: ClassVar[str] = "highs"


@dataclass(frozen=True)
class Cbc(_OnProgram, OnCbc):
    """CBC on the placement program (`PlacementProgram`); the parameter is that of `OnCbc`."""

    name: ClassVar[str] = "cbc"


@dataclass(frozen=True)
class Milp(_OnProgram, OnPulp):
    """Any other solver that PuLP finds, on the placement program (`PlacementProgram`); the parameters are those of `OnPulp`."""

    name: ClassVar[str] = "milp"
