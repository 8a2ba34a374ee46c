"""An allocation at once: job after job, the one with the most to lose first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

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
    least, for its capacity. The best feasible allocation of the three; where none is, a fourth pass
    goes by what jobs take of the capacities alone, and the one that overloads least is taken.

    References
    ----------
    S. Martello and P. Toth, "An algorithm for the generalized assignment problem", in Operational Research '81, 1981: their first
    phase, with the regrets computed once.
    """
    pairs = Pairs.of(problem)
    prices = rough_prices(pairs)[1] if pairs.possible.any(axis=0).all() else np.zeros(len(pairs.capacity))
    found = [_rated(pairs, *_pass(pairs, pairs.cost + factor * prices[:, None] * pairs.demand)) for factor in PASSES]
    best = min(found, key=lambda one: one[:3])
    if best[:2] > (0, 0.0):
        best = min(best, _rated(pairs, *_pass(pairs, _shares(pairs))), key=lambda one: one[:3])
    return pairs.allocation(best[3])


def in_one_pass(pairs: Pairs, prices: NDArray[np.float64] | None = None) -> Allocation:
    """The same in one pass, at prices for the capacities; without them, by what jobs take of these, whatever they cost.

    Where capacities are tight the latter fits more often (the fourth of the measures of Martello and Toth, 1981).
    """
    value = _shares(pairs) if prices is None else pairs.cost + prices[:, None] * pairs.demand
    return pairs.allocation(_pass(pairs, value)[0])


def _shares(pairs: Pairs) -> NDArray[np.float64]:
    """Parts of the capacities that jobs take; an agent without capacity, as that of jobs which are left out, comes last."""
    capacity = pairs.capacity[:, None]
    return np.where(capacity > 0, pairs.demand / np.maximum(capacity, 1), 2.0)


def _rated(pairs: Pairs, agent_of: NDArray[np.int32], over: float) -> tuple[int, float, int, NDArray[np.int32]]:
    """Pairs that may not be, what is above capacities, the cost, and the agents: the less, the better."""
    jobs = np.arange(len(agent_of))
    return int((~pairs.possible[agent_of, jobs]).sum()), over, int(pairs.cost[agent_of, jobs].sum()), agent_of


def _pass(pairs: Pairs, value: NDArray[Any]) -> tuple[NDArray[np.int32], float]:
    """The agents that are best by the value of pairs, and what is above their capacities, in parts of these."""
    cost = np.where(pairs.possible, value, np.inf)
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
