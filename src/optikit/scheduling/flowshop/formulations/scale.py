"""Ticks for CP-SAT, whose sums stay below 2^53."""

from __future__ import annotations

from typing import Any

import numpy as np

from ....ticks import CPSAT_LIMIT, Lattice
from ..problem import FlowShop
from ..timetable import Times


def lattice_of(problem: FlowShop) -> Lattice:
    """Ticks of time such that all sums of the model stay below CP-SAT's limit."""
    n, m = problem.durations.shape
    weights = int(problem.weight_ticks.sum()) if problem.objective == "total_flow_time" else 1
    # The horizon is a sum of n * m durations and as many setups.
    room = max(2, CPSAT_LIMIT // (4 * max(1, weights)))
    parts = [part.ravel() for part in (problem.durations, problem.setup, problem.first_setup, problem.release) if part is not None]
    whole = all(part.dtype.kind == "i" for part in parts)
    values = np.concatenate(parts if whole else [part.astype(np.float64) for part in parts])
    fitted = Lattice.fit(values, max_items=2 * n * m + 2, limit=room, parts=True)
    return Lattice(fitted.scale, fitted.item_error, problem.max_items)


def times_in(problem: FlowShop, lattice: Lattice) -> Times:
    def listed(part: Any) -> Any:
        return None if part is None else lattice.ticks(part).tolist()

    release = [0] * problem.num_jobs if problem.release is None else listed(problem.release)
    return Times(listed(problem.durations), listed(problem.setup), listed(problem.first_setup), release)


def horizon_of(times: Times) -> int:
    """No sensible schedule needs more: one job after the other, each after the longest setups."""
    total = sum(map(sum, times.duration)) + max(times.release)
    n = len(times.duration)
    for stage, table in enumerate(times.setup or []):
        total += sum(max(table[i][j] for i in range(n)) for j in range(n))
        total += sum(times.first_setup[stage]) if times.first_setup else 0
    if not times.setup and times.first_setup:
        total += sum(map(sum, times.first_setup))
    return int(total)
