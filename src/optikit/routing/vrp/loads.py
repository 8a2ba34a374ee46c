"""Loads and fleet as integers: one rule for the judge and for all who are judged, so that they can never differ."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...ticks import KERNEL_LIMIT, Lattice

if TYPE_CHECKING:
    from .problem import VRP

TOLERANCE = 1e-9
"""Slack of fractional loads, as a part of the capacity: 0.1 + 0.2 is not charged with the last digit of a float."""


def fit_lattice(demand: NDArray[Any], capacity: float) -> Lattice:
    """Ticks of load: units of whole demands, the common decimal of fractional ones, else the finest whose sums fit.

    Raises
    ------
    EntryError
        If no lattice holds the total demand; with the index of the largest.
    """
    limit = KERNEL_LIMIT >> 10
    if demand.dtype.kind == "i":
        return Lattice.fit(demand, max_items=_items(demand), limit=limit, field="demand")
    # What is above the capacity is too much, however much it is; and more room than for all of them is never used.
    held = np.minimum(demand, capacity)
    if capacity < math.fsum(held.tolist()):
        held = np.append(held, float(capacity))
    return Lattice.fit(held, max_items=_items(held), limit=limit, field="demand")


def _items(values: NDArray[np.number]) -> int:
    """So many of the largest make the sum of all."""
    largest = float(values.max(initial=0))
    return math.ceil(math.fsum(values.tolist()) / largest) + 1 if largest > 0 else 1


def measure(problem: VRP) -> tuple[NDArray[np.int64], int]:
    """Demands, and the largest load of a vehicle, in ticks of load: a route is within its capacity where its sum is not larger.

    Whole demands are judged exactly. Fractional ones are rounded down where no decimal holds them, and the capacity is
    stretched by `TOLERANCE`, so that no solution is lost to rounding.

    Returns
    -------
    demand : numpy.ndarray of int64, shape (num_clients,)
        A client that fits into no vehicle has one tick more than it holds.
    most : int
    """
    lattice, given, capacity = problem.load_lattice, problem.demand[:, 0], problem.capacity
    if given.dtype.kind == "i":
        demand, most = lattice.ticks(given), min(math.floor(capacity), KERNEL_LIMIT)
    else:
        demand = lattice.ticks(np.minimum(given, capacity), "down")
        room = capacity * (1 + TOLERANCE)
        most = math.floor(min(room * lattice.scale, KERNEL_LIMIT))
        demand[given > room] = most + 1
    demand.flags.writeable = False
    return demand, most


def load_ticks(problem: VRP) -> tuple[NDArray[np.int64], int]:
    """`VRP.load_ticks` for engines: of the capacity no more than the total demand, as more room is never used."""
    demand, most = problem.load_ticks
    return demand, min(most, int(demand.sum()))


def fleet(problem: VRP) -> tuple[int, int]:
    """The fewest and the most routes that a solution can have; (2, 1), for instance, proves that there is none."""
    demand, capacity = load_ticks(problem)
    total = int(demand.sum())
    least = max(1, -(-total // capacity)) if capacity > 0 else 1
    most = problem.num_clients if problem.num_vehicles is None else min(problem.num_vehicles, problem.num_clients)
    return least, most


def fits(problem: VRP) -> bool:
    """Whether each client alone fits into a vehicle."""
    demand, capacity = load_ticks(problem)
    return bool((demand <= capacity).all())


def joinable(problem: VRP) -> NDArray[np.bool_]:
    """Arcs that some solution can use, shape (num_nodes, num_nodes): the two clients fit into one vehicle together."""
    demand, capacity = load_ticks(problem)
    with_depot = np.concatenate(([0], demand))
    possible = with_depot[:, None] + with_depot[None, :] <= capacity
    possible[0, :] = possible[:, 0] = True
    np.fill_diagonal(possible, False)
    return possible


def first_fit(problem: VRP) -> int:
    """Vehicles that first-fit decreasing needs: so many always suffice for a fleet without limit."""
    demand, capacity = load_ticks(problem)
    room: list[int] = []
    for load in sorted(demand.tolist(), reverse=True):
        for index, left in enumerate(room):
            if load <= left:
                room[index] = left - load
                break
        else:
            room.append(capacity - load)
    return max(1, len(room))
