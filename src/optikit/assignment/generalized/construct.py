"""An allocation at once: job after job, the one with the most to lose first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ...core.problem import Problem
from ...core.result import StopReason
from ...core.run import Outcome, Run
from ...core.solver import Capabilities, Solver
from .bounds import rough_prices
from .instance import Pairs
from .problem import GeneralizedAssignment
from .solution import Allocation

PASSES = (1.0, 0.0, 3.0)
"""Factors of the prices."""


def by_regret(problem: GeneralizedAssignment) -> Allocation:
    """Each job to the best agent that has room, in the order of what their second choice would cost more.

    What an agent costs includes, of three passes in the first, a price for the part of its capacity that the job takes
    (`rough_prices`); then nothing, and then thrice that. A job that no agent has room for goes to the one that it overloads
    least, for its capacity. The best feasible allocation of the three, or else the one that overloads least.

    References
    ----------
    S. Martello and P. Toth, "An algorithm for the generalized assignment problem", in Operational Research '81, 1981: their first
    phase, with the regrets computed once.
    """
    pairs = Pairs.of(problem)
    prices = rough_prices(pairs)[1] if pairs.possible.any(axis=0).all() else np.zeros(len(pairs.capacity))
    jobs = np.arange(pairs.cost.shape[1])
    found = []
    for factor in PASSES:
        agent_of, over = _pass(pairs, factor * prices)
        impossible = int((~pairs.possible[agent_of, jobs]).sum())
        found.append((impossible, over, int(pairs.cost[agent_of, jobs].sum()), agent_of))
    return pairs.allocation(min(found, key=lambda one: one[:3])[3])


def _pass(pairs: Pairs, prices: NDArray[np.float64]) -> tuple[NDArray[np.int32], float]:
    """The agents, and what is above their capacities, in parts of these."""
    cost = np.where(pairs.possible, pairs.cost + prices[:, None] * pairs.demand, np.inf)
    ranked = np.sort(cost, axis=0)
    second = ranked[1] if len(ranked) > 1 else np.full(cost.shape[1], np.inf)
    regret = second - np.where(np.isfinite(ranked[0]), ranked[0], 0.0)
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
    return agent_of, float((np.maximum(-room, 0.0) / size).sum())


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
