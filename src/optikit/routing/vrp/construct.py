"""Constructive heuristics: routes at once, without a search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ...core.problem import Problem
from ...core.result import StopReason
from ...core.run import POLL_SECONDS, Outcome, Run
from ...core.solver import Capabilities, Solver
from ...inputs.ranges import parameter
from ...kernels.clock import now_ns
from ...kernels.control import DEADLINE, LIMIT, Control
from ..metrics import Matrix
from . import arrays as slot
from .arrays import Construction, Instance
from .instance import SAVINGS_NEIGHBOURS, prepare, variant
from .island import Island
from .kernels.insertion import ROUTES, WAITING, insert_all
from .kernels.phases import SEARCH
from .problem import VRP
from .search import HGS, in_time
from .solution import Routes

_CONSTRUCTIVE = Capabilities(stops=frozenset({"time"}))


@dataclass(frozen=True)
class Savings(Solver):
    """Merge routes of one client by the largest saving (Clarke and Wright 1964, parallel version).

    Parameters
    ----------
    neighbours : int
        Savings are computed between so many nearest neighbours (at most 40).
    """

    name: ClassVar[str] = "savings"
    solves: ClassVar[type[Problem]] = VRP
    capabilities: ClassVar[Capabilities] = _CONSTRUCTIVE
    neighbours: int = parameter(SAVINGS_NEIGHBOURS, least=1, most=SAVINGS_NEIGHBOURS)

    def _run(self, problem: VRP, run: Run) -> Outcome:
        instance = prepare(problem, self.neighbours, run.memory_limit, in_time(run))
        if instance is None:
            return Outcome(run.reason() or StopReason.TIME)
        island = Island(problem, HGS(annealed=1), instance, Run(problem, run.stop), 0, 1)
        island.control.slots[LIMIT] = 0
        while int(island.state.words[slot.PHASE]) != SEARCH:
            island.control.slots[DEADLINE] = _next_look(run)
            island.advance()
            reason = run.tick()
            if reason is not None and int(island.state.words[slot.PHASE]) != SEARCH:
                return Outcome(reason)
        return _outcome(problem, run, island.nearest())


@dataclass(frozen=True)
class Insertion(Solver):
    """Fill one route after the other, from the farthest client on (Mole and Jameson 1976)."""

    name: ClassVar[str] = "insertion"
    solves: ClassVar[type[Problem]] = VRP
    capabilities: ClassVar[Capabilities] = _CONSTRUCTIVE

    def _run(self, problem: VRP, run: Run) -> Outcome:
        instance = prepare(problem, 1, run.memory_limit, in_time(run))
        if instance is None:
            return Outcome(run.reason() or StopReason.TIME)
        found = _insert(problem, instance, run, [np.arange(1, instance.num_nodes)])
        return found if isinstance(found, Outcome) else _outcome(problem, run, found)


@dataclass(frozen=True)
class Sweep(Solver):
    """Turn a ray around the depot and fill vehicles as it goes (Gillett and Miller 1974); each route by insertion.

    Parameters
    ----------
    rays : int
        So many starting angles are tried, in both directions; the best routes are kept.
    """

    name: ClassVar[str] = "sweep"
    solves: ClassVar[type[Problem]] = VRP
    capabilities: ClassVar[Capabilities] = _CONSTRUCTIVE
    rays: int = parameter(8, least=1, most=10**4)

    def _unsupported(self, problem: VRP) -> str | None:
        return "a sweep needs coordinates, and this problem has a matrix" if isinstance(problem.network, Matrix) else None

    def _run(self, problem: VRP, run: Run) -> Outcome:
        instance = prepare(problem, 1, run.memory_limit, in_time(run))
        if instance is None:
            return Outcome(run.reason() or StopReason.TIME)
        around = 1 + np.argsort(_angles(problem), kind="stable")
        best: Routes | None = None
        key = (True, np.inf)
        for ray in range(min(self.rays, len(around))):
            turned = np.roll(around, -(ray * len(around)) // self.rays)
            for order in (turned, turned[::-1]):
                found = _insert(problem, instance, run, _fill(order, instance))
                if isinstance(found, Outcome):
                    return found if best is None else _outcome(problem, run, best)
                value = (len(found) > instance.max_vehicles, problem.evaluate(found))
                if value < key:
                    best, key = found, value
        return _outcome(problem, run, best)


def _angles(problem: VRP) -> NDArray[np.float64]:
    """Angle of each client as seen from the depot; on the globe, on a map of latitude and longitude."""
    assert not isinstance(problem.network, Matrix)
    step = problem.network.points[1:] - problem.network.points[0]
    angles: NDArray[np.float64] = np.arctan2(step[:, 1], step[:, 0])
    return angles


def _fill(order: NDArray[np.int64], instance: Instance) -> list[NDArray[np.int64]]:
    """Clients in order, cut wherever the next one does not fit."""
    cuts, load = [], 0
    for place, client in enumerate(order.tolist()):
        demand = int(instance.demand[client])
        if load + demand > instance.capacity and place:
            cuts.append(place)
            load = 0
        load += demand
    return np.split(order, cuts)


def _insert(problem: VRP, instance: Instance, run: Run, segments: list[NDArray[np.int64]]) -> Routes | Outcome:
    """Routes by insertion, or the Outcome of a run that was stopped before."""
    begin = np.concatenate(([0], np.cumsum([len(segment) for segment in segments]))).astype(np.int32)
    building = Construction.empty(
        num_nodes=instance.num_nodes,
        num_segments=len(segments),
        begin=begin,
        waiting=np.concatenate(segments).astype(np.int32),
    )
    building.words[WAITING] = -1
    control = Control.fresh()
    kernel = insert_all[variant(problem, instance)]
    while True:
        control.slots[DEADLINE] = _next_look(run)
        # The first call on a machine may have to compile: the routes are the same whichever way they are made.
        done = kernel.within(min(run.remaining, POLL_SECONDS))(instance, building, control)
        reason = run.tick()
        if done:
            break
        if reason is not None:
            return Outcome(reason)
    after = building.succ.tolist()
    routes = []
    for first in building.first[: int(building.words[ROUTES])].tolist():
        visits, node = [], first
        while node:
            visits.append(node - 1)
            node = after[node]
        routes.append(visits)
    return Routes.of(routes)


def _next_look(run: Run) -> int:
    return now_ns() + int(1e9 * min(run.remaining, POLL_SECONDS))


def _outcome(problem: VRP, run: Run, routes: Routes | None) -> Outcome:
    """A solution where it is one: construction may need more vehicles than there are."""
    if routes is None or not problem.check(routes):
        return Outcome(StopReason.EXHAUSTED, nearest=routes)
    run.improve(problem.evaluate(routes), lambda: routes)
    return Outcome(StopReason.EXHAUSTED, routes)
