"""A plan in progress: which of its operations keep their times, and which ones a breakdown moves.

What has begun, and what begins within the frozen zone, stays where it is, unless something that came to pass before makes it
impossible: a breakdown hits it, or hits what it has to wait for. Nothing that happened before a breakdown is changed by it.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...errors import InvalidProblemError
from .calendars import Window
from .check import Timetable, carries, first_setups, setups, transports
from .longest import network
from .parts import CHAIN, OPEN
from .sequence import worked_until
from .solution import Schedule

if TYPE_CHECKING:
    from .problem import Shop

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Arcs = tuple[NDArray[np.int64], NDArray[np.int64], Floats]


@dataclass
class Progress:
    """Operations that keep their times.

    Attributes
    ----------
    begun : numpy.ndarray of bool
        Started before now, as far as the plan and the breakdowns tell.
    kept : numpy.ndarray of bool
        These, and those of the frozen zone that can stay where they are.
    end : numpy.ndarray of float64
        When they are done: later than planned where a breakdown interrupts what goes on afterwards.
    hit : numpy.ndarray of float64
        From when on an operation does not go as planned; ``inf`` where it does.
    left : set of int
        Blocking jobs that had left their machine to another when they were hit: they block no more.
    """

    begun: Bools
    kept: Bools
    end: Floats
    hit: Floats
    left: set[int] = field(default_factory=set)

    def move(self, i: int, since: float) -> None:
        self.begun[i] = self.kept[i] = False
        self.hit[i] = since


def progress_of(
    shop: Shop, table: Timetable, now: float, freeze: float, windows: Mapping[int, Sequence[Window]], broken: Mapping[int, Any]
) -> Progress:
    """What of a plan stays.

    Parameters
    ----------
    shop : Shop
    table : Timetable
        Of the plan.
    now, freeze : float
    windows : mapping of int to sequence of (start, end)
        Working time that is left of the machines that break down.
    broken : mapping of int to sequence of (start, end)
        Breakdowns of machines.

    Raises
    ------
    InvalidProblemError
        Where what has begun cannot have been so: operations that overlap, or come before what they have to wait for.
    """
    # Now may be between the ticks of the plan: a quarter of a tick, which is nothing between two of its times, may have passed.
    near = min(shop.tolerance, 1e-9 * max(1.0, now))
    begun = table.present & (table.start < now - near)
    _refuse_history(shop, table, begun)
    kept = begun | (table.present & (table.start < now + freeze - near))
    found = Progress(begun, kept, table.end.copy(), np.full(shop.num_operations, math.inf))
    for machine, left in windows.items():
        for i in np.flatnonzero(kept & (table.machine == machine)).tolist():
            _hit(shop, table, found, i, left, broken[machine])
    arcs = _arcs(shop, table)
    while _spread(shop, table, found, arcs):
        pass
    return found


def outlived(shop: Shop, found: Progress) -> tuple[Any, ...]:
    """Precedences that still bind: not those whose later operation began before the earlier one was hit."""
    gone = found.begun & np.isinf(found.hit)
    return tuple(rule for rule in shop.precedences if not (gone[rule.after] and math.isfinite(found.hit[rule.before])))


def _refuse_history(shop: Shop, table: Timetable, begun: Bools) -> None:
    """What has begun keeps all rules among itself, and waits for nothing that has not."""
    if not begun.any():
        return
    past = dataclasses.replace(
        shop, omission=np.where(begun, math.inf, 0.0), deadline=math.inf, latest=math.inf, baseline=None, objective="makespan"
    )
    mode = np.where(begun, table.mode - shop.mode_ptr[:-1], -1)
    report = past.check(Schedule(np.where(begun, table.start, 0.0), mode))
    if not report:
        raise InvalidProblemError(
            f"what has begun cannot have been so: {report.violations[0]}; correct the starts of the plan, or `now`"
        )
    tail, head, length = _arcs(shop, table)
    early = (
        begun[head // 2]
        & ~begun[tail // 2]
        & (_at(table.start, table.end, tail) + length > _at(table.start, table.end, head) + shop.tolerance)
    )
    for arc in np.flatnonzero(early & (length >= 0))[:1].tolist():
        one, other = int(tail[arc]) // 2, int(head[arc]) // 2
        raise InvalidProblemError(
            f"what has begun cannot have been so: {shop.operation_called(other)} started at {shop.when(table.start[other])}, but "
            f"waits for {shop.operation_called(one)}, which has not begun; correct the starts of the plan, or `now`"
        )


def _hit(shop: Shop, table: Timetable, found: Progress, i: int, windows: Sequence[Window], broken: Iterable[Window]) -> None:
    """What breakdowns of its machine do to an operation."""
    start, end, near = float(table.start[i]), float(table.end[i]), shop.tolerance
    opens = any(first - near <= start < last - near for first, last in windows)
    empty = end <= start and any(first - near <= start <= last + near for first, last in windows)
    since = min((max(first, start) for first, last in broken if last > start and first < end), default=start)
    if shop.resumable[i] and (opens or empty):
        later = worked_until(windows, start, float(shop.duration[table.mode[i]]), near)
        if later > end + near and math.isfinite(later):
            found.end[i], found.hit[i] = later, since
        elif math.isinf(later):
            found.move(i, since)
    elif not empty and not any(first - near <= start and end <= last + near for first, last in windows):
        found.move(i, since)


def _arcs(shop: Shop, table: Timetable) -> Arcs:
    """Rules between two operations of the plan; nodes are starts (2 i) and ends (2 i + 1)."""
    net = network(shop, table.present)
    between = net.tail // 2 != net.head // 2
    # The network takes the shortest transport over all machines; what stays, stays on its own.
    rules = [rule for rule in shop.precedences if table.present[rule.before] and table.present[rule.after] and carries(shop, rule)]
    chained = (shop.order == CHAIN)[shop.job[table.jobs.before]]
    one = np.r_[table.jobs.before[chained], [rule.before for rule in rules]].astype(np.int64)
    other = np.r_[table.jobs.after[chained], [rule.after for rule in rules]].astype(np.int64)
    carried = transports(shop, table.machine, one, other)
    return (
        np.r_[net.tail[between], 2 * one + 1],
        np.r_[net.head[between], 2 * other],
        np.r_[net.length[between], carried],
    )


def _at(start: Floats, end: Floats, node: NDArray[np.int64]) -> Floats:
    return np.where(node % 2 == 1, end[node // 2], start[node // 2])


def _spread(shop: Shop, table: Timetable, found: Progress, arcs: Arcs) -> bool:
    """Free what can no longer stay because of what has been moved or takes longer; whether anything was."""
    before = int(found.kept.sum())
    tail, head, length = arcs
    one, other = tail // 2, head // 2
    late = _at(table.start, found.end, tail) + length > _at(table.start, found.end, head) + shop.tolerance
    for arc in np.flatnonzero(found.kept[other] & (late | ~found.kept[one])).tolist():
        a, b = int(one[arc]), int(other[arc])
        if found.kept[b] and (not found.kept[a] or late[arc]):
            _free(table, found, a, b)
    for machine in np.unique(table.machine[found.kept]).tolist():
        _spread_on(shop, table, found, machine)
    for job in np.flatnonzero(shop.order == OPEN).tolist():
        own = _in_turn(table, found, np.arange(shop.job_ptr[job], shop.job_ptr[job + 1]))
        for a, b in pairwise(own):
            carried = float(transports(shop, table.machine, np.array([a]), np.array([b]))[0])
            if found.end[a] + carried > table.start[b] + shop.tolerance:
                _free(table, found, a, b)
    return int(found.kept.sum()) < before


def _free(table: Timetable, found: Progress, a: int, b: int) -> None:
    """Let the later of two that do not go together be open, or else the earlier; what has begun only where it cannot have."""
    if not found.begun[b] or table.start[b] >= found.hit[a]:
        found.move(b, float(table.start[b]))
    elif found.kept[a] and not found.begun[a]:
        found.move(a, float(table.start[a]))


def _in_turn(table: Timetable, found: Progress, items: NDArray[np.int64]) -> list[int]:
    kept = items[found.kept[items]]
    return [int(i) for i in kept[np.lexsort((found.end[kept], table.start[kept]))]]


def _spread_on(shop: Shop, table: Timetable, found: Progress, machine: int) -> None:
    """The same on a machine: what it holds longer, and setups after another operation than planned."""
    on = np.flatnonzero(table.machine == machine)
    own = _in_turn(table, found, on)
    hits = found.hit[on][~found.kept[on]]
    moved = float(hits.min(initial=math.inf))
    following = dict(zip(table.jobs.before.tolist(), table.jobs.after.tolist(), strict=True))
    if own and shop.first_setup is not None:
        needed = float(first_setups(shop, table.machine, np.array(own[:1]))[0])
        if needed > table.start[own[0]] + shop.tolerance and (not found.begun[own[0]] or table.start[own[0]] >= moved):
            found.move(own[0], float(table.start[own[0]]))
    for a, b in pairwise(own):
        if not (found.kept[a] and found.kept[b]):
            continue
        free, then = float(found.end[a]), following.get(a)
        since = float(found.hit[a])
        if then is not None and shop.blocking[shop.job[a]] and then != b:
            carried = float(transports(shop, table.machine, np.array([a]), np.array([then]))[0])
            free = max(free, float(table.start[then]) - carried) if found.kept[then] else math.inf
            since = min(since, float(found.hit[then]))
        needed = free + float(setups(shop, table.machine, np.array([a]), np.array([b]))[0])
        if needed > table.start[b] + shop.tolerance:
            if found.begun[b] and table.start[b] >= min(since, moved):
                found.move(b, float(table.start[b]))
            elif found.begun[b] and math.isinf(free):
                found.left.add(int(shop.job[a]))
            else:
                _free(table, found, a, b)
