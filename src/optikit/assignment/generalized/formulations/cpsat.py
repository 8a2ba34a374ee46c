"""The generalized assignment problem for CP-SAT: a literal for each pair."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ....backends.formulated import OnCpSat
from ....backends.judge import offer
from ....core.run import Outcome, Run
from ....errors import InvalidProblemError
from ....ticks import CPSAT_LIMIT, Lattice
from ..construct import by_regret
from ..problem import GeneralizedAssignment
from ..solution import LEFT_OUT, Allocation

MAX_PAIRS = 200_000
"""Above, the model takes seconds to build."""


class PairModel:
    """A CP-SAT model: a literal for each pair that can be, exactly one a job, and a knapsack for each agent.

    Parameters
    ----------
    problem : GeneralizedAssignment
    pause : callable
        Called once a job while building.
    """

    def __init__(self, problem: GeneralizedAssignment, pause: Callable[[], None] = lambda: None) -> None:
        from ortools.sat.python import cp_model

        self.problem, self.lattice = problem, lattice_of(problem)
        self.model = model = cp_model.CpModel()
        demand, capacity = problem.load_ticks
        possible = problem.possible
        sign = -1 if problem.maximize else 1
        cost = sign * self.lattice.ticks(np.where(possible, problem.cost, 0))
        exits = self.lattice.ticks(np.where(problem.may_leave, 0 if problem.leave_out is None else problem.leave_out, 0))
        self.pairs: dict[tuple[int, int], Any] = {}
        """(agent, job) -> literal; agent -1 where the job is left out."""
        weights: list[int] = []
        for job in range(problem.num_jobs):
            pause()
            agents = np.flatnonzero(possible[:, job]).tolist()
            weights += cost[agents, job].tolist()
            if problem.may_leave[job]:
                agents.append(LEFT_OUT)
                weights.append(int(exits[job]))
            own = [model.new_bool_var("") for _ in agents]
            self.pairs.update(zip(((agent, job) for agent in agents), own, strict=True))
            model.add_exactly_one(own)
        for agent in range(problem.num_agents):
            pause()
            jobs = np.flatnonzero(possible[agent]).tolist()
            loads = demand[agent, jobs].tolist()
            if sum(loads) > int(capacity[agent]):
                literals = [self.pairs[agent, job] for job in jobs]
                model.add(cp_model.LinearExpr.weighted_sum(literals, loads) <= int(capacity[agent]))
        self.sign = sign
        model.minimize(cp_model.LinearExpr.weighted_sum(list(self.pairs.values()), weights))

    def start(self, solution: Allocation) -> None:
        """Give a solution to start from."""
        agents = solution.agent_of.tolist()
        for (agent, job), literal in self.pairs.items():
            self.model.add_hint(literal, agents[job] == agent)

    def read(self, value_of: Callable[[Any], int]) -> Allocation:
        """The allocation, from a function that gives the value of a literal (``solver.value``, for instance)."""
        agents = np.full(self.problem.num_jobs, LEFT_OUT)
        for (agent, job), literal in self.pairs.items():
            if value_of(literal):
                agents[job] = agent
        return Allocation(agents)

    def bound(self, value: float) -> float:
        """A bound on the ticks as one on the objective, which is a whole number of ticks."""
        return self.sign * (self.lattice.units(np.ceil(value - 1e-6)) - self.lattice.error)


def lattice_of(problem: GeneralizedAssignment) -> Lattice:
    """Ticks of cost such that the sum over all pairs stays below CP-SAT's limit; its error is that of an allocation."""
    values = np.where(problem.allowed, problem.cost, 0).reshape(-1)
    if problem.leave_out is not None:
        values = np.concatenate([values, np.where(problem.may_leave, problem.leave_out, 0)])
    fitted = Lattice.fit(values, max_items=len(values), limit=CPSAT_LIMIT, field="cost")
    return Lattice(fitted.scale, fitted.item_error, problem.num_jobs)


def build_cpsat(problem: GeneralizedAssignment) -> tuple[Any, Callable[[Callable[[Any], int]], Allocation]]:
    """The CP-SAT model of a generalized assignment problem, and ``read(value_of) -> Allocation``.

    Parameters
    ----------
    problem : GeneralizedAssignment

    Returns
    -------
    model : ortools.sat.python.cp_model.CpModel
        Minimises the cost in ticks (see `lattice_of`); of profits that are maximised, their negative.
    read : callable
        ``read(solver.value)`` gives the allocation. ``read.__self__.pairs[agent, job]`` is the literal of a pair, for side
        constraints of your own.

    Examples
    --------
    >>> from ortools.sat.python import cp_model
    >>> problem = GeneralizedAssignment(cost=[[4, 1, 3], [2, 5, 5]], demand=[2, 3, 2], capacity=[5, 4])
    >>> model, read = build_cpsat(problem)
    >>> solver = cp_model.CpSolver()
    >>> _ = solver.solve(model)
    >>> problem.evaluate(read(solver.value))
    6.0
    """
    formulated = PairModel(problem)
    return formulated.model, formulated.read


@dataclass(frozen=True)
class CpSat(OnCpSat):
    """CP-SAT with a literal for each pair (`PairModel`); the parameter is that of `OnCpSat`.

    Until it has an allocation of its own, that of `by_regret` stands in for it, where it is feasible.
    """

    name: ClassVar[str] = "cpsat"
    solves: ClassVar[type[GeneralizedAssignment]] = GeneralizedAssignment

    def _unsupported(self, problem: GeneralizedAssignment) -> str | None:
        if problem.features["pairs"] > MAX_PAIRS:
            return f"{problem.features['pairs']:,} pairs make a model too large for CP-SAT; it takes up to {MAX_PAIRS:,}"
        try:
            lattice_of(problem)
        except InvalidProblemError as error:
            return f"CP-SAT adds up below 2^53: {error}"
        if int(problem.load_ticks[0].sum(axis=1).max()) >= CPSAT_LIMIT:
            return "CP-SAT adds up below 2^53, and demands have more digits; round them"
        return super()._unsupported(problem)

    def _formulate(self, problem: GeneralizedAssignment, pause: Callable[[], None]) -> PairModel:
        return PairModel(problem, pause)

    def _run(self, problem: GeneralizedAssignment, run: Run) -> Outcome:
        offer(problem, run, by_regret(problem))
        return super()._run(problem, run)
