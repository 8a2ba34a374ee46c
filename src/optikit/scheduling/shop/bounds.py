"""Bounds on the objective of a shop that cost next to nothing: paths, loads, and one machine at a time.

Every bound holds for all schedules: operations that may be left out, breaks, setups and blocking only make them later.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .longest import Network, longest_paths, network
from .parts import CHAIN, OPEN
from .sequence import next_start, worked_until

if TYPE_CHECKING:
    from .problem import Shop

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def lower_bound(shop: Shop) -> float:
    """A value that no schedule of a `Shop` is below.

    The makespan is at least the longest path of any job, and what Jackson's preemptive schedule takes on any machine, in any open
    job, and on any set of machines that share operations; the same with due dates holds for the maximum lateness. Sums over jobs
    are bounded job by job, and setups by the least that leads to each operation.

    Examples
    --------
    >>> from optikit.scheduling import JobShop
    >>> lower_bound(JobShop.from_jobs([[(0, 3), (1, 2)], [(1, 4), (0, 1)]]))
    6.0
    """
    parts = terms_bound(shop)
    return math.fsum(shop.objective[term] * value for term, value in parts.items())


def terms_bound(shop: Shop) -> dict[str, float]:
    """A bound on each term of the objective, without its coefficient."""
    timing = timing_of(shop)
    done = job_bounds(shop, timing)
    real = done > -math.inf
    dated = real & (shop.due < math.inf)
    late = done[dated] - shop.due[dated]
    found = {}
    for term in shop.objective:
        if term == "makespan":
            found[term] = max(0.0, _longest(shop, timing, np.zeros(shop.num_jobs)))
        elif term == "total_completion":
            found[term] = math.fsum(shop.weight[real] * done[real])
        elif term == "total_tardiness":
            found[term] = math.fsum(shop.weight[dated] * np.maximum(late, 0.0))
        elif term == "num_tardy":
            found[term] = math.fsum(shop.weight[dated][late > shop.tolerance])
        elif term == "total_setup":
            found[term] = _setup_bound(shop, timing)
        else:
            found[term] = _longest(shop, timing, shop.due) if dated.any() else _lateness_at_best(shop)
    return found


@dataclass(frozen=True)
class Timing:
    """What is known of each operation that must be done, before anything is decided.

    Attributes
    ----------
    must : numpy.ndarray of bool
        Operations that must be done.
    head, end : numpy.ndarray of float64
        It does not start and end before.
    duration : numpy.ndarray of float64
        Its shortest.
    net : Network
        Of starts and ends.
    via : numpy.ndarray of int64
        The arc by which the longest path comes to each node, -1 where it begins.
    """

    must: NDArray[np.bool_]
    head: Floats
    end: Floats
    duration: Floats
    net: Network
    via: Ints


def timing_of(shop: Shop) -> Timing:
    """Heads and shortest durations; where machines have calendars, operations are put off to where they fit, again and again."""
    must = np.asarray(shop.omission == math.inf)
    net = network(shop, must)
    begin = np.full(net.num_nodes, -math.inf)
    begin[0::2] = np.where(must, np.maximum(shop.release[shop.job], shop.earliest), -math.inf)
    paths = longest_paths(net, begin, shop.tolerance)
    closing = [calendar is not None for calendar in shop.calendars]
    via = paths.via
    for _ in range(_ROUNDS if any(closing) else 0):
        if not _put_off(shop, must, paths.time, begin):
            break
        paths = longest_paths(net, begin, shop.tolerance)
        via = np.where(paths.via >= 0, paths.via, via)
    duration = np.minimum.reduceat(shop.duration, shop.mode_ptr[:-1]).astype(np.float64)
    return Timing(must, paths.time[0::2], paths.time[1::2], duration, net, via)


_ROUNDS = 50
"""So often operations are put off by calendars; fewer would be a bound as well."""


def _put_off(shop: Shop, must: NDArray[np.bool_], time: Floats, begin: Floats) -> bool:
    """Move the beginnings of operations to the first times at which some machine of theirs works long enough.

    Operations of a chain are taken in turn, each from the end of the one before on, so that few rounds are needed.
    """
    moved, time = False, time.copy()
    follows = np.append((shop.job[1:] == shop.job[:-1]) & (shop.order == CHAIN)[shop.job[1:]], False)
    ptr, machine, length = shop.mode_ptr.tolist(), shop.machine.tolist(), shop.duration.tolist()
    for i in np.flatnonzero(must).tolist():
        ready, resumable = float(time[2 * i]), bool(shop.resumable[i])
        start = end = math.inf
        for m in range(ptr[i], ptr[i + 1]):
            calendar = shop.calendars[machine[m]]
            first = ready if calendar is None else next_start(calendar.windows, ready, length[m], resumable, shop.tolerance)
            start = min(start, first)
            if calendar is None or not resumable:
                end = min(end, first + length[m])
            elif first < math.inf:
                end = min(end, worked_until(calendar.windows, first, length[m], shop.tolerance))
        for node, least in ((2 * i, start), (2 * i + 1, end)):
            if time[node] + shop.tolerance < least < math.inf:
                begin[node], time[node], moved = least, least, True
        if follows[i] and must[i + 1]:
            time[2 * i + 2] = max(time[2 * i + 2], time[2 * i + 1])
    return moved


def tails(shop: Shop, timing: Timing, due: Floats) -> Floats:
    """From the end of each operation until some job is done, less the due date of that job; -inf where none has a finite one."""
    net = timing.net.reversed()
    begin = np.full(net.num_nodes, -math.inf)
    begin[1::2] = np.where(timing.must & (due < math.inf)[shop.job], -np.where(due < math.inf, due, 0.0)[shop.job], -math.inf)
    return longest_paths(net, begin, shop.tolerance).time[1::2]


def job_bounds(shop: Shop, timing: Timing) -> Floats:
    """When each job is done at the earliest; -inf where all of it may be left out."""
    ends = np.where(timing.must, timing.end, -math.inf)
    done = np.maximum.reduceat(ends, shop.job_ptr[:-1])
    for job in np.flatnonzero(shop.order == OPEN).tolist():
        own = np.arange(shop.job_ptr[job], shop.job_ptr[job + 1])
        own = own[timing.must[own]]
        if own.size:
            done[job] = max(done[job], preemptive(timing.head[own], timing.duration[own], np.zeros(len(own))))
    return done


def _longest(shop: Shop, timing: Timing, due: Floats) -> float:
    """The largest of the bounds on the maximum of ends less due dates; -inf where there is nothing to bound."""
    tail = tails(shop, timing, due)
    counts = timing.must & (tail > -math.inf)
    best = float(np.where(counts, timing.end + tail, -math.inf).max(initial=-math.inf))
    for own in _resources(shop, counts):
        best = max(best, preemptive(timing.head[own], timing.duration[own], tail[own]))
    for machines, own in _shared(shop, counts):
        # So many machines work off the load at best without a gap between the first head and the last tail.
        load = float(timing.duration[own].sum()) / machines
        best = max(best, float(timing.head[own].min()) + load + float(tail[own].min()))
    if shop.lattice.exact and best > -math.inf:
        ticks = best * shop.lattice.scale  # some optimal schedule has all its times on the lattice
        return math.ceil(ticks - 1e-6 - 1e-12 * abs(ticks)) / shop.lattice.scale
    return best


def _resources(shop: Shop, counts: NDArray[np.bool_]) -> list[Ints]:
    """Operations that cannot overlap: those that only one machine can do, and those of an open job."""
    least = np.minimum.reduceat(shop.machine, shop.mode_ptr[:-1])
    fixed = least == np.maximum.reduceat(shop.machine, shop.mode_ptr[:-1])
    groups = [np.flatnonzero(counts & fixed & (least == machine)) for machine in range(shop.num_machines)]
    groups += [
        own[counts[own]]
        for job in np.flatnonzero(shop.order == OPEN).tolist()
        for own in [np.arange(shop.job_ptr[job], shop.job_ptr[job + 1])]
    ]
    return [group for group in groups if len(group) > 1]


def _shared(shop: Shop, counts: NDArray[np.bool_]) -> list[tuple[int, Ints]]:
    """Sets of machines with the operations that have no other choice: all machines, and each operation's own choice."""
    if shop.num_modes == shop.num_operations:
        return []
    choices: dict[frozenset[int], list[int]] = {}
    machine = shop.machine.tolist()
    for index in np.flatnonzero(counts).tolist():
        choices.setdefault(frozenset(machine[shop.mode_ptr[index] : shop.mode_ptr[index + 1]]), []).append(index)
    sets = set(choices) if len(choices) <= _MOST_SETS else set()
    sets.add(frozenset().union(*choices))
    return [
        (len(each), np.array(own))
        for each in sets
        if len(each) > 1
        for own in [[index for choice, listed in choices.items() if choice <= each for index in listed]]
        if own
    ]


_MOST_SETS = 300
"""Sets of machines are compared pair by pair up to so many."""


def preemptive(head: Sequence[float] | Floats, duration: Sequence[float] | Floats, tail: Sequence[float] | Floats) -> float:
    """The makespan of one machine with heads and tails where operations may be interrupted.

    Jackson's preemptive schedule: of what has arrived, go on with the longest tail (Carlier and Pinson, An algorithm for solving
    the job-shop problem, Management Science 35 (1989), section 2). It takes O(n log n) for n operations.

    Examples
    --------
    >>> preemptive([0, 1], [4, 2], [1, 7])
    10.0
    """
    order = np.argsort(head, kind="stable").tolist()
    heads, left, after = (np.asarray(values, np.float64).tolist() for values in (head, duration, tail))
    waiting: list[tuple[float, int]] = []
    time, best, at = 0.0, -math.inf, 0
    while at < len(order) or waiting:
        if not waiting:
            time = heads[order[at]]
        while at < len(order) and heads[order[at]] <= time:
            heapq.heappush(waiting, (-after[order[at]], order[at]))
            at += 1
        _, item = waiting[0]
        arrival = heads[order[at]] if at < len(order) else math.inf
        if time + left[item] <= arrival:
            heapq.heappop(waiting)
            time += left[item]
            best = max(best, time + after[item])
        else:
            left[item] -= arrival - time
            time = arrival
    return best


def _setup_bound(shop: Shop, timing: Timing) -> float:
    """Each operation that one machine must do costs the least setup that leads to it there; a machine's first may cost none."""
    least = np.minimum.reduceat(shop.machine, shop.mode_ptr[:-1])
    fixed = timing.must & (least == np.maximum.reduceat(shop.machine, shop.mode_ptr[:-1]))
    total = []
    for machine in range(shop.num_machines):
        own = np.flatnonzero(fixed & (least == machine))
        if not own.size:
            continue
        into = np.zeros(len(own))
        if shop.setup is not None:
            setup = shop.setup[machine if len(shop.setup) > 1 else 0].astype(np.float64)
            others = np.unique(shop.operation[shop.machine == machine])
            family, count = np.unique(shop.family[others], return_counts=True)
            for place, index in enumerate(own.tolist()):
                before = family[(family != shop.family[index]) | (count > 1)]
                into[place] = setup[before, shop.family[index]].min(initial=math.inf)
        alone = np.isinf(into)
        if shop.first_setup is not None:
            first = shop.first_setup[machine if len(shop.first_setup) > 1 else 0][shop.family[own]].astype(np.float64)
            total.append(float(np.minimum(into, first).sum()))
        elif not alone.any():
            total.append(float(into.sum() - into.max()))
    return math.fsum(total)


def _lateness_at_best(shop: Shop) -> float:
    """All dated jobs may be left out: then the term is 0, and else no lateness is below that of a job done at time 0."""
    finite = shop.due[shop.due < math.inf]
    return min(0.0, -float(finite.max())) if finite.size else 0.0
