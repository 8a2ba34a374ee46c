"""Routes for a search whose time was over before it began: plain Python, which no other thread holds up for long."""

from __future__ import annotations

import math
from collections.abc import Iterable

from ...core.result import StopReason
from ...core.run import Outcome, Run
from ..metrics import Matrix
from .loads import load_ticks
from .problem import DENSE_NODES, VRP
from .solution import Routes


def in_haste(problem: VRP, run: Run, said: str = "") -> Outcome:
    """What a run that met its time limit without any routes ends with.

    Set-up counts against the limit, and beside a thread that hogs the interpreter may take all of it, which is no reason for
    an answer without routes. Above `DENSE_NODES` clients there are none all the same: they would come too late.
    """
    if problem.num_clients > DENSE_NODES:
        return Outcome(StopReason.TIME, message=said)
    routes = first_routes(problem)
    if not problem.check(routes):
        return Outcome(StopReason.TIME, nearest=routes, message=said)
    run.improve(problem.evaluate(routes), lambda: routes)
    why = "the time limit was met before the search had routes of its own: these are the first that came to hand"
    return Outcome(StopReason.TIME, routes, message="; ".join(part for part in (why, said) if part))


def first_routes(problem: VRP) -> Routes:
    """Clients as a ray around the depot meets them, in as many routes as their loads ask for (be it more than the fleet has)."""
    demand, capacity = load_ticks(problem)
    amounts = demand.tolist()
    routes: list[list[int]] = []
    room = -1
    for client in _around_the_depot(problem):
        if amounts[client] > room:
            routes.append([])
            room = capacity
        routes[-1].append(client)
        room -= amounts[client]
    return Routes.of(routes)


def _around_the_depot(problem: VRP) -> Iterable[int]:
    """Clients by their angle; as they stand in the table where there are no coordinates."""
    if isinstance(problem.network, Matrix):
        return range(problem.num_clients)
    (at_x, at_y), *places = problem.network.points.tolist()
    angles = [math.atan2(y - at_y, x - at_x) for x, y in places]
    return sorted(range(problem.num_clients), key=angles.__getitem__)
