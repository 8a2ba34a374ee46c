"""The judge of routes: plain Python on the original data, with no code of the solvers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ...core.check import CheckReport, Violation
from .solution import Route, Routes

if TYPE_CHECKING:
    from .problem import VRP

TOLERANCE = 1e-9
"""Relative slack on loads: sums of decimal fractions (0.1 + 0.2) are not charged with the float's last digit."""


def room(problem: VRP) -> float:
    """The largest load that `check` lets a vehicle carry: whole numbers exactly, fractions with the slack of `TOLERANCE`."""
    if problem.demand.dtype.kind == "i":
        return problem.capacity
    return problem.capacity + TOLERANCE * max(1.0, problem.capacity)


def evaluate(problem: VRP, solution: Routes) -> float:
    """Total distance of all trips, from depot to depot.

    Raises
    ------
    InvalidSolutionError
        For a solution of another class, or one that names a client or depot that is not there.
    """
    problem.require(solution)
    tails, heads = [], []
    for route in solution.routes:
        here = _depot(problem, route.start)
        for trip in route.trips:
            if trip.visits or trip.end != here:
                stops = [_node(problem, visit) for visit in trip.visits] + [_depot(problem, trip.end)]
                tails += [here, *stops[:-1]]
                heads += stops
                here = stops[-1]
    return math.fsum(problem.network.legs(tails, heads).tolist()) if tails else 0.0


def check(problem: VRP, solution: Routes) -> CheckReport:
    """All rules: each client once, loads within the capacity, vehicles within the fleet, routes that begin and end at depots."""
    problem.require(solution)
    return CheckReport.of(_violations(problem, solution))


def _violations(problem: VRP, solution: Routes) -> Iterator[Violation]:
    times_visited = np.zeros(problem.num_clients, np.int64)
    used = [0] * len(problem.vehicle_types)
    for number, route in enumerate(solution.routes):
        yield from _structure(problem, number, route)
        known = [visit for visit in route.visits if 0 <= visit < problem.num_clients]
        np.add.at(times_visited, known, 1)
        if 0 <= route.vehicle_type < len(used):
            used[route.vehicle_type] += bool(route.visits)
            for trip in route.trips:
                yield from _load(problem, number, route.vehicle_type, [v for v in trip.visits if v in range(problem.num_clients)])
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
    if not 0 <= route.vehicle_type < len(problem.vehicle_types):
        yield Violation("vehicle type", f"route {number} has vehicle type {route.vehicle_type}, of {len(problem.vehicle_types)}")
    if len(route.trips) != 1:
        yield Violation("trips", f"route {number} has {len(route.trips)} trips; without reloads a route has one")
    for depot in {route.start, *(trip.end for trip in route.trips)}:
        if not 0 <= depot < problem.num_depots:
            yield Violation("depot", f"route {number} names depot {depot}, of {problem.num_depots}")
    for visit in route.visits:
        if not 0 <= visit < problem.num_clients:
            yield Violation("unknown client", f"route {number} visits client {visit}; clients are 0 to {problem.num_clients - 1}")


def _load(problem: VRP, number: int, vehicle_type: int, visits: list[int]) -> Iterator[Violation]:
    for dimension, capacity in enumerate(problem.vehicle_types[vehicle_type].capacity):
        amounts = problem.demand[visits, dimension].tolist()
        # Whole numbers are judged exactly, fractions with some slack for the last digit of a float.
        whole = problem.demand.dtype.kind == "i"
        load = sum(amounts) if whole else math.fsum(amounts)
        if load > (capacity if whole else capacity + TOLERANCE * max(1.0, capacity)):
            yield Violation(
                "capacity",
                f"route {number} carries {load:.10g}, {load - capacity:.10g} more than its capacity {capacity:.10g}",
                load - capacity,
            )


def _node(problem: VRP, visit: int) -> int:
    if not 0 <= visit < problem.num_clients:
        from ...core.errors import InvalidSolutionError

        raise InvalidSolutionError(f"the solution visits client {visit}; clients are 0 to {problem.num_clients - 1}")
    return problem.num_depots + visit


def _depot(problem: VRP, depot: int) -> int:
    if not 0 <= depot < problem.num_depots:
        from ...core.errors import InvalidSolutionError

        raise InvalidSolutionError(f"the solution names depot {depot}; depots are 0 to {problem.num_depots - 1}")
    return depot
