"""What follows what on a machine or in a job, and when work is done that breaks interrupt."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_TIED = 40
"""So many operations without a duration at one instant on one machine are put into the best order; more are left as they are."""

MOST_LOOKS = 2000
"""Beginnings of orders that are looked at, at most: enough for all orders of six."""

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Neighbours:
    """Operations in the sequences of their machines or jobs.

    Attributes
    ----------
    order : numpy.ndarray of int64
        All of them, machine by machine, in their sequences.
    before, after : numpy.ndarray of int64
        Pairs that follow each other directly.
    first : numpy.ndarray of int64
        The first of each sequence.
    """

    order: Ints
    before: Ints
    after: Ints
    first: Ints


def neighbours(
    place: Ints,
    key: NDArray[Any],
    start: NDArray[np.float64],
    end: NDArray[np.float64],
    items: Ints,
    gap: Callable[[int, int], float] | None = None,
    lead: Callable[[int], float] | None = None,
    exact: NDArray[np.bool_] | None = None,
) -> Neighbours:
    """Sequences by place (machine or job), then by key, then by end.

    Parameters
    ----------
    place, key, start, end : numpy.ndarray, shape (num_operations,)
        The key is the start in whole ticks, or the position where that is the order.
    items : numpy.ndarray of int64
        Which operations to sort.
    gap, lead : callable, optional
        Time that must pass between two, and before the first from 0 on; they decide among operations that start and end at one
        instant, where any order may be meant.
    exact : numpy.ndarray of bool, shape (num_operations,), optional
        After which operations no more time may pass than that.
    """
    order = items[np.lexsort((end[items], key[items], place[items]))]
    tied = (place[order[1:]] == place[order[:-1]]) & (key[order[1:]] == key[order[:-1]]) & (end[order[1:]] == end[order[:-1]])
    if (gap is not None or lead is not None) and tied.any():
        exact = np.zeros(len(start), np.bool_) if exact is None else exact
        order = _untied(order, place, start, end, tied, gap or (lambda a, b: 0.0), lead or (lambda a: 0.0), exact)
    same = place[order[1:]] == place[order[:-1]]
    return Neighbours(order, order[:-1][same], order[1:][same], order[np.r_[True, ~same]] if order.size else order)


def _untied(
    order: Ints,
    place: Ints,
    start: NDArray[np.float64],
    end: NDArray[np.float64],
    tied: NDArray[np.bool_],
    gap: Callable[[int, int], float],
    lead: Callable[[int], float],
    exact: NDArray[np.bool_],
) -> Ints:
    """The order in which operations at one instant fit best between those around them."""
    order = order.copy()
    at = 0
    while at < len(order):
        stop = at + 1
        while stop < len(order) and tied[stop - 1]:
            stop += 1
        if 1 < stop - at <= MOST_TIED:
            ahead = [int(order[at - 1])] if at and place[order[at - 1]] == place[order[at]] else []
            behind = [int(order[stop])] if stop < len(order) and place[order[stop]] == place[order[at]] else []
            own = order[at:stop].tolist()

            def step(a: int, b: int) -> tuple[float, float]:
                wait = gap(a, b)
                missing = end[a] + wait - start[b]
                return (abs(missing) if exact[a] else max(0.0, missing)), wait

            first = {b: step(ahead[0], b) if ahead else (max(0.0, lead(b) - start[b]), lead(b)) for b in own}
            last = {a: step(a, behind[0]) if behind else (0.0, 0.0) for a in own}
            order[at:stop] = _best_path(own, first, {(a, b): step(a, b) for a in own for b in own if a != b}, last)
        at = stop
    return order


def _best_path(
    own: list[int],
    first: dict[int, tuple[float, float]],
    steps: dict[tuple[int, int], tuple[float, float]],
    last: dict[int, tuple[float, float]],
) -> list[int]:
    """The order of least sums (what is missing, then what passes): depth first, the nearest first, within `MOST_LOOKS`."""
    best, least, looks = own, (math.inf, math.inf), 0

    def add(a: tuple[float, float], b: tuple[float, float]) -> tuple[float, float]:
        return a[0] + b[0], a[1] + b[1]

    def extend(path: list[int], rest: list[int], cost: tuple[float, float]) -> None:
        nonlocal best, least, looks
        looks += 1
        if not rest:
            cost = add(cost, last[path[-1]])
            if cost < least:
                best, least = path, cost
            return
        for total, b in sorted((add(cost, steps[path[-1], b] if path else first[b]), b) for b in rest):
            if total < least and (looks < MOST_LOOKS or least[0] == math.inf):
                extend([*path, b], [c for c in rest if c != b], total)

    extend([], own, (0.0, 0.0))
    return best


def worked_until(windows: Sequence[tuple[float, float]], start: float, duration: float, tolerance: float = 0.0) -> float:
    """When ``duration`` has been worked from ``start`` on within the windows; ``inf`` where they do not suffice."""
    left = duration
    if left <= 0:
        return start
    at = max(0, bisect_right(windows, (start + tolerance, math.inf)) - 1)
    here = start
    for first, last in islice(windows, at, None):
        here = max(here, first)
        if here + left <= last + tolerance:
            return here + left
        left -= max(0.0, last - here)
    return math.inf


def next_start(
    windows: Sequence[tuple[float, float]], ready: float, duration: float, resumable: bool, tolerance: float = 0.0
) -> float:
    """The first time not before ``ready`` at which an operation can start within some working time; ``inf`` for none.

    Times that are no further apart than ``tolerance`` are the same: 0.1 + 0.2 ends by 0.3.
    """
    for start, end in islice(windows, max(0, bisect_right(windows, (ready + tolerance, math.inf)) - 1), None):
        here = max(start, ready)
        if resumable and (here < end - tolerance or (duration == 0 and here <= end + tolerance)):
            return here if math.isfinite(worked_until(windows, here, duration, tolerance)) else math.inf
        if not resumable and here + duration <= end + tolerance:
            return float(here)
    return math.inf
