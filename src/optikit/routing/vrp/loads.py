"""Loads and fleet as integers, for engines that prove: what the checker accepts, they accept."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .check import TOLERANCE
from .problem import VRP


def load_ticks(problem: VRP) -> tuple[NDArray[np.int64], int]:
    """Demands and the capacity in ticks of load.

    Where the lattice is exact, so is the answer. Where it is not, demands are rounded down and the capacity up by half of the
    checker's tolerance: no solution is lost, and none is let in that the checker refuses.

    Returns
    -------
    demand : numpy.ndarray of int64, shape (num_clients,)
    capacity : int
        No larger than the total demand (more room is never used).
    """
    lattice = problem.load_lattice
    demand = lattice.ticks(problem.demand[:, 0], "down")
    total = int(demand.sum())
    if problem.capacity >= lattice.units(total) * (1 + TOLERANCE):
        return demand, total
    if lattice.exact:
        return demand, min(total, int(lattice.ticks(np.array([problem.capacity]))[0]))
    slack = 0.5 * TOLERANCE * max(1.0, problem.capacity)
    return demand, min(total, math.floor((problem.capacity + slack) * lattice.scale))


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
