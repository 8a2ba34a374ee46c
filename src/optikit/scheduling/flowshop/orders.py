"""Orders of jobs by the field's constructive rules, by numpy alone."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .problem import FlowShop

Order = NDArray[np.int64]


def by_total(problem: FlowShop) -> Order:
    """Jobs by decreasing total duration, as NEH takes them; for the total flow time by increasing, the heavy ones first."""
    total = problem.durations.sum(axis=1)
    if problem.objective == "total_flow_time":
        weight = np.ones(problem.num_jobs) if problem.weight is None else problem.weight
        released = 0 if problem.release is None else problem.release
        return np.argsort((total + released) / np.maximum(weight, 1e-12), kind="stable")
    return np.argsort(-total, kind="stable")


def palmer(problem: FlowShop) -> Order:
    """By Palmer's slope index (1965): jobs whose durations grow along the line first."""
    m = problem.num_stages
    slope = problem.durations.astype(float) @ (2 * np.arange(1, m + 1) - m - 1.0)
    return np.argsort(-slope, kind="stable")


def gupta(problem: FlowShop) -> Order:
    """By Gupta's index (1971): like Johnson's rule, with the least sum of two neighbouring stages."""
    d = problem.durations.astype(float)
    pairs = d[:, :-1] + d[:, 1:] if problem.num_stages > 1 else d
    sign = np.where(d[:, 0] < d[:, -1], -1.0, 1.0)
    least = pairs.min(axis=1)
    # The index is sign / least; sums of 0 come first or last, as the sign says.
    return np.lexsort((np.where(sign < 0, least, -least), sign))


def johnson(first: NDArray[np.number], second: NDArray[np.number]) -> Order:
    """Johnson's rule (1954): shortest first where the first machine has less to do; then, longest on the second first."""
    early = first <= second
    return np.lexsort((np.where(early, first, -second), ~early))


def campbell_dudek_smith(problem: FlowShop) -> Iterator[Order]:
    """The m - 1 orders of Campbell, Dudek and Smith (1970): Johnson's rule on the first k stages and the last k."""
    d = problem.durations.astype(float)
    if problem.num_stages == 1:
        yield np.arange(problem.num_jobs)
    for k in range(1, problem.num_stages):
        yield johnson(d[:, :k].sum(axis=1), d[:, -k:].sum(axis=1))


def liu_reeves(problem: FlowShop, tries: int = 1) -> Iterator[Order]:
    """The LR(x) orders of Liu and Reeves (2001): by idle time and what an average job would make of it, from x first jobs.

    Weights divide the index (the published rule has none); jobs are ranked as if all were released.
    """
    d = problem.durations.astype(float)
    n, m = d.shape
    weight = np.ones(n) if problem.weight is None else np.maximum(problem.weight.astype(float), 1e-12)
    opening = _indices(d, weight, np.arange(n), np.zeros(m), 0, n)
    for start in np.argsort(opening, kind="stable")[:tries].tolist():
        order, left = [start], np.delete(np.arange(n), start)
        ends = np.cumsum(d[start])
        while left.size:
            best = int(_indices(d, weight, left, ends, len(order), n).argmin())
            job = int(left[best])
            order.append(job)
            left = np.delete(left, best)
            ends = _appended(ends[None, :], d[job][None, :])[0]
        yield np.array(order)


def _appended(ends: NDArray[np.float64], durations: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ends on all stages of jobs that come after ``ends``; both of shape (jobs, stages)."""
    rows, stages = max(len(ends), len(durations)), durations.shape[1]
    out = np.empty((rows, stages))
    now = np.zeros(rows)
    for k in range(stages):
        now = np.maximum(now, ends[:, k]) + durations[:, k]
        out[:, k] = now
    return out


def _indices(
    d: NDArray[np.float64], weight: NDArray[np.float64], left: Order, ends: NDArray[np.float64], placed: int, n: int
) -> NDArray[np.float64]:
    """Index of each job that is left: weighted idle time times the jobs after it, plus the end of an average job after it."""
    m = d.shape[1]
    after = _appended(ends[None, :], d[left])
    idle = np.zeros(len(left))
    for k in range(1, m):
        gap = np.maximum(after[:, k - 1] - ends[k], 0)
        idle += m * gap / (k + 1 + placed * (m - k - 1) / max(1, n - 2))
    others = len(left) - 1
    average = (d[left].sum(axis=0)[None, :] - d[left]) / max(1, others)
    artificial = _appended(after, average)[:, -1]
    return ((n - placed - 2) * idle + after[:, -1] + artificial) / weight[left]
