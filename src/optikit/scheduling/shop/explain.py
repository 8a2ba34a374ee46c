"""Why there is no schedule, or what binds: in words, with numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ...core.check import Violation
from ...core.registry import cheap_bound
from ...explanation import Explanation
from ...inputs.wording import amount
from .bounds import Timing, preemptive, tails, timing_of
from .check import beyond, completions, setups, timetable, transports
from .critical import critical_path, told, utilisation
from .parts import CHAIN
from .problem import Shop
from .sequence import next_start
from .solution import Schedule

NAMED = 6
"""So many operations of a chain are named."""


def explain(shop: Shop, schedule: Schedule | None = None) -> Explanation:
    """Why there is no schedule, or what binds; with a schedule, what is wrong with it, and what its end hangs on.

    Examples
    --------
    >>> from optikit.scheduling import JobShop
    >>> shop = JobShop.from_jobs([[(0, 3), (1, 2)], [(1, 4), (0, 1)]], deadline=[4, 9])
    >>> print(explain(shop).reasons[0])
    job 0 cannot be done before 5, 1 after its deadline 4: operation 0 of job 0 (3), then operation 1 of job 0 (2)
    """
    reasons = impossible(shop)
    violations = shop.check(schedule).violations if schedule is not None else ()
    facts = list(_size(shop))
    if not reasons:
        bound = cheap_bound(shop)
        facts.append(f"no schedule is below {amount(bound)}" if bound is not None else "")
    if schedule is not None and not violations:
        facts += _of_schedule(shop, schedule)
    return Explanation(bool(reasons), reasons, tuple(fact for fact in facts if fact), violations)


def impossible(shop: Shop) -> tuple[Violation, ...]:
    """Reasons, proved by the data alone, why there is no schedule; finding none proves nothing.

    Returns
    -------
    tuple of Violation
        Rule ``"no working time"`` for an operation that fits in no window, ``"deadline"`` for a chain that is too long, ``"load"``
        for operations that one machine cannot do in time, ``"no-wait"`` for a setup between operations of a job that may not wait.
    """
    found = list(_set_up_without_waiting(shop))
    limited = bool((shop.deadline < math.inf).any() or (shop.latest < math.inf).any())
    ending = any(calendar is not None for calendar in shop.calendars)
    if found or (not limited and not ending):
        return tuple(found)
    found = list(_no_window(shop)) if ending else []
    if found or not limited:
        return tuple(found) if found else tuple(_worked_out(shop))
    timing = timing_of(shop)
    found = list(_chains(shop, timing))
    if not found:
        found = list(_overloads(shop, timing)) + list(_worked_out(shop))
    return tuple(found)


def _set_up_without_waiting(shop: Shop) -> Iterator[Violation]:
    """Operations of a job without waiting that follow each other on their only machine, which is to be set up in between."""
    if shop.setup is None:
        return
    alone = (np.diff(shop.mode_ptr) == 1) & (shop.omission == math.inf)
    # What takes no time may come between the two, and be set up for in no time.
    alone &= ~np.isin(shop.machine, shop.machine[shop.duration == 0])[shop.mode_ptr[:-1]]
    machine = np.where(alone, shop.machine[shop.mode_ptr[:-1]], -1)
    one = np.flatnonzero((shop.no_wait & (shop.order == CHAIN))[shop.job[:-1]] & (shop.job[:-1] == shop.job[1:]))
    one = one[alone[one] & (machine[one] == machine[one + 1])]
    one = one[transports(shop, machine, one, one + 1) == 0]
    takes = setups(shop, machine, one, one + 1)
    for a, more in zip(one.tolist(), takes.tolist(), strict=True):
        if more > shop.tolerance:
            yield Violation(
                "no-wait",
                f"{shop.operation_called(a + 1)} follows {shop.operation_called(a)} on {shop.machine_called(int(machine[a]))} "
                f"without waiting, but is to be set up for in between, for {amount(more)}; let setups be 0 within a family, or "
                "let the job wait",
                more,
            )


def _no_window(shop: Shop) -> Iterator[Violation]:
    """Operations for which none of their machines has room."""
    for i in np.flatnonzero(shop.omission == math.inf).tolist():
        modes = range(int(shop.mode_ptr[i]), int(shop.mode_ptr[i + 1]))
        room = []
        for m in modes:
            calendar = shop.calendars[shop.machine[m]]
            if calendar is None:
                break
            begin = max(float(shop.release[shop.job[i]]), float(shop.earliest[i]))
            duration, resumable = float(shop.duration[m]), bool(shop.resumable[i])
            if math.isfinite(next_start(calendar.windows, begin, duration, resumable, shop.tolerance)):
                break
            room.append(max((end - max(start, begin) for start, end in calendar.windows), default=0.0))
        else:
            where = " or ".join(shop.machine_called(int(shop.machine[m])) for m in modes[:3])
            least = float(shop.duration[modes.start : modes.stop].min())
            how = "even with breaks" if shop.resumable[i] else f"whose longest window is {amount(max(0.0, *room, 0.0))}"
            yield Violation(
                "no working time", f"{shop.operation_called(i)} takes {amount(least)} on {where}, {how}: it never fits", least
            )


def _worked_out(shop: Shop) -> Iterator[Violation]:
    """Machines whose calendars end before they have done what only they can do."""
    least = np.minimum.reduceat(shop.machine, shop.mode_ptr[:-1])
    fixed = (least == np.maximum.reduceat(shop.machine, shop.mode_ptr[:-1])) & (shop.omission == math.inf)
    shortest = np.minimum.reduceat(shop.duration, shop.mode_ptr[:-1]).astype(np.float64)
    for machine, calendar in enumerate(shop.calendars):
        if calendar is None or calendar.windows[-1][1] == math.inf:
            continue
        work = float(shortest[fixed & (least == machine)].sum())
        room = math.fsum(end - start for start, end in calendar.windows)
        if work > room + shop.tolerance:
            yield Violation(
                "no working time",
                f"{shop.machine_called(machine)} works {amount(room)} until its calendar ends at "
                f"{shop.when(calendar.windows[-1][1])}, but has {amount(work)} to do; give it more windows",
                work - room,
            )


def _limits(shop: Shop) -> NDArray[np.float64]:
    return np.asarray(np.minimum(shop.latest, shop.deadline[shop.job]))


def _chains(shop: Shop, timing: Timing) -> Iterator[Violation]:
    """The first operation of each job that cannot end in time, with the chain that leads to it."""
    limit = _limits(shop)
    over = np.where(timing.must, timing.end - limit, -math.inf)
    blamed = set()
    late = np.flatnonzero(over > shop.tolerance)
    if not late.size:
        return
    via, net = timing.via, timing.net
    for i in late[np.argsort(-over[late], kind="stable")].tolist():
        job = int(shop.job[i])
        if job in blamed:
            continue
        blamed.add(job)
        chain, node = [i], 2 * i + 1
        named = [f"{shop.operation_called(i)} ({amount(timing.duration[i])})"]
        seen = {node}
        while (arc := int(via[node])) >= 0 and (before := int(net.tail[arc])) not in seen:
            seen.add(before)
            if before // 2 != chain[-1]:
                chain.append(before // 2)
                if before % 2 == 0 and node % 2 == 1 and net.length[arc] <= 0:  # from a start back to an end: a maximum lag
                    named[-1] = f"which starts no more than {amount(-float(net.length[arc]))} after {named[-1]}"
                named.append(f"{shop.operation_called(before // 2)} ({amount(timing.duration[before // 2])})")
            node = before
        chain.reverse()
        named.reverse()
        if len(named) > NAMED:
            named = [*named[:3], f"{len(named) - 5} more", *named[-2:]]
        path = ", ".join(named[:1] + [part if part.startswith("which") else f"then {part}" for part in named[1:]])
        begins = float(timing.head[chain[0]])
        since = f"from {shop.when(begins)} on " if begins > 0 else ""
        end = float(timing.end[i])
        if shop.deadline[job] <= shop.latest[i]:
            what, whose = shop.job_called(job), f"its deadline {shop.when(shop.deadline[job])}"
        else:
            what, whose = shop.operation_called(i), f"its latest end {shop.when(shop.latest[i])}"
        yield Violation(
            "deadline",
            f"{what} cannot be done before {shop.when(end)}, {amount(over[i])} after {whose}: {since}{path}",
            float(over[i]),
        )


def _overloads(shop: Shop, timing: Timing) -> Iterator[Violation]:
    """Machines that cannot do in time what only they can do, each operation possible by itself."""
    least = np.minimum.reduceat(shop.machine, shop.mode_ptr[:-1])
    fixed = (least == np.maximum.reduceat(shop.machine, shop.mode_ptr[:-1])) & timing.must
    limit = _limits(shop)
    tail = np.maximum(tails(shop, timing, shop.deadline), np.where(shop.latest < math.inf, -shop.latest, -math.inf))
    for machine in range(shop.num_machines):
        own = np.flatnonzero(fixed & (least == machine) & (tail > -math.inf))
        if len(own) < 2:
            continue
        over = preemptive(timing.head[own], timing.duration[own], tail[own])
        if over > shop.tolerance:
            bound = own[np.isfinite(limit[own])]
            until = f" by {shop.when(float(limit[bound].max()))}" if bound.size else ""
            yield Violation(
                "load",
                f"{shop.machine_called(machine)} has {amount(float(timing.duration[own].sum()))} to do in {len(own)} operations"
                f"{until}: some deadline is missed by {amount(over)} or more",
                over,
            )


# -- facts ------------------------------------------------------------------------


def _size(shop: Shop) -> Iterator[str]:
    yield f"{shop.num_jobs:,} jobs of {shop.num_operations:,} operations on {shop.num_machines:,} machines"
    shortest = np.minimum.reduceat(shop.duration, shop.mode_ptr[:-1]).astype(np.float64)
    least = np.minimum.reduceat(shop.machine, shop.mode_ptr[:-1])
    fixed = least == np.maximum.reduceat(shop.machine, shop.mode_ptr[:-1])
    load = np.bincount(least[fixed], shortest[fixed], shop.num_machines)
    if fixed.any():
        yield f"the busiest machine is {shop.machine_called(int(load.argmax()))} with {amount(float(load.max()))} of work"
    length = np.add.reduceat(shortest, shop.job_ptr[:-1])
    yield f"the longest job is {shop.job_called(int(length.argmax()))} with {amount(float(length.max()))} of work"


def _of_schedule(shop: Shop, schedule: Schedule) -> Iterator[str]:
    table = timetable(shop, schedule)
    terms = shop.terms(schedule)
    yield "the objective is " + " + ".join(f"{amount(value)} ({term.replace('_', ' ')})" for term, value in terms.items())
    path = critical_path(shop, schedule)
    if path.links:
        count = len(path.links)
        yield (
            f"the end at {shop.when(path.end)} hangs on {count} operation{'s' * (count > 1)} from {shop.when(path.start)} on: "
            + "; ".join(told(shop, path))
        )
    used = utilisation(shop, table)
    if used:
        busiest = max(used, key=lambda machine: used[machine])
        mean = np.mean([*used.values()])
        yield f"{shop.machine_called(busiest)} works {used[busiest]:.0%} of the time, the machines in use {mean:.0%} on average"
    late = beyond(completions(shop, table), shop.due)
    tardy = np.flatnonzero(late > shop.tolerance)
    if tardy.size:
        worst = int(late.argmax())
        some = f"{len(tardy)} job{'s are' if len(tardy) > 1 else ' is'}"
        yield f"{some} late, {shop.job_called(worst)} the most, by {amount(float(late[worst]))}"
    left = int((~table.present).sum())
    if left:
        yield f"{left} operation{'s are' if left > 1 else ' is'} left out"
