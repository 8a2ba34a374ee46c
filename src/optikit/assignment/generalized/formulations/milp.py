"""The generalized assignment problem as a mixed-integer program, for any solver that PuLP finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ....backends.formulated import Formulated, OnCbc, OnHighs, OnPulp
from ....backends.judge import offer, round_up
from ....core.run import Outcome, Run
from ..construct import by_regret
from ..problem import GeneralizedAssignment
from ..search import begin
from ..solution import LEFT_OUT, Allocation

MAX_PAIRS = 100_000
"""Above, PuLP takes seconds to build the model."""

MOST_QUANTA = 10**7
"""In so many parts a capacity is counted at most: engines take coefficients near their tolerances for others."""


class PairProgram:
    """A PuLP model: a binary variable for each pair that can be, one a job, and a knapsack for each agent.

    Loads are whole numbers of parts of the capacity, rounded down where there would be too many, so that no solution is lost; the
    checker judges what comes back.

    Parameters
    ----------
    problem : GeneralizedAssignment
    pause : callable
        Called once a job while building.
    """

    def __init__(self, problem: GeneralizedAssignment, pause: Callable[[], None] = lambda: None) -> None:
        import pulp

        self.problem = problem
        self.model = model = pulp.LpProblem("gap", pulp.LpMaximize if problem.maximize else pulp.LpMinimize)
        # PuLP 3.3 has the model make its variables, and warns of the old way.
        variable = model.add_variable if hasattr(model, "add_variable") else pulp.LpVariable
        demand, capacity = problem.load_ticks
        possible = problem.possible
        self.pairs: dict[tuple[int, int], Any] = {}
        """(agent, job) -> whether the agent has the job; agent -1 where it is left out."""
        objective: list[tuple[Any, float]] = []
        for job in range(problem.num_jobs):
            pause()
            own = []
            for agent in np.flatnonzero(possible[:, job]).tolist():
                own.append(variable(f"x_{agent}_{job}", 0, 1, cat=pulp.LpBinary))
                self.pairs[agent, job] = own[-1]
                objective.append((own[-1], float(problem.cost[agent, job])))
            if problem.may_leave[job]:
                own.append(variable(f"left_{job}", 0, 1, cat=pulp.LpBinary))
                self.pairs[LEFT_OUT, job] = own[-1]
                objective.append((own[-1], (-1 if problem.maximize else 1) * float(problem.leave_out[job])))
            if not own:
                own = [variable(f"nobody_{job}", 0, 0)]  # no solution; but PuLP drops rows without variables
            model.addConstraint(pulp.LpAffineExpression([(x, 1.0) for x in own]) == 1, f"job_{job}")
        model.setObjective(pulp.LpAffineExpression(objective))
        for agent in range(problem.num_agents):
            pause()
            jobs = np.flatnonzero(possible[agent] & (demand[agent] > 0)).tolist()
            if sum(demand[agent, jobs].tolist()) <= int(capacity[agent]):
                continue
            quantum = max(1, -(-int(capacity[agent]) // MOST_QUANTA))
            loads = (demand[agent, jobs] // quantum).tolist()
            row = pulp.LpAffineExpression([(self.pairs[agent, job], float(load)) for job, load in zip(jobs, loads, strict=True)])
            model.addConstraint(row <= int(capacity[agent]) // quantum, f"agent_{agent}")

    def start(self, solution: Allocation) -> dict[str, float]:
        """A solution as variable name -> value."""
        agents = solution.agent_of.tolist()
        return {x.name: float(agents[job] == agent) for (agent, job), x in self.pairs.items()}

    def read(self, value_of: Callable[[Any], float]) -> Allocation:
        """The allocation, from a function that gives the value of a variable (``pulp.value``, for instance)."""
        agents, most = np.full(self.problem.num_jobs, LEFT_OUT), np.full(self.problem.num_jobs, 0.5)
        for (agent, job), x in self.pairs.items():
            value = value_of(x) or 0.0
            if value > most[job]:
                agents[job], most[job] = agent, value
        return Allocation(agents)

    def bound(self, value: float) -> float:
        """A bound on the objective, rounded to the next that can be."""
        sign = -1.0 if self.problem.maximize else 1.0
        return sign * round_up(self.problem.lattice, sign * value)


def build_milp(problem: GeneralizedAssignment) -> tuple[Any, Callable[[Callable[[Any], float]], Allocation]]:
    """The PuLP model of a generalized assignment problem, and ``read(value_of) -> Allocation``.

    Parameters
    ----------
    problem : GeneralizedAssignment

    Returns
    -------
    model : pulp.LpProblem
        In the user's unit.
    read : callable
        ``read(pulp.value)`` gives the allocation. ``read.__self__.pairs[agent, job]`` is the variable of a pair, for side
        constraints of your own.

    Examples
    --------
    >>> import pulp
    >>> problem = GeneralizedAssignment(cost=[[4, 1, 3], [2, 5, 5]], demand=[2, 3, 2], capacity=[5, 4])
    >>> model, read = build_milp(problem)
    >>> _ = model.solve(pulp.HiGHS(msg=False))
    >>> problem.evaluate(read(pulp.value))
    6.0
    """
    formulated = PairProgram(problem)
    return formulated.model, formulated.read


@dataclass(frozen=True)
class _OnPairProgram(Formulated):
    """A subclass says who solves it."""

    solves: ClassVar[type[GeneralizedAssignment]] = GeneralizedAssignment

    def _unsupported(self, problem: GeneralizedAssignment) -> str | None:
        if problem.features["pairs"] > MAX_PAIRS:
            return f"{problem.features['pairs']:,} pairs make a model too large to build in time; it takes up to {MAX_PAIRS:,}"
        return super()._unsupported(problem)

    def _formulate(self, problem: GeneralizedAssignment, pause: Callable[[], None]) -> PairProgram:
        return PairProgram(problem, pause)

    def _run(self, problem: GeneralizedAssignment, run: Run) -> Outcome:
        offer(problem, run, by_regret(problem))
        return super()._run(problem, run)


@dataclass(frozen=True)
class Highs(_OnPairProgram, OnHighs):
    """HiGHS on the program of pairs (`PairProgram`); the parameter is that of `OnHighs`."""

    name: ClassVar[str] = "highs"


@dataclass(frozen=True)
class ChainsThenHighs(Highs):
    """A moment of ejection chains (`begin`), then HiGHS, which looks for what is better, and for the proof that nothing is.

    Of small tight instances HiGHS alone may have nothing better than the first allocation for seconds.
    """

    name: ClassVar[str] = "chains_highs"

    def _run(self, problem: GeneralizedAssignment, run: Run) -> Outcome:
        begin(problem, run)
        return super()._run(problem, run)


@dataclass(frozen=True)
class Cbc(_OnPairProgram, OnCbc):
    """CBC on the program of pairs (`PairProgram`); the parameter is that of `OnCbc`."""

    name: ClassVar[str] = "cbc"


@dataclass(frozen=True)
class Milp(_OnPairProgram, OnPulp):
    """Any solver that PuLP finds on the program of pairs (`PairProgram`); the parameters are those of `OnPulp`."""

    name: ClassVar[str] = "milp"
