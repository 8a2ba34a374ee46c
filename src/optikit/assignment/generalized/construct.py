"""An allocation at once: job after job, the one with the most to lose first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ...core.problem import Problem
from ...core.result import StopReason
from ...core.run import Outcome, Run
from ...core.solver import Capabilities, Solver
from .instance import Pairs
from .problem import GeneralizedAssignment
from .solution import Allocation


def by_regret(problem: GeneralizedAssignment) -> Allocation:
    """Each job to the best agent that has room, in the order of what their second choice would cost more.

    A job that no agent has room for goes to the one that it overloads least, for its capacity. One pass, in the order of the
    regrets at the beginning.

    References
    ----------
    S. Martello and P. Toth, "An algorithm for the generalized assignment problem", in Operational Research '81, 1981: their first
    phase, with the regrets computed once.
    """
    pairs = Pairs.of(problem)
    cost = np.where(pairs.possible, pairs.cost.astype(np.float64), np.inf)
    ranked = np.sort(cost, axis=0)
    second = ranked[1] if len(ranked) > 1 else np.full(cost.shape[1], np.inf)
    regret = np.where(np.isfinite(second), second, np.inf) - np.where(np.isfinite(ranked[0]), ranked[0], 0.0)
    room = pairs.capacity.astype(np.float64)
    size = np.maximum(room, 1.0)
    agent_of = np.zeros(cost.shape[1], np.int32)
    for job in np.lexsort((-pairs.demand.max(axis=0), -regret)).tolist():
        left = room - pairs.demand[:, job]
        fits = pairs.possible[:, job] & (left >= 0)
        if fits.any():
            agent = int(np.where(fits, cost[:, job], np.inf).argmin())
        else:
            over = np.where(pairs.possible[:, job], -left / size, np.inf)
            agent = int(over.argmin()) if np.isfinite(over).any() else int((-left / size).argmin())
        agent_of[job] = agent
        room[agent] = left[agent]
    return pairs.allocation(agent_of)


@dataclass(frozen=True)
class Greedy(Solver):
    """Job after job, the one with the largest regret first (`by_regret`). It may fail to keep within the capacities."""

    name: ClassVar[str] = "greedy"
    solves: ClassVar[type[Problem]] = GeneralizedAssignment
    capabilities: ClassVar[Capabilities] = Capabilities(stops=frozenset())

    def _run(self, problem: GeneralizedAssignment, run: Run) -> Outcome:
        found = by_regret(problem)
        feasible = bool(problem.check(found))
        return Outcome(StopReason.EXHAUSTED, found if feasible else None, nearest=None if feasible else found)
