"""Why a vehicle routing problem has no solution, or what binds: in words, with numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.check import Violation
from ...explanation import Explanation
from ...inputs.wording import amount
from .bounds import lower_bound
from .loads import load_ticks
from .problem import VRP
from .solution import Route, Routes


def explain(problem: VRP, solution: Routes | None = None) -> Explanation:
    """What makes a problem infeasible, or what binds; with a solution, also what is wrong or tight in it.

    Examples
    --------
    >>> vrp = VRP.from_coordinates([(0, 0), (0, 3), (4, 0)], demand=[0, 5, 1], capacity=4)
    >>> print(explain(vrp).reasons[0])
    client 'c0' (0) has a demand of 5, 1 more than the largest capacity, 4
    """
    violations = problem.check(solution).violations if solution is not None else ()
    reasons = impossible(problem)
    # Where nothing is possible, nothing binds.
    facts = [] if reasons else [*_fleet(problem), *_distances(problem)]
    if solution is not None:
        facts += _routes(problem, solution)
    return Explanation(bool(reasons), reasons, tuple(facts), violations)


def impossible(problem: VRP) -> tuple[Violation, ...]:
    """Reasons, proved from demands, capacities and the size of the fleet alone, why no solution exists.

    Takes O(n log n) for n clients. Finding none proves nothing where the fleet is limited: whether the clients fit into it
    is a bin packing problem.

    Returns
    -------
    tuple of Violation
        Rule ``"capacity"`` for each client that fits in no vehicle; ``"fleet"`` where all vehicles together are too small or
        too few (total demand; else the bound L2 of Martello and Toth 1990).
    """
    demand, (loads, most) = problem.demand[:, 0], problem.load_ticks
    reasons = []
    for client in np.flatnonzero(loads > most).tolist():
        excess = demand[client].item() - problem.capacity
        reasons.append(
            Violation(
                "capacity",
                f"client {problem.clients[client]!r} ({client}) has a demand of {amount(demand[client])}, "  # type: ignore[index]
                f"{amount(excess)} more than the largest capacity, {amount(problem.capacity)}",
                excess,
            )
        )
    fleet = problem.num_vehicles
    if fleet is None:
        return tuple(reasons)
    if int(loads.sum()) > fleet * most:
        total = _total(problem)
        over = total - fleet * problem.capacity
        reasons.append(
            Violation(
                "fleet",
                f"the total demand of {amount(total)} is {amount(over)} more than the {fleet} vehicles carry together, "
                f"{fleet} x {amount(problem.capacity)} = {amount(fleet * problem.capacity)}",
                over,
            )
        )
    else:
        needed = least_vehicles(problem)
        if needed > fleet:
            reasons.append(
                Violation(
                    "fleet",
                    f"at least {needed} vehicles are needed, {needed - fleet} more than the {fleet} there are: the demands do "
                    f"not pack into fewer (bound L2 of Martello and Toth 1990), though {fleet} vehicles could carry their sum",
                    needed - fleet,
                )
            )
    return tuple(reasons)


def least_vehicles(problem: VRP) -> int:
    """A number of vehicles below which no solution exists: the bound L2 for bin packing.

    Martello and Toth, Lower bounds and reduction procedures for the bin packing problem, Discrete Applied Mathematics 28
    (1990), section 2: for a threshold p, items above C - p are alone in their bins, items above C / 2 share theirs with none of
    their kind, and the items from p to C / 2 fill what is left there and then further bins. L2 is the largest such count.
    """
    demand, limit = load_ticks(problem)
    if limit <= 0:
        return 0
    sizes = np.sort(demand)[::-1]
    prefix = np.concatenate(([0], np.cumsum(sizes)))

    def above(limits: NDArray[Any]) -> NDArray[Any]:
        """How many items are strictly larger."""
        return np.searchsorted(-sizes, -limits, side="left")

    halves = int(above(np.array([limit // 2]))[0])
    thresholds = np.unique(np.concatenate(([0], sizes[sizes <= limit // 2])))
    alone = np.minimum(above(limit - thresholds), halves)
    down_to = len(sizes) - np.searchsorted(sizes[::-1], thresholds, side="left")
    small = prefix[down_to] - prefix[halves]
    left = (halves - alone) * limit - (prefix[halves] - prefix[alone])
    counts = halves + np.maximum(0, -((left - small) // limit))
    return int(counts.max())


# -- facts ----------------------------------------------------------------------


def _fleet(problem: VRP) -> Iterator[str]:
    demand, capacity, fleet = problem.demand[:, 0], problem.capacity, problem.num_vehicles
    total, needed = _total(problem), max(1, least_vehicles(problem))
    if capacity <= 0:
        return
    filled = f" and fills {100 * total / (needed * capacity):.1f} % of these" if total <= needed * capacity else ""
    yield (
        f"{problem.num_clients} clients need at least {needed} route{_s(needed)} with a capacity of {amount(capacity)}; "
        f"their demand is {amount(total)}{filled}"
    )
    if fleet is not None:
        spare = fleet - needed
        used = f"the demand uses {100 * total / (fleet * capacity):.1f} % of what the fleet of {fleet} carries"
        yield used + (f"; {spare} vehicle{_s(spare)} could stay at home at most" if spare > 0 else "")
    heavy = np.flatnonzero(demand > capacity / 2)
    if len(heavy):
        largest = heavy[np.argsort(-demand[heavy], kind="stable")][:3].tolist()
        named = ", ".join(f"{problem.clients[client]!r} with {amount(demand[client])}" for client in largest)  # type: ignore[index]
        one = len(heavy) == 1
        yield (
            f"{len(heavy)} client{_s(len(heavy))} need{'s' if one else ''} more than half a vehicle"
            f"{'' if one else ', so that no two of them share one'}: {named}{', ...' if len(heavy) > 3 else ''}"
        )


def _distances(problem: VRP) -> Iterator[str]:
    network = problem.network
    clients = np.arange(problem.num_depots, len(network))
    depot = np.zeros(len(clients), np.int64)
    there_and_back = np.asarray(network.legs(depot, clients) + network.legs(clients, depot), np.float64)
    far = int(there_and_back.argmax())
    share = np.minimum(problem.demand[:, 0] / problem.capacity, 1.0) if problem.capacity > 0 else np.ones(len(clients))
    radial = float(share @ there_and_back)
    fact = f"the farthest client is {problem.clients[far]!r}: {amount(there_and_back[far])} there and back"  # type: ignore[index]
    if radial > 0 and len(clients) >= 20:
        tenth = max(1, len(clients) // 10)
        farthest = np.argsort(-there_and_back, kind="stable")[:tenth]
        part = float((share * there_and_back)[farthest].sum()) / radial
        fact += f"; the farthest tenth of the clients makes up {100 * part:.0f} % of the radial distance"
    yield fact
    yield f"no solution is shorter than {amount(lower_bound(problem))}"


def _routes(problem: VRP, solution: Routes) -> Iterator[str]:
    used = [(number, route) for number, route in enumerate(solution.routes) if route.visits]
    if not used:
        yield "the solution has no route with visits"
        return
    known = [(number, route) for number, route in used if _is_known(problem, route)]
    if len(known) < len(used):
        yield f"{len(used) - len(known)} of {len(used)} routes name clients or depots that are not there, and are left out here"
        used = known
    if not used:
        return
    loads = {number: math.fsum(problem.demand[list(route.visits), 0].tolist()) for number, route in used}
    fullest, emptiest = max(loads, key=lambda number: loads[number]), min(loads, key=lambda number: loads[number])
    carried, offered = sum(loads.values()), len(used) * problem.capacity
    yield f"the solution has {len(used)} route{_s(len(used))}, on average {100 * carried / offered if offered else 0:.1f} % full"
    for word, number in (("fullest", fullest), ("emptiest", emptiest)):
        yield f"the {word} route is {number}: {amount(loads[number])} of {amount(problem.capacity)}"
    longest, where = -1.0, ("", "", 0)
    for number, route in used:
        nodes = [route.start]
        for trip in route.trips:
            nodes += [*(problem.num_depots + visit for visit in trip.visits), trip.end]
        legs = np.asarray(problem.network.legs(nodes[:-1], nodes[1:]), np.float64)
        worst = int(legs.argmax())
        if legs[worst] > longest:
            longest, where = float(legs[worst]), (_name(problem, nodes[worst]), _name(problem, nodes[worst + 1]), number)
    yield f"the longest leg is {amount(longest)}, from {where[0]} to {where[1]} on route {where[2]}"


def _is_known(problem: VRP, route: Route) -> bool:
    depots = (route.start, *(trip.end for trip in route.trips))
    return all(0 <= visit < problem.num_clients for visit in route.visits) and all(0 <= d < problem.num_depots for d in depots)


def _name(problem: VRP, node: int) -> str:
    return repr((*problem.depots, *(problem.clients or ()))[node])


def _total(problem: VRP) -> float:
    demand = problem.demand[:, 0].tolist()
    return sum(demand) if problem.demand.dtype.kind == "i" else math.fsum(demand)


def _s(count: int) -> str:
    return "" if count == 1 else "s"
