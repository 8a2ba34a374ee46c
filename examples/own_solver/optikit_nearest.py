"""A solver of somebody else's: `pip install` it, and ``optikit.solve(vrp, "nearest")`` finds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from optikit import Capabilities, Problem, Solver, StopReason
from optikit.core.run import Outcome, Run
from optikit.routing import VRP, Routes


@dataclass(frozen=True)
class Nearest(Solver):
    """Drive to the nearest client that still fits; home when none does."""

    name: ClassVar[str] = "nearest"
    solves: ClassVar[type[Problem]] = VRP
    capabilities: ClassVar[Capabilities] = Capabilities(stops=frozenset({"time"}))

    def _run(self, problem: VRP, run: Run) -> Outcome:
        demand = problem.demand[:, 0]
        waiting = np.ones(problem.num_clients, bool)
        routes: list[list[int]] = []
        while waiting.any():
            here, room, route = 0, problem.capacity, []
            while True:
                fits = np.flatnonzero(waiting & (demand <= room))
                if not fits.size:
                    break
                away = problem.network.legs(np.full(fits.size, here), fits + 1)
                client = int(fits[away.argmin()])
                route.append(client)
                waiting[client] = False
                here, room = client + 1, room - demand[client]
            routes.append(route)
            if not route or run.tick() is not None:
                break
        found = Routes.of(routes)
        if problem.check(found):
            run.improve(problem.evaluate(found), lambda: found)
            return Outcome(StopReason.EXHAUSTED, found)
        return Outcome(run.reason() or StopReason.EXHAUSTED, nearest=found)
