"""Loads as integers: one rule for the judge and for all who are judged, so that they can never differ."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...errors import EntryError
from ...ticks import KERNEL_LIMIT, Lattice

if TYPE_CHECKING:
    from .problem import GeneralizedAssignment

TOLERANCE = 1e-9
"""Slack of fractional loads, as a part of the capacity: 0.1 + 0.2 is not charged with the last digit of a float."""

LIMIT = KERNEL_LIMIT >> 10


def measure(problem: GeneralizedAssignment) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Demands, and the largest load of each agent, in ticks: an agent is within its capacity where its sum is not larger.

    Whole demands are judged exactly. Fractional ones are rounded down where no decimal holds them, agent by agent, and the
    capacity is stretched by `TOLERANCE`, so that no solution is lost to rounding.

    Returns
    -------
    demand : numpy.ndarray of int64, shape (num_agents, num_jobs)
        A job that does not fit even alone has one tick more than the agent holds.
    most : numpy.ndarray of int64, shape (num_agents,)
        No more than the total demand and a tick: more room is never used.
    """
    if problem.demand.dtype.kind == "i":
        room = np.floor(problem.capacity).astype(np.float64)
        total = problem.demand.sum(axis=1, dtype=np.float64)
        most = np.where(room < total, np.minimum(room, LIMIT), np.minimum(total, LIMIT) + 1).astype(np.int64)
        if problem.capacity.dtype.kind == "i":
            most = np.minimum(most, problem.capacity)
        demand = np.minimum(problem.demand, most[:, None] + 1)
        sums = demand.sum(axis=1, dtype=np.float64)
        if float(sums.max()) > LIMIT:
            agent = int(sums.argmax())
            job = int(problem.demand[agent].argmax())
            raise EntryError(
                f"demand[{agent}, {job}] is {problem.demand[agent, job]}, and the demands of this agent add up to more than the "
                f"{LIMIT:.0e} that sums may reach; use a larger unit (divide by 1000)",
                (agent, job),
            )
    else:
        rows = [_fractions(row, float(capacity)) for row, capacity in zip(problem.demand, problem.capacity, strict=True)]
        demand, most = np.array([row for row, _ in rows]), np.array([limit for _, limit in rows], np.int64)
    demand.flags.writeable = most.flags.writeable = False
    return demand, most


def _fractions(given: NDArray[Any], capacity: float) -> tuple[NDArray[np.int64], int]:
    held = np.minimum(given, capacity)
    total = math.fsum(held.tolist())
    values = np.append(held, capacity) if capacity < total else held
    lattice = Lattice.fit(values, max_items=_items(values), limit=LIMIT, field="demand")
    room = capacity * (1 + TOLERANCE)
    demand = lattice.ticks(held, "down")
    most = min(math.floor(min(room * lattice.scale, float(LIMIT))), int(demand.sum()) + 1)
    demand[given > room] = most + 1
    return demand, most


def _items(values: NDArray[Any]) -> int:
    """So many of the largest make the sum of all."""
    largest = float(values.max(initial=0))
    return math.ceil(math.fsum(values.tolist()) / largest) + 1 if largest > 0 else 1
