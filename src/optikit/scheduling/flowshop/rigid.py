"""Jobs that do not wait: the delay between the starts of two jobs says all about them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .problem import FlowShop


def offsets(duration: NDArray[np.int64]) -> NDArray[np.int64]:
    """From the start of a job to its start on each stage, and to its end: shape (num_jobs, num_stages + 1)."""
    n, m = duration.shape
    offset = np.zeros((n, m + 1), np.int64)
    np.cumsum(duration, axis=1, out=offset[:, 1:])
    return offset


def delays(problem: FlowShop) -> NDArray[np.int64]:
    """From the start of a job on the first stage to that of the next, ticks, shape (num_jobs + 1, num_jobs + 1).

    The last row is for no job before, where time counts from 0; the last column is 0. Releases are not in it.
    """
    n, m = problem.durations.shape
    ticks = problem.lattice.ticks
    offset = offsets(ticks(problem.durations))
    delay = np.zeros((n + 1, n + 1), np.int64)
    inner = delay[:n, :n]
    for k in range(m):
        gap = offset[:, k + 1][:, None] - offset[:, k][None, :]
        np.maximum(inner, gap if problem.setup is None else gap + ticks(problem.setup[k]), out=inner)
        if problem.first_setup is not None:
            np.maximum(delay[n, :n], ticks(problem.first_setup[k]) - offset[:, k], out=delay[n, :n])
    return delay
