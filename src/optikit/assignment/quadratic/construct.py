"""Constructive heuristics: a placement at once, without a search."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ...core.problem import Problem
from ...core.result import StopReason
from ...core.run import Outcome, Run
from ...core.solver import Capabilities, Solver
from .instance import Core, make_core
from .matching import Matching
from .problem import QuadraticAssignment

_CONSTRUCTIVE = Capabilities(stops=frozenset({"time"}))


def greedy(core: Core, go_on: Callable[[], bool] = lambda: True) -> NDArray[np.int64]:
    """Locations of the free facilities, one after the other: that with most flow to those already placed, where it costs least.

    The first is the one with the most flow of all, at the location that is nearest to all others. Where pairs are forbidden, no
    facility takes a location that another one needs. When ``go_on()`` says no, the rest goes anywhere.

    Returns
    -------
    numpy.ndarray of int64, shape (num_free,)
        Feasible, where anything is.
    """
    m, n = core.num_facilities, core.size
    allowed = core.linear < core.price
    matching = Matching(allowed)
    restricted = not allowed.all()
    if restricted and not matching.complete():
        return np.arange(m)
    cost = core.linear.copy()
    pull = np.zeros(m, np.int64)  # flow to those that are placed
    weight = np.abs(core.flow).sum(axis=0) + np.abs(core.flow).sum(axis=1)
    central = core.distance.sum(axis=0) + core.distance.sum(axis=1)
    place, free, waiting = np.full(m, -1), np.ones(n, bool), np.ones(m, bool)
    for step in range(m):
        if not go_on():
            break
        left = np.flatnonzero(waiting)
        u = int(left[np.lexsort((-weight[left], -pull[left]))[0]])
        rank = central if step == 0 else np.zeros(n, np.int64)
        for at in np.lexsort((rank, cost[u])).tolist():
            if free[at] and (not restricted or matching.settle(u, at)):
                break
        place[u], free[at], waiting[u] = at, False, False
        pull += np.abs(core.flow[u]) + np.abs(core.flow[:, u])
        cost += np.multiply.outer(core.flow[:, u], core.distance[:, at])
        if not core.symmetric:
            cost += np.multiply.outer(core.flow[u], core.distance[at])
    left = np.flatnonzero(waiting)
    place[left] = matching.location[left] if restricted else np.flatnonzero(free)[: len(left)]
    return place


@dataclass(frozen=True)
class Greedy(Solver):
    """One facility after the other: that with most flow to those already placed, where it costs least."""

    name: ClassVar[str] = "greedy"
    solves: ClassVar[type[Problem]] = QuadraticAssignment
    capabilities: ClassVar[Capabilities] = _CONSTRUCTIVE

    def _run(self, problem: QuadraticAssignment, run: Run) -> Outcome:
        core = make_core(problem)
        late: list[StopReason] = []

        def go_on() -> bool:
            reason = run.tick()
            late.extend([reason] if reason is not None else [])
            return not late

        placement = core.placement(greedy(core, go_on))
        return Outcome(late[0] if late else StopReason.EXHAUSTED, placement)
