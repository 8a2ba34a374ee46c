"""Dynamic programming over subsets: the proved optimum of a small VRP, with numpy alone."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ...core.result import StopReason
from ...core.run import POLL_SECONDS, Outcome, Run
from ...core.solver import Capabilities, Solver
from .loads import load_ticks
from .problem import VRP
from .solution import Routes
from .stopgap import in_haste

MAX_CLIENTS = 14
"""The partition looks at 3^n pairs of subsets: 5 million for 14 clients."""

_NEVER = np.int64(2**62)
"""Cost of what cannot be; ticks of a route stay below 2^52, so that two of these and an arc do not overflow."""


@dataclass(frozen=True)
class Exact(Solver):
    """The shortest route of every subset of clients (Held and Karp 1962), then the best partition into such routes.

    Takes about a second for 14 clients; more are refused.
    """

    name: ClassVar[str] = "exact"
    solves: ClassVar[type[VRP]] = VRP
    capabilities: ClassVar[Capabilities] = Capabilities(exact=True, bounds=True, stops=frozenset({"time"}))

    def _unsupported(self, problem: VRP) -> str | None:
        if problem.num_clients > MAX_CLIENTS:
            return f"{problem.num_clients} clients; dynamic programming over subsets takes up to {MAX_CLIENTS}"
        return None

    def _run(self, problem: VRP, run: Run) -> Outcome:
        clock = _Clock(run)
        try:
            arcs = problem.network.ticks(problem.lattice)
            last, route_cost = shortest_routes(arcs, _within_capacity(problem), clock)
            fleet = problem.num_vehicles if problem.num_vehicles is not None else problem.num_clients
            total, parts = cheapest_partition(route_cost, min(fleet, problem.num_clients), clock)
        except _StoppedError as stopped:
            late = stopped.reason is StopReason.TIME and run.incumbent is None
            return in_haste(problem, run) if late else Outcome(stopped.reason)
        if parts is None:
            return Outcome(StopReason.PROVEN, infeasible=True)
        solution = Routes.of([read_route(part, last, arcs) for part in parts])
        run.improve(problem.evaluate(solution), lambda: solution)
        return Outcome(StopReason.PROVEN, solution, bound=problem.lattice.units(total) - problem.error)


def shortest_routes(
    arcs: NDArray[np.int64], allowed: NDArray[np.bool_], clock: _Clock
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Held and Karp's recursion over all subsets, one layer of equal size after the other.

    Parameters
    ----------
    arcs : numpy.ndarray, shape (num_clients + 1, num_clients + 1)
        Arc costs in ticks; node 0 is the depot.
    allowed : numpy.ndarray of bool, shape (2 ** num_clients,)
        Whether one vehicle holds the subset; bit i stands for client i.

    Returns
    -------
    path_cost : shape (2 ** num_clients, num_clients)
        Shortest path from the depot through the subset that ends at a client of it.
    route_cost : shape (2 ** num_clients,)
        Shortest route through the subset and back.
    """
    num_clients = len(arcs) - 1
    masks = np.arange(1 << num_clients)
    sizes = sum(((masks >> i) & 1) for i in range(num_clients))
    path_cost = np.full((len(masks), num_clients), _NEVER)
    for client in range(num_clients):
        path_cost[1 << client, client] = arcs[0, client + 1]
    between = arcs[1:, 1:]
    for size in range(2, num_clients + 1):
        # A subset of an allowed set is allowed, so that the layers hold all that is needed.
        layer = masks[(sizes == size) & allowed]
        for client in range(num_clients):
            clock.look()
            ending = layer[(layer >> client) & 1 == 1]
            before = path_cost[ending ^ (1 << client)]
            path_cost[ending, client] = np.minimum((before + between[:, client]).min(axis=1, initial=_NEVER), _NEVER)
    route_cost = np.minimum((path_cost + arcs[1:, 0]).min(axis=1), _NEVER)
    route_cost[~allowed] = _NEVER
    route_cost[0] = 0
    return path_cost, route_cost


def cheapest_partition(route_cost: NDArray[np.int64], fleet: int, clock: _Clock) -> tuple[int, list[int] | None]:
    """The cheapest partition of all clients into at most ``fleet`` routes; None where there is none.

    The route of the lowest client of a set is some subset with that client, and what is left is a smaller set. First without
    a limit; only where that takes more vehicles than there are, with their number as a further state.
    """
    unlimited, chosen = _partition(route_cost, 1, clock)
    everything = len(route_cost) - 1
    if unlimited[-1, 0] >= _NEVER:
        return 0, None
    parts = _follow(chosen, everything, None)
    if len(parts) <= fleet:
        return int(unlimited[-1, 0]), parts
    limited, chosen = _partition(route_cost, fleet, clock, limited=True)
    if limited[-1, fleet - 1] >= _NEVER:
        return 0, None
    return int(limited[-1, fleet - 1]), _follow(chosen, everything, fleet)


def _partition(
    route_cost: NDArray[np.int64], columns: int, clock: _Clock, limited: bool = False
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Cost of each set, and the first route that attains it; column k: with at most k + 1 routes (or one column, any number)."""
    num_sets = len(route_cost)
    cost = np.full((num_sets, columns), _NEVER)
    chosen = np.zeros((num_sets, columns), np.int64)
    cost[0] = 0
    for whole in range(1, num_sets):
        if whole & 63 == 0:
            clock.look()
        lowest = whole & -whole
        parts = subsets(whole ^ lowest) | lowest
        parts = parts[route_cost[parts] < _NEVER]
        if not len(parts):
            continue
        left = cost[whole ^ parts]
        if limited:
            # One route fewer for the rest; with the first route alone, nothing may be left.
            nothing_left = np.where(parts == whole, 0, _NEVER)
            left = np.concatenate((nothing_left[:, None], left[:, :-1]), axis=1)
        totals = route_cost[parts][:, None] + left
        best = totals.argmin(axis=0)
        cost[whole] = np.minimum(totals[best, np.arange(columns)], _NEVER)
        chosen[whole] = parts[best]
    return cost, chosen


def subsets(mask: int) -> NDArray[np.int64]:
    """All subsets of a bit set, the empty one first."""
    found = np.zeros(1, np.int64)
    while mask:
        bit = mask & -mask
        found = np.concatenate((found, found | bit))
        mask ^= bit
    return found


def _follow(chosen: NDArray[np.int64], whole: int, fleet: int | None) -> list[int]:
    parts: list[int] = []
    while whole:
        column = 0 if fleet is None else fleet - 1 - len(parts)
        part = int(chosen[whole, column])
        parts.append(part)
        whole ^= part
    return parts


def read_route(part: int, path_cost: NDArray[np.int64], arcs: NDArray[np.int64]) -> list[int]:
    """Clients of the shortest route through a subset, in order, by walking the recursion back."""
    last = int((path_cost[part] + arcs[1:, 0]).argmin())
    visits = [last]
    while part & (part - 1):
        part ^= 1 << last
        last = int((path_cost[part] + arcs[1:, last + 1]).argmin())
        visits.append(last)
    return visits[::-1]


def _within_capacity(problem: VRP) -> NDArray[np.bool_]:
    demand, capacity = load_ticks(problem)
    load = np.zeros(1, np.int64)
    for amount in demand:
        load = np.concatenate((load, load + amount))
    return load <= capacity


class _StoppedError(Exception):
    def __init__(self, reason: StopReason) -> None:
        super().__init__(reason)
        self.reason = reason


class _Clock:
    """Looks at the deadline whenever it is asked, and tells the callbacks every 100 ms."""

    def __init__(self, run: Run) -> None:
        self._run, self._next = run, time.monotonic() + POLL_SECONDS

    def look(self) -> None:
        reason = self._run.reason()
        if reason is None and time.monotonic() >= self._next:
            reason = self._run.tick()
            self._next = time.monotonic() + POLL_SECONDS
        if reason is not None:
            raise _StoppedError(reason)
