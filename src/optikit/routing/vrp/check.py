"""The judge of routes: plain Python on the original data, with no code of the solvers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ...core.check import CheckReport, Violation
from ...errors import InvalidSolutionError
from ...inputs.wording import figure, shown
from .solution import Route, Routes

if TYPE_CHECKING:
    from .problem import VRP


def evaluate(problem: VRP, solution: Routes) -> float:
    """Total distance of all trips, from depot to depot.

    Raises
    ------
    InvalidSolutionError
        For a solution of another class, or one that names a client or depot that is not there.
    """
    problem.require(solution)
    # Clients by their own numbers and depots below zero: arrays make nodes of them, which loops would take long for.
    tails: list[int] = []
    heads: list[int] = []
    first = problem.num_depots
    for route in solution.routes:
        here = _depot(problem, route.start) - first
        for trip in route.trips:
            end = _depot(problem, trip.end) - first
            if trip.visits or end != here:
                _require_clients(problem, trip.visits)
                tails.append(here)
                tails += trip.visits
                heads += trip.visits
                heads.append(end)
            here = end
    return math.fsum(problem.network.legs(np.array(tails) + first, np.array(heads) + first).tolist()) if tails else 0.0


def check(problem: VRP, solution: Routes) -> CheckReport:
    """All rules: each client once, loads within the capacity, vehicles within the fleet, routes that begin and end at depots."""
    problem.require(solution)
    return CheckReport.of(_violations(problem, solution))


def _violations(problem: VRP, solution: Routes) -> Iterator[Violation]:
    clients = range(problem.num_clients)
    seen: list[int] = []
    used = [0] * len(problem.vehicle_types)
    for number, route in enumerate(solution.routes):
        yield from _structure(problem, number, route)
        seen += [visit for visit in route.visits if visit in clients]
        if 0 <= route.vehicle_type < len(used):
            used[route.vehicle_type] += bool(route.visits)
            for trip in route.trips:
                yield from _load(problem, number, route.vehicle_type, [v for v in trip.visits if v in clients])
    times_visited = np.bincount(np.array(seen, np.int64), minlength=len(clients))
    for client in np.flatnonzero(times_visited != 1):
        name, times = problem.clients[client], int(times_visited[client])  # type: ignore[index]
        if times == 0:
            yield Violation("unserved", f"client {name!r} ({client}) is on no route")
        else:
            yield Violation("visited twice", f"client {name!r} ({client}) is visited {times} times", times - 1)
    for index, (vehicle_type, count) in enumerate(zip(problem.vehicle_types, used, strict=True)):
        if vehicle_type.count is not None and count > vehicle_type.count:
            over = count - vehicle_type.count
            yield Violation(
                "fleet", f"{count} vehicles of type {index} are used, {over} more than the {vehicle_type.count} there are", over
            )


def _structure(problem: VRP, number: int, route: Route) -> Iterator[Violation]:
    num_types, num_clients = len(problem.vehicle_types), problem.num_clients
    if not 0 <= route.vehicle_type < num_types:
        yield Violation("vehicle type", f"route {number} has vehicle type {shown(route.vehicle_type)}, of {num_types}")
    if len(route.trips) != 1:
        yield Violation("trips", f"route {number} has {len(route.trips)} trips; without reloads a route has one")
    for depot in {route.start, *(trip.end for trip in route.trips)}:
        if not 0 <= depot < problem.num_depots:
            yield Violation("depot", f"route {number} names depot {shown(depot)}, of {problem.num_depots}")
    for visit in route.visits:
        if not 0 <= visit < num_clients:
            yield Violation("unknown client", f"route {number} visits client {shown(visit)}; clients are 0 to {num_clients - 1}")


def _load(problem: VRP, number: int, vehicle_type: int, visits: list[int]) -> Iterator[Violation]:
    demand, most = problem.load_ticks
    if sum(demand[visits].tolist()) <= most:
        return
    capacity = problem.vehicle_types[vehicle_type].capacity[0]
    amounts = problem.demand[visits, 0].tolist()
    load = sum(amounts) if problem.demand.dtype.kind == "i" else math.fsum(amounts)
    over = load - capacity
    said = f"route {number} carries {figure(load)}, {figure(over)} more than its capacity {figure(capacity)}"
    yield Violation("capacity", said, over)


def _require_clients(problem: VRP, visits: tuple[int, ...]) -> None:
    last = problem.num_clients - 1
    if visits and (min(visits) < 0 or max(visits) > last):
        unknown = next(visit for visit in visits if not 0 <= visit <= last)
        raise InvalidSolutionError(f"the solution visits client {shown(unknown)}; clients are 0 to {last}")


def _depot(problem: VRP, depot: int) -> int:
    if not 0 <= depot < problem.num_depots:
        raise InvalidSolutionError(f"the solution names depot {shown(depot)}; depots are 0 to {problem.num_depots - 1}")
    return depot
